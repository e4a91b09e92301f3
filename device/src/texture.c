#include "palisade/texture.h"

#include <stddef.h>

#include "shift.h"

/* The last bin is of differences that have more bits than are counted. */
enum { BINS = PAL_TEXTURE_BINS + 1, MEAN_BITS = 8 };

/* What is compared: elements of one channel with those `rows` and `columns` before, one of them 0. */
typedef struct {
    uint32_t rows, columns, channel;
} comparison;

uint32_t pal_texture_counts(const pal_engineered *form, uint32_t octaves)
{
    if (pal_engineered_inputs(form) == 0 || octaves == 0 || octaves > PAL_MAX_OCTAVES) {
        return 0;
    }
    const uint32_t axes = (form->height > 1 ? 1u : 0u) + (form->width > 1 ? 1u : 0u);
    const uint32_t counts = axes * octaves * form->channels * PAL_TEXTURE_BINS;
    return counts > PAL_MAX_TEXTURE ? 0 : counts;
}

/* How many bits a number of 0 to 255 has. */
static uint32_t bits_of(uint32_t number)
{
    static const uint8_t BITS[16] = {0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4};
    return number < 16 ? BITS[number] : 4u + BITS[number >> 4];
}

/* The first multiple of `stride` that has something `lag` before it. */
static uint32_t first_from(uint32_t lag, uint32_t stride)
{
    return (lag + stride - 1) / stride * stride;
}

static void tally(const pal_engineered *form, uint32_t stride, const int8_t *input,
                  const comparison *of, uint32_t *bins)
{
    const uint32_t channels = form->channels, width = form->width, height = form->height;
    const uint32_t back = (of->rows * width + of->columns) * channels;
    const uint32_t left = first_from(of->columns, stride);
    for (uint32_t i = 0; i < BINS; i++) {
        bins[i] = 0;
    }
    for (uint32_t row = first_from(of->rows, stride); row < height; row += stride) {
        uint32_t here = (row * width + left) * channels + of->channel;
        for (uint32_t column = left; column < width; column += stride) {
            const int32_t step = input[here] - input[here - back];
            bins[bits_of((uint32_t)(step < 0 ? -step : step))]++;
            here += stride * channels;
        }
    }
}

static pal_status check(const pal_texture *table, const pal_engineered *form, const int8_t *input,
                        uint32_t elements, const int32_t *score)
{
    if (table == NULL || form == NULL || input == NULL || score == NULL ||
        table->means_q8 == NULL || table->weights == NULL || table->shifts == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (table->octaves == 0 || table->octaves > PAL_MAX_OCTAVES || table->stride == 0) {
        return PAL_FAULT_RANGE;
    }
    if (elements == 0 || elements != pal_engineered_inputs(form) || table->count == 0 ||
        table->count != pal_texture_counts(form, table->octaves)) {
        return PAL_FAULT_LENGTH;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        if (table->means_q8[i] < 0 || table->means_q8[i] > PAL_MAX_TEXTURE_MEAN_Q8 ||
            table->shifts[i] < 1 || table->shifts[i] > 62) {
            return PAL_FAULT_RANGE;
        }
    }
    return PAL_OK;
}

/* The counts of one axis less their means; where the next axis begins. A count is at most 2^16, so
 * that a difference stays within 2^24. */
static uint32_t centre(const pal_texture *table, const pal_engineered *form, const int8_t *input,
                       uint32_t down, uint32_t at, int32_t *centred_q8)
{
    uint32_t bins[BINS];
    for (uint32_t octave = 0; octave < table->octaves; octave++) {
        for (uint32_t channel = 0; channel < form->channels; channel++) {
            const uint32_t lag = 1u << octave;
            const comparison of = {down != 0 ? lag : 0, down != 0 ? 0 : lag, channel};
            tally(form, table->stride, input, &of, bins);
            for (uint32_t i = 0; i < PAL_TEXTURE_BINS; i++, at++) {
                centred_q8[at] = (int32_t)(bins[i] << MEAN_BITS) - table->means_q8[at];
            }
        }
    }
    return at;
}

/* A sum of 128 products of 2^15 and 2^24 stays below 2^47. Without a branch on it, so that any input
 * takes as long. */
static int64_t squared_residual(const int16_t *weights, const int32_t *centred_q8, uint32_t terms,
                                uint32_t shift)
{
    int64_t sum = (int64_t)1 << (shift - 1u);
    for (uint32_t j = 0; j < terms; j++) {
        sum += (int64_t)weights[j] * centred_q8[j];
    }
    const int64_t residual = floor_shift(sum, shift);
    const int64_t size = (residual ^ -(int64_t)(residual < 0)) + (residual < 0);
    const int32_t kept = (int32_t)(size > PAL_MAX_RESIDUAL ? PAL_MAX_RESIDUAL : size);
    return (int64_t)kept * kept;
}

pal_status pal_texture_score(const pal_texture *table, const pal_engineered *form,
                             const int8_t *input, uint32_t count, int32_t *score)
{
    const pal_status status = check(table, form, input, count, score);
    if (status != PAL_OK) {
        return status;
    }
    int32_t centred_q8[PAL_MAX_TEXTURE];
    uint32_t filled = 0;
    if (form->height > 1) {
        filled = centre(table, form, input, 1, filled, centred_q8);
    }
    if (form->width > 1) {
        (void)centre(table, form, input, 0, filled, centred_q8);
    }
    const int16_t *weights = table->weights;
    int64_t sum = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        sum += squared_residual(weights, centred_q8, i + 1, table->shifts[i]);
        weights += i + 1;
    }
    *score = sum > INT32_MAX ? INT32_MAX : (int32_t)sum;
    return PAL_OK;
}
