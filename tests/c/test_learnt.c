/* store/learnt: what was learnt keeps its first words and its last fate; a run that is gone on with
 * promotes once. */
#include "base/config.h"

#include "store/learnt.h"
#include "store_fixture.h"

static han__learnt_row small_learnt(const char *text_)
{
    return (han__learnt_row){.bench_id = text("b1"),
                             .line = text("toy"),
                             .learner = text("deployed"),
                             .text = text(text_),
                             .kind = text("artifact"),
                             .round = 1,
                             .author = text("search"),
                             .operator= text("wrap"),
                             .parents = text("[]"),
                             .novel = {true, 1},
                             .status = text("candidate"),
                             .created_ms = 5};
}

static han__champion_row small_champion(const char *text_)
{
    return (han__champion_row){.line = text("toy"),
                               .kind = text("artifact"),
                               .text = text(text_),
                               .how = text("promoted"),
                               .bench_id = text("b1"),
                               .set_ms = 7};
}

enum { LEARNT, CHAMPION, ROUND };

/* One row of a kind in a batch of its own; the writer's status, with its message in f. */
static int put(fixture *f, int kind, const void *row)
{
    tally t = {0};
    han__batch *batch = NULL;
    int status = han__batch_new(f->store, &batch, &f->err);
    if (status == HAN_OK && kind == LEARNT) status = han__learnt_add(batch, row, &f->err);
    if (status == HAN_OK && kind == CHAMPION)
        status = han__learnt_add_champion(batch, row, &f->err);
    if (status == HAN_OK && kind == ROUND) status = han__learnt_add_round(batch, row, &f->err);
    if (status == HAN_OK) status = han__store_put(f->store, batch, tally_done, &t, &f->err);
    if (status != HAN_OK) {
        han__batch_free(batch);
        return status;
    }
    assert_int_equal(flush(f), HAN_OK);
    if (t.failed) f->err = t.err;
    return t.last;
}

static void expect(fixture *f, int status, const char *word)
{
    assert_int_equal(status, HAN_INVALID);
    if (!strstr(f->err.message, word)) fail_msg("%s", f->err.message);
    han__error_clear(&f->err);
}

static void open_with_bench(fixture *f)
{
    fixture_open(f);
    assert_int_equal(store_open(f), HAN_OK);
    assert_int_equal(put_bench(f, "b1", NULL), HAN_OK);
}

TEST(a_fate_replaces_the_one_before_and_nothing_else)
{
    fixture f;
    open_with_bench(&f);
    han__learnt_row row = small_learnt("one");
    assert_int_equal(put(&f, LEARNT, &row), HAN_OK);
    row.status = text("refused");
    row.reason = text("no lift");
    row.operator= text("other");
    row.created_ms = 6;
    assert_int_equal(put(&f, LEARNT, &row), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM learnt WHERE status = 'refused' AND reason = "
                                "'no lift' AND operator = 'wrap' AND created_ms = 5"),
                     1);
    assert_int_equal(number(&f, "SELECT count(*) FROM learnt"), 1);
    row.learner = text("blind");
    assert_int_equal(put(&f, LEARNT, &row), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM learnt"), 2);
    assert_int_equal(number(&f, "SELECT count(*) FROM blob"), 1);
    fixture_close(&f);
}

TEST(what_is_no_learnt_thing_is_refused_by_name)
{
    fixture f;
    open_with_bench(&f);
    han__learnt_row row = small_learnt("one");
    row.kind = text("tool");
    expect(&f, put(&f, LEARNT, &row), "a_learnt_thing_has_a_kind");
    row = small_learnt("one");
    row.status = text("famous");
    expect(&f, put(&f, LEARNT, &row), "a_learnt_thing_has_a_status");
    row = small_learnt("one");
    row.bench_id = text("none");
    expect(&f, put(&f, LEARNT, &row), "FOREIGN KEY");
    row = small_learnt("one");
    row.text.data = NULL;
    expect(&f, put(&f, LEARNT, &row), "without 'text'");
    han__champion_row champion = small_champion("one");
    champion.how = text("crowned");
    expect(&f, put(&f, CHAMPION, &champion), "a_champion_comes_somehow");
    champion.text.data = NULL;
    expect(&f, put(&f, CHAMPION, &champion), "without 'text'");
    han__round_row round = {.bench_id = text("b1")};
    expect(&f, put(&f, ROUND, &round), "without 'result'");
    fixture_close(&f);
}

TEST(a_run_promotes_once_and_a_rollback_is_a_row)
{
    fixture f;
    open_with_bench(&f);
    han__champion_row row = small_champion("one");
    assert_int_equal(put(&f, CHAMPION, &row), HAN_OK);
    row.set_ms = 8;
    assert_int_equal(put(&f, CHAMPION, &row), HAN_OK);
    assert_int_equal(number(&f, "SELECT set_ms FROM champion"), 7);
    row.bench_id.data = NULL;
    row.how = text("rolled-back");
    assert_int_equal(put(&f, CHAMPION, &row), HAN_OK);
    assert_int_equal(put(&f, CHAMPION, &row), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM champion"), 3);
    fixture_close(&f);
}

TEST(the_first_result_of_a_round_counts)
{
    fixture f;
    open_with_bench(&f);
    han__round_row row = {.bench_id = text("b1"), .round = 1, .result = text("{}"), .ended_ms = 3};
    assert_int_equal(put(&f, ROUND, &row), HAN_OK);
    row.ended_ms = 4;
    assert_int_equal(put(&f, ROUND, &row), HAN_OK);
    assert_int_equal(number(&f, "SELECT ended_ms FROM improve_round"), 3);
    fixture_close(&f);
}

/* Whether one of each was added; every failure is HAN_NOMEM. */
static bool fill_under_pressure(fixture *f)
{
    han__learnt_row learnt = small_learnt("one");
    han__champion_row champion = small_champion("one");
    han__round_row round = {.bench_id = text("b1"), .result = text("{}")};
    han__batch *batch = NULL;
    han_error err = {0};
    int status = han__batch_new(f->store, &batch, &err);
    if (status == HAN_OK) status = han__learnt_add(batch, &learnt, &err);
    if (status == HAN_OK) status = han__learnt_add_champion(batch, &champion, &err);
    if (status == HAN_OK) status = han__learnt_add_round(batch, &round, &err);
    if (status != HAN_OK) assert_int_equal(status, HAN_NOMEM);
    han__batch_free(batch);
    return status == HAN_OK;
}

TEST(adding_under_failing_allocations)
{
    fixture f;
    open_with_bench(&f);
    sweep_allocations(&f, fill_under_pressure);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fate_replaces_the_one_before_and_nothing_else),
        cmocka_unit_test(what_is_no_learnt_thing_is_refused_by_name),
        cmocka_unit_test(a_run_promotes_once_and_a_rollback_is_a_row),
        cmocka_unit_test(the_first_result_of_a_round_counts),
        cmocka_unit_test(adding_under_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
