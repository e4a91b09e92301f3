#include "fourier.h"

/* A real transform of n points is a complex one of n / 2, of the even samples as real and the
 * odd ones as imaginary parts, taken apart afterwards. A complex number is two floats in turn. */

typedef struct {
    float re;
    float im;
} phasor;

/* e^(-2 pi i k / length) for k from 0 to below length / 2, from a quarter of a cosine. */
static phasor turned(const float *cosine, uint32_t length, uint32_t k)
{
    uint32_t quarter = length / 4;
    phasor at;
    if (k <= quarter) {
        at.re = cosine[k];
        at.im = -cosine[quarter - k];
    } else {
        at.re = -cosine[2 * quarter - k];
        at.im = -cosine[k - quarter];
    }
    return at;
}

/* The next number of those below `size`, a power of two, in the order of their reversed bits. */
static uint32_t next_reversed(uint32_t reversed, uint32_t size)
{
    uint32_t bit = size / 2;
    while ((reversed & bit) != 0) {
        reversed ^= bit;
        bit /= 2;
    }
    return reversed | bit;
}

static void swap(float *a, float *b)
{
    float kept = *a;
    *a = *b;
    *b = kept;
}

static void reorder(float *points, uint32_t size)
{
    uint32_t i;
    uint32_t reversed = 0;
    for (i = 0; i < size; i++) {
        if (i < reversed) {
            swap(points + 2 * i, points + 2 * reversed);
            swap(points + 2 * i + 1, points + 2 * reversed + 1);
        }
        reversed = next_reversed(reversed, size);
    }
}

static void butterfly(float *a, float *b, phasor by)
{
    float re = b[0] * by.re - b[1] * by.im;
    float im = b[0] * by.im + b[1] * by.re;
    b[0] = a[0] - re;
    b[1] = a[1] - im;
    a[0] += re;
    a[1] += im;
}

/* Cooley and Tukey's transform of radix 2, decimated in time. */
static void transform(const float *cosine, uint32_t length, float *points)
{
    uint32_t half;
    uint32_t j;
    uint32_t i;
    uint32_t size = length / 2;
    for (half = 1; half < size; half *= 2) {
        for (j = 0; j < half; j++) {
            phasor by = turned(cosine, length, j * (size / half));
            for (i = j; i < size; i += 2 * half) {
                butterfly(points + 2 * i, points + 2 * (i + half), by);
            }
        }
    }
}

/* |X_k|^2 and |X_(m - k)|^2, m being half the length: with E and O the transforms of the even and
 * the odd samples, X_k = E_k + w O_k and X_(m - k) = conj(E_k - w O_k). */
static void power_of_pair(float *a, float *b, phasor by)
{
    phasor even = {0.5f * (a[0] + b[0]), 0.5f * (a[1] - b[1])};
    phasor odd = {0.5f * (a[1] + b[1]), 0.5f * (b[0] - a[0])};
    float re = odd.re * by.re - odd.im * by.im;
    float im = odd.re * by.im + odd.im * by.re;
    float low_re = even.re + re;
    float low_im = even.im + im;
    float high_re = even.re - re;
    float high_im = even.im - im;
    a[0] = low_re * low_re + low_im * low_im;
    b[0] = high_re * high_re + high_im * high_im;
}

void pal_fourier_power(const float *cosine, uint32_t length, float *points)
{
    uint32_t k;
    uint32_t size = length / 2;
    float *middle = points + size;
    reorder(points, size);
    transform(cosine, length, points);
    for (k = 1; k < size / 2; k++) {
        power_of_pair(points + 2 * k, points + 2 * (size - k), turned(cosine, length, k));
    }
    middle[0] = middle[0] * middle[0] + middle[1] * middle[1];
}
