/* Whether a function's arguments fit each other; for the sources of this folder alone. */
#ifndef PALISADE_ARGUMENTS_H
#define PALISADE_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/sample.h"
#include "palisade/status.h"

static inline pal_status check_values(const void *values, size_t count, uint32_t channels)
{
    if (values == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (channels == 0 || channels > PAL_MOST_CHANNELS) {
        return PAL_FAULT_RANGE;
    }
    if (count == 0 || count > PAL_LONGEST_SAMPLE || count % channels != 0) {
        return PAL_FAULT_LENGTH;
    }
    return PAL_OK;
}

static inline pal_status check_picture(const uint8_t *picture, uint32_t height, uint32_t width,
                                       uint32_t channels)
{
    if (height > PAL_LARGEST_SIDE || width > PAL_LARGEST_SIDE) {
        return PAL_FAULT_LENGTH;
    }
    if (channels > PAL_MOST_CHANNELS) {
        return PAL_FAULT_RANGE;
    }
    return check_values(picture, (size_t)height * width * channels, channels);
}

static inline pal_status check_bits(int32_t bits, int32_t least, int32_t most)
{
    return bits < least || bits > most ? PAL_FAULT_RANGE : PAL_OK;
}

static inline pal_status check_bounds(const int32_t *low, const int32_t *high, uint32_t channels,
                                      int32_t least, int32_t most)
{
    uint32_t c;
    if (low == NULL || high == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    for (c = 0; c < channels; c++) {
        if (low[c] < least || high[c] > most || low[c] >= high[c]) {
            return PAL_FAULT_RANGE;
        }
    }
    return PAL_OK;
}

static inline pal_status check_taps(const int16_t *taps, uint32_t taps_count)
{
    uint32_t j;
    if (taps == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (taps_count % 2 == 0 || taps_count > PAL_LONGEST_FILTER) {
        return PAL_FAULT_LENGTH;
    }
    for (j = 0; j < taps_count / 2; j++) {
        if (taps[j] != taps[taps_count - 1 - j]) {
            return PAL_FAULT_ARGUMENT;
        }
    }
    return PAL_OK;
}

#endif
