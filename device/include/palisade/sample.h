/* What a raw sample of a sensor is, and how large it may be.
 *
 * A sample is a picture of uint8, sound of int16 or traces of int32. The functions that work on
 * one do so in the caller's memory and in place, allocate nothing, and take a time that depends
 * on the lengths alone. On a fault the sample is as it was. */
#ifndef PALISADE_SAMPLE_H
#define PALISADE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a sample is made of. */
typedef enum { PAL_SAMPLE_U8 = 1, PAL_SAMPLE_I16, PAL_SAMPLE_I32 } pal_sample;

enum {
    PAL_LONGEST_SAMPLE = 1048576, /* values, all channels together */
    PAL_LARGEST_SIDE = 4096,      /* of a picture, pixels */
    PAL_MOST_CHANNELS = 16,
    PAL_LONGEST_FILTER = 255, /* taps */
    PAL_LARGEST_BLOCK = 64    /* pixels, side of a block of which the mean is taken */
};

#ifdef __cplusplus
}
#endif

#endif
