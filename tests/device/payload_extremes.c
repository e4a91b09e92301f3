/* Opens spoiled payloads, each in a heap block of exactly its length, and runs the guards that come
 * out, for the sanitizers to watch. Reads a good payload from the file that is named, prints how
 * many were opened and how many guards were made of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "palisade/payload.h"
#include "palisade/sha256.h"

enum { MOST = 1 << 16, ENTRIES = 32, ENTRY = 48 };

static uint32_t state = 20261125u;

/* xorshift32 (G. Marsaglia, 2003) */
static uint32_t drawn(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t word_at(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* Makes the digests fit again, where the parts are still in the block: else hardly any gets on. */
static void fit(uint8_t *payload, uint32_t bytes)
{
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t *entry = payload + ENTRIES + ENTRY * i;
        const uint32_t offset = word_at(entry + 4), length = word_at(entry + 8);
        pal_sha256 hash;
        if (offset <= bytes && length <= bytes - offset) {
            (void)pal_sha256_begin(&hash);
            (void)pal_sha256_add(&hash, payload + offset, length);
            (void)pal_sha256_end(&hash, entry + 16);
        }
    }
}

static void run(const pal_guard *guard)
{
    const uint32_t count = pal_engineered_inputs(&guard->engineered);
    if (count == 0) {
        return;
    }
    int8_t *features = malloc(count), *logits = malloc(256), *embedding = malloc(256);
    pal_look look = {0, 0};
    pal_judgement judgement;
    const pal_outputs outputs = {logits, embedding, guard->classes, guard->embedding};
    if (features == NULL || logits == NULL || embedding == NULL) {
        abort();
    }
    for (uint32_t i = 0; i < count; i++) {
        features[i] = (int8_t)(drawn() & 127);
    }
    memset(logits, 3, 256);
    memset(embedding, 5, 256);
    (void)pal_guard_look(guard, features, count, &look);
    (void)pal_guard_judge(guard, &outputs, &look, &judgement);
    free(features);
    free(logits);
    free(embedding);
}

int main(int argc, char **argv)
{
    static uint8_t good[MOST];
    unsigned long opened = 0, made = 0;
    FILE *file = argc > 2 ? fopen(argv[1], "rb") : NULL;
    const uint32_t bytes = file == NULL ? 0 : (uint32_t)fread(good, 1, MOST, file);
    if (bytes < PAL_PAYLOAD_HEADER_BYTES) {
        return 1;
    }
    fclose(file);
    const uint32_t guard_at = word_at(good + ENTRIES + ENTRY + 4);
    for (long i = atol(argv[2]); i > 0; i--) {
        const uint32_t kept = drawn() % 8 == 0 ? drawn() % (bytes + 1) : bytes;
        uint8_t *block = NULL;
        pal_payload payload;
        pal_guard_memory memory;
        if (posix_memalign((void **)&block, PAL_PAYLOAD_ALIGNMENT, kept > 0 ? kept : 1) != 0) {
            abort();
        }
        memcpy(block, good, kept);
        for (uint32_t n = drawn() % 4; n > 0 && kept > guard_at + 80; n--) {
            /* The header, and the head of the guard tables, more than the rest. */
            const uint32_t at = drawn() % 3 == 0   ? drawn() % kept
                                : drawn() % 2 == 0 ? drawn() % PAL_PAYLOAD_HEADER_BYTES
                                                   : guard_at + drawn() % 80;
            block[at] = (uint8_t)drawn();
        }
        if (kept == bytes && drawn() % 8 != 0) {
            fit(block, bytes);
        }
        if (pal_payload_open(block, kept, "voice", &payload) == PAL_OK) {
            opened++;
            if (pal_payload_guard(&payload.guard, &memory) == PAL_OK) {
                made++;
                run(&memory.guard);
            }
        }
        free(block);
    }
    printf("%lu %lu\n", opened, made);
    return 0;
}
