#include "palisade/frontend.h"

#include "palisade/pixels.h"

static pal_status check_voice(const pal_front_end *front, size_t *scratch_bytes)
{
    size_t floats = 0;
    pal_status status = pal_mfcc_check(front->mfcc, &floats);
    *scratch_bytes = floats * sizeof(float);
    if (status != PAL_OK) {
        return status;
    }
    return front->features == pal_mfcc_frames(front->mfcc, front->values) *
                                  front->mfcc->coefficients
               ? PAL_OK
               : PAL_FAULT_LENGTH;
}

static pal_status check_motion(const pal_front_end *front)
{
    const pal_traces_tables *tables = front->traces;
    pal_status status = pal_traces_check(tables);
    if (status != PAL_OK) {
        return status;
    }
    return front->values == tables->samples * tables->channels &&
                   front->features ==
                       tables->samples / tables->frame_samples * tables->channels
               ? PAL_OK
               : PAL_FAULT_LENGTH;
}

static pal_status check_kind(const pal_front_end *front, size_t *scratch_bytes)
{
    switch (front->kind) {
    case PAL_FRONT_VOICE:
        return check_voice(front, scratch_bytes);
    case PAL_FRONT_VISION:
        *scratch_bytes = PAL_PIXEL_VALUES;
        return front->features == front->values ? PAL_OK : PAL_FAULT_LENGTH;
    case PAL_FRONT_MOTION:
        return check_motion(front);
    default:
        return PAL_FAULT_ARGUMENT;
    }
}

static int32_t sample_of(int32_t kind)
{
    return kind == PAL_FRONT_VOICE    ? PAL_SAMPLE_I16
           : kind == PAL_FRONT_VISION ? PAL_SAMPLE_U8
                                      : PAL_SAMPLE_I32;
}

static pal_status check_plan(const pal_front_end *front, size_t *scratch_bytes)
{
    const pal_preprocess_plan *plan = front->plan;
    pal_status status = pal_preprocess_check(plan, scratch_bytes);
    if (status != PAL_OK) {
        return status;
    }
    if (plan->sample != sample_of(front->kind)) {
        return PAL_FAULT_ARGUMENT;
    }
    return front->values == plan->height * plan->width * plan->channels ? PAL_OK
                                                                       : PAL_FAULT_LENGTH;
}

pal_status pal_front_end_check(const pal_front_end *front, size_t *scratch_bytes)
{
    size_t of_plan = 0;
    size_t of_kind = 0;
    pal_status status;
    if (front == NULL || scratch_bytes == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    status = pal_quantisation_check(&front->to);
    if (status == PAL_OK) {
        status = check_kind(front, &of_kind);
    }
    if (status == PAL_OK && (front->values == 0 || front->values > PAL_LONGEST_SAMPLE)) {
        status = PAL_FAULT_LENGTH;
    }
    if (status == PAL_OK && front->plan != NULL) {
        status = check_plan(front, &of_plan);
    }
    *scratch_bytes = of_plan > of_kind ? of_plan : of_kind;
    return status;
}

static pal_status see(const pal_front_end *front, const uint8_t *pixels, size_t count,
                      int8_t *table, int8_t *features)
{
    pal_status status = pal_pixels_table(&front->to, table);
    return status == PAL_OK ? pal_pixels_i8(table, pixels, count, features) : status;
}

static pal_status front_end(const pal_front_end *front, const void *values, void *scratch,
                            size_t scratch_bytes, int8_t *features)
{
    switch (front->kind) {
    case PAL_FRONT_VOICE:
        return pal_mfcc_clip_i8(front->mfcc, &front->to, (const int16_t *)values, front->values,
                                (float *)scratch, scratch_bytes / sizeof(float), features,
                                front->features);
    case PAL_FRONT_VISION:
        return see(front, (const uint8_t *)values, front->values, (int8_t *)scratch, features);
    default:
        return pal_traces_i8(front->traces, &front->to, (const int32_t *)values, front->values,
                             features, front->features);
    }
}

/* Bytes of one value, which is also what it must be aligned to. */
static size_t value_bytes(int32_t kind)
{
    return kind == PAL_FRONT_VOICE ? 2 : kind == PAL_FRONT_VISION ? 1 : 4;
}

pal_status pal_front_end_i8(const pal_front_end *front, void *values, size_t count, void *scratch,
                            size_t scratch_bytes, int8_t *features, size_t features_count)
{
    size_t needed;
    pal_status status = pal_front_end_check(front, &needed);
    if (status != PAL_OK) {
        return status;
    }
    if (values == NULL || features == NULL || (uintptr_t)values % value_bytes(front->kind) != 0 ||
        (needed > 0 && (scratch == NULL || (uintptr_t)scratch % sizeof(float) != 0))) {
        return PAL_FAULT_ARGUMENT;
    }
    if (count != front->values || features_count != front->features || scratch_bytes < needed) {
        return PAL_FAULT_LENGTH;
    }
    if (front->plan != NULL) {
        status = pal_preprocess(front->plan, values, count, scratch, scratch_bytes);
    }
    return status == PAL_OK ? front_end(front, values, scratch, scratch_bytes, features) : status;
}
