#include "palisade/step.h"

#include <stddef.h>

#include "palisade/margin.h"
#include "palisade/sha256.h"

enum { BEHIND = 0x7FFFFFFF }; /* more than this ahead, modulo 2^32, is behind */

static pal_status check(const pal_device *device, const pal_state *state)
{
    if (device == NULL || state == NULL || device->guard == NULL || device->model == NULL ||
        device->digest == NULL || device->prepare == NULL || device->invoke == NULL ||
        device->features == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    const int fits = device->feature_count != 0 && device->frame_samples != 0 &&
                     device->model_bytes != 0 &&
                     device->feature_count == pal_engineered_inputs(&device->guard->engineered);
    return fits ? PAL_OK : PAL_FAULT_LENGTH;
}

/* Nothing that was heard counts any more; what came last is still the last. */
static void forget(const pal_device *device, pal_state *state)
{
    (void)pal_history_clear(&state->history);
    if (device->reset != NULL) {
        device->reset(device->context);
    }
}

pal_status pal_boot(const pal_device *device, pal_state *state)
{
    if (state != NULL) {
        const pal_state nothing = {0, 0, 0, {{0}, 0, 0, 0}, 0};
        *state = nothing;
    }
    pal_status status = check(device, state);
    if (status != PAL_OK) {
        return status;
    }
    status = pal_attest(device->model, device->model_bytes, device->digest);
    if (status == PAL_OK) {
        forget(device, state);
        state->attested = PAL_ATTESTED;
    }
    return status;
}

/* Whether a frame continues the stream: PAL_REASON_NONE, or what is wrong. */
static pal_reason in_sequence(const pal_device *device, const pal_state *state,
                              const pal_frame *frame)
{
    if (device->now != NULL &&
        device->now(device->context) - frame->time_ms > device->largest_age_ms) {
        return PAL_REASON_STALE;
    }
    if (!state->started) {
        return PAL_REASON_NONE;
    }
    const uint32_t ahead = frame->sequence - state->sequence;
    const uint32_t passed_ms = frame->time_ms - state->time_ms;
    if (ahead == 0) {
        return PAL_REASON_REPLAYED;
    }
    if (ahead > BEHIND || passed_ms == 0 || passed_ms > BEHIND) {
        return PAL_REASON_STALE;
    }
    const int missing = ahead > device->largest_gap || passed_ms > device->largest_gap_ms;
    return missing ? PAL_REASON_GAP : PAL_REASON_NONE;
}

static void settle_on(pal_state *state, const pal_frame *frame)
{
    state->sequence = frame->sequence;
    state->time_ms = frame->time_ms;
    state->started = 1;
}

static pal_status fault(pal_verdict *verdict, pal_reason reason, pal_status status)
{
    const pal_verdict nothing = {
        {{0}, PAL_FAULT, (uint8_t)reason, PAL_NO_LABEL, 0},
        PAL_LOWEST_LSB,
        (uint8_t)status,
    };
    *verdict = nothing;
    return status;
}

/* A fault of the parts that the firmware supplies, which must not vouch for anything. The frame
 * has come, all the same: an older one does not count after it. */
static pal_status broken(const pal_device *device, pal_state *state, pal_verdict *verdict,
                         pal_reason reason, pal_status status)
{
    forget(device, state);
    return fault(verdict, reason, status);
}

static pal_status judge(const pal_device *device, pal_state *state, const pal_look *look,
                        const pal_outputs *outputs, pal_verdict *verdict)
{
    pal_judgement *judgement = &verdict->judgement;
    pal_status status = pal_guard_judge(device->guard, outputs, look, judgement);
    if (device->consistency != NULL) {
        const pal_status settled =
            pal_consistency_settle(device->consistency, &state->history, judgement);
        status = status == PAL_OK ? settled : status;
    }
    if (status == PAL_OK && device->accepted != 0 && judgement->decision == PAL_ACCEPT) {
        status = pal_accepted_margin(outputs->logits, outputs->classes, device->accepted,
                                     &verdict->action_lsb);
    }
    return status;
}

/* From a frame that is in sequence to a verdict. */
static pal_status infer(const pal_device *device, pal_state *state, const pal_frame *frame,
                        pal_verdict *verdict)
{
    uint8_t ready = 0;
    pal_status status = device->prepare(device->context, frame, device->features,
                                        device->feature_count, &ready);
    if (status != PAL_OK) {
        return broken(device, state, verdict, PAL_REASON_FRONT_END, status);
    }
    if (!ready) {
        verdict->judgement.decision = PAL_VERIFY;
        verdict->judgement.reason = PAL_REASON_FILLING;
        return PAL_OK;
    }
    pal_look look = {0, 0};
    pal_outputs outputs = {NULL, NULL, 0, 0};
    status = pal_guard_look(device->guard, device->features, device->feature_count, &look);
    if (status != PAL_OK) {
        return broken(device, state, verdict, pal_reason_of(status), status);
    }
    status = device->invoke(device->context, device->features, device->feature_count, &outputs);
    if (status != PAL_OK) {
        return broken(device, state, verdict, PAL_REASON_MODEL, status);
    }
    status = judge(device, state, &look, &outputs, verdict);
    return status == PAL_OK ? PAL_OK
                            : broken(device, state, verdict, pal_reason_of(status), status);
}

pal_status pal_step(const pal_device *device, pal_state *state, const pal_frame *frame,
                    pal_verdict *verdict)
{
    if (verdict == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    (void)fault(verdict, PAL_REASON_NONE, PAL_OK);
    const pal_status status = check(device, state);
    if (status != PAL_OK) {
        return fault(verdict, pal_reason_of(status), status);
    }
    if (state->attested != PAL_ATTESTED) {
        return fault(verdict, PAL_REASON_NOT_ATTESTED, PAL_FAULT_RANGE);
    }
    if (frame == NULL || frame->samples == NULL) {
        return fault(verdict, PAL_REASON_ARGUMENT, PAL_FAULT_ARGUMENT);
    }
    if (frame->count != device->frame_samples) {
        return fault(verdict, PAL_REASON_LENGTH, PAL_FAULT_LENGTH);
    }
    const pal_reason reason = in_sequence(device, state, frame);
    if (reason == PAL_REASON_GAP) {
        forget(device, state);
        settle_on(state, frame);
    }
    if (reason != PAL_REASON_NONE) {
        return fault(verdict, reason, PAL_FAULT_RANGE);
    }
    settle_on(state, frame);
    return infer(device, state, frame, verdict);
}
