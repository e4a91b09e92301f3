#include "palisade/attest.h"

#include <stddef.h>

pal_status pal_measure(const pal_device *device, uint8_t *digest)
{
    if (device == NULL || device->model == NULL || digest == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    pal_sha256 hash;
    (void)pal_sha256_begin(&hash);
    (void)pal_sha256_add(&hash, device->model, device->model_bytes);
    return pal_sha256_end(&hash, digest);
}

static int same(const uint8_t *one, const uint8_t *other)
{
    uint32_t different = 0;
    for (uint32_t i = 0; i < PAL_SHA256_BYTES; i++) {
        different |= (uint32_t)(one[i] ^ other[i]);
    }
    return different == 0;
}

/* The digest at the end of the model; the watch begins anew. */
static pal_status compared(const pal_device *device, pal_watch *watch)
{
    uint8_t found[PAL_SHA256_BYTES];
    watch->done = 0;
    (void)pal_sha256_end(&watch->hash, found);
    return same(found, device->digest) ? PAL_OK : PAL_FAULT_RANGE;
}

static pal_status watched(const pal_device *device, pal_watch *watch, uint32_t bytes)
{
    if (watch->done == 0) {
        (void)pal_sha256_begin(&watch->hash);
    }
    if (watch->done >= device->model_bytes || watch->hash.length_bytes != watch->done) {
        return PAL_FAULT_RANGE;
    }
    const uint32_t left = device->model_bytes - watch->done;
    const uint32_t now = bytes < left ? bytes : left;
    (void)pal_sha256_add(&watch->hash, device->model + watch->done, now);
    watch->done += now;
    return watch->done == device->model_bytes ? compared(device, watch) : PAL_OK;
}

pal_status pal_watch_step(const pal_device *device, pal_state *state, pal_watch *watch,
                          uint32_t bytes)
{
    if (device == NULL || state == NULL || watch == NULL || device->model == NULL ||
        device->digest == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (bytes == 0) {
        return PAL_FAULT_LENGTH;
    }
    if (state->attested != PAL_ATTESTED) {
        return PAL_FAULT_RANGE;
    }
    const pal_status status = watched(device, watch, bytes);
    if (status != PAL_OK) {
        const pal_watch anew = {{0, {0}, {0}}, 0};
        *watch = anew;
        state->attested = 0;
    }
    return status;
}
