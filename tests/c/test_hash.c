/* base/hash: SHA-256 against the examples of FIPS 180-4 and an independent implementation. */
#include "base/config.h"

#include "base/hash.h"
#include "testing.h"

static void check_hex(const void *bytes, size_t len, const char *want)
{
    uint8_t digest[HAN__SHA256_BYTES];
    char hex[HAN__SHA256_HEX];
    han__sha256_of(bytes, len, digest);
    han__sha256_hex(digest, hex);
    assert_string_equal(hex, want);
}

TEST(fips_examples)
{
    static char million[1000000];
    check_hex("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_hex("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(million, 'a', sizeof million);
    check_hex(million, sizeof million,
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Lengths around the padding borders; digests by Python's hashlib over bytes (7 i + n) mod 256. */
TEST(padding_borders)
{
    static const struct {
        size_t len;
        const char *hex;
    } cases[] = {
        {55, "81afe5b788dc2ce138ff83d9b20164db75a94d75d2b2432eea4a0ef605088c72"},
        {56, "2aba54f0ac632420a2b502431408866e40e1d5e430df4cd822642c78ab2eb9c1"},
        {63, "733d3d4ee79ee67145bf73da13588f6f235d37414fc64b14a2f00f1762792f5e"},
        {64, "79322907b3e9d013d7dc2c2f256674dbf733045cde01df3539271c6f5605feb8"},
        {65, "d85c007c6eb440f085afa2b84f6f2bce4658b240e9f62cb1364bf0485a57e720"},
        {119, "6c87eedf096b345de205b702e5223b73b447a3207791ded3ea007ba15ed6736e"},
        {120, "42500cf6a1e3936d6b9e0bcfe296d654b63255e525487d3634d0b15fde591c4d"},
        {1000, "6b0df76627243d095b0c4400cb658b7e804dd03461cc03aee8fc8fe0bcada168"},
    };
    uint8_t bytes[1000];
    for (size_t c = 0; c < HAN__COUNT(cases); c++) {
        for (size_t i = 0; i < cases[c].len; i++) bytes[i] = (uint8_t)(i * 7 + cases[c].len);
        check_hex(bytes, cases[c].len, cases[c].hex);
    }
}

TEST(any_chunking_gives_the_same_digest)
{
    uint8_t bytes[300], whole[HAN__SHA256_BYTES], parts[HAN__SHA256_BYTES];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 31);
    han__sha256_of(bytes, sizeof bytes, whole);
    for (size_t step = 1; step <= sizeof bytes; step++) {
        han__sha256 h;
        han__sha256_init(&h);
        for (size_t at = 0; at < sizeof bytes; at += step) {
            size_t n = sizeof bytes - at < step ? sizeof bytes - at : step;
            han__sha256_add(&h, bytes + at, n);
        }
        han__sha256_end(&h, parts);
        assert_memory_equal(parts, whole, sizeof whole);
    }
}

TEST(hash64_depends_on_every_part)
{
    assert_true(han__hash64("", 0, 1) != han__hash64("", 0, 2));
    assert_true(han__hash64("a", 1, 1) != han__hash64("a\0", 2, 1));
    assert_true(han__hash64("abcdefgh1", 9, 1) != han__hash64("abcdefgh2", 9, 1));
    assert_true(han__hash64("abcdefghijklmnop", 16, 0) != han__hash64("ijklmnopabcdefgh", 16, 0));
    assert_true(han__hash64("x", 1, 7) == han__hash64("x", 1, 7));
}

/* Flipping one input bit flips each output bit about half the time: 32 of 64 on average, and over
 * 136 * 200 trials the mean is within 0.2 of it (its standard error is 0.025). */
TEST(hash64_spreads_single_bits)
{
    uint64_t flipped = 0, trials = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        uint8_t key[17];
        for (size_t i = 0; i < sizeof key; i++) key[i] = (uint8_t)(seed * 13 + i * 101);
        uint64_t base = han__hash64(key, sizeof key, seed);
        for (size_t bit = 0; bit < 8 * sizeof key; bit++, trials++) {
            key[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            uint64_t diff = base ^ han__hash64(key, sizeof key, seed);
            flipped += (uint64_t)__builtin_popcountll(diff);
            key[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
    }
    double mean = (double)flipped / (double)trials;
    assert_true(mean > 31.8 && mean < 32.2);
}

/* 65,536 similar keys into 65,536 slots: a random function leaves 1/e of them empty. */
TEST(hash64_fills_tables_evenly)
{
    static uint8_t used[65536];
    char key[32];
    int taken = 0;
    memset(used, 0, sizeof used);
    for (int i = 0; i < 65536; i++) {
        int len = snprintf(key, sizeof key, "root/%d", i);
        size_t slot = han__hash64(key, (size_t)len, 0) & 0xffff;
        taken += used[slot] == 0;
        used[slot] = 1;
    }
    assert_in_range(taken, 41000, 41850); /* 41,427 expected, deviation about 96 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fips_examples),
        cmocka_unit_test(padding_borders),
        cmocka_unit_test(any_chunking_gives_the_same_digest),
        cmocka_unit_test(hash64_depends_on_every_part),
        cmocka_unit_test(hash64_spreads_single_bits),
        cmocka_unit_test(hash64_fills_tables_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
