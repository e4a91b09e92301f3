/* How firmware puts a task together: a device, its memory, and a step for each frame of a sensor.
 *
 * It runs on a host as it is, beside the tables of any guard, with a stand-in for the front end
 * and one for the network: compile it with guard_voice.c and the C files of device/src, under
 * -std=c99 -Idevice/include and the folder of guard_voice.h.
 *
 * What to replace on a microcontroller is marked FIRMWARE. For another task define GUARD_HEADER,
 * GUARD and CONSISTENCY. */
#include <stdio.h>

#include "palisade/sha256.h"
#include "palisade/step.h"

#ifndef GUARD_HEADER
#define GUARD_HEADER "guard_voice.h"
#define GUARD guard_voice
#define CONSISTENCY consistency_voice
#endif
#include GUARD_HEADER

enum { FRAME_SAMPLES = 16, FRAMES = 12 };

/* FIRMWARE: the model's own array, aligned as its interpreter asks. */
static const uint8_t MODEL[] = "stands for model.tflite";

/* FIRMWARE: a constant, from the release's manifest. */
static uint8_t digest[PAL_SHA256_BYTES];

/* FIRMWARE: the interpreter's input and output tensors. */
static int8_t features[PAL_MAX_INPUT];
static int8_t logits[PAL_MAX_CLASSES];
static int8_t embedding[PAL_MAX_EMBEDDING];

/* FIRMWARE: preprocessing and front end, see palisade/frontend.h and palisade/stream.h. */
static pal_status prepare(void *context, const pal_frame *frame, int8_t *input, uint32_t count,
                          uint8_t *ready)
{
    const int8_t *samples = frame->samples;
    (void)context;
    for (uint32_t i = 0; i < count; i++) {
        input[i] = samples[i % frame->count];
    }
    *ready = 1;
    return PAL_OK;
}

/* FIRMWARE: the interpreter's Invoke. This one finds class (first sample modulo classes) by a lead
 * of twice the second sample. */
static pal_status invoke(void *context, const int8_t *input, uint32_t count, pal_outputs *outputs)
{
    const pal_guard *guard = context;
    if (count < 2) {
        return PAL_FAULT_LENGTH;
    }
    const uint32_t label = (uint32_t)(input[0] + 128) % guard->classes;
    for (uint32_t i = 0; i < guard->classes; i++) {
        logits[i] = i == label ? input[1] : (int8_t)-input[1];
    }
    for (uint32_t i = 0; i < guard->embedding; i++) {
        embedding[i] = input[i % count];
    }
    outputs->logits = logits;
    outputs->classes = guard->classes;
    outputs->embedding = embedding;
    outputs->width = guard->embedding;
    return PAL_OK;
}

static const char *name_of(uint32_t decision)
{
    static const char *const names[] = {"fault", "reject", "verify", "accept"};
    return decision <= PAL_ACCEPT ? names[decision] : "?";
}

static void show(const pal_frame *frame, const pal_verdict *verdict)
{
    const pal_judgement *judgement = &verdict->judgement;
    printf("frame %lu: %s, reason %u, label %u, scores %ld %ld %ld %ld %ld\n",
           (unsigned long)frame->sequence, name_of(judgement->decision), judgement->reason,
           judgement->label, (long)judgement->scores[PAL_SIGNAL_MARGIN],
           (long)judgement->scores[PAL_SIGNAL_ENERGY],
           (long)judgement->scores[PAL_SIGNAL_AUTOENCODER],
           (long)judgement->scores[PAL_SIGNAL_TREE],
           (long)judgement->scores[PAL_SIGNAL_TEXTURE]);
}

static void listen(const pal_device *device, pal_state *state)
{
    int8_t samples[FRAME_SAMPLES];
    for (uint32_t n = 0; n < FRAMES; n++) {
        for (uint32_t i = 0; i < FRAME_SAMPLES; i++) {
            samples[i] = (int8_t)(i == 0 ? (n / 3) : 7 * n + i * i % 5);
        }
        /* The eighth frame comes twice, and two are missing before the tenth. */
        const uint32_t sequence = n < 8 ? n : n < 9 ? n - 1 : n + 2;
        const pal_frame frame = {samples, FRAME_SAMPLES, sequence, 20 * n};
        pal_verdict verdict;
        (void)pal_step(device, state, &frame, &verdict);
        show(&frame, &verdict);
    }
}

int main(void)
{
    pal_sha256 hash;
    (void)pal_sha256_begin(&hash);
    (void)pal_sha256_add(&hash, MODEL, sizeof MODEL);
    (void)pal_sha256_end(&hash, digest);

    static pal_state state;
    const pal_device device = {
        .guard = &GUARD,
        .consistency = CONSISTENCY,
        .model = MODEL,
        .digest = digest,
        .prepare = prepare,
        .invoke = invoke,
        .context = (void *)&GUARD,
        .features = features,
        .feature_count = pal_engineered_inputs(&GUARD.engineered),
        .model_bytes = sizeof MODEL,
        .frame_samples = FRAME_SAMPLES,
        .largest_gap = 1,
        .largest_gap_ms = 100,
    };
    printf("boot: %s\n", pal_boot(&device, &state) == PAL_OK ? "attested" : "not attested");
    listen(&device, &state);

    digest[0] ^= 1; /* as if somebody had put another model in its place */
    printf("boot: %s\n", pal_boot(&device, &state) == PAL_OK ? "attested" : "not attested");
    listen(&device, &state);
    return 0;
}
