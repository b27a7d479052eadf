/* store/ledger: what may happen once happens once, whoever tries; an older file is brought up to
 * it. */
#include "base/config.h"

#include "store/ledger.h"
#include "store/migrate.h"
#include "store_fixture.h"

#include <math.h>

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static han__experiment_row small_experiment(const char *id)
{
    return (han__experiment_row){.id = text(id),
                                 .adapter = text("toy"),
                                 .primary = text("correct"),
                                 .arms = text("[\"a\",\"b\"]"),
                                 .family = 1,
                                 .control = text("spend"),
                                 .alpha = {true, 0.05},
                                 .n = 8,
                                 .holdout = text("gate"),
                                 .rule = text("{}"),
                                 .digest = text(DIGEST)};
}

static han__spend_row small_spend(const char *line, const char *slice)
{
    return (han__spend_row){.line = text(line),
                            .adapter = text("toy"),
                            .slice = text(slice),
                            .split = text("gate"),
                            .digest = text(DIGEST),
                            .bench_id = text("b1"),
                            .kind = text("bench")};
}

/* Puts a batch that was filled with `status` and waits; the writer's status, with its message in f.
 */
static int settle(fixture *f, han__batch *batch, int status)
{
    tally t = {0};
    if (status == HAN_OK) status = han__store_put(f->store, batch, tally_done, &t, &f->err);
    if (status != HAN_OK) {
        han__batch_free(batch);
        return status;
    }
    assert_int_equal(flush(f), HAN_OK);
    if (t.failed) f->err = t.err;
    return t.last;
}

static han__batch *empty(fixture *f)
{
    han__batch *batch = NULL;
    han__error_clear(&f->err);
    assert_int_equal(han__batch_new(f->store, &batch, &f->err), HAN_OK);
    return batch;
}

static int put_experiment(fixture *f, const han__experiment_row *row)
{
    han__batch *batch = empty(f);
    return settle(f, batch, han__ledger_add_experiment(batch, row, &f->err));
}

static int put_split(fixture *f, const char *adapter, const char *group, const char *split)
{
    han__batch *batch = empty(f);
    han__split_row row = {.adapter = text(adapter), .group = text(group), .split = text(split)};
    return settle(f, batch, han__ledger_add_split(batch, &row, &f->err));
}

/* A spend of two groups. */
static int put_spend(fixture *f, const han__spend_row *row, const char *one, const char *two)
{
    han__batch *batch = empty(f);
    han__bytes groups[] = {text(one), text(two)};
    return settle(f, batch, han__ledger_add_spend(batch, row, groups, 2, &f->err));
}

static void expect(fixture *f, int status, const char *word)
{
    assert_int_equal(status, HAN_INVALID);
    if (!strstr(f->err.message, word)) fail_msg("%s", f->err.message);
}

/* An open store with the bench b1 and the gate groups g1 to g4 of toy. */
static void open_ledger(fixture *f)
{
    static const char *const groups[] = {"g1", "g2", "g3", "g4"};
    fixture_open(f);
    assert_int_equal(store_open(f), HAN_OK);
    assert_int_equal(put_bench(f, "b1", NULL), HAN_OK);
    for (size_t i = 0; i < HAN__COUNT(groups); i++)
        assert_int_equal(put_split(f, "toy", groups[i], "gate"), HAN_OK);
}

TEST(an_experiment_comes_before_its_bench)
{
    fixture f;
    open_ledger(&f);
    han__bench_row bench = small_bench("b2");
    bench.experiment = text("e1");
    han__batch *batch = empty(&f);
    expect(&f, settle(&f, batch, han__corpus_add_bench(batch, &bench, &f.err)), "FOREIGN KEY");
    han__experiment_row row = small_experiment("e1");
    assert_int_equal(put_experiment(&f, &row), HAN_OK);
    expect(&f, put_experiment(&f, &row), "experiment.id");
    batch = empty(&f);
    assert_int_equal(settle(&f, batch, han__corpus_add_bench(batch, &bench, &f.err)), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM bench JOIN experiment e ON experiment = e.id "
                                "WHERE alpha = 0.05 AND n = 8 AND line IS NULL AND family = 1"),
                     1);
    fixture_close(&f);
}

TEST(a_rule_that_is_none_is_refused)
{
    fixture f;
    open_ledger(&f);
    han__experiment_row row = small_experiment("e1");
    row.alpha.value = 1.0;
    expect(&f, put_experiment(&f, &row), "alpha_is_a_probability");
    row.alpha.value = NAN;
    expect(&f, put_experiment(&f, &row), "NaN");
    row.alpha.known = false;
    expect(&f, put_experiment(&f, &row), "experiment.alpha");
    row = small_experiment("e1");
    row.family = 0;
    expect(&f, put_experiment(&f, &row), "a_family_has_members");
    row = small_experiment("e1");
    row.n = 0;
    expect(&f, put_experiment(&f, &row), "an_experiment_has_groups");
    row = small_experiment("e1");
    row.digest = (han__bytes){0};
    expect(&f, put_experiment(&f, &row), "digest");
    row.digest = text("abc");
    expect(&f, put_experiment(&f, &row), "not a digest");
    assert_int_equal(number(&f, "SELECT count(*) FROM experiment"), 0);
    fixture_close(&f);
}

TEST(a_group_stays_in_its_split)
{
    fixture f;
    open_ledger(&f);
    assert_int_equal(put_split(&f, "toy", "g1", "gate"), HAN_OK); /* again the same */
    expect(&f, put_split(&f, "toy", "g1", "train"), "a_group_is_in_one_split");
    expect(&f, put_split(&f, "toy", "g9", "test"), "a_group_is_in_one_split");
    assert_int_equal(put_split(&f, "other", "g1", "train"), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM split_group WHERE split = 'gate'"), 4);
    assert_int_equal(number(&f, "SELECT count(*) FROM split_group"), 5);
    fixture_close(&f);
}

TEST(a_slice_is_spent_once_on_a_line)
{
    fixture f;
    open_ledger(&f);
    han__spend_row first = small_spend("main", "s1"), again = small_spend("main", "s1"),
                   renamed = small_spend("main", "s2"), other_line = small_spend("side", "s1");
    assert_int_equal(put_spend(&f, &first, "g1", "g2"), HAN_OK);
    expect(&f, put_spend(&f, &again, "g3", "g4"),
           "holdout_spend.line, holdout_spend.adapter, holdout_spend.slice");
    /* the same groups under another name, and one of them */
    expect(&f, put_spend(&f, &renamed, "g1", "g2"), "holdout_group.grp");
    expect(&f, put_spend(&f, &renamed, "g3", "g2"), "holdout_group.grp");
    assert_int_equal(number(&f, "SELECT count(*) FROM holdout_spend"), 1); /* nothing half */
    assert_int_equal(number(&f, "SELECT count(*) FROM holdout_group"), 2);
    assert_int_equal(put_spend(&f, &renamed, "g3", "g4"), HAN_OK);
    assert_int_equal(put_spend(&f, &other_line, "g1", "g2"), HAN_OK);
    assert_int_equal(number(&f, "SELECT sum(size) FROM holdout_spend"), 6);
    fixture_close(&f);
}

TEST(a_second_process_cannot_spend_it_either)
{
    fixture f;
    open_ledger(&f);
    han__store *second = NULL, *first = f.store;
    assert_int_equal(han__store_open(&f.mem, &f.options, &second, &f.err), HAN_OK);
    han__spend_row row = small_spend("main", "s1");
    assert_int_equal(put_spend(&f, &row, "g1", "g2"), HAN_OK);
    f.store = second;
    expect(&f, put_spend(&f, &row, "g1", "g2"), "holdout_spend.slice");
    assert_int_equal(han__store_close(second, NULL), HAN_OK);
    f.store = first;
    fixture_close(&f);
}

TEST(only_held_out_groups_of_the_adapter_are_spent)
{
    fixture f;
    open_ledger(&f);
    han__spend_row row = small_spend("main", "s1");
    assert_int_equal(put_split(&f, "toy", "d1", "dev"), HAN_OK);
    expect(&f, put_spend(&f, &row, "g1", "d1"), "FOREIGN KEY"); /* of another split */
    expect(&f, put_spend(&f, &row, "g1", "g7"), "FOREIGN KEY"); /* of none */
    expect(&f, put_spend(&f, &row, "g1", "g1"), "holdout_group.grp");
    row.split = text("dev");
    expect(&f, put_spend(&f, &row, "d1", "d1"), "only_held_out_splits_are_spent");
    row.split = text("final");
    expect(&f, put_spend(&f, &row, "g1", "g2"), "final_is_one_slice");
    han__batch *batch = empty(&f);
    row.split = text("gate");
    expect(&f, settle(&f, batch, han__ledger_add_spend(batch, &row, NULL, 0, &f.err)), "groups");
    fixture_close(&f);
}

TEST(an_import_spends_nothing)
{
    fixture f;
    open_ledger(&f);
    han__batch *batch = empty(&f);
    han__bench_row bench = small_bench("i1");
    bench.kind = text("import");
    assert_int_equal(settle(&f, batch, han__corpus_add_bench(batch, &bench, &f.err)), HAN_OK);
    han__spend_row row = small_spend("main", "s1");
    row.bench_id = text("i1");
    expect(&f, put_spend(&f, &row, "g1", "g2"), "FOREIGN KEY"); /* i1 is no bench */
    row.kind = text("import");
    expect(&f, put_spend(&f, &row, "g1", "g2"), "an_import_spends_nothing");
    row.bench_id = text("b9");
    row.kind = text("gate");
    expect(&f, put_spend(&f, &row, "g1", "g2"), "FOREIGN KEY");
    fixture_close(&f);
}

TEST(an_imported_cell_is_stored_once_with_its_source)
{
    fixture f;
    tally t = {0};
    open_ledger(&f);
    han__cell_row cell = small_cell("b1", "c1");
    cell.imported = text(DIGEST);
    assert_int_equal(put_cell(&f, &cell, &t), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_non_null(strstr(t.err.message, "an_imported_cell_has_a_source"));
    cell.source = text("a.jsonl");
    assert_int_equal(put_cell(&f, &cell, &t), HAN_OK);
    cell.cell = text("c2");
    assert_int_equal(put_cell(&f, &cell, &t), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_non_null(strstr(t.err.message, "cell.imported"));
    assert_int_equal(number(&f, "SELECT count(*) FROM cell WHERE source = 'a.jsonl'"), 1);
    fixture_close(&f);
}

extern const char han__schema_sql[];

TEST(a_file_of_schema_1_keeps_what_it_holds)
{
    fixture f;
    fixture_open(&f);
    raw(f.path, han__schema_sql);
    raw(f.path, "PRAGMA application_id = 0x68616e31; PRAGMA user_version = 1;"
                "INSERT INTO bench (id, kind, seed, started_ms) VALUES ('old', 'bench', 1, 1);"
                "INSERT INTO cell (bench_id, cell, try, seed, replicate, status, infra, over) "
                "VALUES ('old', 'c', 0, 1, 0, 'done', 0, 0)");
    f.options.readonly = true; /* reading changes nothing, so it cannot bring it up */
    assert_int_equal(store_open(&f), HAN_UNKNOWN);
    assert_non_null(strstr(f.err.message, "schema 1, this one reads"));
    f.options.readonly = false;
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM bench JOIN cell ON bench_id = bench.id WHERE "
                                "experiment IS NULL AND imported IS NULL AND cell = 'c'"),
                     1);
    assert_int_equal(put_split(&f, "toy", "g1", "gate"), HAN_OK);
    fixture_close(&f);
}

/* Whether one batch of each kind of row was added; every failure is HAN_NOMEM. */
static bool fill_under_pressure(fixture *f)
{
    han__experiment_row experiment = small_experiment("e1");
    han__spend_row spend = small_spend("main", "s1");
    han__split_row split = {.adapter = text("toy"), .group = text("g1"), .split = text("gate")};
    han__bytes groups[] = {text("g1"), text("g2")};
    han__batch *batch = NULL;
    han_error err = {0};
    int status = han__batch_new(f->store, &batch, &err);
    if (status == HAN_OK) status = han__ledger_add_experiment(batch, &experiment, &err);
    if (status == HAN_OK) status = han__ledger_add_split(batch, &split, &err);
    if (status == HAN_OK) status = han__ledger_add_spend(batch, &spend, groups, 2, &err);
    if (status != HAN_OK) assert_int_equal(status, HAN_NOMEM);
    han__batch_free(batch);
    return status == HAN_OK;
}

TEST(adding_under_failing_allocations)
{
    fixture f;
    open_ledger(&f);
    sweep_allocations(&f, fill_under_pressure);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_experiment_comes_before_its_bench),
        cmocka_unit_test(a_rule_that_is_none_is_refused),
        cmocka_unit_test(a_group_stays_in_its_split),
        cmocka_unit_test(a_slice_is_spent_once_on_a_line),
        cmocka_unit_test(a_second_process_cannot_spend_it_either),
        cmocka_unit_test(only_held_out_groups_of_the_adapter_are_spent),
        cmocka_unit_test(an_import_spends_nothing),
        cmocka_unit_test(an_imported_cell_is_stored_once_with_its_source),
        cmocka_unit_test(a_file_of_schema_1_keeps_what_it_holds),
        cmocka_unit_test(adding_under_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
