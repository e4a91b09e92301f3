/* The layout is described in payload.h. */
#include "palisade/payload.h"

#include <stddef.h>

#include "palisade/sha256.h"

enum {
    PAYLOAD_MAGIC = 0x504C4150, /* "PALP" */
    GUARD_MAGIC = 0x474C4150,   /* "PALG" */
    DIRECTORY = 32,
    ENTRY_BYTES = 48,
    DIGEST = 16, /* in an entry */
    WORD = 4,
    HAS_ENERGY = 1,
    HAS_AUTOENCODER = 2,
    HAS_TREE = 4,
    HAS_TEXTURE = 8,
    HAS_CONSISTENCY = 16,
    HAS_ANY = 31
};

static const uint32_t IMAGE_MAGIC = 0x96f3b83d; /* MCUboot's IMAGE_MAGIC */
enum { IMAGE_HEADER_BYTES = 32 };

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static uint16_t half_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[1] << 8 | bytes[0]);
}

/* Numbers from 128 are negative. */
static int8_t signed_byte(uint8_t byte)
{
    return (int8_t)(byte < 128 ? byte : byte - 256);
}

static int32_t signed_word(uint32_t word)
{
    return word < 0x80000000u ? (int32_t)word : -1 - (int32_t)(0xFFFFFFFFu - word);
}

static int aligned(const void *place, uint32_t bytes)
{
    return (uintptr_t)place % bytes == 0;
}

/* `bytes` up to the next multiple of a power of two; `bytes` is at most 2^32 - 1 less that. */
static uint32_t padded(uint32_t bytes, uint32_t multiple)
{
    return (bytes + multiple - 1) & ~(multiple - 1);
}

pal_status pal_image_payload(const uint8_t *slot, uint32_t slot_bytes, const uint8_t **payload,
                             uint32_t *bytes)
{
    if (slot == NULL || payload == NULL || bytes == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (slot_bytes < IMAGE_HEADER_BYTES) {
        return PAL_FAULT_LENGTH;
    }
    if (word_at(slot) != IMAGE_MAGIC) {
        return PAL_FAULT_RANGE;
    }
    const uint32_t header_bytes = half_at(slot + 8), image_bytes = word_at(slot + 12);
    if (header_bytes < IMAGE_HEADER_BYTES || header_bytes > slot_bytes ||
        image_bytes > slot_bytes - header_bytes) {
        return PAL_FAULT_LENGTH;
    }
    *payload = slot + header_bytes;
    *bytes = image_bytes;
    return PAL_OK;
}

static int is_task(const uint8_t *name, const char *task)
{
    uint32_t i = 0;
    while (i < PAL_TASK_BYTES - 1 && task[i] != 0) {
        if (name[i] != (uint8_t)task[i]) {
            return 0;
        }
        i++;
    }
    if (i == 0 || task[i] != 0) {
        return 0;
    }
    for (; i < PAL_TASK_BYTES; i++) {
        if (name[i] != 0) {
            return 0;
        }
    }
    return 1;
}

static int only_zeros(const uint8_t *from, uint32_t count)
{
    uint32_t any = 0;
    for (uint32_t i = 0; i < count; i++) {
        any |= from[i];
    }
    return any == 0;
}

/* One part, which has to begin at `*offset`; moves that to where the next one does. */
static pal_status find(const uint8_t *region, uint32_t bytes, uint32_t kind, uint32_t *offset,
                       pal_part *part)
{
    const uint8_t *entry = region + DIRECTORY + (kind - 1) * ENTRY_BYTES;
    const uint32_t length = word_at(entry + 8);
    if (word_at(entry) != kind || word_at(entry + 12) != 0) {
        return PAL_FAULT_RANGE;
    }
    if (word_at(entry + 4) != *offset || length == 0 || length > bytes - *offset) {
        return PAL_FAULT_LENGTH;
    }
    const uint32_t room = padded(length, PAL_PAYLOAD_ALIGNMENT);
    if (room > bytes - *offset) {
        return PAL_FAULT_LENGTH;
    }
    part->data = region + *offset;
    part->sha256 = entry + DIGEST;
    part->bytes = length;
    *offset += room;
    if (!only_zeros(part->data + length, room - length)) {
        return PAL_FAULT_RANGE;
    }
    return pal_attest(part->data, length, part->sha256);
}

static pal_status opened(const uint8_t *region, uint32_t bytes, pal_payload *payload)
{
    pal_part *const parts[PAL_PAYLOAD_PARTS] = {&payload->model, &payload->guard, &payload->labels};
    uint32_t offset = PAL_PAYLOAD_HEADER_BYTES;
    for (uint32_t i = 0; i < PAL_PAYLOAD_PARTS; i++) {
        const pal_status status = find(region, bytes, i + 1, &offset, parts[i]);
        if (status != PAL_OK) {
            return status;
        }
    }
    return offset == bytes ? PAL_OK : PAL_FAULT_LENGTH;
}

pal_status pal_payload_open(const uint8_t *region, uint32_t bytes, const char *task,
                            pal_payload *payload)
{
    static const pal_payload nothing = {{NULL, NULL, 0}, {NULL, NULL, 0}, {NULL, NULL, 0}};
    if (region == NULL || task == NULL || payload == NULL ||
        !aligned(region, PAL_PAYLOAD_ALIGNMENT)) {
        return PAL_FAULT_ARGUMENT;
    }
    *payload = nothing;
    /* A multiple of the alignment: then no sum of lengths below wraps around. */
    if (bytes < PAL_PAYLOAD_HEADER_BYTES || bytes % PAL_PAYLOAD_ALIGNMENT != 0) {
        return PAL_FAULT_LENGTH;
    }
    if (word_at(region) != PAYLOAD_MAGIC || word_at(region + 4) != PAL_PAYLOAD_LAYOUT ||
        word_at(region + 12) != PAL_PAYLOAD_PARTS || !is_task(region + 16, task)) {
        return PAL_FAULT_RANGE;
    }
    if (word_at(region + 8) != bytes) {
        return PAL_FAULT_LENGTH;
    }
    pal_payload found = nothing;
    const pal_status status = opened(region, bytes, &found);
    if (status == PAL_OK) {
        *payload = found;
    }
    return status;
}

/* Where the tables are read; `left` is a multiple of WORD. */
typedef struct {
    const uint8_t *at;
    uint32_t left;
    int short_of; /* whether more was asked for than there is */
} cursor;

/* The next `bytes` bytes and their padding, or NULL. */
static const uint8_t *take(cursor *in, uint32_t bytes)
{
    const uint32_t room = padded(bytes, WORD);
    if (room > in->left) {
        in->left = 0;
        in->short_of = 1;
        return NULL;
    }
    const uint8_t *found = in->at;
    in->at += room;
    in->left -= room;
    return found;
}

/* An array that stays where it is: NULL where it does not fit. */
static const void *array(cursor *in, uint32_t count, uint32_t width)
{
    return take(in, count * width);
}

static uint32_t word(cursor *in)
{
    const uint8_t *bytes = take(in, WORD);
    return bytes == NULL ? 0 : word_at(bytes);
}

static void take_layer(cursor *in, pal_dense *layer)
{
    layer->multiplier = signed_word(word(in));
    const uint32_t low = word(in), high = word(in);
    layer->shift = (uint8_t)low;
    layer->zero_point = signed_byte((uint8_t)(low >> 8));
    layer->lowest = signed_byte((uint8_t)(low >> 16));
    layer->inputs = (uint8_t)(low >> 24);
    layer->outputs = (uint8_t)high;
    layer->weights = array(in, (uint32_t)layer->outputs * layer->inputs, sizeof(int8_t));
    layer->biases = array(in, layer->outputs, sizeof(int32_t));
}

static void take_tree(cursor *in, pal_tree *tree)
{
    const uint32_t sizes = word(in);
    tree->inner = (uint16_t)sizes;
    tree->leaves = (uint16_t)(sizes >> 16);
    tree->feature = array(in, tree->inner, sizeof(uint16_t));
    tree->threshold = array(in, tree->inner, sizeof(int32_t));
    tree->left = array(in, tree->inner, sizeof(int16_t));
    tree->right = array(in, tree->inner, sizeof(int16_t));
    tree->label = array(in, tree->leaves, sizeof(uint8_t));
    tree->plausible = array(in, tree->leaves, sizeof(uint32_t));
}

static void take_texture(cursor *in, pal_texture *texture)
{
    const uint32_t sizes = word(in), count = sizes & 0xFFFF;
    texture->count = (uint16_t)count;
    texture->octaves = (uint8_t)(sizes >> 16);
    texture->stride = (uint8_t)(sizes >> 24);
    /* A count that is too large would make a product that wraps around; the guard refuses it. */
    const uint32_t kept = count <= PAL_MAX_TEXTURE ? count : 0;
    texture->means_q8 = array(in, kept, sizeof(int32_t));
    texture->weights = array(in, kept * (kept + 1) / 2, sizeof(int16_t));
    texture->shifts = array(in, kept, sizeof(uint8_t));
}

/* The form of the input, the sizes, and the limits. */
static pal_status take_form(cursor *in, pal_guard_memory *memory)
{
    const uint32_t first = word(in), second = word(in), third = word(in);
    const pal_engineered form = {(uint16_t)first, (uint16_t)(first >> 16), (uint16_t)second,
                                 (uint16_t)(second >> 16), (uint16_t)third};
    memory->guard.engineered = form;
    memory->guard.classes = (uint8_t)(third >> 16);
    memory->guard.embedding = (uint8_t)(third >> 24);
    for (uint32_t i = 0; i < PAL_SIGNALS; i++) {
        memory->limits[i].threshold = signed_word(word(in));
        const uint32_t kind = word(in);
        if (kind > PAL_LIMIT_AT_MOST) {
            return PAL_FAULT_RANGE;
        }
        memory->limits[i].kind = (uint8_t)kind;
    }
    memory->guard.limits = memory->limits;
    return PAL_OK;
}

static void take_tables(cursor *in, uint32_t tables, pal_guard_memory *memory)
{
    if (tables & HAS_ENERGY) {
        memory->energy.octave_q8 = word(in);
        memory->energy.exp_q24 = array(in, PAL_ENERGY_STEPS, sizeof(uint32_t));
        memory->guard.energy = &memory->energy;
    }
    if (tables & HAS_AUTOENCODER) {
        take_layer(in, &memory->autoencoder.encoder);
        take_layer(in, &memory->autoencoder.decoder);
        memory->guard.autoencoder = &memory->autoencoder;
    }
    if (tables & HAS_TREE) {
        take_tree(in, &memory->tree);
        memory->guard.tree = &memory->tree;
    }
    if (tables & HAS_TEXTURE) {
        take_texture(in, &memory->texture);
        memory->guard.texture = &memory->texture;
    }
    if (tables & HAS_CONSISTENCY) {
        const uint32_t numbers = word(in);
        memory->consistency.window = (uint8_t)numbers;
        memory->consistency.needed = (uint8_t)(numbers >> 8);
        memory->consistency.forget_after = (uint8_t)(numbers >> 16);
        memory->settles = 1;
    }
}

static void clear(pal_guard_memory *memory)
{
    static const pal_guard_memory nothing = {
        {NULL, NULL, NULL, NULL, NULL, {0, 0, 0, 0, 0}, 0, 0},
        {{0, 0}},
        {NULL, 0},
        {{NULL, NULL, 0, 0, 0, 0, 0, 0}, {NULL, NULL, 0, 0, 0, 0, 0, 0}},
        {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0},
        {NULL, NULL, NULL, 0, 0, 0},
        {0, 0, 0},
        0,
    };
    *memory = nothing;
}

static int little_endian(void)
{
    const uint32_t one = 1;
    return *(const uint8_t *)&one == 1;
}

pal_status pal_payload_guard(const pal_part *tables, pal_guard_memory *memory)
{
    if (memory == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    clear(memory);
    if (tables == NULL || tables->data == NULL || !aligned(tables->data, WORD) ||
        !little_endian()) {
        return PAL_FAULT_ARGUMENT;
    }
    if (tables->bytes % WORD != 0) {
        return PAL_FAULT_LENGTH;
    }
    cursor in = {tables->data, tables->bytes, 0};
    const uint32_t magic = word(&in), which = word(&in);
    if (magic != GUARD_MAGIC || which > HAS_ANY) {
        return PAL_FAULT_RANGE;
    }
    const pal_status status = take_form(&in, memory);
    take_tables(&in, which, memory);
    if (status == PAL_OK && !in.short_of && in.left == 0) {
        return PAL_OK;
    }
    clear(memory);
    return status == PAL_OK ? PAL_FAULT_LENGTH : status;
}
