/* base/buf: growth to the maximum and not beyond, and that a refusal changes nothing. */
#include "base/config.h"

#include "base/buf.h"
#include "testing.h"

typedef struct fixture {
    han__mem mem;
    han__buf buf;
} fixture;

static void open_fixture(fixture *f, size_t max)
{
    han__mem_init(&f->mem, NULL, NULL);
    han__buf_init(&f->buf, &f->mem, max);
}

static void close_fixture(fixture *f)
{
    han__buf_release(&f->buf);
    assert_int_equal(f->mem.live, 0);
}

TEST(appends_and_consumes)
{
    fixture f;
    open_fixture(&f, 1000);
    assert_int_equal(han__buf_text(&f.buf, "hello"), 0);
    assert_int_equal(han__buf_byte(&f.buf, ' '), 0);
    assert_int_equal(han__buf_printf(&f.buf, "%d-%s", 42, "x"), 0);
    assert_string_equal(han__buf_cstr(&f.buf), "hello 42-x");
    han__buf_consume(&f.buf, 6);
    assert_string_equal(han__buf_cstr(&f.buf), "42-x");
    han__buf_consume(&f.buf, 0);
    han__buf_consume(&f.buf, 4);
    assert_int_equal(f.buf.len, 0);
    assert_int_equal(han__buf_append(&f.buf, NULL, 0), 0);
    han__buf_reset(&f.buf);
    assert_string_equal(han__buf_cstr(&f.buf), "");
    close_fixture(&f);
}

TEST(integers_are_little_endian)
{
    fixture f;
    open_fixture(&f, 1000);
    assert_int_equal(han__buf_u8(&f.buf, 0xab), 0);
    assert_int_equal(han__buf_u32(&f.buf, 0x01020304), 0);
    assert_int_equal(han__buf_u64(&f.buf, 0x1112131415161718), 0);
    assert_int_equal(f.buf.len, 13);
    assert_memory_equal(f.buf.data, "\xab\x04\x03\x02\x01\x18\x17\x16\x15\x14\x13\x12\x11", 13);
    close_fixture(&f);
}

TEST(limit_leaves_it_usable)
{
    fixture f;
    open_fixture(&f, 100);
    char block[101] = {0};
    assert_int_equal(han__buf_append(&f.buf, block, 101), HAN_LIMIT);
    assert_int_equal(han__buf_append(&f.buf, block, 99), 0);
    assert_int_equal(han__buf_printf(&f.buf, "%s", "ab"), HAN_LIMIT);
    assert_int_equal(han__buf_u32(&f.buf, 1), HAN_LIMIT);
    assert_int_equal(f.buf.len, 99);
    assert_int_equal(han__buf_printf(&f.buf, "%s", "z"),
                     0); /* to the brim: the NUL is not counted */
    assert_int_equal(han__buf_byte(&f.buf, 'q'), HAN_LIMIT);
    assert_int_equal(han__buf_reserve(&f.buf, SIZE_MAX), HAN_LIMIT);
    assert_non_null(han__buf_cstr(&f.buf));
    assert_int_equal(f.buf.len, 100);
    assert_true(f.buf.cap <= 101);
    han__buf_consume(&f.buf, 99);
    assert_string_equal(han__buf_cstr(&f.buf), "z");
    close_fixture(&f);
}

TEST(a_small_maximum_takes_little)
{
    fixture f;
    open_fixture(&f, 10);
    assert_int_equal(han__buf_byte(&f.buf, 'x'), 0);
    assert_true(f.mem.live <= 11);
    close_fixture(&f);
}

TEST(reserve_then_write)
{
    fixture f;
    open_fixture(&f, SIZE_MAX);
    assert_int_equal(han__buf_reserve(&f.buf, 200), 0);
    assert_true(f.buf.cap >= 200);
    memset(f.buf.data + f.buf.len, 'r', 200);
    f.buf.len += 200;
    for (int i = 0; i < 5000; i++) assert_int_equal(han__buf_byte(&f.buf, 's'), 0);
    assert_int_equal(f.buf.len, 5200);
    assert_int_equal(f.buf.data[199], 'r');
    assert_int_equal(f.buf.data[5199], 's');
    assert_true(f.mem.calls < 10);
    close_fixture(&f);
}

TEST(detach_hands_over)
{
    fixture f;
    open_fixture(&f, 100);
    assert_int_equal(han__buf_text(&f.buf, "mine"), 0);
    size_t len = 0, cap = 0;
    uint8_t *data = han__buf_detach(&f.buf, &len, &cap);
    assert_int_equal(len, 4);
    assert_null(f.buf.data);
    assert_int_equal(han__buf_text(&f.buf, "again"), 0);
    assert_memory_equal(data, "mine", 4);
    han__mem_free(&f.mem, data, cap);
    close_fixture(&f);
}

static bool fill(fixture *f)
{
    bool ok = han__buf_text(&f->buf, "0123456789") == 0;
    ok = ok && han__buf_printf(&f->buf, "%0200d", 7) == 0;
    ok = ok && han__buf_cstr(&f->buf) != NULL;
    if (!ok) assert_true(f->buf.len == 0 || f->buf.len == 10 || f->buf.len == 210);
    han__buf_release(&f->buf);
    return ok;
}

TEST(every_allocation_may_fail)
{
    fixture f;
    open_fixture(&f, 1000);
    SWEEP_ALLOCATIONS(&f.mem, fill(&f));
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_and_consumes),      cmocka_unit_test(integers_are_little_endian),
        cmocka_unit_test(limit_leaves_it_usable),    cmocka_unit_test(a_small_maximum_takes_little),
        cmocka_unit_test(reserve_then_write),        cmocka_unit_test(detach_hands_over),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
