/* base/rng: the published vectors of Philox4x32-10, and that a draw depends on nothing but
 * (seed, stream, number). */
#include "base/config.h"

#include "base/rng.h"
#include "testing.h"

/* Known answers of the authors' Random123 distribution. */
TEST(known_answers)
{
    static const uint32_t cases[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        uint32_t out[4];
        han__philox4x32(cases[i], cases[i] + 4, out);
        assert_memory_equal(out, cases[i] + 6, sizeof out);
    }
}

TEST(words_are_the_halves_of_blocks)
{
    han__rng rng;
    han__rng_init(&rng, 0, 0);
    assert_true(han__rng_u64(&rng) == 0xe169c58d6627e8d5u);
    assert_true(han__rng_u64(&rng) == 0x9b00dbd8bc57ac4cu);
    uint32_t counter[4] = {1, 0, 0x22222222, 0x33333333}, key[2] = {0x44444444, 0x55555555};
    uint32_t out[4];
    han__philox4x32(counter, key, out);
    han__rng_init(&rng, 0x5555555544444444u, 0x3333333322222222u);
    han__rng_u64(&rng);
    han__rng_u64(&rng);
    assert_true(han__rng_u64(&rng) == ((uint64_t)out[1] << 32 | out[0]));
    assert_true(han__rng_u64(&rng) == ((uint64_t)out[3] << 32 | out[2]));
    assert_int_equal(rng.draw, 4);
}

TEST(seek_gives_the_same_words)
{
    uint64_t words[21];
    han__rng rng;
    han__rng_init(&rng, 99, 7);
    for (size_t i = 0; i < 21; i++) words[i] = han__rng_u64(&rng);
    for (size_t i = 21; i-- > 0;) {
        han__rng_seek(&rng, i);
        assert_true(han__rng_u64(&rng) == words[i]);
        if (i < 20) assert_true(han__rng_u64(&rng) == words[i + 1]);
    }
}

/* 7 buckets, 70,000 draws: each bucket is within 5 deviations (463) of 10,000. */
TEST(below_is_even)
{
    int count[7] = {0};
    han__rng rng;
    han__rng_init(&rng, 1, 2);
    for (int i = 0; i < 70000; i++) count[han__rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++) assert_in_range(count[i], 9537, 10463);
    uint64_t before = rng.draw;
    assert_true(han__rng_below(&rng, 1) == 0);
    assert_true(han__rng_below(&rng, 0) == 0);
    assert_true(rng.draw == before);
}

/* With bound 2^63 + 1 nearly half of all words must be rejected. */
TEST(below_rejects_the_surplus)
{
    han__rng rng;
    uint64_t bound = ((uint64_t)1 << 63) + 1;
    han__rng_init(&rng, 5, 5);
    for (int i = 0; i < 1000; i++) assert_true(han__rng_below(&rng, bound) < bound);
    assert_in_range(rng.draw, 1700, 2300);
}

TEST(unit_is_in_range_and_centred)
{
    double sum = 0;
    han__rng rng;
    han__rng_init(&rng, 3, 4);
    for (int i = 0; i < 100000; i++) {
        double u = han__rng_unit(&rng);
        assert_true(u >= 0 && u < 1);
        sum += u;
    }
    assert_true(sum > 49500 && sum < 50500); /* 5.5 deviations */
}

/* Computed with Python: hashlib and struct over the fields as rng.h states them. */
TEST(derive_is_what_the_header_says)
{
    char hundred[101];
    memset(hundred, 'a', 100);
    hundred[100] = '\0';
    assert_true(han__rng_derive(0, "", 0) == 0x4d2b128338cf517u);
    assert_true(han__rng_derive(42, "repair/ledger", 3) == 0xffeeff69e83c4ce4u);
    assert_true(han__rng_derive(UINT64_MAX, hundred, UINT64_MAX) == 0x5986d995dfbb3726u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(words_are_the_halves_of_blocks),
        cmocka_unit_test(seek_gives_the_same_words),
        cmocka_unit_test(below_is_even),
        cmocka_unit_test(below_rejects_the_surplus),
        cmocka_unit_test(unit_is_in_range_and_centred),
        cmocka_unit_test(derive_is_what_the_header_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
