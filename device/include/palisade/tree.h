/* A decision tree on integer features, its companionship to the network, and a bounded walk. */
#ifndef PALISADE_TREE_H
#define PALISADE_TREE_H

#include <stdint.h>

#include "palisade/engineered.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_TREE_MAX_DEPTH = 12, PAL_TREE_MAX_INNER = 4095 };

/* Inner node n sends feature[n] <= threshold[n] to left[n], all else to right[n]: as scikit-learn
 * does, whose thresholds are rounded down, which changes nothing for integers. A child of 0 or
 * more is an inner node, and one below 0 is leaf -1 - child. The root is node 0, or leaf 0 where
 * there is no inner node. */
typedef struct {
    const uint16_t *feature;  /* [inner] */
    const int32_t *threshold; /* [inner] */
    const int16_t *left;      /* [inner] */
    const int16_t *right;     /* [inner] */
    const uint8_t *label;     /* [leaves] the commonest class among a leaf's training examples */
    const uint32_t *plausible; /* [leaves] a bit for each label that the leaf lets pass */
    uint16_t inner;           /* 0 to PAL_TREE_MAX_INNER */
    uint16_t leaves;          /* 1 to PAL_TREE_MAX_INNER + 1 */
} pal_tree;

/* The leaf that `features[count]` come to.
 * PAL_FAULT_RANGE: a node, a leaf or a feature is not there, or the tree is deeper than
 * PAL_TREE_MAX_DEPTH. */
pal_status pal_tree_leaf(const pal_tree *tree, const int32_t *features, uint32_t count,
                         uint32_t *leaf);

/* The same straight from the network's input: only the features on the way are computed, at
 * most PAL_TREE_MAX_DEPTH of them, and none is stored. */
pal_status pal_tree_leaf_of(const pal_tree *tree, const pal_engineered *table,
                            const int8_t *input, uint32_t count, uint32_t *leaf);

#ifdef __cplusplus
}
#endif

#endif
