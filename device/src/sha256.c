/* Secure Hash Standard, FIPS 180-4: sections 4.1.2, 4.2.2, 5.1.1, 5.3.3 and 6.2. */
#include "palisade/sha256.h"

#include <stddef.h>

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* The same of the square roots of the first 8 primes. */
static const uint32_t START[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t turned(uint32_t word, uint32_t bits)
{
    return (word >> bits) | (word << (32 - bits));
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The message schedule in place: w holds the last 16 words, and word t falls due. */
static uint32_t scheduled(uint32_t *w, uint32_t t)
{
    const uint32_t far = w[(t + 1) & 15], near = w[(t + 14) & 15];
    if (t >= 16) {
        w[t & 15] += (turned(far, 7) ^ turned(far, 18) ^ (far >> 3)) + w[(t + 9) & 15] +
                     (turned(near, 17) ^ turned(near, 19) ^ (near >> 10));
    }
    return w[t & 15];
}

/* The eight working variables by name: an array would be moved through memory each round. */
static void compress(uint32_t *state, const uint8_t *block)
{
    uint32_t w[16];
    for (uint32_t i = 0; i < 16; i++) {
        w[i] = word_at(block + 4 * i);
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (uint32_t t = 0; t < 64; t++) {
        const uint32_t first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) +
                               ((e & f) ^ (~e & g)) + ROUND[t] + scheduled(w, t);
        const uint32_t second =
            (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const uint32_t ended[8] = {a, b, c, d, e, f, g, h};
    for (uint32_t i = 0; i < 8; i++) {
        state[i] += ended[i];
    }
}

pal_status pal_sha256_begin(pal_sha256 *hash)
{
    if (hash == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    hash->length_bytes = 0;
    for (uint32_t i = 0; i < 8; i++) {
        hash->state[i] = START[i];
    }
    return PAL_OK;
}

static void add(pal_sha256 *hash, uint8_t byte)
{
    const uint32_t place = (uint32_t)(hash->length_bytes % PAL_SHA256_BLOCK_BYTES);
    hash->block[place] = byte;
    hash->length_bytes++;
    if (place == PAL_SHA256_BLOCK_BYTES - 1) {
        compress(hash->state, hash->block);
    }
}

pal_status pal_sha256_add(pal_sha256 *hash, const uint8_t *data, uint32_t bytes)
{
    if (hash == NULL || (data == NULL && bytes > 0)) {
        return PAL_FAULT_ARGUMENT;
    }
    uint32_t done = 0;
    while (done < bytes) {
        const int aligned = hash->length_bytes % PAL_SHA256_BLOCK_BYTES == 0;
        if (aligned && bytes - done >= PAL_SHA256_BLOCK_BYTES) {
            compress(hash->state, data + done); /* without a copy */
            hash->length_bytes += PAL_SHA256_BLOCK_BYTES;
            done += PAL_SHA256_BLOCK_BYTES;
        } else {
            add(hash, data[done++]);
        }
    }
    return PAL_OK;
}

pal_status pal_sha256_end(pal_sha256 *hash, uint8_t *digest)
{
    if (hash == NULL || digest == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    const uint64_t length_bits = hash->length_bytes * 8;
    add(hash, 0x80);
    while (hash->length_bytes % PAL_SHA256_BLOCK_BYTES != PAL_SHA256_BLOCK_BYTES - 8) {
        add(hash, 0);
    }
    for (uint32_t i = 0; i < 8; i++) {
        add(hash, (uint8_t)(length_bits >> (56 - 8 * i)));
    }
    for (uint32_t i = 0; i < PAL_SHA256_BYTES; i++) {
        digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
    }
    const pal_sha256 nothing = {0, {0}, {0}};
    *hash = nothing;
    return PAL_OK;
}

pal_status pal_attest(const uint8_t *model, uint32_t bytes, const uint8_t *digest)
{
    if (model == NULL || digest == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    pal_sha256 hash;
    uint8_t found[PAL_SHA256_BYTES];
    uint32_t different = 0;
    (void)pal_sha256_begin(&hash);
    (void)pal_sha256_add(&hash, model, bytes);
    (void)pal_sha256_end(&hash, found);
    for (uint32_t i = 0; i < PAL_SHA256_BYTES; i++) {
        different |= (uint32_t)(found[i] ^ digest[i]);
    }
    return different == 0 ? PAL_OK : PAL_FAULT_RANGE;
}
