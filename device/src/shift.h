/* A shift that C leaves open; for the sources of this folder alone. */
#ifndef PALISADE_SHIFT_H
#define PALISADE_SHIFT_H

#include <stdint.h>

/* floor(value / 2^shift); a right shift of a negative number is not defined in C. Without a branch,
 * so that any value takes as long. */
static inline int64_t floor_shift(int64_t value, uint32_t shift)
{
    const int64_t sign = -(int64_t)(value < 0);
    return ((value ^ sign) >> shift) ^ sign;
}

#endif
