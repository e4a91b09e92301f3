/* A task's payload: model, guard tables and labels as one region of flash that is updated as one.
 *
 * Everything is little-endian, and the region begins at a multiple of PAL_PAYLOAD_ALIGNMENT:
 *
 *     0    "PALP"
 *     4    uint32  layout, PAL_PAYLOAD_LAYOUT
 *     8    uint32  bytes of the whole payload
 *     12   uint32  parts, PAL_PAYLOAD_PARTS
 *     16   char    task[PAL_TASK_BYTES], the rest zeros; at least one
 *     32   for each part, in the order of pal_payload_kind:
 *          uint32 kind, uint32 offset, uint32 bytes, uint32 0, uint8 sha256[32]
 *     176  the model, the guard tables, the labels, each padded with zeros to a multiple of
 *          PAL_PAYLOAD_ALIGNMENT
 *
 * Labels are UTF-8, each with a line feed after it, in the order of the logits. The guard tables
 * are, with each array padded with zeros to a multiple of 4:
 *
 *     uint32 "PALG"; uint32 tables, a bit each: 1 energy, 2 autoencoder, 4 tree, 8 texture,
 *         16 consistency; tables that are not there are left out
 *     uint16 height, width, channels, rows, columns; uint8 classes, embedding
 *     for each pal_signal: int32 threshold, uint32 kind
 *     energy: uint32 octave_q8, exp_q24[PAL_ENERGY_STEPS]
 *     autoencoder, the encoder and then the decoder: int32 multiplier; uint8 shift; int8 zero_point,
 *         lowest; uint8 inputs, outputs, 0, 0, 0; int8 weights[outputs * inputs];
 *         int32 biases[outputs]
 *     tree: uint16 inner, leaves, feature[inner]; int32 threshold[inner]; int16 left[inner],
 *         right[inner]; uint8 label[leaves]; uint32 plausible[leaves]
 *     texture: uint16 count; uint8 octaves, stride; int32 means_q8[count];
 *         int16 weights[count * (count + 1) / 2]; uint8 shifts[count]
 *     consistency: uint8 window, needed, forget_after, 0 */
#ifndef PALISADE_PAYLOAD_H
#define PALISADE_PAYLOAD_H

#include <stdint.h>

#include "palisade/consistency.h"
#include "palisade/guard.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PAL_PAYLOAD_LAYOUT = 1,
    PAL_PAYLOAD_PARTS = 3,
    PAL_PAYLOAD_ALIGNMENT = 16, /* what TensorFlow Lite Micro asks of a model */
    PAL_PAYLOAD_HEADER_BYTES = 176,
    PAL_TASK_BYTES = 16
};

typedef enum {
    PAL_PART_MODEL = 1, /* a TensorFlow Lite model */
    PAL_PART_GUARD,
    PAL_PART_LABELS
} pal_payload_kind;

/* Where it lies, and its SHA-256 (32 bytes) as the header has it. */
typedef struct {
    const uint8_t *data;
    const uint8_t *sha256;
    uint32_t bytes;
} pal_part;

typedef struct {
    pal_part model;
    pal_part guard;
    pal_part labels;
} pal_payload;

/* Memory for a guard whose arrays stay in the payload. */
typedef struct {
    pal_guard guard;
    pal_limit limits[PAL_SIGNALS];
    pal_energy energy;
    pal_autoencoder autoencoder;
    pal_tree tree;
    pal_texture texture;
    pal_consistency consistency;
    uint8_t settles; /* whether there is a consistency */
} pal_guard_memory;

/* Where the payload of a slot's MCUboot image lies, and its length. The bootloader has checked the
 * image's signature; this looks at its header alone.
 * PAL_FAULT_RANGE: there is no image; PAL_FAULT_LENGTH: it does not fit in the slot. */
pal_status pal_image_payload(const uint8_t *slot, uint32_t slot_bytes, const uint8_t **payload,
                             uint32_t *bytes);

/* Finds the parts of a payload of `bytes` bytes for the task of that name, and hashes each one.
 * The digests are those that whoever signed the image signed with it.
 * PAL_FAULT_ARGUMENT: a NULL, or the region is misaligned; PAL_FAULT_LENGTH: the lengths do not fit
 * each other; PAL_FAULT_RANGE: it is no payload, one of another task, or a part's digest is not the
 * header's. */
pal_status pal_payload_open(const uint8_t *region, uint32_t bytes, const char *task,
                            pal_payload *payload);

/* Fills `memory` with a guard whose arrays stay where they are.
 * PAL_FAULT_ARGUMENT: a NULL, misaligned, or the processor is big-endian; PAL_FAULT_LENGTH: the
 * tables end too early or too late; PAL_FAULT_RANGE: these are no guard tables. */
pal_status pal_payload_guard(const pal_part *tables, pal_guard_memory *memory);

#ifdef __cplusplus
}
#endif

#endif
