/* One step of a task: a sensor's frame in, a verdict out. */
#ifndef PALISADE_STEP_H
#define PALISADE_STEP_H

#include <stdint.h>

#include "palisade/consistency.h"
#include "palisade/guard.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* New samples of a sensor. */
typedef struct {
    void *samples;     /* of the sensor's own type; preprocessing may work in place */
    uint32_t count;    /* samples, all channels together */
    uint32_t sequence; /* one more than the frame's before it; wraps around after 2^32 - 1 */
    uint32_t time_ms;  /* when it was taken; wraps around */
} pal_frame;

/* Preprocessing and front end: writes the network's input into `features[count]`, and 1 into
 * `ready`, or 0 while it has not heard enough for a first input. */
typedef pal_status (*pal_prepare)(void *context, const pal_frame *frame, int8_t *features,
                                  uint32_t count, uint8_t *ready);

/* Runs the network on `features[count]` and says where its outputs are. */
typedef pal_status (*pal_invoke)(void *context, const int8_t *features, uint32_t count,
                                 pal_outputs *outputs);

/* Forgets what the front end has heard: after a gap, what comes is no continuation. */
typedef void (*pal_reset)(void *context);

/* The time now, by the clock of `time_ms`. */
typedef uint32_t (*pal_clock)(void *context);

/* A task as firmware puts it together; lives in flash. */
typedef struct {
    const pal_guard *guard;
    const pal_consistency *consistency; /* or NULL: each inference by itself */
    const uint8_t *model;               /* the region that is attested */
    const uint8_t *digest;              /* its SHA-256, 32 bytes, as released */
    pal_prepare prepare;
    pal_invoke invoke;
    pal_reset reset; /* or NULL */
    pal_clock now;   /* or NULL: a frame's age is not looked at */
    void *context;   /* handed to the four above */
    int8_t *features; /* the network's input tensor, [feature_count] */
    uint32_t feature_count;
    uint32_t model_bytes;
    uint32_t frame_samples;   /* that each frame must have */
    uint32_t largest_gap;     /* by how much a sequence number may go up: 1 where none may miss */
    uint32_t largest_gap_ms;  /* from one frame to the next */
    uint32_t largest_age_ms;  /* of a frame, where there is a clock; none may lie ahead of it */
    uint32_t accepted;        /* a bit for each label that warrants the action; 0: none asked */
} pal_device;

/* A task's memory; one a stream. Zeros are a device that was not booted. */
typedef struct {
    uint32_t attested; /* PAL_ATTESTED, or anything else */
    uint32_t sequence;
    uint32_t time_ms;
    pal_history history;
    uint8_t started; /* whether there was a frame */
} pal_state;

typedef struct {
    pal_judgement judgement;
    int16_t action_lsb; /* pal_accepted_margin of an accepted inference, else PAL_LOWEST_LSB */
    uint8_t status;     /* pal_status behind a fault */
} pal_verdict;

/* A pattern that memory does not hold by chance. */
enum { PAL_ATTESTED = 0x5EA1ED5A };

/* Clears the state and attests the model: at start, after an update, and to begin anew after a
 * fault of the stream.
 * PAL_FAULT_ARGUMENT: something that has to be there is NULL; PAL_FAULT_LENGTH: sizes do not fit
 * each other; PAL_FAULT_RANGE: the model is not the one released. */
pal_status pal_boot(const pal_device *device, pal_state *state);

/* Judges one frame. The verdict is PAL_FAULT whatever comes back but PAL_OK, and also for a frame
 * out of sequence, of which the status is PAL_FAULT_RANGE.
 *
 * A replayed or older frame changes nothing. After a gap, or a fault of a part, the stream goes on
 * from the new frame, with nothing remembered. */
pal_status pal_step(const pal_device *device, pal_state *state, const pal_frame *frame,
                    pal_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
