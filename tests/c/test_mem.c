/* base/mem: counting, refusals, growth, and that the C allocator is out of reach. */
#include "base/config.h"

#include "base/mem.h"
#include "testing.h"

#define SPELL_(x) #x
#define SPELL(x)  SPELL_(x)

TEST(counts_live_peak_and_calls)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    char *a = han__mem_alloc(&mem, 100);
    char *b = han__mem_zalloc(&mem, 5, 10);
    assert_non_null(a);
    assert_non_null(b);
    for (int i = 0; i < 50; i++) assert_int_equal(b[i], 0);
    assert_int_equal(mem.live, 150);
    a = han__mem_resize(&mem, a, 100, 10);
    assert_non_null(a);
    assert_int_equal(mem.live, 60);
    assert_int_equal(mem.peak, 150);
    assert_int_equal(mem.calls, 2);
    han__mem_free(&mem, a, 10);
    han__mem_free(&mem, b, 50);
    han__mem_free(&mem, NULL, 7);
    assert_int_equal(mem.live, 0);
}

TEST(size_zero_is_a_block_of_one)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    char *a = han__mem_alloc(&mem, 0);
    assert_non_null(a);
    a[0] = 'x';
    assert_int_equal(mem.live, 1);
    a = han__mem_resize(&mem, a, 0, 4);
    assert_int_equal(mem.live, 4);
    a = han__mem_resize(&mem, a, 4, 0);
    assert_non_null(a);
    assert_int_equal(mem.live, 1);
    han__mem_free(&mem, a, 0);
    assert_int_equal(mem.live, 0);
    char *z = han__mem_zalloc(&mem, 0, 8);
    assert_non_null(z);
    han__mem_free(&mem, z, 0);
}

TEST(strdup_and_overflow)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    char *text = han__mem_strdup(&mem, "agent");
    assert_string_equal(text, "agent");
    assert_int_equal(mem.live, 6);
    han__mem_strfree(&mem, text);
    han__mem_strfree(&mem, NULL);
    assert_int_equal(mem.live, 0);
    assert_null(han__mem_zalloc(&mem, SIZE_MAX / 2, 3));
}

TEST(fails_at_the_nth_call)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    mem.fail_at = 2;
    char *a = han__mem_alloc(&mem, 8);
    assert_non_null(a);
    assert_null(han__mem_resize(&mem, a, 8, 16));
    assert_null(han__mem_alloc(&mem, 8));
    a = han__mem_resize(&mem, a, 8, 4); /* shrinking cannot be refused */
    assert_non_null(a);
    assert_int_equal(mem.live, 4);
    mem.calls = 0;
    mem.fail_at = 1;
    mem.fail_once = true;
    assert_null(han__mem_alloc(&mem, 8));
    char *b = han__mem_alloc(&mem, 8);
    assert_non_null(b);
    han__mem_free(&mem, a, 4);
    han__mem_free(&mem, b, 8);
    assert_int_equal(mem.live, 0);
}

TEST(grow_doubles_within_max)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    uint32_t *list = NULL;
    size_t cap = 0;
    for (size_t n = 0; n < 1000; n++) {
        assert_int_equal(han__mem_grow(&mem, (void **)&list, &cap, n + 1, sizeof *list, 1000), 0);
        list[n] = (uint32_t)n;
    }
    assert_int_equal(cap, 1000);
    assert_int_equal(mem.calls, 8);
    assert_int_equal(han__mem_grow(&mem, (void **)&list, &cap, 1001, sizeof *list, 1000),
                     HAN_LIMIT);
    assert_int_equal(list[999], 999);
    assert_int_equal(han__mem_grow(&mem, (void **)&list, &cap, SIZE_MAX / 2, 4, SIZE_MAX),
                     HAN_NOMEM);
    mem.fail_at = 1;
    mem.calls = 0;
    assert_int_equal(han__mem_grow(&mem, (void **)&list, &cap, 2000, 4, 4000), HAN_NOMEM);
    assert_int_equal(cap, 1000);
    han__mem_free(&mem, list, cap * sizeof *list);
    assert_int_equal(mem.live, 0);
}

typedef struct seen {
    size_t calls, old_size, new_size;
} seen;

static void *host_alloc(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    static char place[64];
    seen *s = ud;
    s->calls++;
    s->old_size = old_size;
    s->new_size = new_size;
    HAN__UNUSED(ptr);
    return new_size ? place : NULL;
}

TEST(host_allocator_sees_exact_sizes)
{
    seen s = {0, 0, 0};
    han__mem mem;
    han__mem_init(&mem, host_alloc, &s);
    void *p = han__mem_alloc(&mem, 10);
    assert_int_equal(s.old_size, 0);
    assert_int_equal(s.new_size, 10);
    p = han__mem_resize(&mem, p, 10, 20);
    assert_int_equal(s.old_size, 10);
    assert_int_equal(s.new_size, 20);
    han__mem_free(&mem, p, 20);
    assert_int_equal(s.old_size, 20);
    assert_int_equal(s.new_size, 0);
    assert_int_equal(s.calls, 3);
}

/* The names expand to functions that do not exist: a use is a compile error under -Werror. */
TEST(the_c_allocator_is_out_of_reach)
{
    assert_string_equal(SPELL(malloc(1)), "han__use_han__mem_alloc_instead(1)");
    assert_string_equal(SPELL(calloc(1, 2)), "han__use_han__mem_zalloc_instead(1, 2)");
    assert_string_equal(SPELL(realloc(p, 2)), "han__use_han__mem_resize_instead(p, 2)");
    assert_string_equal(SPELL(free(p)), "han__use_han__mem_free_instead(p)");
    assert_string_equal(SPELL(strdup("")), "han__use_han__mem_strdup_instead(\"\")");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_live_peak_and_calls),
        cmocka_unit_test(size_zero_is_a_block_of_one),
        cmocka_unit_test(strdup_and_overflow),
        cmocka_unit_test(fails_at_the_nth_call),
        cmocka_unit_test(grow_doubles_within_max),
        cmocka_unit_test(host_allocator_sees_exact_sizes),
        cmocka_unit_test(the_c_allocator_is_out_of_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
