#include "palisade/engineered.h"

#include <stddef.h>

/* A block of one channel: rows and columns from the first up to and without the last. */
typedef struct {
    uint32_t top, bottom, left, right, channel;
} block;

uint32_t pal_engineered_inputs(const pal_engineered *table)
{
    if (table == NULL || table->height == 0 || table->width == 0 || table->channels == 0) {
        return 0;
    }
    const uint64_t elements = (uint64_t)table->height * table->width * table->channels;
    return elements > PAL_MAX_INPUT ? 0 : (uint32_t)elements;
}

uint32_t pal_engineered_features(const pal_engineered *table)
{
    if (pal_engineered_inputs(table) == 0 || table->rows == 0 || table->rows > table->height ||
        table->columns == 0 || table->columns > table->width) {
        return 0;
    }
    const uint32_t features =
        (uint32_t)table->rows * table->columns * table->channels * PAL_FEATURE_KINDS;
    return features > PAL_MAX_FEATURES ? 0 : features;
}

static block block_of(const pal_engineered *table, uint32_t number)
{
    const uint32_t place = number / table->channels;
    const uint32_t row = place / table->columns, column = place % table->columns;
    const block found = {
        row * table->height / table->rows,
        (row + 1) * table->height / table->rows,
        column * table->width / table->columns,
        (column + 1) * table->width / table->columns,
        number % table->channels,
    };
    return found;
}

static int32_t at(const pal_engineered *table, const int8_t *input, uint32_t row, uint32_t column,
                  uint32_t channel)
{
    return input[(row * table->width + column) * table->channels + channel];
}

static int32_t sum_of(const pal_engineered *table, const int8_t *input, const block *in)
{
    int32_t sum = 0;
    for (uint32_t row = in->top; row < in->bottom; row++) {
        for (uint32_t column = in->left; column < in->right; column++) {
            sum += at(table, input, row, column, in->channel);
        }
    }
    return sum;
}

/* Differences to the element `down` rows and `across` columns before: one is 1, the other 0. */
static int32_t steps_of(const pal_engineered *table, const int8_t *input, const block *in,
                        uint32_t down, uint32_t across)
{
    int32_t sum = 0;
    for (uint32_t row = in->top > down ? in->top : down; row < in->bottom; row++) {
        for (uint32_t column = in->left > across ? in->left : across; column < in->right;
             column++) {
            const int32_t step = at(table, input, row, column, in->channel) -
                                 at(table, input, row - down, column - across, in->channel);
            sum += step < 0 ? -step : step;
        }
    }
    return sum;
}

/* The largest of sign * x, times sign. */
static int32_t extreme_of(const pal_engineered *table, const int8_t *input, const block *in,
                          int32_t sign)
{
    int32_t largest = INT8_MIN;
    for (uint32_t row = in->top; row < in->bottom; row++) {
        for (uint32_t column = in->left; column < in->right; column++) {
            const int32_t value = sign * at(table, input, row, column, in->channel);
            largest = value > largest ? value : largest;
        }
    }
    return sign * largest;
}

static int32_t feature_of(const pal_engineered *table, const int8_t *input, uint32_t feature)
{
    const block in = block_of(table, feature / PAL_FEATURE_KINDS);
    switch (feature % PAL_FEATURE_KINDS) {
    case PAL_FEATURE_SUM:
        return sum_of(table, input, &in);
    case PAL_FEATURE_DOWN:
        return steps_of(table, input, &in, 1, 0);
    case PAL_FEATURE_ACROSS:
        return steps_of(table, input, &in, 0, 1);
    case PAL_FEATURE_LOWEST:
        return extreme_of(table, input, &in, -1);
    default:
        return extreme_of(table, input, &in, 1);
    }
}

static pal_status check(const pal_engineered *table, const int8_t *input, uint32_t count,
                        const int32_t *result)
{
    if (table == NULL || input == NULL || result == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    const int fits = pal_engineered_features(table) != 0 && pal_engineered_inputs(table) == count;
    return fits ? PAL_OK : PAL_FAULT_LENGTH;
}

pal_status pal_engineered_one(const pal_engineered *table, const int8_t *input, uint32_t count,
                              uint32_t feature, int32_t *value)
{
    const pal_status status = check(table, input, count, value);
    if (status != PAL_OK) {
        return status;
    }
    if (feature >= pal_engineered_features(table)) {
        return PAL_FAULT_RANGE;
    }
    *value = feature_of(table, input, feature);
    return PAL_OK;
}

pal_status pal_engineered_all(const pal_engineered *table, const int8_t *input, uint32_t count,
                              int32_t *values, uint32_t features)
{
    const pal_status status = check(table, input, count, values);
    if (status != PAL_OK) {
        return status;
    }
    if (features != pal_engineered_features(table)) {
        return PAL_FAULT_LENGTH;
    }
    for (uint32_t i = 0; i < features; i++) {
        values[i] = feature_of(table, input, i);
    }
    return PAL_OK;
}
