#include "palisade/autoencoder.h"

#include <stddef.h>

#include "dense.h"

static pal_status check(const pal_autoencoder *autoencoder, uint32_t width)
{
    const pal_dense *encoder = &autoencoder->encoder, *decoder = &autoencoder->decoder;
    if (encoder->weights == NULL || encoder->biases == NULL || decoder->weights == NULL ||
        decoder->biases == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (width == 0 || width > PAL_MAX_EMBEDDING || encoder->inputs != width ||
        decoder->outputs != width || encoder->outputs == 0 || encoder->outputs > PAL_MAX_HIDDEN ||
        decoder->inputs != encoder->outputs) {
        return PAL_FAULT_LENGTH;
    }
    const int fits = encoder->shift >= 1 && encoder->shift <= 62 && decoder->shift >= 1 &&
                     decoder->shift <= 62;
    return fits ? PAL_OK : PAL_FAULT_RANGE;
}

static void encode(const pal_dense *encoder, const int8_t *embedding, int8_t *hidden)
{
    for (uint32_t i = 0; i < encoder->outputs; i++) {
        hidden[i] = (int8_t)dense_output(encoder, embedding, i);
    }
}

pal_status pal_autoencoder_reconstruct(const pal_autoencoder *autoencoder, const int8_t *embedding,
                                       uint32_t width, int8_t *reconstruction)
{
    if (autoencoder == NULL || embedding == NULL || reconstruction == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    const pal_status status = check(autoencoder, width);
    if (status != PAL_OK) {
        return status;
    }
    int8_t hidden[PAL_MAX_HIDDEN];
    encode(&autoencoder->encoder, embedding, hidden);
    for (uint32_t i = 0; i < width; i++) {
        reconstruction[i] = (int8_t)dense_output(&autoencoder->decoder, hidden, i);
    }
    return PAL_OK;
}

pal_status pal_autoencoder_score(const pal_autoencoder *autoencoder, const int8_t *embedding,
                                 uint32_t width, int32_t *score)
{
    if (autoencoder == NULL || embedding == NULL || score == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    const pal_status status = check(autoencoder, width);
    if (status != PAL_OK) {
        return status;
    }
    int8_t hidden[PAL_MAX_HIDDEN];
    encode(&autoencoder->encoder, embedding, hidden);
    int32_t sum = 0;
    for (uint32_t i = 0; i < width; i++) {
        const int32_t error = embedding[i] - dense_output(&autoencoder->decoder, hidden, i);
        sum += error * error;
    }
    *score = sum;
    return PAL_OK;
}
