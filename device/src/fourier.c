#include "fourier.h"

/* A real transform of n points is a complex one of n / 2, of the even samples as real and the
 * odd ones as imaginary parts, taken apart afterwards. A complex number is two floats in turn.
 *
 * The complex one is Cooley and Tukey's, decimated in time, two stages of radix 2 at once: as one
 * of radix 4 it reads and writes each number half as often and needs a quarter fewer products. */

/* In numbers of 2^1, 2^3, 2^5 ... */
#define ODD_POWERS 0xAAAAAAAAu

typedef struct {
    float re;
    float im;
} phasor;

static phasor product(phasor a, phasor b)
{
    phasor found = {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
    return found;
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

/* The transform of the four numbers a, c, b, d, to points that lie `apart`. */
static void quadruple(phasor a, phasor b, phasor c, phasor d, float *points, uint32_t apart)
{
    phasor sum = {a.re + b.re, a.im + b.im};
    phasor difference = {a.re - b.re, a.im - b.im};
    phasor odd_sum = {c.re + d.re, c.im + d.im};
    phasor odd_difference = {c.re - d.re, c.im - d.im};
    points[0] = sum.re + odd_sum.re;
    points[1] = sum.im + odd_sum.im;
    points += apart;
    points[0] = difference.re + odd_difference.im;
    points[1] = difference.im - odd_difference.re;
    points += apart;
    points[0] = sum.re - odd_sum.re;
    points[1] = sum.im - odd_sum.im;
    points += apart;
    points[0] = difference.re - odd_difference.im;
    points[1] = difference.im + odd_difference.re;
}

/* Samples t and t + 1, tapered, as one number. */
static phasor pair(const int16_t *samples, const float *taper, uint32_t window, uint32_t t)
{
    phasor found = {0.0f, 0.0f};
    if (t + 1 < window) {
        found.re = (float)samples[t] * taper[t];
        found.im = (float)samples[t + 1] * taper[t + 1];
    } else if (t < window) {
        found.re = (float)samples[t] * taper[t];
    }
    return found;
}

void pal_fourier_load(const int16_t *samples, const float *taper, uint32_t window, uint32_t length,
                      float *points)
{
    uint32_t t;
    uint32_t quarter = length / 4;
    uint32_t reversed = 0;
    for (t = 0; t < quarter; t += 2) {
        quadruple(pair(samples, taper, window, t), pair(samples, taper, window, t + 2 * quarter),
                  pair(samples, taper, window, t + quarter),
                  pair(samples, taper, window, t + 3 * quarter), points + 8 * reversed, 2);
        reversed = next_reversed(reversed, quarter / 2);
    }
}

/* The transforms of 8 from those of 4, by radix 2; their phasors are (1 - i) / sqrt(2) to some
 * power. */
static void double_fours(float half_root, uint32_t length, float *points)
{
    uint32_t i;
    uint32_t j;
    const phasor by[4] = {
        {1.0f, 0.0f}, {half_root, -half_root}, {0.0f, -1.0f}, {-half_root, -half_root}};
    for (i = 0; i < length; i += 16) {
        for (j = i; j < i + 8; j += 2) {
            phasor odd = {points[j + 8], points[j + 9]};
            odd = product(odd, by[(j - i) / 2]);
            points[j + 8] = points[j] - odd.re;
            points[j + 9] = points[j + 1] - odd.im;
            points[j] += odd.re;
            points[j + 1] += odd.im;
        }
    }
}

static phasor at(const float *point)
{
    phasor found = {point[0], point[1]};
    return found;
}

/* The transforms of 4 * quarter numbers from those of quarter. */
static void quadruple_all(const float *cosine, uint32_t length, uint32_t quarter, float *points)
{
    uint32_t i;
    uint32_t j;
    uint32_t apart = 2 * quarter;
    uint32_t step = length / (4 * quarter);
    const float *sine = cosine + length / 4;
    for (j = 0; j < apart; j += 2) {
        phasor by = {*cosine, -*sine};
        phasor twice = product(by, by);
        phasor thrice = product(by, twice);
        for (i = j; i < length; i += 4 * apart) {
            float *point = points + i;
            quadruple(at(point), product(at(point + apart), twice),
                      product(at(point + 2 * apart), by), product(at(point + 3 * apart), thrice),
                      point, apart);
        }
        cosine += step;
        sine -= step;
    }
}

/* 4 |X_k|^2 and 4 |X_(m - k)|^2, m being half the length: with E and O the transforms of the even
 * and the odd samples, X_k = E_k + w O_k and X_(m - k) = conj(E_k - w O_k). */
static void power_of_pair(float *a, float *b, phasor by)
{
    phasor even = {a[0] + b[0], a[1] - b[1]};
    phasor odd = {a[1] + b[1], b[0] - a[0]};
    phasor turned = product(odd, by);
    float low_re = even.re + turned.re;
    float low_im = even.im + turned.im;
    float high_re = even.re - turned.re;
    float high_im = even.im - turned.im;
    a[0] = low_re * low_re + low_im * low_im;
    b[0] = high_re * high_re + high_im * high_im;
}

void pal_fourier_power(const float *cosine, uint32_t length, float *points)
{
    uint32_t k;
    uint32_t transformed = 4;
    uint32_t size = length / 2;
    float *middle = points + size;
    if ((size & ODD_POWERS) != 0) {
        double_fours(cosine[length / 8], length, points);
        transformed = 8;
    }
    for (; transformed < size; transformed *= 4) {
        quadruple_all(cosine, length, transformed, points);
    }
    for (k = 1; k < size / 2; k++) {
        phasor by = {cosine[k], -cosine[size / 2 - k]};
        power_of_pair(points + 2 * k, points + 2 * (size - k), by);
    }
    middle[0] = 4.0f * (middle[0] * middle[0] + middle[1] * middle[1]);
}
