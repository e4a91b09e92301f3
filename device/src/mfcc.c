#include "palisade/mfcc.h"

#include "fourier.h"
#include "rows.h"

static void filter(const pal_mfcc_tables *tables, const float *points, float *logs)
{
    uint32_t band;
    uint32_t bin;
    const float *weights = tables->weights;
    for (band = 0; band < tables->bands; band++) {
        float energy = 0.0f;
        const float *at = points + (size_t)2 * tables->first_bin[band];
        for (bin = 0; bin < tables->bins[band]; bin++) {
            energy += weights[bin] * at[(size_t)2 * bin];
        }
        /* What 1 + x rounds away is too little to count: a feature is a sum of such logarithms. */
        logs[band] = pal_log_f32(1.0f + energy / tables->energy_offset);
        weights += tables->bins[band];
    }
}

static pal_status cepstrum(const pal_mfcc_tables *tables, const float *logs, float *row)
{
    uint32_t order;
    uint32_t band;
    const float *weights = tables->cepstral;
    for (order = 0; order < tables->coefficients; order++) {
        float sum = 0.0f;
        for (band = 0; band < tables->bands; band++) {
            sum += weights[band] * logs[band];
        }
        if (!pal_is_finite(sum)) {
            return PAL_FAULT_NOT_FINITE;
        }
        row[order] = sum;
        weights += tables->bands;
    }
    return PAL_OK;
}

static pal_status frame(const pal_mfcc_tables *tables, const int16_t *samples, float *scratch,
                        float *row)
{
    float *logs = scratch + tables->fft_length;
    pal_fourier_load(samples, tables->taper, tables->window, tables->fft_length, scratch);
    pal_fourier_power(tables->cosine, tables->fft_length, scratch);
    filter(tables, scratch, logs);
    return cepstrum(tables, logs, row);
}

static pal_status check_filters(const pal_mfcc_tables *tables)
{
    uint32_t band;
    uint32_t sum = 0;
    for (band = 0; band < tables->bands; band++) {
        if (tables->first_bin[band] == 0 ||
            (uint32_t)tables->first_bin[band] + tables->bins[band] > tables->fft_length / 2) {
            return PAL_FAULT_RANGE;
        }
        sum += tables->bins[band];
    }
    return sum == tables->weights_count ? PAL_OK : PAL_FAULT_LENGTH;
}

static pal_status check_geometry(const pal_mfcc_tables *tables)
{
    uint32_t length = tables->fft_length;
    if (length < PAL_SHORTEST_TRANSFORM || length > PAL_LONGEST_TRANSFORM ||
        (length & (length - 1)) != 0 || tables->window == 0 || tables->window > length ||
        tables->hop == 0 || tables->hop > tables->window) {
        return PAL_FAULT_RANGE;
    }
    if (tables->bands == 0 || tables->bands > PAL_MOST_BANDS || tables->coefficients == 0 ||
        tables->coefficients > PAL_MOST_COEFFICIENTS || tables->coefficients > tables->bands) {
        return PAL_FAULT_RANGE;
    }
    if (!pal_is_finite(tables->energy_offset) || !(tables->energy_offset > 0.0f)) {
        return PAL_FAULT_RANGE;
    }
    return PAL_OK;
}

pal_status pal_mfcc_check(const pal_mfcc_tables *tables, size_t *scratch_count)
{
    pal_status status;
    if (tables == NULL || scratch_count == NULL || tables->taper == NULL ||
        tables->cosine == NULL || tables->first_bin == NULL || tables->bins == NULL ||
        tables->weights == NULL || tables->cepstral == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    status = check_geometry(tables);
    if (status == PAL_OK) {
        status = check_filters(tables);
    }
    if (status == PAL_OK) {
        *scratch_count = (size_t)tables->fft_length + tables->bands + tables->coefficients;
    }
    return status;
}

static pal_status check_call(const pal_mfcc_tables *tables, const int16_t *samples,
                             const float *scratch, size_t scratch_count, const void *result)
{
    size_t needed;
    pal_status status = pal_mfcc_check(tables, &needed);
    if (status != PAL_OK) {
        return status;
    }
    if (samples == NULL || scratch == NULL || result == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    return scratch_count < needed ? PAL_FAULT_LENGTH : PAL_OK;
}

pal_status pal_mfcc_frame(const pal_mfcc_tables *tables, const int16_t *samples, size_t count,
                          float *scratch, size_t scratch_count, float *row)
{
    pal_status status = check_call(tables, samples, scratch, scratch_count, row);
    if (status != PAL_OK) {
        return status;
    }
    return count == tables->window ? frame(tables, samples, scratch, row) : PAL_FAULT_LENGTH;
}

pal_status pal_mfcc_row_i8(const pal_mfcc_tables *tables, const pal_quantisation *to,
                           const int16_t *samples, float *scratch, int8_t *row)
{
    float *exact = scratch + tables->fft_length + tables->bands;
    pal_status status = frame(tables, samples, scratch, exact);
    return status == PAL_OK ? pal_quantise_i8(to, exact, tables->coefficients, row) : status;
}

pal_status pal_mfcc_frame_i8(const pal_mfcc_tables *tables, const pal_quantisation *to,
                             const int16_t *samples, size_t count, float *scratch,
                             size_t scratch_count, int8_t *row)
{
    pal_status status = check_call(tables, samples, scratch, scratch_count, row);
    if (status == PAL_OK) {
        status = pal_quantisation_check(to);
    }
    if (status != PAL_OK) {
        return status;
    }
    return count == tables->window ? pal_mfcc_row_i8(tables, to, samples, scratch, row)
                                   : PAL_FAULT_LENGTH;
}

size_t pal_mfcc_frames(const pal_mfcc_tables *tables, size_t count)
{
    size_t scratch_count;
    if (pal_mfcc_check(tables, &scratch_count) != PAL_OK || count < tables->window) {
        return 0;
    }
    return (count - tables->window) / tables->hop + 1;
}

static pal_status check_clip(const pal_mfcc_tables *tables, size_t count, size_t features_count)
{
    size_t frames = pal_mfcc_frames(tables, count);
    if (frames == 0 || frames > PAL_MOST_FRAMES) {
        return PAL_FAULT_LENGTH;
    }
    return features_count == frames * tables->coefficients ? PAL_OK : PAL_FAULT_LENGTH;
}

pal_status pal_mfcc_clip(const pal_mfcc_tables *tables, const int16_t *samples, size_t count,
                         float *scratch, size_t scratch_count, float *features,
                         size_t features_count)
{
    size_t at;
    pal_status status = check_call(tables, samples, scratch, scratch_count, features);
    if (status == PAL_OK) {
        status = check_clip(tables, count, features_count);
    }
    for (at = 0; status == PAL_OK && at < features_count; at += tables->coefficients) {
        status = frame(tables, samples, scratch, features + at);
        samples += tables->hop;
    }
    return status;
}

pal_status pal_mfcc_clip_i8(const pal_mfcc_tables *tables, const pal_quantisation *to,
                            const int16_t *samples, size_t count, float *scratch,
                            size_t scratch_count, int8_t *features, size_t features_count)
{
    size_t at;
    pal_status status = check_call(tables, samples, scratch, scratch_count, features);
    if (status == PAL_OK) {
        status = pal_quantisation_check(to);
    }
    if (status == PAL_OK) {
        status = check_clip(tables, count, features_count);
    }
    for (at = 0; status == PAL_OK && at < features_count; at += tables->coefficients) {
        status = pal_mfcc_row_i8(tables, to, samples, scratch, features + at);
        samples += tables->hop;
    }
    return status;
}
