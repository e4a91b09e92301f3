#include "palisade/margin.h"

#include <stddef.h>

static pal_status check(const int8_t *logits, uint32_t classes, const void *result)
{
    if (logits == NULL || result == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    return classes < 2 || classes > PAL_MAX_CLASSES ? PAL_FAULT_LENGTH : PAL_OK;
}

pal_status pal_margin(const int8_t *logits, uint32_t classes, pal_top *top)
{
    const pal_status status = check(logits, classes, top);
    if (status != PAL_OK) {
        return status;
    }
    uint32_t label = 0;
    int32_t second = INT8_MIN;
    for (uint32_t i = 1; i < classes; i++) {
        if (logits[i] > logits[label]) {
            second = logits[label];
            label = i;
        } else if (logits[i] > second) {
            second = logits[i];
        }
    }
    top->label = (uint8_t)label;
    top->margin_lsb = (int16_t)(logits[label] - second);
    return PAL_OK;
}

pal_status pal_accepted_margin(const int8_t *logits, uint32_t classes, uint32_t accepted,
                               int16_t *margin_lsb)
{
    const pal_status status = check(logits, classes, margin_lsb);
    if (status != PAL_OK) {
        return status;
    }
    const int32_t none = INT8_MIN - 1;
    int32_t best[2] = {none, none}; /* of the other classes, and of the accepted ones */
    for (uint32_t i = 0; i < classes; i++) {
        int32_t *mine = &best[(accepted >> i) & 1u];
        *mine = logits[i] > *mine ? logits[i] : *mine;
    }
    if (best[0] == none || best[1] == none) {
        return PAL_FAULT_RANGE;
    }
    *margin_lsb = (int16_t)(best[1] - best[0]);
    return PAL_OK;
}
