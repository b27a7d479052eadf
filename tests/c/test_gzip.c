/* store/gzip: what was packed comes back, whatever is broken is refused, and no more memory is
 * taken than the buffer allows. */
#include "base/config.h"

#include <zlib.h>

#include "base/rng.h"
#include "store/gzip.h"
#include "testing.h"

#define PACKED_MAX (1u << 20)

typedef struct world {
    han__mem mem;
    han__buf out;
    han_error err;
    uint8_t packed[PACKED_MAX];
    size_t len;
} world;

static world *open_world(size_t max)
{
    static world w;
    memset(&w, 0, sizeof w);
    han__mem_init(&w.mem, NULL, NULL);
    han__buf_init(&w.out, &w.mem, max);
    return &w;
}

static void close_world(world *w)
{
    han__buf_release(&w->out);
    assert_int_equal(w->mem.live, 0);
}

/* Adds a gzip member of `times` repetitions of the bytes. */
static void pack(world *w, const void *bytes, size_t len, size_t times)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = w->packed + w->len;
    z.avail_out = (uInt)(PACKED_MAX - w->len);
    for (size_t i = 0; i < times; i++) {
        z.next_in = (Bytef *)(uintptr_t)bytes;
        z.avail_in = (uInt)len;
        assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
    }
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    w->len = PACKED_MAX - z.avail_out;
    deflateEnd(&z);
}

static int expand(world *w)
{
    return han__gzip_expand(w->packed, w->len, &w->out, &w->err);
}

TEST(every_size_comes_back)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
    static uint8_t bytes[300000];
    for (int noisy = 0; noisy < 2; noisy++) {
        for (size_t i = 0; i < HAN__COUNT(sizes); i++) {
            han__rng rng;
            han__rng_init(&rng, 7, i);
            for (size_t k = 0; k < sizes[i]; k++)
                bytes[k] = noisy ? (uint8_t)han__rng_u64(&rng) : (uint8_t)(k % 13);
            world *w = open_world(sizes[i] + 1);
            pack(w, bytes, sizes[i], sizes[i] > 0);
            assert_int_equal(expand(w), HAN_OK);
            assert_int_equal(w->out.len, sizes[i]);
            if (sizes[i]) assert_memory_equal(w->out.data, bytes, sizes[i]);
            close_world(w);
        }
    }
}

TEST(members_follow_each_other)
{
    world *w = open_world(100);
    pack(w, "one ", 4, 1);
    pack(w, "two", 3, 1);
    assert_int_equal(han__buf_text(&w->out, "> "), HAN_OK);
    assert_int_equal(expand(w), HAN_OK);
    assert_int_equal(w->out.len, 9);
    assert_memory_equal(w->out.data, "> one two", 9);
    close_world(w);
}

TEST(cut_anywhere_it_is_refused_and_nothing_is_added)
{
    world *w = open_world(1000);
    pack(w, "some words that are not many", 28, 9);
    size_t whole = w->len;
    for (w->len = 0; w->len < whole; w->len++) {
        w->err = (han_error){0};
        assert_int_equal(expand(w), HAN_CORRUPT);
        assert_non_null(strstr(w->err.message, "cut off"));
        assert_int_equal(w->out.len, 0);
    }
    close_world(w);
}

TEST(damage_is_refused)
{
    world *w = open_world(1000);
    pack(w, "some words that are not many", 28, 9);
    size_t whole = w->len;
    for (size_t at = 0; at < whole; at++) {
        if (at >= 4 && at < 10) continue; /* time, flags of speed, system: they mean nothing */
        w->packed[at] ^= 0x55;
        w->len = whole;
        assert_int_equal(expand(w), HAN_CORRUPT);
        assert_int_equal(w->out.len, 0);
        w->packed[at] ^= 0x55;
    }
    memcpy(w->packed + whole, "{}", 2);
    w->len = whole + 2;
    assert_int_equal(expand(w), HAN_CORRUPT);
    close_world(w);
}

TEST(a_bomb_ends_at_the_maximum)
{
    static const uint8_t zeros[65536];
    world *w = open_world(1u << 20);
    pack(w, zeros, sizeof zeros, 2048); /* 128 MiB in 130 kB */
    assert_int_equal(expand(w), HAN_LIMIT);
    assert_non_null(strstr(w->err.message, "more than 1048576 bytes"));
    assert_int_equal(w->out.len, 0);
    assert_true(w->mem.live < 3u << 20);
    close_world(w);

    w = open_world(sizeof zeros);
    pack(w, zeros, sizeof zeros, 1); /* exactly the maximum */
    assert_int_equal(expand(w), HAN_OK);
    assert_int_equal(w->out.len, sizeof zeros);
    close_world(w);
}

static bool whole_way(world *w)
{
    w->err = (han_error){0};
    int rc = expand(w);
    bool ok = rc == HAN_OK && w->out.len == 6;
    if (!ok) assert_int_equal(rc, HAN_NOMEM);
    han__buf_release(&w->out);
    return ok;
}

TEST(every_refused_allocation_is_told)
{
    world *w = open_world(100);
    pack(w, "abc", 3, 2);
    SWEEP_ALLOCATIONS(&w->mem, whole_way(w));
    close_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_comes_back),
        cmocka_unit_test(members_follow_each_other),
        cmocka_unit_test(cut_anywhere_it_is_refused_and_nothing_is_added),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(a_bomb_ends_at_the_maximum),
        cmocka_unit_test(every_refused_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
