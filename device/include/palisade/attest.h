/* What a device can say of the model that it runs: at boot, for a token, and while it runs. */
#ifndef PALISADE_ATTEST_H
#define PALISADE_ATTEST_H

#include <stdint.h>

#include "palisade/sha256.h"
#include "palisade/status.h"
#include "palisade/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far a second look at the model has come. Zeros begin one. */
typedef struct {
    pal_sha256 hash;
    uint32_t done; /* bytes of the model */
} pal_watch;

/* The SHA-256 of the region that is executed, for a token: 32 bytes into `digest`. */
pal_status pal_measure(const pal_device *device, uint8_t *digest);

/* Hashes up to `bytes` further bytes of the model and, at its end, compares the digest and begins
 * anew: a model that changes after the boot is noticed after at most model_bytes / bytes calls, and
 * twice that if it changes behind the watch.
 * On a mismatch `state` is no longer attested, so that each further pal_step is a fault until
 * pal_boot finds the model whole. The same for a watch whose numbers cannot be.
 * PAL_FAULT_ARGUMENT: a NULL; PAL_FAULT_LENGTH: `bytes` is 0; PAL_FAULT_RANGE: a mismatch, or the
 * device was not booted. */
pal_status pal_watch_step(const pal_device *device, pal_state *state, pal_watch *watch,
                          uint32_t bytes);

#ifdef __cplusplus
}
#endif

#endif
