#include "palisade/tree.h"

#include <stddef.h>

/* Where a walk stands: at an inner node, or, below 0, in a leaf. */
typedef int32_t place;

static pal_status check(const pal_tree *tree, const uint32_t *leaf)
{
    if (tree == NULL || leaf == NULL || tree->label == NULL || tree->plausible == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (tree->inner > 0 && (tree->feature == NULL || tree->threshold == NULL ||
                            tree->left == NULL || tree->right == NULL)) {
        return PAL_FAULT_ARGUMENT;
    }
    const int fits = tree->inner <= PAL_TREE_MAX_INNER && tree->leaves >= 1 &&
                     tree->leaves <= PAL_TREE_MAX_INNER + 1;
    return fits ? PAL_OK : PAL_FAULT_RANGE;
}

static place root(const pal_tree *tree)
{
    return tree->inner == 0 ? -1 : 0;
}

static place child(const pal_tree *tree, place node, int32_t value)
{
    return value <= tree->threshold[node] ? tree->left[node] : tree->right[node];
}

static pal_status arrive(const pal_tree *tree, place end, uint32_t *leaf)
{
    if (end >= 0 || -1 - end >= tree->leaves) {
        return PAL_FAULT_RANGE;
    }
    *leaf = (uint32_t)(-1 - end);
    return PAL_OK;
}

pal_status pal_tree_leaf(const pal_tree *tree, const int32_t *features, uint32_t count,
                         uint32_t *leaf)
{
    const pal_status status = check(tree, leaf);
    if (status != PAL_OK || features == NULL) {
        return status != PAL_OK ? status : PAL_FAULT_ARGUMENT;
    }
    place here = root(tree);
    for (uint32_t depth = 0; depth < PAL_TREE_MAX_DEPTH && here >= 0; depth++) {
        if (here >= tree->inner || tree->feature[here] >= count) {
            return PAL_FAULT_RANGE;
        }
        here = child(tree, here, features[tree->feature[here]]);
    }
    return arrive(tree, here, leaf);
}

pal_status pal_tree_leaf_of(const pal_tree *tree, const pal_engineered *table,
                            const int8_t *input, uint32_t count, uint32_t *leaf)
{
    pal_status status = check(tree, leaf);
    place here = status == PAL_OK ? root(tree) : -1;
    for (uint32_t depth = 0; depth < PAL_TREE_MAX_DEPTH && here >= 0; depth++) {
        int32_t value = 0;
        status = here >= tree->inner
                     ? PAL_FAULT_RANGE
                     : pal_engineered_one(table, input, count, tree->feature[here], &value);
        if (status != PAL_OK) {
            return status;
        }
        here = child(tree, here, value);
    }
    return status != PAL_OK ? status : arrive(tree, here, leaf);
}
