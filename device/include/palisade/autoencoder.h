/* A small int8 autoencoder: what it cannot reconstruct is unlike what it was trained on. */
#ifndef PALISADE_AUTOENCODER_H
#define PALISADE_AUTOENCODER_H

#include <stdint.h>

#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_MAX_EMBEDDING = 128, PAL_MAX_HIDDEN = 64 };

/* One dense layer. With a = biases[o] + sum over i of weights[o * inputs + i] * input[i], output
 * o is floor(a * multiplier / 2^shift + 1/2) + zero_point, kept in [lowest, 127]. The input's
 * zero point is in the biases. */
typedef struct {
    const int8_t *weights; /* [outputs * inputs], an output's weights side by side */
    const int32_t *biases; /* [outputs] */
    int32_t multiplier;
    uint8_t shift; /* 1 to 62 */
    int8_t zero_point;
    int8_t lowest; /* zero_point for a rectified layer, else -128 */
    uint8_t inputs;
    uint8_t outputs;
} pal_dense;

typedef struct {
    pal_dense encoder; /* 1 to PAL_MAX_EMBEDDING inputs, 1 to PAL_MAX_HIDDEN outputs */
    pal_dense decoder; /* the other way round; its output has the embedding's own scale */
} pal_autoencoder;

/* The embedding as the autoencoder gives it back, into `reconstruction[width]`.
 * PAL_FAULT_LENGTH: `width` or a layer's sizes do not fit; PAL_FAULT_RANGE: a shift does not. */
pal_status pal_autoencoder_reconstruct(const pal_autoencoder *autoencoder, const int8_t *embedding,
                                       uint32_t width, int8_t *reconstruction);

/* The sum of squared differences between the embedding and its reconstruction, in squared int8
 * steps of the embedding: 0 to 128 * 255^2; more is stranger. Statuses as above. */
pal_status pal_autoencoder_score(const pal_autoencoder *autoencoder, const int8_t *embedding,
                                 uint32_t width, int32_t *score);

#ifdef __cplusplus
}
#endif

#endif
