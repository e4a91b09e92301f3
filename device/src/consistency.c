#include "palisade/consistency.h"

#include <stddef.h>

pal_status pal_history_clear(pal_history *history)
{
    if (history == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    const pal_history nothing = {{0}, 0, 0, 0};
    *history = nothing;
    return PAL_OK;
}

static int fits(const pal_consistency *consistency, const pal_history *history)
{
    return consistency->window >= 1 && consistency->window <= PAL_MAX_HISTORY &&
           consistency->needed >= 1 && consistency->needed <= consistency->window &&
           consistency->forget_after >= 1 && history->count <= consistency->window &&
           history->next < consistency->window;
}

static void remember(const pal_consistency *consistency, pal_history *history, uint8_t label)
{
    history->labels[history->next] = label;
    history->next = (uint8_t)((history->next + 1) % consistency->window);
    history->count = (uint8_t)(history->count + (history->count < consistency->window));
    history->rejected = 0;
}

static void settle(const pal_consistency *consistency, pal_history *history,
                   pal_judgement *judgement)
{
    remember(consistency, history, judgement->label);
    uint32_t same = 0;
    /* The ring fills from its start, so that its first `count` places are the ones in use. */
    for (uint32_t i = 0; i < history->count; i++) {
        same += history->labels[i] == judgement->label;
    }
    if (same < consistency->needed) {
        judgement->decision = PAL_VERIFY;
        judgement->reason = same < history->count ? PAL_REASON_FLIP : PAL_REASON_UNSETTLED;
    }
}

pal_status pal_consistency_settle(const pal_consistency *consistency, pal_history *history,
                                  pal_judgement *judgement)
{
    if (consistency == NULL || history == NULL || judgement == NULL) {
        if (judgement != NULL) {
            judgement->decision = PAL_FAULT;
            judgement->reason = PAL_REASON_ARGUMENT;
        }
        return PAL_FAULT_ARGUMENT;
    }
    if (!fits(consistency, history)) {
        judgement->decision = PAL_FAULT;
        judgement->reason = PAL_REASON_VALUE;
        (void)pal_history_clear(history);
        return PAL_FAULT_RANGE;
    }
    if (judgement->decision == PAL_ACCEPT) {
        settle(consistency, history, judgement);
    } else if (judgement->decision == PAL_REJECT) {
        history->rejected = (uint8_t)(history->rejected + 1);
        if (history->rejected >= consistency->forget_after) {
            return pal_history_clear(history);
        }
    } else if (judgement->decision != PAL_VERIFY) {
        return pal_history_clear(history);
    }
    return PAL_OK;
}
