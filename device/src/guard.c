#include "palisade/guard.h"

#include <stddef.h>

static const uint8_t REASONS[PAL_SIGNALS] = {
    PAL_REASON_MARGIN,
    PAL_REASON_ENERGY,
    PAL_REASON_AUTOENCODER,
    PAL_REASON_TREE,
    PAL_REASON_TEXTURE,
};

pal_reason pal_reason_of(pal_status status)
{
    switch (status) {
    case PAL_OK:
        return PAL_REASON_NONE;
    case PAL_FAULT_ARGUMENT:
        return PAL_REASON_ARGUMENT;
    case PAL_FAULT_LENGTH:
        return PAL_REASON_LENGTH;
    default:
        return PAL_REASON_VALUE;
    }
}

static pal_status fault(pal_judgement *judgement, pal_status status)
{
    const pal_judgement nothing = {
        {0}, PAL_FAULT, (uint8_t)pal_reason_of(status), PAL_NO_LABEL, 0,
    };
    *judgement = nothing;
    return status;
}

pal_status pal_guard_look(const pal_guard *guard, const int8_t *features, uint32_t count,
                          pal_look *look)
{
    if (guard == NULL || features == NULL || look == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (count == 0 || count != pal_engineered_inputs(&guard->engineered)) {
        return PAL_FAULT_LENGTH;
    }
    pal_look found = {UINT32_MAX, 0};
    pal_status status = PAL_OK;
    if (guard->tree != NULL) {
        uint32_t leaf = 0;
        status = pal_tree_leaf_of(guard->tree, &guard->engineered, features, count, &leaf);
        found.plausible = status == PAL_OK ? guard->tree->plausible[leaf] : 0;
    }
    if (status == PAL_OK && guard->texture != NULL) {
        status = pal_texture_score(guard->texture, &guard->engineered, features, count,
                                   &found.texture);
    }
    if (status == PAL_OK) {
        *look = found;
    }
    return status;
}

static int rejects(const pal_limit *limit, int32_t score)
{
    switch (limit->kind) {
    case PAL_LIMIT_OFF:
        return 0;
    case PAL_LIMIT_AT_LEAST:
        return score < limit->threshold;
    case PAL_LIMIT_AT_MOST:
        return score > limit->threshold;
    default:
        return 1;
    }
}

static int has(const pal_guard *guard, uint32_t signal)
{
    switch (signal) {
    case PAL_SIGNAL_ENERGY:
        return guard->energy != NULL;
    case PAL_SIGNAL_AUTOENCODER:
        return guard->autoencoder != NULL;
    case PAL_SIGNAL_TREE:
        return guard->tree != NULL;
    case PAL_SIGNAL_TEXTURE:
        return guard->texture != NULL;
    default:
        return 1;
    }
}

/* Scores of all signals, and the label. */
static pal_status score(const pal_guard *guard, const pal_outputs *outputs, const pal_look *look,
                        pal_judgement *judgement)
{
    pal_top top;
    int32_t *scores = judgement->scores;
    pal_status status = pal_margin(outputs->logits, outputs->classes, &top);
    if (status != PAL_OK) {
        return status;
    }
    judgement->label = top.label;
    scores[PAL_SIGNAL_MARGIN] = top.margin_lsb;
    if (guard->energy != NULL) {
        status = pal_energy_score(guard->energy, outputs->logits, outputs->classes,
                                  &scores[PAL_SIGNAL_ENERGY]);
    }
    if (status == PAL_OK && guard->autoencoder != NULL) {
        status = pal_autoencoder_score(guard->autoencoder, outputs->embedding, outputs->width,
                                       &scores[PAL_SIGNAL_AUTOENCODER]);
    }
    if (guard->tree != NULL) {
        scores[PAL_SIGNAL_TREE] = (int32_t)((look->plausible >> top.label) & 1u);
    }
    if (guard->texture != NULL) {
        scores[PAL_SIGNAL_TEXTURE] = look->texture;
    }
    return status;
}

static void decide(const pal_guard *guard, pal_judgement *judgement)
{
    uint8_t reason = PAL_REASON_NONE;
    for (uint32_t signal = 0; signal < PAL_SIGNALS; signal++) {
        if (has(guard, signal) && rejects(&guard->limits[signal], judgement->scores[signal])) {
            judgement->rejected = (uint8_t)(judgement->rejected | (1u << signal));
            reason = reason == PAL_REASON_NONE ? REASONS[signal] : reason;
        }
    }
    judgement->reason = reason;
    judgement->decision = reason == PAL_REASON_NONE ? PAL_ACCEPT : PAL_REJECT;
}

pal_status pal_guard_judge(const pal_guard *guard, const pal_outputs *outputs,
                           const pal_look *look, pal_judgement *judgement)
{
    if (judgement == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    (void)fault(judgement, PAL_OK);
    if (guard == NULL || guard->limits == NULL || outputs == NULL || outputs->logits == NULL ||
        outputs->embedding == NULL || look == NULL) {
        return fault(judgement, PAL_FAULT_ARGUMENT);
    }
    if (outputs->classes != guard->classes || outputs->width != guard->embedding) {
        return fault(judgement, PAL_FAULT_LENGTH);
    }
    const pal_status status = score(guard, outputs, look, judgement);
    if (status != PAL_OK) {
        return fault(judgement, status);
    }
    decide(guard, judgement);
    return PAL_OK;
}

pal_status pal_guard_judge_many(const pal_guard *guard, uint32_t n, const int8_t *logits,
                                const int8_t *embeddings, const int8_t *features, uint32_t count,
                                pal_judgement *judgements)
{
    if (guard == NULL || logits == NULL || embeddings == NULL || features == NULL ||
        judgements == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    pal_status worst = PAL_OK;
    for (size_t i = 0; i < n; i++) {
        const pal_outputs outputs = {logits + i * guard->classes, embeddings + i * guard->embedding,
                                     guard->classes, guard->embedding};
        pal_look look = {0, 0};
        pal_status status = pal_guard_look(guard, features + i * count, count, &look);
        status = status == PAL_OK ? pal_guard_judge(guard, &outputs, &look, &judgements[i])
                                  : fault(&judgements[i], status);
        worst = status == PAL_OK ? worst : status;
    }
    return worst;
}
