/* Agreement of successive answers: a label counts once it has been said often enough. */
#ifndef PALISADE_CONSISTENCY_H
#define PALISADE_CONSISTENCY_H

#include <stdint.h>

#include "palisade/guard.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_MAX_HISTORY = 8 };

/* An inference that the guard accepts is accepted in the end if at least `needed` of the last
 * `window` such ones, itself counted, have its label. Else it is PAL_VERIFY, with
 * PAL_REASON_FLIP where one of them has another label, and PAL_REASON_UNSETTLED where they are
 * too few. `needed` = `window`: any flip asks for verification. */
typedef struct {
    uint8_t window;       /* 1 to PAL_MAX_HISTORY */
    uint8_t needed;       /* 1 to window */
    uint8_t forget_after; /* 1 to 255 rejections in a row after which nothing is remembered */
} pal_consistency;

/* One stream's last labels. Zeros are a history of nothing. */
typedef struct {
    uint8_t labels[PAL_MAX_HISTORY];
    uint8_t count;    /* 0 to window */
    uint8_t next;     /* where the next label goes */
    uint8_t rejected; /* in a row */
} pal_history;

/* Forgets everything. */
pal_status pal_history_clear(pal_history *history);

/* Turns the guard's judgement into the stream's. A fault clears the history.
 * PAL_FAULT_RANGE: the table or the history is out of its range; the judgement is PAL_FAULT. */
pal_status pal_consistency_settle(const pal_consistency *consistency, pal_history *history,
                                  pal_judgement *judgement);

#ifdef __cplusplus
}
#endif

#endif
