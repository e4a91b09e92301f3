/* Features that owe nothing to the network: sums and differences of its input, block by block. */
#ifndef PALISADE_ENGINEERED_H
#define PALISADE_ENGINEERED_H

#include <stdint.h>

#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Elements of an input. 255 times this is below 2^24: each feature is exact in float32,
     * which is what scikit-learn holds them in. */
    PAL_MAX_INPUT = 65536,
    PAL_MAX_FEATURES = 4096
};

/* What is taken of a block, in this order. */
typedef enum {
    PAL_FEATURE_SUM = 0,
    PAL_FEATURE_DOWN,    /* sum of |x - the element in the row before| */
    PAL_FEATURE_ACROSS,  /* sum of |x - the element in the column before| */
    PAL_FEATURE_LOWEST,
    PAL_FEATURE_HIGHEST,
    PAL_FEATURE_KINDS
} pal_feature_kind;

/* The network's input, [height, width, channels], and a grid over it. Block (r, c) has rows
 * r * height / rows up to and without (r + 1) * height / rows, rounded down, and columns alike.
 * Feature ((r * columns + c) * channels + channel) * PAL_FEATURE_KINDS + kind is of that block and
 * one channel. A difference counts for the block of the later element, so that each pair of
 * neighbours counts once; the input's first row and column have none before them. */
typedef struct {
    uint16_t height;
    uint16_t width;
    uint16_t channels;
    uint16_t rows;    /* 1 to height */
    uint16_t columns; /* 1 to width */
} pal_engineered;

/* How many elements the input has, or 0 if the sizes are out of range. */
uint32_t pal_engineered_inputs(const pal_engineered *table);

/* How many features there are, or 0 if the sizes are out of range. */
uint32_t pal_engineered_features(const pal_engineered *table);

/* One feature of an input of `count` elements.
 * PAL_FAULT_LENGTH: the input does not have the table's size, or the table none in range;
 * PAL_FAULT_RANGE: there is no such feature. */
pal_status pal_engineered_one(const pal_engineered *table, const int8_t *input, uint32_t count,
                              uint32_t feature, int32_t *value);

/* All features, into `values[features]`, where `features` has to be their number. */
pal_status pal_engineered_all(const pal_engineered *table, const int8_t *input, uint32_t count,
                              int32_t *values, uint32_t features);

#ifdef __cplusplus
}
#endif

#endif
