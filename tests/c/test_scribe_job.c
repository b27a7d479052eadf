/* Journaled runs as in a job, which has no store: rows are taken and told durable by another. */
#include "base/config.h"
#include "scribe_world.h"

#include "script/journal_wire.h"

/* A run as in a job: its rows are taken, and told durable, by whoever drives it. */
typedef struct job_run {
    world *w;
    han__buf taken;
    bool hold; /* nothing becomes durable any more */
} job_run;

static void take_rows(void *ud)
{
    job_run *j = ud;
    han__buf rows;
    uint64_t last = han__scribe_take(j->w->run->scribe, &rows);
    if (last == 0) return;
    assert_int_equal(han__buf_append(&j->taken, rows.data, rows.len), HAN_OK);
    han__buf_release(&rows);
    if (!j->hold) han__scribe_durable(j->w->run->scribe, last);
}

/* Runs it behind the first `len` bytes of rows; false when it holds still before its end. */
static bool run_in_job(world *w, job_run *j, const void *past, size_t len)
{
    han__run_options options = {.source = program,
                                .source_len = strlen(program),
                                .name = "t.lua",
                                .services = LUA_NOREF,
                                .ceiling = {{[HAN__EVALS] = 100}},
                                .undeclared = (uint8_t) ~(1u << HAN__EVALS),
                                .seed = 5};
    han__scribe_options journal = {
        .past = past, .past_len = len, .wanted = take_rows, .ud = j, .begin = "\1", .begin_len = 1};
    han__buf_reset(&j->taken);
    assert_int_equal(han__run_open(&w->host, &options, &w->run, &w->err), HAN_OK);
    assert_int_equal(han__scribe_open(w->run, &journal, &w->err), HAN_OK);
    for (int i = 0; i < 10000 && !w->run->told_end; i++) han__host_step(&w->host, 1000);
    assert_null(han__scribe_failure(w->run->scribe));
    return w->run->told_end;
}

/* Wherever the rows end that were durable, the next life adds exactly the others. */
TEST(a_job_goes_on_behind_any_row)
{
    static world w;
    han__buf whole;
    size_t at = 0;
    han__journal_row row;
    job_run j = {.w = &w};
    memset(&w, 0, sizeof w);
    fixture_open(&w.store);
    open_process(&w);
    han__buf_init(&whole, &w.store.mem, 1u << 20);
    han__buf_init(&j.taken, &w.store.mem, 1u << 20);
    assert_true(run_in_job(&w, &j, NULL, 0));
    assert_int_equal(han__buf_append(&whole, j.taken.data, j.taken.len), HAN_OK);
    end_run(&w);
    while (han__journal_unpack(whole.data, whole.len, &at, &row) == 1) {
        assert_true(run_in_job(&w, &j, whole.data, at));
        assert_int_equal(j.taken.len, whole.len - at);
        assert_memory_equal(j.taken.data, whole.data + at, j.taken.len);
        end_run(&w);
    }
    j.hold = true; /* nothing is durable: nothing is delivered */
    assert_false(run_in_job(&w, &j, NULL, 0));
    for (at = 0; han__journal_unpack(j.taken.data, j.taken.len, &at, &row) == 1;)
        assert_true(row.kind.len != 9 || memcmp(row.kind.data, "delivered", 9) != 0);
    end_run(&w);
    han__buf_release(&whole);
    han__buf_release(&j.taken);
    close_process(&w);
    fixture_close(&w.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_goes_on_behind_any_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
