/* SHA-256 (FIPS 180-4), and whether a region of memory is what was released. */
#ifndef PALISADE_SHA256_H
#define PALISADE_SHA256_H

#include <stdint.h>

#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_SHA256_BYTES = 32, PAL_SHA256_BLOCK_BYTES = 64 };

typedef struct {
    uint64_t length_bytes;
    uint32_t state[8];
    uint8_t block[PAL_SHA256_BLOCK_BYTES];
} pal_sha256;

/* Starts a hash. */
pal_status pal_sha256_begin(pal_sha256 *hash);

/* Adds `bytes` bytes; `data` may be NULL if there are none. */
pal_status pal_sha256_add(pal_sha256 *hash, const uint8_t *data, uint32_t bytes);

/* Writes the digest, 32 bytes, and clears the hash. */
pal_status pal_sha256_end(pal_sha256 *hash, uint8_t *digest);

/* Whether the SHA-256 of a model's `bytes` bytes is `digest` (32 bytes), in a time that does not
 * depend on where they differ: PAL_OK, or PAL_FAULT_RANGE if it is not. */
pal_status pal_attest(const uint8_t *model, uint32_t bytes, const uint8_t *digest);

#ifdef __cplusplus
}
#endif

#endif
