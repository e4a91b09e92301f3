/* One output of a dense layer; for the sources of this folder alone. */
#ifndef PALISADE_DENSE_H
#define PALISADE_DENSE_H

#include "palisade/autoencoder.h"
#include "shift.h"

/* A sum of 255 products stays below 2^22 + 2^31, and times 2^31 below 2^63. */
static inline int32_t dense_output(const pal_dense *layer, const int8_t *input, uint32_t output)
{
    const int8_t *weights = layer->weights + output * layer->inputs;
    int32_t sum = 0;
    for (uint32_t i = 0; i < layer->inputs; i++) {
        sum += weights[i] * input[i];
    }
    const int64_t product = ((int64_t)sum + layer->biases[output]) * layer->multiplier;
    const int64_t half = (int64_t)1 << (layer->shift - 1u);
    const int64_t value = floor_shift(product + half, layer->shift) + layer->zero_point;
    if (value < layer->lowest) {
        return layer->lowest;
    }
    return value > INT8_MAX ? INT8_MAX : (int32_t)value;
}

#endif
