/* SHA-256 (FIPS 180-4) for content addresses, and a fast unkeyed 64-bit hash for tables. */
#ifndef HAN_BASE_HASH_H
#define HAN_BASE_HASH_H

#include "base/config.h"

#define HAN__SHA256_BYTES 32
#define HAN__SHA256_HEX   65 /* with the NUL */

typedef struct han__sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64];
} han__sha256;

/* init, add as often as wanted, end; or all at once with of. They cannot fail. */
void han__sha256_init(han__sha256 *h);
void han__sha256_add(han__sha256 *h, const void *bytes, size_t len);
void han__sha256_end(han__sha256 *h, uint8_t out[HAN__SHA256_BYTES]);
void han__sha256_of(const void *bytes, size_t len, uint8_t out[HAN__SHA256_BYTES]);
/* Lower-case hexadecimal with a NUL. */
void han__sha256_hex(const uint8_t digest[HAN__SHA256_BYTES], char out[HAN__SHA256_HEX]);

/* 64-bit hash of bytes under a seed; not against an adversary who knows the seed. */
uint64_t han__hash64(const void *bytes, size_t len, uint64_t seed);

#endif
