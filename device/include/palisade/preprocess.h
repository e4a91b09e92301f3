/* What is done to a raw sample before the front end: squeezing and filters, in a set order. */
#ifndef PALISADE_PREPROCESS_H
#define PALISADE_PREPROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/sample.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_MOST_FILTERS = 8 }; /* of a plan */

/* Each works on some types of sample: */
typedef enum {
    PAL_FILTER_SQUEEZE = 1, /* all; strength: bits */
    PAL_FILTER_DOWNSAMPLE,  /* u8; strength: block */
    PAL_FILTER_MEDIAN,      /* u8: 3 x 3 pixels, i32: 3 in time; strength: 0 */
    PAL_FILTER_MU_LAW,      /* i16; strength: bits */
    PAL_FILTER_LOW_PASS     /* i16, i32; taps; strength: 0 */
} pal_filter_kind;

typedef struct {
    int32_t kind; /* pal_filter_kind */
    int32_t strength;
    uint32_t taps_count;
    const int16_t *taps;
} pal_filter;

/* Filters in the order in which they are applied to a sample [height][width][channels]. For sound
 * height is its number of samples, and width and channels are 1; for traces width is 1. */
typedef struct {
    int32_t sample; /* pal_sample */
    uint32_t height;
    uint32_t width;
    uint32_t channels;
    const int32_t *low;  /* [channels] what the sensor delivers at least; not read for u8 */
    const int32_t *high; /* [channels] and at most */
    uint32_t filters_count; /* up to PAL_MOST_FILTERS; 0 changes nothing */
    const pal_filter *filters;
} pal_preprocess_plan;

/* PAL_OK if each filter is valid for the sample; on it, `scratch_bytes` is what
 * pal_preprocess needs. */
pal_status pal_preprocess_check(const pal_preprocess_plan *plan, size_t *scratch_bytes);

/* Applies the plan to one sample of `count` values, aligned as its type asks. `scratch` is
 * aligned to 4 bytes, and may be NULL where the plan needs none. */
pal_status pal_preprocess(const pal_preprocess_plan *plan, void *values, size_t count,
                          void *scratch, size_t scratch_bytes);

#ifdef __cplusplus
}
#endif

#endif
