/* The guard on one inference: whether the network's answer can be believed. */
#ifndef PALISADE_GUARD_H
#define PALISADE_GUARD_H

#include <stdint.h>

#include "palisade/autoencoder.h"
#include "palisade/energy.h"
#include "palisade/engineered.h"
#include "palisade/margin.h"
#include "palisade/status.h"
#include "palisade/texture.h"
#include "palisade/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to do with an answer. Memory of zeros is a fault and opens no door. */
typedef enum {
    PAL_FAULT = 0, /* nothing can be said */
    PAL_REJECT,    /* do not believe it */
    PAL_VERIFY,    /* wait for more, or ask again */
    PAL_ACCEPT
} pal_decision;

/* Why; for PAL_ACCEPT it is PAL_REASON_NONE. */
typedef enum {
    PAL_REASON_NONE = 0,
    PAL_REASON_MARGIN,       /* reject: the first choice leads by too little */
    PAL_REASON_ENERGY,       /* reject: too little evidence in all */
    PAL_REASON_AUTOENCODER,  /* reject: the embedding is unlike those of training */
    PAL_REASON_TREE,         /* reject: the companion tree finds the label implausible */
    PAL_REASON_TEXTURE,      /* reject: the input changes unlike those of training */
    PAL_REASON_FLIP,         /* verify: the label changed within the last inferences */
    PAL_REASON_UNSETTLED,    /* verify: too few inferences have said the same so far */
    PAL_REASON_FILLING,      /* verify: the front end has not heard a whole window yet */
    PAL_REASON_BELOW,        /* reject: a modality's score is below its threshold */
    PAL_REASON_NO_WITNESS,   /* verify: a modality has nothing fresh to say */
    PAL_REASON_IMPLAUSIBLE,  /* fault: a sensor seems not to work */
    PAL_REASON_ARGUMENT,     /* fault: a NULL */
    PAL_REASON_LENGTH,       /* fault: a size that does not fit */
    PAL_REASON_VALUE,        /* fault: not finite, or a table out of its range */
    PAL_REASON_NOT_ATTESTED, /* fault: the model was not found to be the one released */
    PAL_REASON_REPLAYED,     /* fault: the last frame's sequence number again */
    PAL_REASON_STALE,        /* fault: an older frame, or one that took too long */
    PAL_REASON_GAP,          /* fault: frames are missing */
    PAL_REASON_FRONT_END,    /* fault: the front end failed */
    PAL_REASON_MODEL         /* fault: the model failed */
} pal_reason;

/* The signals, in the order in which they give the reason. */
typedef enum {
    PAL_SIGNAL_MARGIN = 0,  /* int8 steps, see margin.h */
    PAL_SIGNAL_ENERGY,      /* 1/256 int8 steps, see energy.h */
    PAL_SIGNAL_AUTOENCODER, /* squared int8 steps, see autoencoder.h */
    PAL_SIGNAL_TREE,        /* 1 if the leaf finds the label plausible, else 0 */
    PAL_SIGNAL_TEXTURE,     /* 1/256 of a variance, see texture.h */
    PAL_SIGNALS
} pal_signal;

typedef enum {
    PAL_LIMIT_OFF = 0, /* the signal is computed and rejects nothing */
    PAL_LIMIT_AT_LEAST, /* rejects scores below the threshold */
    PAL_LIMIT_AT_MOST  /* rejects scores above it */
} pal_limit_kind;

typedef struct {
    int32_t threshold;
    uint8_t kind; /* pal_limit_kind; any other value rejects everything */
} pal_limit;

/* A task's guard: data alone, made by the pipeline. A signal without a table scores 0 and rejects
 * nothing. */
typedef struct {
    const pal_limit *limits;            /* [PAL_SIGNALS], by pal_signal */
    const pal_energy *energy;           /* or NULL */
    const pal_autoencoder *autoencoder; /* or NULL */
    const pal_tree *tree;               /* or NULL */
    const pal_texture *texture;         /* or NULL */
    pal_engineered engineered;          /* the form of the network's input, and the tree's grid */
    uint8_t classes;                    /* 2 to PAL_MAX_CLASSES */
    uint8_t embedding;                  /* width, 1 to PAL_MAX_EMBEDDING */
} pal_guard;

/* What a network said, where it said it. */
typedef struct {
    const int8_t *logits; /* [classes] */
    const int8_t *embedding; /* [width] */
    uint32_t classes;
    uint32_t width;
} pal_outputs;

typedef struct {
    int32_t scores[PAL_SIGNALS]; /* by pal_signal */
    uint8_t decision;  /* pal_decision */
    uint8_t reason;    /* pal_reason: the first signal that rejects */
    uint8_t label;     /* the network's first choice, or PAL_NO_LABEL */
    uint8_t rejected;  /* a bit for each signal that rejects: 1 << pal_signal */
} pal_judgement;

/* What the guard sees in the network's input. */
typedef struct {
    uint32_t plausible; /* a bit for each label that the companion tree finds plausible; all bits
                         * if the guard has no tree */
    int32_t texture;    /* its score; 0 if the guard has no table of it */
} pal_look;

/* Looks at the network's input. Ask before the network runs, as an interpreter may reuse the
 * input's memory.
 * PAL_FAULT_LENGTH: `count` is not the input's; PAL_FAULT_RANGE: a table is out of its range. */
pal_status pal_guard_look(const pal_guard *guard, const int8_t *features, uint32_t count,
                          pal_look *look);

/* Judges one answer. Whatever comes back but PAL_OK, the judgement is PAL_FAULT. */
pal_status pal_guard_judge(const pal_guard *guard, const pal_outputs *outputs,
                           const pal_look *look, pal_judgement *judgement);

/* Both at once, for `n` inferences; for the host, of no use on a microcontroller, whose linker
 * leaves it out. `logits[n * classes]`, `embeddings[n * embedding]`, `features[n * count]`. */
pal_status pal_guard_judge_many(const pal_guard *guard, uint32_t n, const int8_t *logits,
                                const int8_t *embeddings, const int8_t *features, uint32_t count,
                                pal_judgement *judgements);

/* The reason that goes with a status. */
pal_reason pal_reason_of(pal_status status);

#ifdef __cplusplus
}
#endif

#endif
