/* Elementary functions in float32, and rounding to integers: the same bits on every machine.
 *
 * They use additions, multiplications and divisions of IEEE 754 binary32 in a fixed order, and
 * no libm, whose last bits differ from one C library to the next. Compile with
 * -ffp-contract=off, lest a compiler fuse a multiplication with an addition.
 *
 * Their errors are below 0.9 ulp (units in the last place of the true value) for pal_log_f32 and
 * pal_log1p_f32, 1.1 for pal_exp_f32, 1.8 for pal_asinh_f32 and 0.5 for pal_sqrt_f32, subnormal
 * numbers included. Every NaN that they return is the positive quiet one, 0x7FC00000.
 */
#ifndef PALISADE_NUMERIC_H
#define PALISADE_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ln(x). Zero of either sign gives -infinity; below zero and NaN give NaN. */
float pal_log_f32(float x);

/* ln(1 + x), accurate for small x too. -1 gives -infinity; below -1 and NaN give NaN. */
float pal_log1p_f32(float x);

/* e^x. Overflows to infinity, underflows through the subnormal numbers to 0. */
float pal_exp_f32(float x);

/* The square root. -0 gives -0; below zero and NaN give NaN. */
float pal_sqrt_f32(float x);

/* The inverse of the hyperbolic sine; keeps the sign of 0. */
float pal_asinh_f32(float x);

/* 1 if x is neither infinite nor NaN, else 0. */
int32_t pal_is_finite(float x);

/* The nearest integer, of two that are equally near the even one. What int32 cannot hold
 * becomes its nearest bound, and NaN becomes 0. */
int32_t pal_round_half_even(float x);

/* How a real number stands in int8: real = scale * (quantised - zero_point). */
typedef struct {
    float scale;        /* above 0, finite */
    int32_t zero_point; /* -128 to 127 */
} pal_quantisation;

/* PAL_OK if a scale and a zero point are in their ranges. */
pal_status pal_quantisation_check(const pal_quantisation *to);

/* quantised[i] = round_half_even(values[i] / scale) + zero_point, at its bound where int8 ends.
 * PAL_FAULT_NOT_FINITE if a value is not finite. */
pal_status pal_quantise_i8(const pal_quantisation *to, const float *values, size_t count,
                           int8_t *quantised);

#ifdef __cplusplus
}
#endif

#endif
