/* Traces of motion sensors as int32 counts to the network's input, channel by channel.
 *
 * A channel's mean, gravity or a sensor's rest, is taken away first. Each frame of an
 * accelerometer's axis gives log(1 + mean of (a / acc_offset_mg)^4) / 4, each frame of a PIR
 * asinh(mean / pir_offset_mg). Float32, with the same bits on every machine; means of counts are
 * exact before they are rounded. */
#ifndef PALISADE_TRACES_H
#define PALISADE_TRACES_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/numeric.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PAL_LONGEST_TRACE = 100000,      /* samples a channel */
    PAL_LONGEST_TRACE_FRAME = 1000,  /* samples */
    PAL_MOST_TRACES = 16             /* channels */
};

typedef enum { PAL_TRACE_SHAKEN = 1, PAL_TRACE_PASSIVE_INFRARED } pal_trace_kind;

typedef struct {
    uint32_t samples;       /* of a channel, 1 to PAL_LONGEST_TRACE */
    uint32_t channels;      /* 1 to PAL_MOST_TRACES */
    uint32_t frame_samples; /* 1 to PAL_LONGEST_TRACE_FRAME and to samples */
    float acc_offset_mg;    /* above 0 */
    float pir_offset_mg;    /* above 0 */
    const int32_t *kinds;      /* [channels] pal_trace_kind */
    const float *mg_per_count; /* [channels] above 0 */
} pal_traces_tables;

/* PAL_OK if the tables are valid. */
pal_status pal_traces_check(const pal_traces_tables *tables);

/* `traces[samples][channels]`, count being their product, to `features[frames][channels]`,
 * features_count being theirs, of samples / frame_samples whole frames.
 * PAL_FAULT_NOT_FINITE if a feature is not finite, as offsets or units far off may give it. */
pal_status pal_traces_f32(const pal_traces_tables *tables, const int32_t *traces, size_t count,
                          float *features, size_t features_count);

/* The same, quantised. */
pal_status pal_traces_i8(const pal_traces_tables *tables, const pal_quantisation *to,
                         const int32_t *traces, size_t count, int8_t *features,
                         size_t features_count);

#ifdef __cplusplus
}
#endif

#endif
