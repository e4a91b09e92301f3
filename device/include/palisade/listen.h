/* Commands in continuous sound: what the network's successive answers come to.
 *
 * The same to the bit as palisade/stream: decision.py decides, confirmer.py confirms. */
#ifndef PALISADE_LISTEN_H
#define PALISADE_LISTEN_H

#include <stdint.h>

#include "palisade/autoencoder.h"
#include "palisade/margin.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_MAX_CONTEXT = 16, PAL_MAX_ACTIONS = 16, PAL_MAX_HEARD = 128 };

/* A small network over the logits of the last windows, oldest first. An action's score is its own
 * output less the largest other one. */
typedef struct {
    pal_dense hidden; /* context * classes inputs (at most PAL_MAX_HEARD), rectified */
    pal_dense output; /* an output for each action, and then one for none of them */
} pal_confirmer;

/* When a command is accepted: where its mean margin over `smoothed` windows reaches its threshold,
 * and the confirmer's score its own. Of several the one that exceeds by most, the first of equals.
 * The confirmer can but withhold. */
typedef struct {
    const uint8_t *actions;         /* [count] the class of each */
    const int16_t *thresholds_lsb;  /* [count] of mean margins */
    const int16_t *confirmed_lsb;   /* [count] of the confirmer's scores; NULL without one */
    const pal_confirmer *confirmer; /* or NULL: margins decide */
    uint8_t count;                  /* 1 to PAL_MAX_ACTIONS */
    uint8_t classes;                /* 2 to PAL_MAX_CLASSES */
    uint8_t smoothed;               /* 1 to context windows */
    uint8_t context;                /* 1 to PAL_MAX_CONTEXT windows, without which none is accepted */
    uint16_t refractory;            /* windows after an accept in which nothing is accepted */
} pal_listener;

/* One stream's last windows, a ring. Zeros are a stream that has heard nothing. */
typedef struct {
    int8_t logits[PAL_MAX_CONTEXT * PAL_MAX_CLASSES];
    uint8_t accepted[PAL_MAX_CONTEXT]; /* by the guard */
    uint16_t waiting;                  /* windows in which nothing is accepted */
    uint8_t count;                     /* 0 to PAL_MAX_CONTEXT */
    uint8_t next;                      /* where the next window goes */
} pal_heard;

/* Hears one window, `hop_ms` after the one before, and writes the place of the accepted command
 * among `actions` into `action`, or PAL_NO_LABEL. `accepted` is 0 for a window that the guard
 * rejects: its margins are then PAL_LOWEST_LSB, and the confirmer sees -128 for each class. After a
 * gap begin with zeros.
 * PAL_FAULT_ARGUMENT, PAL_FAULT_LENGTH, PAL_FAULT_RANGE: a table or the memory is not as said
 * above; nothing is accepted, and nothing is remembered. */
pal_status pal_listen(const pal_listener *listener, pal_heard *heard, const int8_t *logits,
                      uint32_t classes, uint8_t accepted, uint8_t *action);

#ifdef __cplusplus
}
#endif

#endif
