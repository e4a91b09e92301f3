/* How a network's input changes from element to element: what is unlike training is strange. */
#ifndef PALISADE_TEXTURE_H
#define PALISADE_TEXTURE_H

#include <stdint.h>

#include "palisade/engineered.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PAL_TEXTURE_BINS = 8, /* differences of 0, 1, 2 to 3, ... 64 to 127; larger ones are left out */
    PAL_MAX_TEXTURE = 128, /* counts */
    PAL_MAX_OCTAVES = 4,
    PAL_MAX_TEXTURE_MEAN_Q8 = 16777216,
    PAL_MAX_RESIDUAL = 32767
};

/* Elements in rows and columns that are multiples of `stride` are compared with the element 1, 2,
 * ... 2^(octaves - 1) rows before them, and as many columns before, where there is one. Counts are
 * of these absolute differences, by their number of bits: count
 * ((axis * octaves + octave) * channels + channel) * PAL_TEXTURE_BINS + bits, of which axis 0 is the
 * height, and an axis of length 1 is left out.
 *
 * Residual i is floor(sum over j <= i of weights[i * (i + 1) / 2 + j] * (256 * counts[j] -
 * means_q8[j]) / 2^shifts[i] + 1/2), kept within PAL_MAX_RESIDUAL either way. */
typedef struct {
    const int32_t *means_q8; /* [count] 0 to PAL_MAX_TEXTURE_MEAN_Q8 */
    const int16_t *weights;  /* [count * (count + 1) / 2] a lower triangle, row after row */
    const uint8_t *shifts;   /* [count] 1 to 62 */
    uint16_t count;          /* as pal_texture_counts says */
    uint8_t octaves;         /* 1 to PAL_MAX_OCTAVES */
    uint8_t stride;          /* 1 or more */
} pal_texture;

/* How many counts there are of an input of that form (its grid is of no concern), or 0 if a size
 * is out of range. */
uint32_t pal_texture_counts(const pal_engineered *form, uint32_t octaves);

/* The sum of squared residuals of an input of `count` elements: 0 to INT32_MAX, where it stays; more
 * is stranger. A residual of 16 is one standard deviation.
 * PAL_FAULT_LENGTH: `count` is not the form's, or the table's not that of the form;
 * PAL_FAULT_RANGE: a number of the table is out of its range. */
pal_status pal_texture_score(const pal_texture *table, const pal_engineered *form,
                             const int8_t *input, uint32_t count, int32_t *score);

#ifdef __cplusplus
}
#endif

#endif
