/* How far ahead a network's first choice is: integers, no softmax. */
#ifndef PALISADE_MARGIN_H
#define PALISADE_MARGIN_H

#include <stdint.h>

#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PAL_MAX_CLASSES = 32,  /* one bit each in a uint32_t */
    PAL_LOWEST_LSB = -255, /* the least margin there is: int8's least less its most */
    PAL_NO_LABEL = 255     /* of a verdict that knows none */
};

/* The first choice, and its lead. */
typedef struct {
    uint8_t label;     /* 0 to classes - 1; the first of equals */
    int16_t margin_lsb; /* 0 to 255: largest logit less the second largest, in int8 steps */
} pal_top;

/* Finds the first choice among `classes` logits (2 to PAL_MAX_CLASSES).
 * PAL_FAULT_ARGUMENT: a NULL; PAL_FAULT_LENGTH: too few or too many classes. */
pal_status pal_margin(const int8_t *logits, uint32_t classes, pal_top *top);

/* The largest logit of the classes whose bit is set in `accepted` less the largest other one:
 * -255 to 255, in int8 steps.
 * PAL_FAULT_RANGE: `accepted` names no class, or all of them. */
pal_status pal_accepted_margin(const int8_t *logits, uint32_t classes, uint32_t accepted,
                               int16_t *margin_lsb);

#ifdef __cplusplus
}
#endif

#endif
