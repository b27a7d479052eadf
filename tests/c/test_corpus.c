/* store/corpus: every field of every row comes back from its own column, and bad rows are refused.
 */
#include "base/config.h"

#include <math.h>

#include "store_fixture.h"

/* Renders a row as lines "name=value", contents resolved and digests in hexadecimal. */
static int render(void *ud, size_t columns, const char *const *names, const han__sqlval *values)
{
    han__buf *out = ud;
    for (size_t i = 0; i < columns; i++) {
        const han__sqlval *v = &values[i];
        int status = han__buf_printf(out, "%s=", names[i]);
        if (v->type == HAN__SQL_NULL) status |= han__buf_text(out, "-");
        if (v->type == HAN__SQL_INT) status |= han__buf_printf(out, "i%lld", (long long)v->integer);
        if (v->type == HAN__SQL_REAL) status |= han__buf_printf(out, "r%g", v->real);
        if (v->type == HAN__SQL_TEXT)
            status |= han__buf_printf(out, "'%.*s'", (int)v->len, (const char *)v->bytes);
        for (size_t b = 0; v->type == HAN__SQL_BYTES && b < v->len; b++)
            status |= han__buf_printf(out, "%02x", ((const uint8_t *)v->bytes)[b]);
        assert_int_equal(status | han__buf_byte(out, '\n'), HAN_OK);
    }
    return HAN_OK;
}

static void expect_rows(fixture *f, const char *sql, const char *want)
{
    han__buf out;
    han__buf_init(&out, &f->mem, 1u << 20);
    assert_int_equal(query(f, sql, render, &out), HAN_OK);
    assert_string_equal(han__buf_cstr(&out), want);
    han__buf_release(&out);
}

#define AS_HEX  "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define AS_HEX_ "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static han__opt_int integer(int64_t v)
{
    return (han__opt_int){true, v};
}
static han__opt_real real(double v)
{
    return (han__opt_real){true, v};
}

static han__amounts amounts(int64_t base)
{
    return (han__amounts){integer(base),     integer(base + 1), integer(base + 2),
                          integer(base + 3), integer(base + 4), text("{\"gpu\":1}")};
}

static han__measure measure(double base)
{
    return (han__measure){integer(1),     real(base),     real(base * 2),
                          real(base * 4), real(base * 8), {"\0v", 2}};
}

static han__bench_row full_bench(void)
{
    return (han__bench_row){.id = text("b1"),
                            .kind = text("bench"),
                            .adapter = text("repair"),
                            .seed = INT64_MIN,
                            .split = text("dev"),
                            .config = text("C"),
                            .arms = text("A"),
                            .started_ms = 1700000000000,
                            .digest = text(AS_HEX),
                            .source = text("han bench repair")};
}

static han__attempt_row full_attempt(int64_t ordinal)
{
    return (han__attempt_row){.ordinal = ordinal,
                              .node = text("root/1"),
                              .from = text(AS_HEX),
                              .steer = text("STEER"),
                              .spans = text("SPANS"),
                              .output = text("OUTPUT"),
                              .status = text("done"),
                              .reason = text("because"),
                              .infra = false,
                              .over = true,
                              .verdict = measure(0.0625),
                              .spend = amounts(10),
                              .wall_ms = real(1.5),
                              .cpu_ms = real(2.5)};
}

static han__cell_row full_cell(const han__attempt_row *attempts, size_t count)
{
    return (han__cell_row){.bench_id = text("b1"),
                           .cell = text("repair/t1/sample/0"),
                           .try_number = 1,
                           .adapter = text("repair"),
                           .task = text("t1"),
                           .group = text("g1"),
                           .arm = text("sample#aa"),
                           .strategy = text("sample"),
                           .split = text("dev"),
                           .seed = INT64_MAX,
                           .replicate = 3,
                           .status = text("down"),
                           .reason = text("root/1 is down"),
                           .where = text("s.lua:3"),
                           .infra = true,
                           .over = false,
                           .score = measure(0.125),
                           .verdict = measure(0.03125),
                           .kept = integer(2),
                           .output = text("OUTPUT"),
                           .spend = amounts(100),
                           .budget = amounts(200),
                           .wall_ms = real(3.5),
                           .cpu_ms = real(4.5),
                           .program = text(AS_HEX),
                           .profile = text(AS_HEX),
                           .checks = text(AS_HEX),
                           .engine = text(AS_HEX),
                           .trust = text("split"),
                           .sandbox = text("none"),
                           .difficulty = real(2),
                           .meta = text("{}"),
                           .nodes = text("NODES"),
                           .decisions = text("DECISIONS"),
                           .source = text("other.jsonl"),
                           .imported = text(AS_HEX),
                           .attempts = attempts,
                           .attempt_count = count};
}

static void put_full(fixture *f)
{
    tally t = {0};
    han__batch *batch = NULL;
    han__bench_row bench = full_bench();
    han__attempt_row attempts[2] = {full_attempt(1), {.ordinal = 2}};
    han__cell_row cell = full_cell(attempts, 2);
    assert_int_equal(han__batch_new(f->store, &batch, &f->err), HAN_OK);
    assert_int_equal(han__corpus_add_bench(batch, &bench, &f->err), HAN_OK);
    assert_int_equal(han__corpus_add_cell(batch, &cell, &f->err), HAN_OK);
    assert_int_equal(han__store_put(f->store, batch, tally_done, &t, &f->err), HAN_OK);
    memset(attempts, 0xff, sizeof attempts); /* everything was copied */
    assert_int_equal(flush(f), HAN_OK);
    assert_int_equal(t.ok, 1);
}

#define MEASURE_OF(name, correct, fast, secure, cheap)                                             \
    name "_pass=i1\n" name "_correct=r" correct "\n" name "_fast=r" fast "\n" name                 \
         "_secure=r" secure "\n" name "_cheap=r" cheap "\n" name "=0076\n"
#define AMOUNTS_OF(name, a, b, c, d, e)                                                            \
    name "_tokens=i" a "\n" name "_nano_usd=i" b "\n" name "_shots=i" c "\n" name "_turns=i" d     \
         "\n" name "_evals=i" e "\n" name "_named='{\"gpu\":1}'\n"
/* SHA-256 of the contents, by sha256sum */
#define OUTPUT_DIGEST    "5dbf351336f2e66ee89266f3853594ff717c7c5e05724ad4b0047bd31e78658c"
#define STEER_DIGEST     "45865ed4d1897acf086edeac706b813a71a669c5cdc2d6b96d8d352cea3dcd84"
#define SPANS_DIGEST     "7683fb1c9e6e147b7b4c7bc5db2e11b20e0ecd6fe64414e0a1b0e9f73b26c3e0"
#define NODES_DIGEST     "4ad730fb2431328f127b3e5f9951c6804fc691868ac6d2f06d27288d5efd45ea"
#define DECISIONS_DIGEST "78b0f3d88dfe467c8e62918d608f8ba0575c584902b0aece2fdc276b5af88bdd"

TEST(every_column_of_a_bench)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    put_full(&f);
    expect_rows(&f, "SELECT * FROM bench",
                "id='b1'\nkind='bench'\nadapter='repair'\nseed=i-9223372036854775808\nsplit='dev'\n"
                "config=43\narms=41\nstarted_ms=i1700000000000\nended_ms=-\ndigest=" AS_HEX_
                "\nresult=-\nsource='han bench repair'\nexperiment=-\nparent=-\n");
    han__batch *batch = NULL;
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_OK);
    assert_int_equal(
        han__corpus_add_bench_end(batch, text("b1"), 1700000000001, text("OUTPUT"), &f.err),
        HAN_OK);
    assert_int_equal(han__store_put(f.store, batch, NULL, NULL, &f.err), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    expect_rows(&f, "SELECT ended_ms, result, CAST(content(result) AS TEXT) AS text FROM bench",
                "ended_ms=i1700000000001\nresult=" OUTPUT_DIGEST "\ntext='OUTPUT'\n");
    fixture_close(&f);
}

TEST(every_column_of_a_cell)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    put_full(&f);
    expect_rows(
        &f, "SELECT * FROM cell",
        "id=i1\nbench_id='b1'\ncell='repair/t1/sample/0'\ntry=i1\nadapter='repair'\ntask='t1'\n"
        "grp='g1'\narm='sample#aa'\nstrategy='sample'\nsplit='dev'\nseed=i9223372036854775807\n"
        "replicate=i3\nstatus='down'\nreason='root/1 is "
        "down'\nwhere_='s.lua:3'\ninfra=i1\nover=i0\n" MEASURE_OF("score", "0.125", "0.25", "0.5",
                                                                  "1")
            MEASURE_OF("verdict", "0.03125", "0.0625", "0.125",
                       "0.25") "kept=i2\noutput=" OUTPUT_DIGEST "\n" AMOUNTS_OF("spend", "100",
                                                                                "101", "102", "103",
                                                                                "104")
                AMOUNTS_OF("budget", "200", "201", "202", "203",
                           "204") "wall_ms=r3.5\ncpu_ms=r4.5\nprogram=" AS_HEX_ "\nprofile=" AS_HEX_
                                  "\nchecks=" AS_HEX_ "\nengine=" AS_HEX_
                                  "\ntrust='split'\nsandbox='none'\ndifficulty=r2\nmeta='{}'\n"
                                  "nodes=" NODES_DIGEST "\ndecisions=" DECISIONS_DIGEST
                                  "\nsource='other.jsonl'\nimported=" AS_HEX_ "\n");
    fixture_close(&f);
}

TEST(every_column_of_an_attempt)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    put_full(&f);
    expect_rows(
        &f, "SELECT * FROM attempt WHERE ordinal = 1",
        "cell_id=i1\nordinal=i1\nnode='root/1'\nfrom_=" AS_HEX_ "\nsteer=" STEER_DIGEST
        "\nspans=" SPANS_DIGEST "\noutput=" OUTPUT_DIGEST
        "\nstatus='done'\nreason='because'\ninfra=i0\nover=i1\n" MEASURE_OF("verdict", "0.0625",
                                                                            "0.125", "0.25", "0.5")
            AMOUNTS_OF("spend", "10", "11", "12", "13", "14") "wall_ms=r1.5\ncpu_ms=r2.5\n");
    /* the same output in three places is one content */
    assert_int_equal(number(&f, "SELECT count(*) FROM blob"), 5);
    fixture_close(&f);
}

TEST(absent_is_null_and_not_zero)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    put_full(&f);
    expect_rows(
        &f, "SELECT * FROM attempt WHERE ordinal = 2",
        "cell_id=i1\nordinal=i2\nnode=-\nfrom_=-\nsteer=-\nspans=-\noutput=-\nstatus=-\n"
        "reason=-\ninfra=i0\nover=i0\nverdict_pass=-\nverdict_correct=-\nverdict_fast=-\n"
        "verdict_secure=-\nverdict_cheap=-\nverdict=-\nspend_tokens=-\nspend_nano_usd=-\n"
        "spend_shots=-\nspend_turns=-\nspend_evals=-\nspend_named=-\nwall_ms=-\ncpu_ms=-\n");
    han__cell_row plain = small_cell("b1", "script/mine");
    plain.reason = (han__bytes){"a\0b", 3};
    plain.where = text("");
    assert_int_equal(put_cell(&f, &plain, NULL), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    expect_rows(&f,
                "SELECT adapter, task, arm, score, kept, output, budget_tokens, where_, "
                "length(CAST(reason AS BLOB)) AS n FROM cell WHERE cell = 'script/mine'",
                "adapter=-\ntask=-\narm=-\nscore=-\nkept=-\noutput=-\nbudget_tokens=-\nwhere_=''\n"
                "n=i3\n");
    fixture_close(&f);
}

/* A cell changed by `spoil` must be refused with a message that holds `word`. */
static void expect_refused(void (*spoil)(han__cell_row *, han__attempt_row *), const char *word)
{
    fixture f;
    han__attempt_row attempt = full_attempt(1);
    han__cell_row cell = full_cell(&attempt, 1);
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    spoil(&cell, &attempt);
    int status = put_cell(&f, &cell, NULL);
    assert_true(status == HAN_INVALID || status == HAN_LIMIT);
    assert_non_null(strstr(f.err.message, word));
    fixture_close(&f);
}

static void no_status(han__cell_row *c, han__attempt_row *a)
{
    c->status.data = NULL;
    (void)a;
}
static void no_cell(han__cell_row *c, han__attempt_row *a)
{
    c->cell.data = NULL;
    (void)a;
}
static void short_digest(han__cell_row *c, han__attempt_row *a)
{
    c->checks.len = 31;
    (void)a;
}
static void wrong_digest(han__cell_row *c, han__attempt_row *a)
{
    (void)c;
    a->from = text("x0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
}
static void nan_score(han__cell_row *c, han__attempt_row *a)
{
    c->score.fast = real(NAN);
    (void)a;
}
static void too_many(han__cell_row *c, han__attempt_row *a)
{
    (void)a;
    c->attempt_count = HAN__CORPUS_ATTEMPTS_MAX + 1;
}
static void huge(han__cell_row *c, han__attempt_row *a)
{
    (void)c;
    a->spans.len = (size_t)HAN__BLOB_BYTES_MAX + 1;
}

TEST(malformed_rows_are_refused_by_name)
{
    expect_refused(no_status, "'status'");
    expect_refused(no_cell, "'cell'");
    expect_refused(short_digest, "'checks'");
    expect_refused(wrong_digest, "'from_'");
    expect_refused(nan_score, "'score_fast'");
    expect_refused(too_many, "65536");
    expect_refused(huge, "content");
}

TEST(a_row_that_breaks_a_constraint_hurts_only_its_batch)
{
    fixture f;
    tally good = {0}, twice = {0}, orphan = {0};
    han__cell_row cell = small_cell("b1", "a/b/c/0"), lost = small_cell("nowhere", "a/b/c/0");
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(put_bench(&f, "b1", &good), HAN_OK);
    assert_int_equal(put_cell(&f, &cell, &good), HAN_OK);
    assert_int_equal(put_cell(&f, &cell, &twice), HAN_OK);
    assert_int_equal(put_cell(&f, &lost, &orphan), HAN_OK);
    assert_int_equal(put_bench(&f, "b2", &good), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(good.ok, 3);
    assert_int_equal(twice.last, HAN_INVALID);
    assert_non_null(strstr(twice.err.message, "writing a cell"));
    assert_non_null(strstr(twice.err.message, "cell.bench_id, cell.cell, cell.try"));
    assert_int_equal(orphan.last, HAN_INVALID);
    assert_non_null(strstr(orphan.err.message, "FOREIGN KEY"));
    cell.try_number = 1; /* the repetition is another row */
    assert_int_equal(put_cell(&f, &cell, &good), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM cell"), 2);
    assert_int_equal(number(&f, "SELECT count(*) FROM bench"), 2);
    fixture_close(&f);
}

TEST(a_content_that_was_rolled_back_is_written_again)
{
    fixture f;
    tally good = {0}, bad = {0};
    han__cell_row twice = small_cell("b1", "a"), other = small_cell("b1", "b");
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(put_bench(&f, "b1", &good), HAN_OK);
    assert_int_equal(put_cell(&f, &twice, &good), HAN_OK);
    twice.output = other.output = text("the same output");
    assert_int_equal(put_cell(&f, &twice, &bad), HAN_OK); /* refused, and its content with it */
    assert_int_equal(put_cell(&f, &other, &good), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(good.ok, 3);
    assert_int_equal(bad.failed, 1);
    expect_rows(&f, "SELECT CAST(content(output) AS TEXT) AS t FROM cell WHERE cell = 'b'",
                "t='the same output'\n");
    fixture_close(&f);
}

static int plan(void *ud, size_t columns, const char *const *names, const han__sqlval *values)
{
    (void)names;
    assert_int_equal(columns, 4);
    snprintf(ud, 200, "%.*s", (int)values[3].len, (const char *)values[3].bytes);
    return HAN_OK;
}

TEST(the_usual_queries_use_an_index)
{
    static const char *const queries[][2] = {
        {"SELECT score_correct FROM cell WHERE adapter = 'a' AND strategy = 's'",
         "cell_by_strategy"},
        {"SELECT score_correct FROM cell WHERE adapter = 'a' AND task = 't'", "cell_by_task"},
        {"SELECT score_correct FROM cell WHERE bench_id = 'b'", "sqlite_autoindex_cell_1"},
        {"SELECT id FROM cell WHERE imported = x'00'", "cell_imported"},
        {"SELECT grp FROM holdout_group WHERE line = 'l' AND adapter = 'a'", "PRIMARY KEY"},
        {"SELECT output FROM attempt WHERE cell_id = 1", "PRIMARY KEY"},
    };
    fixture f;
    char sql[300], text_of_plan[200];
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    for (size_t i = 0; i < HAN__COUNT(queries); i++) {
        snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", queries[i][0]);
        assert_int_equal(query(&f, sql, plan, text_of_plan), HAN_OK);
        assert_non_null(strstr(text_of_plan, "SEARCH"));
        assert_non_null(strstr(text_of_plan, queries[i][1]));
    }
    fixture_close(&f);
}

static bool fill_under_pressure(fixture *f)
{
    han__attempt_row attempt = full_attempt(1);
    han__cell_row cell = full_cell(&attempt, 1);
    han__batch *batch = NULL;
    han_error err = {0};
    static uint8_t large[100000];
    attempt.spans = (han__bytes){large, sizeof large};
    int status = han__batch_new(f->store, &batch, &err);
    if (status == HAN_OK) status = han__corpus_add_cell(batch, &cell, &err);
    bool good = status == HAN_OK;
    if (!good) {
        assert_int_equal(status, HAN_NOMEM);
        assert_true(err.message[0] != '\0');
    }
    han__batch_free(batch);
    return good;
}

TEST(adding_under_failing_allocations)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    sweep_allocations(&f, fill_under_pressure);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_of_a_bench),
        cmocka_unit_test(every_column_of_a_cell),
        cmocka_unit_test(every_column_of_an_attempt),
        cmocka_unit_test(absent_is_null_and_not_zero),
        cmocka_unit_test(malformed_rows_are_refused_by_name),
        cmocka_unit_test(a_row_that_breaks_a_constraint_hurts_only_its_batch),
        cmocka_unit_test(a_content_that_was_rolled_back_is_written_again),
        cmocka_unit_test(the_usual_queries_use_an_index),
        cmocka_unit_test(adding_under_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
