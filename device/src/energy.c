#include "palisade/energy.h"

#include <stddef.h>

#include "palisade/margin.h"

enum { FRACTION_BITS = 16, ONE_BITS = 24, OCTAVE_BITS = 24 };

/* log2(sum / 2^24) * 2^16, rounded down, for a sum from 2^24 to below 2^38: the mantissa is squared
 * over and over, and each time that it passes 2, the next bit of the logarithm is 1. */
static int64_t log2_q16(uint64_t sum)
{
    uint32_t octaves = 0;
    while (octaves < 14 && (sum >> (octaves + ONE_BITS + 1)) != 0) {
        octaves++;
    }
    uint64_t mantissa_q31 = (sum << 7) >> octaves;
    uint32_t fraction = 0;
    for (uint32_t bit = 0; bit < FRACTION_BITS; bit++) {
        mantissa_q31 = (mantissa_q31 * mantissa_q31) >> 31;
        const uint32_t passed = (uint32_t)(mantissa_q31 >> 32);
        mantissa_q31 >>= passed;
        fraction = (fraction << 1) | passed;
    }
    return ((int64_t)octaves << FRACTION_BITS) + fraction;
}

static int32_t largest_of(const int8_t *logits, uint32_t classes)
{
    int32_t largest = logits[0];
    for (uint32_t i = 1; i < classes; i++) {
        largest = logits[i] > largest ? logits[i] : largest;
    }
    return largest;
}

pal_status pal_energy_score(const pal_energy *energy, const int8_t *logits, uint32_t classes,
                            int32_t *score_q8)
{
    if (energy == NULL || energy->exp_q24 == NULL || logits == NULL || score_q8 == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (classes < 2 || classes > PAL_MAX_CLASSES) {
        return PAL_FAULT_LENGTH;
    }
    if (energy->exp_q24[0] != (uint32_t)1 << ONE_BITS || energy->octave_q8 == 0 ||
        energy->octave_q8 > (uint32_t)1 << OCTAVE_BITS) {
        return PAL_FAULT_RANGE;
    }
    const int32_t largest = largest_of(logits, classes);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < classes; i++) {
        sum += energy->exp_q24[largest - logits[i]];
    }
    const int64_t product = log2_q16(sum) * (int64_t)energy->octave_q8;
    const int64_t above = (product + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS;
    *score_q8 = largest * 256 + (int32_t)above;
    return PAL_OK;
}
