/* How much evidence the logits hold in all: a log-sum-exp in fixed point.
 *
 * Liu et al., Energy-based Out-of-distribution Detection, arXiv:2010.03759: inputs unlike those
 * trained on tend to have a small log-sum-exp, that is, a high energy. This is the log-sum-exp,
 * so less is stranger. */
#ifndef PALISADE_ENERGY_H
#define PALISADE_ENERGY_H

#include <stdint.h>

#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_ENERGY_STEPS = 256 };

typedef struct {
    /* exp(-s * i) * 2^24, rounded, for i = 0 to 255, where s is the logits' int8 scale over the
     * temperature; the first is 2^24. */
    const uint32_t *exp_q24;
    /* ln(2) / s * 2^8, rounded: a doubling of the sum in 1/256 steps of the logits; 1 to 2^24. */
    uint32_t octave_q8;
} pal_energy;

/* Temperature times the log-sum-exp of `classes` logits (2 to PAL_MAX_CLASSES), in 1/256 steps of
 * the logits' int8 scale, the zero point not taken off: at least 256 times the largest logit.
 * PAL_FAULT_RANGE: the table does not begin with 2^24, or an octave is out of range. */
pal_status pal_energy_score(const pal_energy *energy, const int8_t *logits, uint32_t classes,
                            int32_t *score_q8);

#ifdef __cplusplus
}
#endif

#endif
