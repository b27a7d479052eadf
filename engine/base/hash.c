/* Owns SHA-256 as FIPS 180-4 defines it, written from the standard's equations, and the hash of
 * tables. Neither depends on the byte order of the machine. */
#include "base/config.h"

#include <stdatomic.h>
#include <string.h>
#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "base/hash.h"

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the primes. */
static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

/* 6.2.2 step 1: the message schedule. */
static void schedule(const uint8_t *block, uint32_t w[64])
{
    for (size_t t = 0; t < 16; t++, block += 4) {
        w[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 |
               block[3];
    }
    for (size_t t = 16; t < 64; t++) {
        uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

/* One turn of 6.2.2 step 3. It moves none of the eight variables; the next turn names them anew,
 * one place further, and after eight turns the names are back. */
#define TURN(a, b, c, d, e, f, g, h, t)                                                            \
    do {                                                                                           \
        uint32_t t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) +        \
                      round_constant[t] + w[t];                                                    \
        uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));    \
        d += t1;                                                                                   \
        h = t1 + t2;                                                                               \
    } while (0)

/* 6.2.2 steps 2 to 4. */
static void compress_plain(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    schedule(block, w);
    for (size_t t = 0; t < 64; t += 8) {
        TURN(a, b, c, d, e, f, g, h, t);
        TURN(h, a, b, c, d, e, f, g, t + 1);
        TURN(g, h, a, b, c, d, e, f, t + 2);
        TURN(f, g, h, a, b, c, d, e, t + 3);
        TURN(e, f, g, h, a, b, c, d, t + 4);
        TURN(d, e, f, g, h, a, b, c, t + 5);
        TURN(c, d, e, f, g, h, a, b, t + 6);
        TURN(b, c, d, e, f, g, h, a, t + 7);
    }
    const uint32_t sums[8] = {a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < 8; i++) state[i] += sums[i];
}
#undef TURN

#if defined(__x86_64__) && defined(__GNUC__)
/* The same by the processor's SHA instructions (Intel SDM vol. 2, SHA256RNDS2, SHA256MSG1,
 * SHA256MSG2), which hold the state as the two registers ABEF and CDGH and do two rounds each. */
__attribute__((target("sha,sse4.1"))) static void compress_sha(uint32_t state[8],
                                                               const uint8_t *block)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i w[4], low = _mm_loadu_si128((const __m128i *)(const void *)state),
                  high = _mm_loadu_si128((const __m128i *)(const void *)(state + 4));
    low = _mm_shuffle_epi32(low, 0xb1);   /* B A D C */
    high = _mm_shuffle_epi32(high, 0x1b); /* H G F E, reversed */
    __m128i abef = _mm_alignr_epi8(low, high, 8);
    __m128i cdgh = _mm_blend_epi16(high, low, 0xf0);
    const __m128i abef0 = abef, cdgh0 = cdgh;
    for (size_t i = 0; i < 4; i++)
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)),
                                swap);
    for (size_t i = 0; i < 16; i++) {
        __m128i now = w[i & 3];
        __m128i k = _mm_loadu_si128((const __m128i *)(const void *)(round_constant + 4 * i));
        __m128i sum = _mm_add_epi32(now, k);
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        /* the four words sixteen rounds on, in the place of those just used */
        __m128i next = _mm_sha256msg1_epu32(now, w[(i + 1) & 3]);
        next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
        w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
    }
    abef = _mm_add_epi32(abef, abef0);
    cdgh = _mm_add_epi32(cdgh, cdgh0);
    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

/* CPUID leaf 7: EBX bit 29 is SHA; leaf 1: ECX bit 19 is SSE4.1. */
static bool have_sha(void)
{
    unsigned a, b, c, d, b7;
    if (!__get_cpuid_count(7, 0, &a, &b7, &c, &d) || !__get_cpuid(1, &a, &b, &c, &d)) return false;
    return (b7 >> 29 & 1) && (c >> 19 & 1);
}
#endif

static void compress(uint32_t state[8], const uint8_t *block)
{
#if defined(__x86_64__) && defined(__GNUC__)
    static _Atomic int known; /* 0 not asked yet, 1 no, 2 yes: the same answer for everyone */
    int answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (answer == 0)
        atomic_store_explicit(&known, answer = have_sha() ? 2 : 1, memory_order_relaxed);
    if (answer == 2) {
        compress_sha(state, block);
        return;
    }
#endif
    compress_plain(state, block);
}

void han__sha256_init(han__sha256 *h)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(h->state, start, sizeof start);
    h->bytes = 0;
}

void han__sha256_add(han__sha256 *h, const void *bytes, size_t len)
{
    const uint8_t *in = bytes;
    size_t held = (size_t)(h->bytes % sizeof h->block);
    h->bytes += len;
    while (len > 0) {
        size_t part = sizeof h->block - held;
        if (held == 0 && len >= sizeof h->block) {
            compress(h->state, in);
            part = sizeof h->block;
        } else {
            if (part > len) part = len;
            memcpy(h->block + held, in, part);
            held = (held + part) % sizeof h->block;
            if (held == 0) compress(h->state, h->block);
        }
        in += part;
        len -= part;
    }
}

void han__sha256_end(han__sha256 *h, uint8_t out[HAN__SHA256_BYTES])
{
    static const uint8_t padding[64] = {0x80};
    uint8_t length[8];
    uint64_t bits = h->bytes * 8;
    for (unsigned i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
    size_t held = (size_t)(h->bytes % 64);
    han__sha256_add(h, padding, held < 56 ? 56 - held : 120 - held);
    han__sha256_add(h, length, sizeof length);
    for (unsigned i = 0; i < HAN__SHA256_BYTES; i++) {
        out[i] = (uint8_t)(h->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void han__sha256_of(const void *bytes, size_t len, uint8_t out[HAN__SHA256_BYTES])
{
    han__sha256 h;
    han__sha256_init(&h);
    han__sha256_add(&h, bytes, len);
    han__sha256_end(&h, out);
}

void han__sha256_hex(const uint8_t digest[HAN__SHA256_BYTES], char out[HAN__SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < HAN__SHA256_BYTES; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15];
    }
    out[HAN__SHA256_HEX - 1] = '\0';
}

static uint64_t word_of(const uint8_t *bytes, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++) word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

/* Each step is a bijection of the word for a given state, so that inputs which differ in one word
 * never meet before the next one; the end spreads every bit over all (the finalizer of SplitMix64:
 * Steele, Lea, Flood 2014, with Stafford's constants "Mix13"). */
uint64_t han__hash64(const void *bytes, size_t len, uint64_t seed)
{
    const uint8_t *in = bytes;
    uint64_t h = seed ^ (uint64_t)len * 0x9e3779b97f4a7c15u;
    for (; len > 0;) {
        size_t part = len < 8 ? len : 8;
        h = (h ^ word_of(in, part)) * 0xd6e8feb86659fd93u;
        h ^= h >> 32;
        in += part;
        len -= part;
    }
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return h ^ h >> 31;
}
