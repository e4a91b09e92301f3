/* Feeds the guard tables, memory and frames made of arbitrary bytes, and holds what comes out
 * against what the headers promise.
 *
 * Every table lies in memory of exactly its stated size, so that a sanitizer sees a read past
 * its end. Most parts are sound most of the time, since a table that is refused at once hides
 * the code behind it.
 *
 *     clang -g -fsanitize=fuzzer,address,undefined ... fuzz_step.c       libFuzzer
 *     gcc -g -fsanitize=address,undefined ... fuzz_step.c random_bytes.c  any compiler */
#include <stdlib.h>
#include <string.h>

#include "fuzz_step.h"
#include "palisade/agreement.h"
#include "palisade/listen.h"
#include "palisade/sha256.h"
#include "palisade/step.h"

enum { MOST_BLOCKS = 32, MOST_FRAMES = 24 };

uint64_t fuzz_reasons[PAL_REASON_MODEL + 1];
uint64_t fuzz_heard;

/* Bytes that run out: then come zeros, which mean something sound. */
typedef struct {
    const uint8_t *at;
    size_t left;
    void *blocks[MOST_BLOCKS];
    size_t count;
    pal_guard guard;
    int8_t *logits, *embedding; /* as the network gives them, in memory of their size */
} bytes;

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static uint8_t byte(bytes *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->at++;
}

static uint32_t word(bytes *in)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++) {
        value = value << 8 | byte(in); /* one a statement: C leaves the order of operands open */
    }
    return value;
}

static int rarely(bytes *in)
{
    return byte(in) >= 250;
}

/* `sound`, or now and then something near it, or anything. */
static uint32_t mostly(bytes *in, uint32_t sound)
{
    if (!rarely(in)) {
        return sound;
    }
    const uint32_t near = byte(in) % 8u;
    return near < 5 ? sound + near - 2 : word(in);
}

/* Memory of `size` arbitrary bytes, or now and then none. */
static void *block(bytes *in, size_t size)
{
    require(in->count < MOST_BLOCKS);
    uint8_t *memory = malloc(size > 0 ? size : 1);
    require(memory != NULL);
    uint32_t noise = word(in) | 1;
    for (size_t i = 0; i < size; i++) {
        noise = noise * 1664525u + 1013904223u; /* Knuth, The Art of Computer Programming, 3.3.4 */
        memory[i] = (uint8_t)(noise >> 24);
    }
    in->blocks[in->count++] = memory;
    return memory;
}

static void *maybe(bytes *in, void *memory)
{
    return rarely(in) ? NULL : memory;
}

static const pal_energy *energy(bytes *in)
{
    pal_energy *table = block(in, sizeof *table);
    uint32_t *exponentials = block(in, PAL_ENERGY_STEPS * sizeof *exponentials);
    exponentials[0] = mostly(in, 1u << 24);
    table->exp_q24 = maybe(in, exponentials);
    table->octave_q8 = mostly(in, 1 + word(in) % (1u << 24));
    return maybe(in, table);
}

static void dense(bytes *in, pal_dense *layer, uint32_t inputs, uint32_t outputs)
{
    layer->weights = maybe(in, block(in, (size_t)inputs * outputs));
    layer->biases = maybe(in, block(in, outputs * sizeof(int32_t)));
    layer->multiplier = (int32_t)word(in);
    layer->shift = (uint8_t)mostly(in, 1u + byte(in) % 62u);
    layer->zero_point = (int8_t)byte(in);
    layer->lowest = (int8_t)byte(in);
    layer->inputs = (uint8_t)inputs;
    layer->outputs = (uint8_t)outputs;
}

static const pal_autoencoder *autoencoder(bytes *in, uint32_t width)
{
    pal_autoencoder *table = block(in, sizeof *table);
    const uint32_t hidden = (uint8_t)mostly(in, 1u + byte(in) % PAL_MAX_HIDDEN);
    dense(in, &table->encoder, (uint8_t)mostly(in, width), hidden);
    const uint32_t inputs = (uint8_t)mostly(in, hidden);
    dense(in, &table->decoder, inputs, (uint8_t)mostly(in, width));
    return maybe(in, table);
}

/* Children mostly lie ahead of their node, so that walks end; in a wild tree they go anywhere, and
 * just past the last node or leaf. */
static const pal_tree *tree(bytes *in, uint32_t features)
{
    pal_tree *table = block(in, sizeof *table);
    const uint32_t inner = byte(in) % 12u, leaves = inner + 1;
    uint16_t *feature = block(in, inner * sizeof *feature);
    int32_t *threshold = block(in, inner * sizeof *threshold);
    int16_t *left = block(in, inner * sizeof *left), *right = block(in, inner * sizeof *right);
    const int wild = rarely(in);
    for (uint32_t i = 0; i < inner; i++) {
        feature[i] = (uint16_t)(features > 0 ? feature[i] % features : 0);
        threshold[i] %= 2000;
        left[i] = (int16_t)(wild ? left[i] % 16 : i + 1 < inner ? (int32_t)i + 1 : -1);
        right[i] = (int16_t)(wild ? right[i] % 16 : -1 - (int32_t)i);
    }
    if (inner > 0 && rarely(in)) {
        feature[inner / 2] = (uint16_t)mostly(in, features);
    }
    table->feature = maybe(in, feature);
    table->threshold = maybe(in, threshold);
    table->left = maybe(in, left);
    table->right = maybe(in, right);
    table->label = maybe(in, block(in, leaves));
    table->plausible = maybe(in, block(in, leaves * sizeof(uint32_t)));
    table->inner = (uint16_t)inner;
    table->leaves = (uint16_t)leaves;
    return maybe(in, table);
}

/* Means and shifts are mostly in their range, so that residuals are computed. */
static const pal_texture *texture(bytes *in, const pal_engineered *form)
{
    pal_texture *table = block(in, sizeof *table);
    table->octaves = (uint8_t)mostly(in, 1);
    table->stride = (uint8_t)mostly(in, 1u + byte(in) % 4u);
    table->count = (uint16_t)mostly(in, pal_texture_counts(form, table->octaves));
    const size_t count = table->count <= PAL_MAX_TEXTURE ? table->count : 0;
    int32_t *means_q8 = block(in, count * sizeof *means_q8);
    uint8_t *shifts = block(in, count);
    for (size_t i = 0; i < count; i++) {
        means_q8[i] = (int32_t)((uint32_t)means_q8[i] % (PAL_MAX_TEXTURE_MEAN_Q8 + 1u));
        shifts[i] = (uint8_t)(1u + shifts[i] % 62u);
    }
    if (count > 0 && rarely(in)) {
        means_q8[count / 2] = (int32_t)word(in);
        shifts[count / 2] = byte(in);
    }
    table->means_q8 = maybe(in, means_q8);
    table->weights = maybe(in, block(in, count * (count + 1) / 2 * sizeof(int16_t)));
    table->shifts = maybe(in, shifts);
    return maybe(in, table);
}

static void limits(bytes *in, pal_guard *guard)
{
    static const int32_t spans[PAL_SIGNALS] = {40, 65536, 1000000, 2, 100000000};
    pal_limit *all = block(in, PAL_SIGNALS * sizeof *all);
    for (uint32_t i = 0; i < PAL_SIGNALS; i++) {
        const uint32_t off = byte(in) % 8u < 6;
        all[i].threshold = (int32_t)(word(in) % (uint32_t)spans[i]);
        all[i].kind = (uint8_t)mostly(in, off ? PAL_LIMIT_OFF : 1u + byte(in) % 2u);
    }
    guard->limits = maybe(in, all);
}

static void make_guard(bytes *in, pal_guard *guard)
{
    pal_engineered *grid = &guard->engineered;
    grid->height = (uint16_t)mostly(in, 1u + byte(in) % 12u);
    grid->width = (uint16_t)mostly(in, 1u + byte(in) % 12u);
    grid->channels = (uint16_t)mostly(in, 1u + byte(in) % 3u);
    grid->rows = (uint16_t)mostly(in, grid->height > 1 ? 2 : 1);
    grid->columns = (uint16_t)mostly(in, grid->width > 2 ? 3 : 1);
    guard->classes = (uint8_t)mostly(in, 2u + byte(in) % 31u);
    guard->embedding = (uint8_t)mostly(in, 1u + byte(in) % 128u);
    guard->energy = energy(in);
    guard->autoencoder = autoencoder(in, guard->embedding);
    guard->tree = tree(in, pal_engineered_features(grid));
    guard->texture = texture(in, grid);
    limits(in, guard);
}

static pal_status any_status(bytes *in)
{
    return rarely(in) ? (pal_status)(byte(in) % 5u) : PAL_OK;
}

static pal_status prepare(void *context, const pal_frame *frame, int8_t *features, uint32_t count,
                          uint8_t *ready)
{
    bytes *in = context;
    (void)frame;
    for (uint32_t i = 0; i < count; i++) {
        features[i] = (int8_t)(i % 7 == 0 ? byte(in) : i);
    }
    *ready = !rarely(in);
    return any_status(in);
}

static pal_status invoke(void *context, const int8_t *features, uint32_t count,
                         pal_outputs *outputs)
{
    bytes *in = context;
    require(features != NULL && count > 0);
    const uint8_t label = byte(in) % 2u;
    if (in->guard.classes > label) {
        in->logits[label] = (int8_t)(100 + byte(in) % 28);
    }
    outputs->logits = maybe(in, in->logits);
    outputs->embedding = maybe(in, in->embedding);
    outputs->classes = mostly(in, in->guard.classes);
    outputs->width = mostly(in, in->guard.embedding);
    return any_status(in);
}

static void reset(void *context)
{
    require(context != NULL);
}

static uint32_t now(void *context)
{
    return rarely(context) ? word(context) : 1000;
}

static void note(uint32_t reason)
{
    require(reason <= PAL_REASON_MODEL);
    fuzz_reasons[reason]++;
}

static void check(const pal_device *device, const pal_state *state, pal_status status,
                  const pal_verdict *verdict)
{
    const pal_judgement *judgement = &verdict->judgement;
    require(judgement->decision <= PAL_ACCEPT && verdict->status == status);
    require((judgement->decision == PAL_FAULT) == (status != PAL_OK));
    require((judgement->decision == PAL_ACCEPT) == (judgement->reason == PAL_REASON_NONE));
    if (judgement->decision == PAL_ACCEPT) {
        require(state->attested == PAL_ATTESTED && judgement->rejected == 0);
        require(judgement->label < device->guard->classes);
    } else {
        require(verdict->action_lsb == PAL_LOWEST_LSB);
    }
    note(judgement->reason);
}

static void make_device(bytes *in, pal_device *device, pal_consistency *consistency,
                        uint8_t *digest)
{
    const uint32_t inputs = pal_engineered_inputs(&in->guard.engineered);
    device->model_bytes = 1u + byte(in);
    device->model = block(in, device->model_bytes);
    pal_sha256 hash;
    require(pal_sha256_begin(&hash) == PAL_OK);
    require(pal_sha256_add(&hash, device->model, device->model_bytes) == PAL_OK);
    require(pal_sha256_end(&hash, digest) == PAL_OK);
    digest[device->model_bytes % 32u] ^= (uint8_t)rarely(in);
    device->digest = maybe(in, digest);
    const uint32_t window = 1u + byte(in) % PAL_MAX_HISTORY;
    consistency->window = (uint8_t)mostly(in, window);
    consistency->needed = (uint8_t)mostly(in, 1u + byte(in) % window);
    consistency->forget_after = (uint8_t)mostly(in, 2);
    device->guard = rarely(in) ? NULL : &in->guard;
    device->consistency = byte(in) % 2u ? consistency : NULL;
    device->prepare = rarely(in) ? NULL : prepare;
    device->invoke = rarely(in) ? NULL : invoke;
    device->reset = byte(in) % 2u ? reset : NULL;
    device->now = byte(in) % 4u == 3 ? now : NULL;
    device->context = in;
    device->features = maybe(in, block(in, inputs));
    device->feature_count = mostly(in, inputs);
    device->frame_samples = 8;
    device->largest_gap = mostly(in, 2);
    device->largest_gap_ms = mostly(in, 100);
    device->largest_age_ms = mostly(in, 1000);
    device->accepted = mostly(in, 1);
}

static void spoil(bytes *in, void *memory, size_t size)
{
    uint8_t *some = memory;
    const size_t place = word(in) % size;
    some[place] = byte(in);
}

static void stream(bytes *in)
{
    uint8_t digest[PAL_SHA256_BYTES];
    pal_device device;
    pal_consistency consistency;
    pal_state state;
    memset(&state, byte(in), sizeof state);
    make_guard(in, &in->guard);
    in->logits = block(in, in->guard.classes);
    in->embedding = block(in, in->guard.embedding);
    make_device(in, &device, &consistency, digest);
    if (!rarely(in)) {
        const pal_status booted = pal_boot(&device, &state);
        require((booted == PAL_OK) == (state.attested == PAL_ATTESTED));
    }
    void *samples = block(in, 8);
    pal_frame frame = {samples, 8, word(in), 0};
    for (uint32_t i = 0; i < MOST_FRAMES && in->left > 0; i++) {
        frame.samples = maybe(in, samples);
        frame.count = mostly(in, 8);
        frame.sequence += rarely(in) ? byte(in) % 4u : mostly(in, 1);
        frame.time_ms += mostly(in, 20);
        if (rarely(in)) {
            spoil(in, &state, sizeof state);
        }
        pal_verdict verdict;
        memset(&verdict, 0xff, sizeof verdict);
        pal_state *memory = maybe(in, &state);
        const pal_status status = pal_step(&device, memory, maybe(in, &frame), &verdict);
        check(&device, &state, status, &verdict);
    }
}

static void fuse(bytes *in)
{
    const uint32_t count = byte(in) % 10u;
    pal_modality *modalities = block(in, count * sizeof *modalities);
    pal_witness *witnesses = block(in, count * sizeof *witnesses);
    for (uint32_t i = 0; i < count; i++) {
        modalities[i].threshold_lsb = (int32_t)mostly(in, byte(in) - 128u);
        modalities[i].fresh_ms = mostly(in, 500);
        modalities[i].pooling = (uint8_t)mostly(in, byte(in) % 3u);
        if (!rarely(in)) {
            memset(&witnesses[i], 0, sizeof witnesses[i]);
        }
        for (uint32_t n = byte(in) % 40u; n > 0; n--) {
            const int16_t margin_lsb = (int16_t)(byte(in) - 100);
            const uint8_t plausible = !rarely(in);
            (void)pal_witness_add(&witnesses[i], margin_lsb, plausible, mostly(in, 1000 + n));
        }
    }
    pal_policy policy;
    policy.modalities = maybe(in, modalities);
    policy.window_ms = mostly(in, 2000);
    policy.count = (uint8_t)mostly(in, count);
    pal_agreement agreement;
    memset(&agreement, 0xff, sizeof agreement);
    pal_witness *heard = maybe(in, witnesses);
    const pal_status status = pal_agree(&policy, heard, count, mostly(in, 1100), &agreement);
    require(agreement.decision <= PAL_ACCEPT && (agreement.agrees & ~agreement.works) == 0);
    require((agreement.decision == PAL_ACCEPT) ==
            (status == PAL_OK && agreement.agrees == (1u << count) - 1));
    require(status == PAL_OK || agreement.decision == PAL_FAULT);
    note(agreement.reason);
}

static const pal_confirmer *confirmer(bytes *in, uint32_t inputs, uint32_t actions)
{
    pal_confirmer *table = block(in, sizeof *table);
    const uint32_t hidden = (uint8_t)mostly(in, 1u + byte(in) % PAL_MAX_HIDDEN);
    dense(in, &table->hidden, (uint8_t)mostly(in, inputs), hidden);
    dense(in, &table->output, (uint8_t)mostly(in, hidden), (uint8_t)mostly(in, actions + 1));
    return byte(in) % 4u == 0 ? NULL : table;
}

static void hear(bytes *in)
{
    pal_listener listener;
    listener.classes = (uint8_t)mostly(in, 2u + byte(in) % 8u);
    listener.context = (uint8_t)mostly(in, 1u + byte(in) % PAL_MAX_CONTEXT);
    listener.smoothed = (uint8_t)mostly(in, 1u + byte(in) % (listener.context + 1u));
    listener.count = (uint8_t)mostly(in, 1u + byte(in) % (listener.classes + 1u));
    listener.refractory = (uint16_t)mostly(in, byte(in) % 4u);
    uint8_t *actions = block(in, listener.count);
    int16_t *thresholds = block(in, listener.count * sizeof *thresholds);
    int16_t *confirmed = block(in, listener.count * sizeof *confirmed);
    for (uint32_t i = 0; i < listener.count; i++) {
        actions[i] = (uint8_t)mostly(in, i);
        thresholds[i] = (int16_t)(byte(in) - 255);
        confirmed[i] = (int16_t)(byte(in) - 255);
    }
    listener.actions = maybe(in, actions);
    listener.thresholds_lsb = maybe(in, thresholds);
    listener.confirmed_lsb = maybe(in, confirmed);
    listener.confirmer =
        confirmer(in, (uint32_t)listener.context * listener.classes, listener.count);
    int8_t *logits = block(in, listener.classes);
    pal_heard heard;
    memset(&heard, 0, sizeof heard);
    for (uint32_t n = byte(in) % MOST_FRAMES; n > 0; n--) {
        for (uint32_t i = 0; i < listener.classes; i++) {
            logits[i] = (int8_t)byte(in);
        }
        if (rarely(in)) {
            spoil(in, &heard, sizeof heard);
        }
        uint8_t action = 77;
        pal_heard *memory = maybe(in, &heard);
        const pal_status status =
            pal_listen(maybe(in, &listener), memory, maybe(in, logits),
                       mostly(in, listener.classes), byte(in) % 8u, &action);
        require(action == PAL_NO_LABEL || memory == NULL ||
                (status == PAL_OK && action < listener.count));
        require(status == PAL_OK || memory == NULL || heard.count == 0);
        fuzz_heard += action != PAL_NO_LABEL && memory != NULL;
    }
}

/* A hash does not depend on where its bytes were cut. */
static void hash(const uint8_t *data, uint32_t size)
{
    uint8_t whole[PAL_SHA256_BYTES], parts[PAL_SHA256_BYTES];
    pal_sha256 state;
    require(pal_sha256_begin(&state) == PAL_OK && pal_sha256_add(&state, data, size) == PAL_OK);
    require(pal_sha256_end(&state, whole) == PAL_OK && pal_sha256_begin(&state) == PAL_OK);
    for (uint32_t done = 0, part; done < size; done += part) {
        part = 1 + data[done] % (size - done);
        require(pal_sha256_add(&state, data + done, part) == PAL_OK);
    }
    require(pal_sha256_end(&state, parts) == PAL_OK);
    require(memcmp(whole, parts, sizeof whole) == 0);
    require(pal_attest(data, size, whole) == (data == NULL ? PAL_FAULT_ARGUMENT : PAL_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bytes in;
    memset(&in, 0, sizeof in);
    in.at = data;
    in.left = size;
    hash(data, (uint32_t)size);
    const uint32_t kind = byte(&in) % 8u;
    if (kind < 2) {
        fuse(&in);
    } else if (kind == 2) {
        hear(&in);
    } else {
        stream(&in);
    }
    while (in.count > 0) {
        free(in.blocks[--in.count]);
    }
    return 0;
}
