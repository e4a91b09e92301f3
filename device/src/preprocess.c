#include "palisade/preprocess.h"

#include "arguments.h"
#include "palisade/median.h"
#include "palisade/smooth.h"
#include "palisade/squeeze.h"

static pal_status check_form(const pal_preprocess_plan *plan, size_t *count)
{
    if (plan->sample < PAL_SAMPLE_U8 || plan->sample > PAL_SAMPLE_I32) {
        return PAL_FAULT_ARGUMENT;
    }
    if (plan->filters_count > PAL_MOST_FILTERS) {
        return PAL_FAULT_RANGE;
    }
    if (plan->filters_count > 0 && plan->filters == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (plan->height > PAL_LONGEST_SAMPLE || plan->width > PAL_LARGEST_SIDE ||
        plan->channels == 0 || plan->channels > PAL_MOST_CHANNELS) {
        return PAL_FAULT_RANGE;
    }
    if ((uint64_t)plan->height * plan->width * plan->channels > PAL_LONGEST_SAMPLE ||
        plan->height == 0 || plan->width == 0) {
        return PAL_FAULT_LENGTH;
    }
    *count = (size_t)plan->height * plan->width * plan->channels;
    return PAL_OK;
}

static pal_status check_u8(const pal_preprocess_plan *plan, const pal_filter *filter,
                           size_t *scratch_bytes)
{
    if (plan->height > PAL_LARGEST_SIDE) {
        return PAL_FAULT_LENGTH;
    }
    switch (filter->kind) {
    case PAL_FILTER_SQUEEZE:
        return check_bits(filter->strength, 1, 8);
    case PAL_FILTER_DOWNSAMPLE:
        return filter->strength < 1 || filter->strength > PAL_LARGEST_BLOCK ? PAL_FAULT_RANGE
                                                                            : PAL_OK;
    case PAL_FILTER_MEDIAN:
        *scratch_bytes = (size_t)2 * plan->width * plan->channels;
        return PAL_OK;
    default:
        return PAL_FAULT_ARGUMENT;
    }
}

static pal_status check_i16(const pal_preprocess_plan *plan, const pal_filter *filter,
                            size_t *scratch_bytes)
{
    if (plan->width != 1 || plan->channels != 1) {
        return PAL_FAULT_LENGTH;
    }
    switch (filter->kind) {
    case PAL_FILTER_SQUEEZE:
        return check_bits(filter->strength, 1, 15);
    case PAL_FILTER_MU_LAW:
        return check_bits(filter->strength, 4, 10);
    case PAL_FILTER_LOW_PASS:
        *scratch_bytes = filter->taps_count * sizeof(int32_t);
        return check_taps(filter->taps, filter->taps_count);
    default:
        return PAL_FAULT_ARGUMENT;
    }
}

static pal_status check_i32(const pal_preprocess_plan *plan, const pal_filter *filter,
                            size_t *scratch_bytes)
{
    if (plan->width != 1) {
        return PAL_FAULT_LENGTH;
    }
    switch (filter->kind) {
    case PAL_FILTER_SQUEEZE:
        return check_bits(filter->strength, 1, 16);
    case PAL_FILTER_MEDIAN:
        return PAL_OK;
    case PAL_FILTER_LOW_PASS:
        *scratch_bytes = filter->taps_count * sizeof(int32_t);
        return check_taps(filter->taps, filter->taps_count);
    default:
        return PAL_FAULT_ARGUMENT;
    }
}

static pal_status check_filter(const pal_preprocess_plan *plan, const pal_filter *filter,
                               size_t *scratch_bytes)
{
    *scratch_bytes = 0;
    switch (plan->sample) {
    case PAL_SAMPLE_U8:
        return check_u8(plan, filter, scratch_bytes);
    case PAL_SAMPLE_I16:
        return check_i16(plan, filter, scratch_bytes);
    default:
        return check_i32(plan, filter, scratch_bytes);
    }
}

static pal_status check_sensor(const pal_preprocess_plan *plan)
{
    if (plan->sample == PAL_SAMPLE_U8) {
        return PAL_OK;
    }
    if (plan->sample == PAL_SAMPLE_I16) {
        return check_bounds(plan->low, plan->high, plan->channels, INT16_MIN, INT16_MAX);
    }
    return check_bounds(plan->low, plan->high, plan->channels, INT32_MIN, INT32_MAX);
}

pal_status pal_preprocess_check(const pal_preprocess_plan *plan, size_t *scratch_bytes)
{
    uint32_t i;
    size_t count;
    size_t needed;
    pal_status status;
    if (plan == NULL || scratch_bytes == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    *scratch_bytes = 0;
    status = check_form(plan, &count);
    if (status == PAL_OK) {
        status = check_sensor(plan);
    }
    for (i = 0; status == PAL_OK && i < plan->filters_count; i++) {
        status = check_filter(plan, &plan->filters[i], &needed);
        *scratch_bytes = needed > *scratch_bytes ? needed : *scratch_bytes;
    }
    return status;
}

static pal_status apply_u8(const pal_preprocess_plan *plan, const pal_filter *filter,
                           uint8_t *values, size_t count, void *scratch, size_t scratch_bytes)
{
    switch (filter->kind) {
    case PAL_FILTER_SQUEEZE:
        return pal_squeeze_u8(values, count, filter->strength);
    case PAL_FILTER_DOWNSAMPLE:
        return pal_downsample_u8(values, plan->height, plan->width, plan->channels,
                                 (uint32_t)filter->strength);
    default:
        return pal_median3x3_u8(values, plan->height, plan->width, plan->channels,
                                (uint8_t *)scratch, scratch_bytes);
    }
}

static pal_status apply_i16(const pal_preprocess_plan *plan, const pal_filter *filter,
                            int16_t *values, size_t count, void *scratch, size_t scratch_bytes)
{
    switch (filter->kind) {
    case PAL_FILTER_SQUEEZE:
        return pal_squeeze_i16(values, count, filter->strength, plan->low[0], plan->high[0]);
    case PAL_FILTER_MU_LAW:
        return pal_mu_law_i16(values, count, filter->strength);
    default:
        return pal_low_pass_i16(values, count, filter->taps, filter->taps_count,
                                (int32_t *)scratch, scratch_bytes / sizeof(int32_t));
    }
}

static pal_status apply_i32(const pal_preprocess_plan *plan, const pal_filter *filter,
                            int32_t *values, size_t count, void *scratch, size_t scratch_bytes)
{
    switch (filter->kind) {
    case PAL_FILTER_SQUEEZE:
        return pal_squeeze_i32(values, count, filter->strength, plan->channels, plan->low,
                               plan->high);
    case PAL_FILTER_MEDIAN:
        return pal_median3_i32(values, count, plan->channels);
    default:
        return pal_low_pass_i32(values, count, plan->channels, filter->taps, filter->taps_count,
                                (int32_t *)scratch, scratch_bytes / sizeof(int32_t));
    }
}

static pal_status apply(const pal_preprocess_plan *plan, const pal_filter *filter, void *values,
                        size_t count, void *scratch, size_t scratch_bytes)
{
    switch (plan->sample) {
    case PAL_SAMPLE_U8:
        return apply_u8(plan, filter, (uint8_t *)values, count, scratch, scratch_bytes);
    case PAL_SAMPLE_I16:
        return apply_i16(plan, filter, (int16_t *)values, count, scratch, scratch_bytes);
    default:
        return apply_i32(plan, filter, (int32_t *)values, count, scratch, scratch_bytes);
    }
}

/* Bytes of one value, 1, 2 or 4, which is also what it must be aligned to. */
static size_t value_bytes(int32_t sample)
{
    return sample == PAL_SAMPLE_U8 ? 1 : sample == PAL_SAMPLE_I16 ? 2 : 4;
}

pal_status pal_preprocess(const pal_preprocess_plan *plan, void *values, size_t count,
                          void *scratch, size_t scratch_bytes)
{
    uint32_t i;
    size_t needed;
    pal_status status = pal_preprocess_check(plan, &needed);
    if (status != PAL_OK) {
        return status;
    }
    if (values == NULL || (uintptr_t)values % value_bytes(plan->sample) != 0 ||
        (needed > 0 && (scratch == NULL || (uintptr_t)scratch % sizeof(int32_t) != 0))) {
        return PAL_FAULT_ARGUMENT;
    }
    if (count != (size_t)plan->height * plan->width * plan->channels || scratch_bytes < needed) {
        return PAL_FAULT_LENGTH;
    }
    for (i = 0; status == PAL_OK && i < plan->filters_count; i++) {
        status = apply(plan, &plan->filters[i], values, count, scratch, scratch_bytes);
    }
    return status;
}
