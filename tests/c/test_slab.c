/* base/slab: blocks keep what is written, emptied pages and regions go back, bounds and faults. */
#include "base/config.h"

#include "base/slab.h"
#include "testing.h"

#define BLOCKS 4000

typedef struct block {
    unsigned char *at;
    size_t size;
    unsigned char fill;
} block;

static block blocks[BLOCKS];

static void check(const block *b)
{
    for (size_t i = 0; i < b->size; i++) assert_int_equal(b->at[i], b->fill);
}

static uint32_t draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static void replace(han__slab *slab, block *b, uint64_t *seed)
{
    size_t size = 1 + draw(seed) % (draw(seed) % 8 ? 200 : 2000);
    check(b);
    if (draw(seed) % 2) {
        size_t kept = size < b->size ? size : b->size;
        b->at = han__slab_resize(slab, b->at, b->size, size);
        assert_non_null(b->at);
        for (size_t i = 0; i < kept; i++) assert_int_equal(b->at[i], b->fill);
    } else {
        han__slab_free(slab, b->at, b->size);
        b->at = han__slab_alloc(slab, size);
        assert_non_null(b->at);
    }
    assert_int_equal((uintptr_t)b->at % _Alignof(max_align_t), 0);
    *b = (block){b->at, size, (unsigned char)draw(seed)};
    memset(b->at, b->fill, b->size);
}

TEST(random_blocks_keep_what_they_hold)
{
    han__mem mem;
    han__slab slab;
    uint64_t seed = 7;
    han__mem_init(&mem, NULL, NULL);
    han__slab_init(&slab, &mem, 0);
    memset(blocks, 0, sizeof blocks);
    for (int i = 0; i < 100000; i++) replace(&slab, &blocks[draw(&seed) % BLOCKS], &seed);
    assert_int_equal(slab.held, mem.live);
    for (int i = 0; i < BLOCKS; i++) {
        check(&blocks[i]);
        han__slab_free(&slab, blocks[i].at, blocks[i].size);
    }
    assert_true(mem.live < 600000); /* one region stays */
    han__slab_release(&slab);
    assert_int_equal(mem.live, 0);
    assert_int_equal(slab.held, 0);
}

TEST(emptied_pages_serve_other_sizes)
{
    han__mem mem;
    han__slab slab;
    static void *held[20000];
    han__mem_init(&mem, NULL, NULL);
    han__slab_init(&slab, &mem, 0);
    for (size_t size = 16; size <= 512; size *= 2) {
        for (size_t i = 0; i < 20000; i++) held[i] = han__slab_alloc(&slab, size);
        for (size_t i = 0; i < 20000; i++) han__slab_free(&slab, held[i], size);
    }
    assert_true(mem.peak < 20000 * 512 + 20000 * 512 / 8 + (2u << 20));
    han__slab_release(&slab);
    assert_int_equal(mem.live, 0);
}

TEST(the_bound_is_kept)
{
    han__mem mem;
    han__slab slab;
    void *last = NULL;
    size_t taken = 0;
    han__mem_init(&mem, NULL, NULL);
    han__slab_init(&slab, &mem, 1u << 20);
    assert_null(han__slab_alloc(&slab, 2u << 20));
    void *large = han__slab_alloc(&slab, 100000);
    assert_non_null(large);
    assert_null(han__slab_resize(&slab, large, 100000, 2u << 20));
    han__slab_free(&slab, large, 100000);
    for (void *at; (at = han__slab_alloc(&slab, 64)); taken += 64) {
        memcpy(at, &last, sizeof last);
        last = at;
    }
    assert_true(taken > 850000 && mem.peak <= 1u << 20);
    while (last) {
        void *next;
        memcpy(&next, last, sizeof next);
        han__slab_free(&slab, last, 64);
        last = next;
    }
    han__slab_release(&slab);
    assert_int_equal(mem.live, 0);
}

TEST(every_call_is_a_fault_point)
{
    han__mem mem;
    han__slab slab;
    han__mem_init(&mem, NULL, NULL);
    han__slab_init(&slab, &mem, 0);
    char *a = han__slab_alloc(&slab, 40);
    assert_non_null(a);
    memcpy(a, "kept", 5);
    mem.fail_at = mem.calls + 1;
    assert_null(han__slab_alloc(&slab, 40));
    assert_null(han__slab_resize(&slab, a, 40, 41));
    assert_null(han__slab_resize(&slab, a, 40, 5000));
    assert_string_equal(a, "kept");
    mem.fail_at = 0;
    han__slab_free(&slab, a, 40);
    han__slab_release(&slab);
    assert_int_equal(mem.live, 0);
}

TEST(release_gives_back_what_is_in_use)
{
    han__mem mem;
    han__slab slab;
    void *large[3];
    if (!han__slab_drops()) skip();
    han__mem_init(&mem, NULL, NULL);
    han__slab_init(&slab, &mem, 0);
    assert_non_null(han__slab_alloc(&slab, 40));
    for (size_t i = 0; i < 3; i++) assert_non_null(large[i] = han__slab_alloc(&slab, 5000));
    assert_non_null(large[1] = han__slab_resize(&slab, large[1], 5000, 2000000));
    han__slab_free(&slab, large[2], 5000);
    assert_non_null(large[0] = han__slab_resize(&slab, large[0], 5000, 3000));
    assert_int_equal(slab.held, mem.live);
    han__slab_release(&slab);
    assert_int_equal(mem.live, 0);
}

TEST(a_trimmed_block_is_freed_by_its_new_size)
{
    han__mem mem;
    han__slab slab;
    han__mem_init(&mem, NULL, NULL);
    han__slab_init(&slab, &mem, 0);
    char *at = han__slab_alloc(&slab, 128);
    assert_non_null(at);
    memcpy(at, "kept", 5);
    mem.fail_at = mem.calls + 1;
    at = han__slab_trim(&slab, at, 128, 50);
    assert_non_null(at);
    assert_string_equal(at, "kept");
    mem.fail_at = 0;
    han__slab_free(&slab, at, 50);
    han__slab_release(&slab);
    assert_int_equal(mem.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_blocks_keep_what_they_hold),
        cmocka_unit_test(emptied_pages_serve_other_sizes),
        cmocka_unit_test(the_bound_is_kept),
        cmocka_unit_test(every_call_is_a_fault_point),
        cmocka_unit_test(release_gives_back_what_is_in_use),
        cmocka_unit_test(a_trimmed_block_is_freed_by_its_new_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
