/* store: numbered runs and their rows, what comes back of them, and what is damaged. */
#include "base/config.h"

#include "store/journal.h"
#include "store_fixture.h"

static han__bytes bytes(const void *data, size_t len)
{
    return (han__bytes){data, len};
}

static int64_t begin(fixture *f, const char *bench, const char *cell)
{
    int64_t n = 0;
    assert_int_equal(put_bench(f, bench, NULL), HAN_OK);
    assert_int_equal(han__journal_begin(f->store, bench, cell, &n, &f->err), HAN_OK);
    return n;
}

static int put_row(fixture *f, int64_t run, uint64_t place, const han__journal_row *given)
{
    han__journal_row copy = *given, *row = &copy;
    han__batch *batch = NULL;
    han__error_clear(&f->err);
    int status = han__batch_new(f->store, &batch, &f->err);
    if (status == HAN_OK) status = han__journal_add(batch, run, place, row, &f->err);
    if (status == HAN_OK) status = han__store_put(f->store, batch, NULL, NULL, &f->err);
    if (status != HAN_OK) han__batch_free(batch);
    return status;
}

typedef struct seen {
    uint64_t count, last;
    size_t longest;
    char kind[16], node[32], code[32], text_[32], place[32], amount[32], value[16];
    bool has_code, has_value;
    int64_t flags, clock;
    int stop;
} seen;

static void keep(char *out, size_t cap, han__bytes b)
{
    snprintf(out, cap, "%.*s", (int)b.len, b.data ? (const char *)b.data : "");
}

static int see(void *ud, const han__journal_row *row)
{
    seen *s = ud;
    s->count++;
    s->last = (uint64_t)row->id;
    s->clock = row->clock;
    s->flags = row->flags.known ? row->flags.value : -1;
    s->has_code = row->code.data != NULL;
    s->has_value = row->value.data != NULL;
    if (row->value.len > s->longest) s->longest = row->value.len;
    keep(s->kind, sizeof s->kind, row->kind);
    keep(s->node, sizeof s->node, row->node);
    keep(s->code, sizeof s->code, row->code);
    keep(s->text_, sizeof s->text_, row->text);
    keep(s->place, sizeof s->place, row->place);
    keep(s->amount, sizeof s->amount, row->amount);
    keep(s->value, sizeof s->value, row->value);
    return s->stop;
}

static int read_all(fixture *f, int64_t run, uint64_t after, seen *s)
{
    *s = (seen){.stop = s->stop};
    han__error_clear(&f->err);
    return han__journal_read(f->store, run, after, see, s, &f->err);
}

static const han__journal_row small = {.kind = {"spawned", 7}, .node = {"root/1", 6}};

TEST(a_run_has_one_number)
{
    fixture f;
    int64_t a, n = 0;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    a = begin(&f, "b1", "c1");
    assert_int_equal(han__journal_find(f.store, "b1", "c1", &n, &f.err), HAN_OK);
    assert_int_equal(n, a);
    assert_int_equal(han__journal_begin(f.store, "b1", "c1", &n, &f.err), HAN_INVALID);
    assert_non_null(strstr(f.err.message, "already"));
    assert_int_equal(han__journal_begin(f.store, "b1", "c2", &n, &f.err), HAN_OK);
    assert_int_not_equal(n, a);
    han__error_clear(&f.err);
    assert_int_equal(han__journal_find(f.store, "b1", "c3", &n, &f.err), HAN_UNKNOWN);
    han__error_clear(&f.err);
    assert_int_equal(han__journal_begin(f.store, "none", "c1", &n, &f.err), HAN_INVALID);
    assert_non_null(strstr(f.err.message, "no stored run none"));
    assert_int_equal(put_bench(&f, "b2", NULL), HAN_OK); /* the writer goes on */
    assert_int_equal(flush(&f), HAN_OK);
    fixture_close(&f);
}

TEST(a_row_comes_back_whole)
{
    fixture f;
    seen s = {0};
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    int64_t run = begin(&f, "b1", "c");
    const han__journal_row full = {.kind = text("finished"),
                                   .node = text("root/2"),
                                   .clock = 9,
                                   .code = text("SCRIPT"),
                                   .text = text("boom"),
                                   .place = text("a.lua:3"),
                                   .amount = text("{\"evals\":3}"),
                                   .flags = {true, HAN__JOURNAL_OVER},
                                   .value = bytes("\0v", 2)};
    assert_int_equal(put_row(&f, run, 1, &full), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(read_all(&f, run, 0, &s), HAN_OK);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.last, 1);
    assert_int_equal(s.clock, 9);
    assert_int_equal(s.flags, HAN__JOURNAL_OVER);
    assert_int_equal(s.longest, 2);
    assert_string_equal(s.kind, "finished");
    assert_string_equal(s.node, "root/2");
    assert_string_equal(s.code, "SCRIPT");
    assert_string_equal(s.text_, "boom");
    assert_string_equal(s.place, "a.lua:3");
    assert_string_equal(s.amount, "{\"evals\":3}");
    assert_int_equal(put_row(&f, run, 2, &small), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(read_all(&f, run, 1, &s), HAN_OK); /* what is absent stays absent */
    assert_int_equal(s.count, 1);
    assert_false(s.has_code);
    assert_false(s.has_value);
    assert_int_equal(s.flags, -1);
    assert_int_equal(number(&f,
                            "SELECT count(*) FROM journal_run JOIN journal ON id > number << 32 "
                            "AND id < number + 1 << 32 WHERE bench_id = 'b1' AND cell = 'c'"),
                     2);
    fixture_close(&f);
}

TEST(long_values_are_contents)
{
    fixture f;
    seen s = {0};
    char long_value[HAN__JOURNAL_INLINE_MAX + 1];
    han__journal_row row = small;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    int64_t run = begin(&f, "b1", "c");
    memset(long_value, 'a', sizeof long_value);
    row.value = bytes(long_value, HAN__JOURNAL_INLINE_MAX);
    assert_int_equal(put_row(&f, run, 1, &row), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM blob"), 0);
    row.value = bytes(long_value, sizeof long_value);
    assert_int_equal(put_row(&f, run, 2, &row), HAN_OK);
    assert_int_equal(put_row(&f, run, 3, &row), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM blob"), 1);
    assert_int_equal(read_all(&f, run, 0, &s), HAN_OK);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.longest, sizeof long_value);
    fixture_close(&f);
}

TEST(runs_do_not_mix_and_pieces_join)
{
    fixture f;
    seen s = {0};
    han__batch *batch = NULL;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    int64_t a = begin(&f, "b1", "c"), b = begin(&f, "b2", "c");
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_OK);
    for (uint64_t i = 1; i <= 10000; i++) {
        han__journal_row row = small;
        assert_int_equal(han__journal_add(batch, a, i, &row, &f.err), HAN_OK);
    }
    assert_int_equal(han__store_put(f.store, batch, NULL, NULL, &f.err), HAN_OK);
    assert_int_equal(put_row(&f, b, 1, &small), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(read_all(&f, a, 0, &s), HAN_OK);
    assert_int_equal(s.count, 10000);
    assert_int_equal(s.last, 10000);
    assert_int_equal(read_all(&f, a, 9990, &s), HAN_OK);
    assert_int_equal(s.count, 10);
    assert_int_equal(read_all(&f, b, 0, &s), HAN_OK);
    assert_int_equal(s.count, 1);
    s.stop = HAN_CANCELLED;
    assert_int_equal(read_all(&f, a, 0, &s), HAN_CANCELLED);
    assert_int_equal(s.count, 1);
    fixture_close(&f);
}

TEST(a_missing_row_is_named)
{
    fixture f;
    seen s = {0};
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    int64_t run = begin(&f, "b1", "c");
    for (uint64_t i = 1; i <= 3; i++) assert_int_equal(put_row(&f, run, i, &small), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    raw(f.path, "DELETE FROM journal WHERE id & 4294967295 = 2");
    assert_int_equal(read_all(&f, run, 0, &s), HAN_CORRUPT);
    assert_non_null(strstr(f.err.message, "row 2 of journal"));
    fixture_close(&f);
}

TEST(two_writers_leave_no_gap)
{
    fixture f;
    seen s = {0};
    han__journal_row row = small;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    int64_t run = begin(&f, "b1", "c");
    row.first = true;
    assert_int_equal(put_row(&f, run, 1, &row), HAN_OK);
    assert_int_equal(put_row(&f, run, 3, &row), HAN_OK); /* row 2 is not there: left out */
    assert_int_equal(put_row(&f, run, 2, &row), HAN_OK);
    assert_int_equal(put_row(&f, run, 2, &row), HAN_OK); /* it is there: left out */
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(read_all(&f, run, 0, &s), HAN_OK);
    assert_int_equal(s.count, 2);
    fixture_close(&f);
}

TEST(bad_rows_are_refused)
{
    fixture f;
    han__journal_row row = small;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    int64_t run = begin(&f, "b1", "c");
    row.node.data = NULL;
    assert_int_equal(put_row(&f, run, 1, &row), HAN_INVALID);
    assert_int_equal(put_row(&f, run, 0, &small), HAN_LIMIT);
    assert_int_equal(put_row(&f, run, HAN__JOURNAL_ROWS_MAX + 1, &small), HAN_LIMIT);
    assert_int_equal(put_row(&f, 0, 1, &small), HAN_LIMIT);
    assert_int_equal(put_row(&f, run, 1, &small), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_has_one_number),
        cmocka_unit_test(a_row_comes_back_whole),
        cmocka_unit_test(long_values_are_contents),
        cmocka_unit_test(runs_do_not_mix_and_pieces_join),
        cmocka_unit_test(a_missing_row_is_named),
        cmocka_unit_test(two_writers_leave_no_gap),
        cmocka_unit_test(bad_rows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
