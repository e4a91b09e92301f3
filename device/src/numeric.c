#include "palisade/numeric.h"

#include <float.h>

#if defined(__FAST_MATH__)
#error "Palisade's front end needs IEEE 754 arithmetic: compile without -ffast-math"
#endif
#if FLT_EVAL_METHOD != 0
#error "Palisade's front end needs float32 to be evaluated as float32 (on x86: -msse2 -mfpmath=sse)"
#endif

typedef union {
    float value;
    uint32_t bits;
} float_bits;

#define INFINITE 0x7F800000u
#define MANTISSA 0x007FFFFFu
#define ONE 0x3F800000u

/* ln(2) in two parts: the first has 15 bits, so that its product with an exponent is exact. */
#define LN2_HIGH 0x1.62e4p-1f
#define LN2_LOW 0x1.7f7d1cp-20f
#define SQUARE_ROOT_OF_2 0x1.6a09e6p+0f

static float from_bits(uint32_t bits)
{
    float_bits at;
    at.bits = bits;
    return at.value;
}

static uint32_t bits_of(float x)
{
    float_bits at;
    at.value = x;
    return at.bits;
}

static float not_a_number(void)
{
    return from_bits(0x7FC00000u);
}

static float infinity(void)
{
    return from_bits(INFINITE);
}

/* 2^exponent for an exponent of -126 to 127. */
static float power_of_2(int32_t exponent)
{
    return from_bits((uint32_t)(exponent + 127) << 23);
}

/* Splits a finite x above 0 into mantissa * 2^exponent, with a mantissa of 1 to below 2. */
static float split(float x, int32_t *exponent)
{
    int32_t shift = 0;
    uint32_t bits = bits_of(x);
    if (bits <= MANTISSA) { /* subnormal */
        bits = bits_of(x * 0x1p23f);
        shift = 23;
    }
    *exponent = (int32_t)(bits >> 23) - 127 - shift;
    return from_bits((bits & MANTISSA) | ONE);
}

/* exponent * ln(2) + ln(1 + f) + low, for 1 + f from sqrt(1/2) to sqrt(2).
 *
 * With s = f / (2 + f), ln(1 + f) is 2 artanh(s) = 2 s + 2/3 s^3 + 2/5 s^5 + ..., of which four
 * terms behind the first leave an error below 2^-29 of it. As 2 s = f - s f, it is also
 * f - (f^2 / 2 - s (f^2 / 2 + s^2 (2/3 + ...))), whose large terms are exact or nearly so. */
static float log_of_parts(float f, int32_t exponent, float low)
{
    float s = f / (2.0f + f);
    float z = s * s;
    float series = z * (0.66666667f + z * (0.4f + z * (0.28571429f + z * 0.22222222f)));
    float half = 0.5f * f * f;
    float k = (float)exponent;
    float small = s * (half + series) + (k * LN2_LOW + low);
    return k * LN2_HIGH + (f - (half - small));
}

float pal_log_f32(float x)
{
    int32_t exponent;
    float mantissa;
    if (x == 0.0f) {
        return -infinity();
    }
    if (!(x > 0.0f)) {
        return not_a_number();
    }
    if (bits_of(x) == INFINITE) {
        return x;
    }
    mantissa = split(x, &exponent);
    if (mantissa > SQUARE_ROOT_OF_2) {
        mantissa *= 0.5f;
        exponent += 1;
    }
    return log_of_parts(mantissa - 1.0f, exponent, 0.0f);
}

float pal_log1p_f32(float x)
{
    int32_t exponent;
    float sum = 1.0f + x;
    float lost;
    float mantissa;
    if (x == -1.0f) {
        return -infinity();
    }
    if (!(x > -1.0f)) {
        return not_a_number();
    }
    if (bits_of(x) == INFINITE) {
        return x;
    }
    if (x > -0x1p-25f && x < 0x1p-25f) {
        return x;
    }
    if (sum > 0.5f * SQUARE_ROOT_OF_2 && sum < SQUARE_ROOT_OF_2) {
        return log_of_parts(x, 0, 0.0f);
    }
    /* What rounding took from the sum counts by its share, as in Kahan's log1p. */
    lost = x < 1.0f ? x - (sum - 1.0f) : 1.0f - (sum - x);
    mantissa = split(sum, &exponent);
    if (mantissa > SQUARE_ROOT_OF_2) {
        mantissa *= 0.5f;
        exponent += 1;
    }
    return log_of_parts(mantissa - 1.0f, exponent, lost / sum);
}

/* e^x = 2^k e^r with |r| <= ln(2) / 2, where the series to r^7 errs by less than 2^-27. */
float pal_exp_f32(float x)
{
    int32_t k;
    int32_t first;
    float r;
    float series;
    if (!(x <= 89.0f)) {
        return x > 89.0f ? infinity() : not_a_number();
    }
    if (x < -104.0f) {
        return 0.0f;
    }
    k = pal_round_half_even(x * 1.44269504f);
    r = (x - (float)k * LN2_HIGH) - (float)k * LN2_LOW;
    series = 0.0083333333f + r * (0.0013888889f + r * 0.00019841270f);
    series = 0.5f + r * (0.16666667f + r * (0.041666667f + r * series));
    series = 1.0f + (r + r * r * series);
    first = k / 2; /* in two steps, so that a subnormal result is rounded once */
    return series * power_of_2(first) * power_of_2(k - first);
}

/* Digit by digit in binary. The radicand has 49 or 50 bits and so the root 25, of which the
 * last one rounds: a tie cannot be, as its square would be odd and the radicand is even. */
float pal_sqrt_f32(float x)
{
    int32_t exponent;
    uint64_t radicand;
    uint64_t root = 0;
    uint64_t digit;
    if (x == 0.0f || bits_of(x) == INFINITE) {
        return x;
    }
    if (!(x > 0.0f)) {
        return not_a_number();
    }
    radicand = (uint64_t)((bits_of(split(x, &exponent)) & MANTISSA) | (MANTISSA + 1u)) << 25;
    exponent -= 48; /* x = radicand * 2^exponent */
    if (exponent % 2 != 0) {
        radicand <<= 1;
        exponent -= 1;
    }
    for (digit = (uint64_t)1 << 48; digit != 0; digit >>= 2) {
        if (radicand >= root + digit) {
            radicand -= root + digit;
            root = (root >> 1) + digit;
        } else {
            root >>= 1;
        }
    }
    return (float)(int32_t)((root + 1u) >> 1) * power_of_2(exponent / 2 + 1);
}

float pal_asinh_f32(float x)
{
    float size = x < 0.0f ? -x : x;
    float square;
    float result;
    if (x != x) {
        return not_a_number();
    }
    if (size < 0x1p-12f) {
        return x;
    }
    if (size > 0x1p12f) {
        result = pal_log_f32(size) + 0.69314718f; /* asinh(x) - ln(2 x) is below 1 / (4 x^2) */
    } else {
        square = size * size;
        result = pal_log1p_f32(size + square / (1.0f + pal_sqrt_f32(1.0f + square)));
    }
    return x < 0.0f ? -result : result;
}

int32_t pal_is_finite(float x)
{
    return (bits_of(x) & INFINITE) != INFINITE;
}

int32_t pal_round_half_even(float x)
{
    int32_t whole;
    float rest;
    if (!(x > -2147483648.0f)) {
        return x != x ? 0 : INT32_MIN;
    }
    if (x >= 2147483648.0f) {
        return INT32_MAX;
    }
    whole = (int32_t)x; /* towards zero; beyond 2^23 x is whole already */
    rest = x - (float)whole;
    if (rest > 0.5f || (rest == 0.5f && whole % 2 != 0)) {
        return whole + 1;
    }
    if (rest < -0.5f || (rest == -0.5f && whole % 2 != 0)) {
        return whole - 1;
    }
    return whole;
}

pal_status pal_quantisation_check(const pal_quantisation *to)
{
    if (to == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (!(to->scale > 0.0f) || !pal_is_finite(to->scale)) {
        return PAL_FAULT_RANGE;
    }
    return to->zero_point < -128 || to->zero_point > 127 ? PAL_FAULT_RANGE : PAL_OK;
}

static int8_t saturated(int32_t steps, int32_t zero_point)
{
    if (steps > 127 - zero_point) {
        return 127;
    }
    if (steps < -128 - zero_point) {
        return -128;
    }
    return (int8_t)(steps + zero_point);
}

pal_status pal_quantise_i8(const pal_quantisation *to, const float *values, size_t count,
                           int8_t *quantised)
{
    size_t i;
    pal_status status = pal_quantisation_check(to);
    if (status != PAL_OK) {
        return status;
    }
    if (values == NULL || quantised == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    for (i = 0; i < count; i++) {
        if (!pal_is_finite(values[i])) {
            return PAL_FAULT_NOT_FINITE;
        }
        quantised[i] = saturated(pal_round_half_even(values[i] / to->scale), to->zero_point);
    }
    return PAL_OK;
}
