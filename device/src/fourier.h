/* The power spectrum of real samples; for the sources of this folder alone. */
#ifndef PALISADE_FOURIER_H
#define PALISADE_FOURIER_H

#include <stdint.h>

/* Samples times their taper, and zeros from `window` on, to points[length] as pal_fourier_power
 * takes them: in the order of reversed bits, and through the transform's first two stages. `length`
 * is a power of two from 16, and window[] at most that. */
void pal_fourier_load(const int16_t *samples, const float *taper, uint32_t window, uint32_t length,
                      float *points);

/* Replaces what pal_fourier_load left by four times the power spectrum of the tapered samples:
 * points[2 k] becomes that of bin k, for k from 1 to below length / 2, and the other points have no
 * meaning. cosine[length / 4 + 1] is cos(2 pi k / length). */
void pal_fourier_power(const float *cosine, uint32_t length, float *points);

#endif
