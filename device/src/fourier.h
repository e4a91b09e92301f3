/* The power spectrum of real samples; for the sources of this folder alone. */
#ifndef PALISADE_FOURIER_H
#define PALISADE_FOURIER_H

#include <stdint.h>

/* Replaces points[length] by their power spectrum: points[2 k] becomes that of bin k, for k from 1
 * to below length / 2, and the other points have no meaning. `length` is a power of two from 8,
 * and cosine[length / 4 + 1] is cos(2 pi k / length). */
void pal_fourier_power(const float *cosine, uint32_t length, float *points);

#endif
