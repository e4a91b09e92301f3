/* The audio front end on sound without end: only new frames are computed.
 *
 * After each push `features` holds the rows of the last `frames` frames, as pal_mfcc_clip_i8
 * gives them for the clip that ends with the last whole frame. */
#ifndef PALISADE_STREAM_H
#define PALISADE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/mfcc.h"
#include "palisade/numeric.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int16_t *tail;    /* [window] what the next frame begins with */
    int8_t *features; /* [frames][coefficients] the newest row last: the network's input */
    uint32_t frames;  /* 1 to PAL_MOST_FRAMES */
    uint32_t held;    /* samples in tail; 0 at the start */
    uint32_t heard;   /* frames computed since the start, up to `frames`; 0 at the start */
} pal_mfcc_stream;

/* Forgets what was heard: what comes next is no continuation. */
pal_status pal_mfcc_restart(pal_mfcc_stream *stream);

/* Takes `samples[count]`, of any count. `ready` becomes 1 once `frames` frames were heard, else
 * 0. On PAL_FAULT_NOT_FINITE, as tables that are corrupt give it, the stream begins anew. */
pal_status pal_mfcc_push(const pal_mfcc_tables *tables, const pal_quantisation *to,
                         pal_mfcc_stream *stream, const int16_t *samples, size_t count,
                         float *scratch, size_t scratch_count, uint8_t *ready);

#ifdef __cplusplus
}
#endif

#endif
