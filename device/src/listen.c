#include "palisade/listen.h"

#include <stddef.h>

#include "dense.h"
#include "palisade/agreement.h"

static pal_status check_confirmer(const pal_listener *listener)
{
    const pal_confirmer *confirmer = listener->confirmer;
    if (confirmer == NULL) {
        return PAL_OK;
    }
    const pal_dense *hidden = &confirmer->hidden, *output = &confirmer->output;
    if (listener->confirmed_lsb == NULL || hidden->weights == NULL || hidden->biases == NULL ||
        output->weights == NULL || output->biases == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    const uint32_t inputs = (uint32_t)listener->context * listener->classes;
    if (inputs > PAL_MAX_HEARD || hidden->inputs != inputs || hidden->outputs == 0 ||
        hidden->outputs > PAL_MAX_HIDDEN || output->inputs != hidden->outputs ||
        output->outputs != listener->count + 1) {
        return PAL_FAULT_LENGTH;
    }
    const int fits =
        hidden->shift >= 1 && hidden->shift <= 62 && output->shift >= 1 && output->shift <= 62;
    return fits ? PAL_OK : PAL_FAULT_RANGE;
}

static pal_status check(const pal_listener *listener, const pal_heard *heard, const int8_t *logits,
                        uint32_t classes)
{
    if (listener == NULL || logits == NULL || listener->actions == NULL ||
        listener->thresholds_lsb == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (listener->classes < 2 || listener->classes > PAL_MAX_CLASSES ||
        classes != listener->classes) {
        return PAL_FAULT_LENGTH;
    }
    if (listener->count == 0 || listener->count > PAL_MAX_ACTIONS || listener->context == 0 ||
        listener->context > PAL_MAX_CONTEXT || listener->smoothed == 0 ||
        listener->smoothed > listener->context || heard->count > listener->context ||
        heard->next >= listener->context) {
        return PAL_FAULT_RANGE;
    }
    for (uint32_t i = 0; i < listener->count; i++) {
        if (listener->actions[i] >= classes) {
            return PAL_FAULT_RANGE;
        }
    }
    return check_confirmer(listener);
}

static void remember(const pal_listener *listener, pal_heard *heard, const int8_t *logits,
                     uint8_t accepted)
{
    int8_t *row = heard->logits + heard->next * PAL_MAX_CLASSES;
    for (uint32_t i = 0; i < listener->classes; i++) {
        row[i] = accepted ? logits[i] : INT8_MIN;
    }
    heard->accepted[heard->next] = accepted != 0;
    heard->next = (uint8_t)((heard->next + 1) % listener->context);
    heard->count = (uint8_t)(heard->count + (heard->count < listener->context));
}

/* Where the window that is `age` windows older than the last one lies; 0 is the last. */
static uint32_t place_of(const pal_listener *listener, const pal_heard *heard, uint32_t age)
{
    return (heard->next + 2u * listener->context - 1 - age) % listener->context;
}

static pal_status mean_margin(const pal_listener *listener, const pal_heard *heard, uint32_t action,
                              int32_t *mean_lsb)
{
    int16_t margins[PAL_MAX_CONTEXT];
    for (uint32_t age = 0; age < listener->smoothed; age++) {
        const uint32_t place = place_of(listener, heard, age);
        margins[age] = PAL_LOWEST_LSB;
        if (heard->accepted[place]) {
            const pal_status status = pal_accepted_margin(
                heard->logits + place * PAL_MAX_CLASSES, listener->classes,
                (uint32_t)1 << listener->actions[action], &margins[age]);
            if (status != PAL_OK) {
                return status;
            }
        }
    }
    return pal_pool(margins, listener->smoothed, PAL_POOL_MEAN, mean_lsb);
}

/* The confirmer's outputs for the last windows. */
static void confirm(const pal_listener *listener, const pal_heard *heard, int8_t *outputs)
{
    int8_t inputs[PAL_MAX_HEARD], hidden[PAL_MAX_HIDDEN];
    const pal_confirmer *confirmer = listener->confirmer;
    uint32_t at = 0;
    for (uint32_t age = listener->context; age-- > 0;) {
        const int8_t *row = heard->logits + place_of(listener, heard, age) * PAL_MAX_CLASSES;
        for (uint32_t i = 0; i < listener->classes; i++) {
            inputs[at++] = row[i];
        }
    }
    for (uint32_t i = 0; i < confirmer->hidden.outputs; i++) {
        hidden[i] = (int8_t)dense_output(&confirmer->hidden, inputs, i);
    }
    for (uint32_t i = 0; i < confirmer->output.outputs; i++) {
        outputs[i] = (int8_t)dense_output(&confirmer->output, hidden, i);
    }
}

/* The action that exceeds what decides by most, or PAL_NO_LABEL. */
static pal_status choose(const pal_listener *listener, const pal_heard *heard, uint8_t *action)
{
    int8_t outputs[PAL_MAX_ACTIONS + 1];
    if (listener->confirmer != NULL) {
        confirm(listener, heard, outputs);
    }
    int32_t most = -1;
    for (uint32_t i = 0; i < listener->count; i++) {
        int32_t mean_lsb = 0;
        pal_status status = mean_margin(listener, heard, i, &mean_lsb);
        int32_t excess = mean_lsb - listener->thresholds_lsb[i];
        if (status == PAL_OK && excess >= 0 && listener->confirmer != NULL) {
            int16_t score_lsb = PAL_LOWEST_LSB;
            status = pal_accepted_margin(outputs, listener->count + 1u, (uint32_t)1 << i,
                                         &score_lsb);
            excess = score_lsb - listener->confirmed_lsb[i];
        }
        if (status != PAL_OK) {
            return status;
        }
        if (excess > most) {
            most = excess;
            *action = (uint8_t)i;
        }
    }
    return PAL_OK;
}

pal_status pal_listen(const pal_listener *listener, pal_heard *heard, const int8_t *logits,
                      uint32_t classes, uint8_t accepted, uint8_t *action)
{
    if (action == NULL || heard == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    *action = PAL_NO_LABEL;
    const pal_heard nothing = {{0}, {0}, 0, 0, 0};
    pal_status status = check(listener, heard, logits, classes);
    if (status != PAL_OK) {
        *heard = nothing;
        return status;
    }
    remember(listener, heard, logits, accepted);
    if (heard->waiting > 0) {
        heard->waiting--;
        return PAL_OK;
    }
    if (heard->count < listener->context) {
        return PAL_OK;
    }
    status = choose(listener, heard, action);
    if (status != PAL_OK) {
        *heard = nothing;
        *action = PAL_NO_LABEL;
    } else if (*action != PAL_NO_LABEL) {
        heard->waiting = listener->refractory;
    }
    return status;
}
