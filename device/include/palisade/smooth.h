/* Means over neighbouring values of a raw sample: blocks of a picture, and low-pass filters. */
#ifndef PALISADE_SMOOTH_H
#define PALISADE_SMOOTH_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/sample.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The mean of each block of `block` x `block` pixels, put in place of all its pixels, so that the
 * picture [height][width][channels] keeps its size. A half goes up. Blocks at the right and lower
 * edge hold what pixels there are. `block` of 1 to PAL_LARGEST_BLOCK. */
pal_status pal_downsample_u8(uint8_t *picture, uint32_t height, uint32_t width,
                             uint32_t channels, uint32_t block);

/* A symmetric filter of finite impulse response: value[t] = sum of taps[j] value[t + j - half]
 * over 2^15, a half going up, and at its bound where the type ends. Beyond an edge the first or
 * last value is repeated. Taps are in Q15 and a palindrome, `taps_count` is odd, from 1 to
 * PAL_LONGEST_FILTER. `window` is scratch of at least taps_count values. */
pal_status pal_low_pass_i16(int16_t *values, size_t count, const int16_t *taps,
                            uint32_t taps_count, int32_t *window, size_t window_count);

/* The same for traces [count / channels][channels], each channel by itself. */
pal_status pal_low_pass_i32(int32_t *values, size_t count, uint32_t channels,
                            const int16_t *taps, uint32_t taps_count, int32_t *window,
                            size_t window_count);

#ifdef __cplusplus
}
#endif

#endif
