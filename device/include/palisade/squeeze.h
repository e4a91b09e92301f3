/* Fewer levels for each value of a raw sample.
 *
 * Squeezing takes from an attacker the room between the values that matter (W. Xu, D. Evans,
 * Y. Qi, "Feature Squeezing", NDSS 2018, arXiv:1704.01155). */
#ifndef PALISADE_SQUEEZE_H
#define PALISADE_SQUEEZE_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/sample.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bit depth of 1 to 8. Each value goes to the nearest of 2^bits levels, which are spread evenly
 * over 0 to 255 and themselves rounded: with L = 2^bits - 1,
 *   level = round(value L / 255),  value = round(level 255 / L).
 * Neither is ever a tie. 8 bits change nothing. */
pal_status pal_squeeze_u8(uint8_t *values, size_t count, int32_t bits);

/* The same for sound, bits of 1 to 15, between `low` and `high` (low < high, both in int16).
 * Values outside are taken to the nearest bound. A tie goes up. */
pal_status pal_squeeze_i16(int16_t *values, size_t count, int32_t bits, int32_t low,
                           int32_t high);

/* The same for traces [count / channels][channels], bits of 1 to 16, each channel between its
 * own `low[channel]` and `high[channel]`. */
pal_status pal_squeeze_i32(int32_t *values, size_t count, int32_t bits, uint32_t channels,
                           const int32_t *low, const int32_t *high);

/* Companding as in ITU-T G.711 (mu = 255 in eight linear segments): compresses to `bits`, sign
 * included, and expands again. 8 bits are G.711's own; 4 to 10 keep bits - 4 of the mantissa.
 * Zero stays zero. The error is at most (|value| + 128 + 2^(10 - bits)) / 2^(bits - 3), 1 in 32 of
 * a loud value at 8 bits. */
pal_status pal_mu_law_i16(int16_t *values, size_t count, int32_t bits);

#ifdef __cplusplus
}
#endif

#endif
