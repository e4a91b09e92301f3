/* From a raw sample to the network's int8 input, whatever the sensor: preprocessing, front end and
 * quantisation in one call. This is what the evaluation runs. */
#ifndef PALISADE_FRONTEND_H
#define PALISADE_FRONTEND_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/mfcc.h"
#include "palisade/numeric.h"
#include "palisade/preprocess.h"
#include "palisade/status.h"
#include "palisade/traces.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { PAL_FRONT_VOICE = 1, PAL_FRONT_VISION, PAL_FRONT_MOTION } pal_front_kind;

typedef struct {
    int32_t kind;                     /* pal_front_kind */
    uint32_t values;                  /* in a raw sample, all channels together */
    uint32_t features;                /* in the network's input */
    pal_quantisation to;              /* of the network's input */
    const pal_preprocess_plan *plan;  /* for such a sample, or NULL: it goes in as it is */
    const pal_mfcc_tables *mfcc;      /* of voice, else NULL */
    const pal_traces_tables *traces;  /* of motion, else NULL */
} pal_front_end;

/* PAL_OK if all fits together; `scratch_bytes` is then what pal_front_end_i8 needs. */
pal_status pal_front_end_check(const pal_front_end *front, size_t *scratch_bytes);

/* One sample of `count` values (int16 for voice, uint8 for vision, int32 for motion), aligned as
 * its type asks, to `features[features_count]`. Preprocessing works on the sample in place.
 * `scratch` is aligned to 4 bytes. */
pal_status pal_front_end_i8(const pal_front_end *front, void *values, size_t count, void *scratch,
                            size_t scratch_bytes, int8_t *features, size_t features_count);

#ifdef __cplusplus
}
#endif

#endif
