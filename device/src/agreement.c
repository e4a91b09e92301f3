#include "palisade/agreement.h"

#include <stddef.h>

enum { AHEAD = 0x7FFFFFFF }; /* an age above this, modulo 2^32, is a time in the future */

static int32_t largest_of(const int16_t *margins, uint32_t windows)
{
    int32_t largest = margins[0];
    for (uint32_t i = 1; i < windows; i++) {
        largest = margins[i] > largest ? margins[i] : largest;
    }
    return largest;
}

static int32_t mean_of(const int16_t *margins, uint32_t windows)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < windows; i++) {
        sum += margins[i];
    }
    const int32_t count = (int32_t)windows;
    return sum / count - (sum % count < 0); /* C rounds to zero, and this down */
}

/* The margin that (windows - 1) / 2 others lie below or beside, without sorting. */
static int32_t median_of(const int16_t *margins, uint32_t windows)
{
    const uint32_t rank = (windows - 1) / 2;
    for (uint32_t i = 0; i < windows; i++) {
        uint32_t below = 0, up_to = 0;
        for (uint32_t j = 0; j < windows; j++) {
            below += margins[j] < margins[i];
            up_to += margins[j] <= margins[i];
        }
        if (below <= rank && rank < up_to) {
            return margins[i];
        }
    }
    return PAL_LOWEST_LSB; /* not reached: some margin has every rank */
}

pal_status pal_pool(const int16_t *margins_lsb, uint32_t windows, uint32_t pooling,
                    int32_t *score_lsb)
{
    if (margins_lsb == NULL || score_lsb == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (windows == 0 || windows > PAL_MAX_WINDOWS) {
        return PAL_FAULT_LENGTH;
    }
    switch (pooling) {
    case PAL_POOL_MAX:
        *score_lsb = largest_of(margins_lsb, windows);
        return PAL_OK;
    case PAL_POOL_MEAN:
        *score_lsb = mean_of(margins_lsb, windows);
        return PAL_OK;
    case PAL_POOL_MEDIAN:
        *score_lsb = median_of(margins_lsb, windows);
        return PAL_OK;
    default:
        return PAL_FAULT_RANGE;
    }
}

static int fits(const pal_witness *witness)
{
    return witness->count <= PAL_MAX_WINDOWS && witness->next < PAL_MAX_WINDOWS;
}

pal_status pal_witness_add(pal_witness *witness, int16_t margin_lsb, uint8_t plausible,
                           uint32_t time_ms)
{
    if (witness == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (!fits(witness)) {
        return PAL_FAULT_RANGE;
    }
    witness->margins_lsb[witness->next] = margin_lsb;
    witness->plausible[witness->next] = plausible;
    witness->times_ms[witness->next] = time_ms;
    witness->next = (uint8_t)((witness->next + 1) % PAL_MAX_WINDOWS);
    witness->count = (uint8_t)(witness->count + (witness->count < PAL_MAX_WINDOWS));
    return PAL_OK;
}

/* What one modality says of the event that ends now. */
typedef struct {
    int32_t score_lsb;
    int fresh, works;
} said;

static pal_status hear(const pal_policy *policy, const pal_modality *modality,
                       pal_witness *witness, uint32_t now_ms, said *heard)
{
    if (!fits(witness)) {
        return PAL_FAULT_RANGE;
    }
    int16_t margins[PAL_MAX_WINDOWS];
    uint32_t windows = 0;
    heard->score_lsb = PAL_LOWEST_LSB;
    heard->fresh = 0;
    heard->works = 1;
    for (uint32_t back = witness->count; back > 0; back--) {
        const uint32_t place = (witness->next - back) % PAL_MAX_WINDOWS; /* which divides 2^32 */
        const uint32_t age_ms = now_ms - witness->times_ms[place];
        if (age_ms <= policy->window_ms) {
            margins[windows++] = witness->margins_lsb[place];
            heard->fresh |= age_ms <= modality->fresh_ms;
            heard->works &= witness->plausible[place] != 0;
        } else if (age_ms <= AHEAD && back == witness->count) {
            witness->count--; /* the oldest, which would be of a later event once time has wrapped */
        }
    }
    if (windows == 0) {
        return modality->pooling > PAL_POOL_MEDIAN ? PAL_FAULT_RANGE : PAL_OK;
    }
    return pal_pool(margins, windows, modality->pooling, &heard->score_lsb);
}

static void conclude(pal_agreement *agreement, int plausible, int fresh, int all)
{
    if (!plausible) {
        agreement->decision = PAL_FAULT;
        agreement->reason = PAL_REASON_IMPLAUSIBLE;
    } else if (!fresh) {
        agreement->decision = PAL_VERIFY;
        agreement->reason = PAL_REASON_NO_WITNESS;
    } else {
        agreement->decision = all ? PAL_ACCEPT : PAL_REJECT;
        agreement->reason = all ? PAL_REASON_NONE : PAL_REASON_BELOW;
    }
}

static pal_status fault(pal_agreement *agreement, pal_status status)
{
    const pal_agreement nothing = {{0}, PAL_FAULT, (uint8_t)pal_reason_of(status), 0, 0};
    *agreement = nothing;
    return status;
}

pal_status pal_agree(const pal_policy *policy, pal_witness *witnesses, uint32_t count,
                     uint32_t now_ms, pal_agreement *agreement)
{
    if (agreement == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    (void)fault(agreement, PAL_OK);
    if (policy == NULL || witnesses == NULL || policy->modalities == NULL) {
        return fault(agreement, PAL_FAULT_ARGUMENT);
    }
    if (count == 0 || count > PAL_MAX_MODALITIES || count != policy->count) {
        return fault(agreement, PAL_FAULT_LENGTH);
    }
    int plausible = 1, fresh = 1, all = 1;
    for (uint32_t i = 0; i < count; i++) {
        said heard;
        const pal_status status =
            hear(policy, &policy->modalities[i], &witnesses[i], now_ms, &heard);
        if (status != PAL_OK) {
            return fault(agreement, status);
        }
        const int works = heard.fresh & heard.works;
        const int agrees = works && heard.score_lsb >= policy->modalities[i].threshold_lsb;
        agreement->scores_lsb[i] = heard.score_lsb;
        agreement->works = (uint8_t)(agreement->works | (unsigned)works << i);
        agreement->agrees = (uint8_t)(agreement->agrees | (unsigned)agrees << i);
        plausible &= heard.works;
        fresh &= heard.fresh;
        all &= agrees;
    }
    conclude(agreement, plausible, fresh, all);
    return PAL_OK;
}
