/* One decision of several sensors: a critical action passes only when all of them agree.
 *
 * The same to the bit as palisade/fusion: scores.py pools, decision.py decides. */
#ifndef PALISADE_AGREEMENT_H
#define PALISADE_AGREEMENT_H

#include <stdint.h>

#include "palisade/guard.h"
#include "palisade/margin.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_MAX_MODALITIES = 8, PAL_MAX_WINDOWS = 32 };

typedef enum {
    PAL_POOL_MAX = 0, /* one window that is sure */
    PAL_POOL_MEAN,    /* rounded down */
    PAL_POOL_MEDIAN   /* the lower one of an even number */
} pal_pooling;

typedef struct {
    int32_t threshold_lsb; /* agrees at or above it */
    uint32_t fresh_ms;     /* the newest window may be this old */
    uint8_t pooling;       /* pal_pooling */
} pal_modality;

typedef struct {
    const pal_modality *modalities; /* [count] */
    uint32_t window_ms;             /* older windows are not part of the event */
    uint8_t count;                  /* 1 to PAL_MAX_MODALITIES */
} pal_policy;

/* A modality's last windows, a ring. Zeros are a witness who has seen nothing. */
typedef struct {
    uint32_t times_ms[PAL_MAX_WINDOWS];
    int16_t margins_lsb[PAL_MAX_WINDOWS]; /* -255 to 255, see pal_accepted_margin */
    uint8_t plausible[PAL_MAX_WINDOWS];   /* 0 if the sensor seemed not to work */
    uint8_t count;           /* 0 to PAL_MAX_WINDOWS */
    uint8_t next;            /* where the next window goes */
} pal_witness;

typedef struct {
    int32_t scores_lsb[PAL_MAX_MODALITIES]; /* PAL_LOWEST_LSB where a modality has no fresh window */
    uint8_t decision;      /* pal_decision; PAL_ACCEPT only if every modality agrees */
    uint8_t reason;        /* pal_reason */
    uint8_t agrees;        /* a bit a modality: it has reason to act, and works */
    uint8_t works;         /* a bit a modality: fresh, and each of its windows plausible */
} pal_agreement;

/* One score of `windows` margins (1 to PAL_MAX_WINDOWS).
 * PAL_FAULT_RANGE: there is no such pooling. */
pal_status pal_pool(const int16_t *margins_lsb, uint32_t windows, uint32_t pooling,
                    int32_t *score_lsb);

/* Remembers a window, in place of the oldest of PAL_MAX_WINDOWS. A window whose verdict was not
 * PAL_ACCEPT says nothing for the action: give it PAL_LOWEST_LSB, as pal_step does. */
pal_status pal_witness_add(pal_witness *witness, int16_t margin_lsb, uint8_t plausible,
                           uint32_t time_ms);

/* Whether all of `count` modalities agree at `now_ms`; times wrap around after 2^32 ms, and one up
 * to half of that ahead is of the future, and not fresh. PAL_FAULT if a sensor seems not to work,
 * else PAL_VERIFY if one has nothing fresh to say, else PAL_REJECT if a score is below its threshold.
 *
 * Forgets the windows of earlier events. Call it once a day at the least, whether or not somebody
 * asks for the action: what it has not met for 24.8 days counts as future, and is fresh again after
 * 49.7.
 *
 * PAL_FAULT_LENGTH: `count` is not the policy's; whatever comes back but PAL_OK, the decision is
 * PAL_FAULT. */
pal_status pal_agree(const pal_policy *policy, pal_witness *witnesses, uint32_t count,
                     uint32_t now_ms, pal_agreement *agreement);

#ifdef __cplusplus
}
#endif

#endif
