/* store queries: one reading statement, bound, bounded in rows and time. */
#include "base/config.h"

#include "store_fixture.h"

static void expect_query(fixture *f, const char *sql, int status, const char *word)
{
    int64_t n = 0;
    int got = query(f, sql, first_integer, &n);
    if (got != status) fail_msg("%s: %d %s", sql, got, f->err.message);
    assert_non_null(strstr(f->err.message, word));
}

TEST(only_one_reading_statement)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(number(&f, "WITH t(x) AS (VALUES (3)) SELECT x FROM t"), 3);
    assert_int_equal(number(&f, " /* a */ SELECT 4 ; -- b\n ; "), 4);
    expect_query(&f, "DELETE FROM bench", HAN_INVALID, "only read");
    expect_query(&f, "INSERT INTO bench (id) VALUES (1) RETURNING 1", HAN_INVALID, "only read");
    expect_query(&f, "WITH t AS (SELECT 1) DELETE FROM bench", HAN_INVALID, "only read");
    expect_query(&f, "SELECT 1; SELECT 2", HAN_INVALID, "one statement");
    expect_query(&f, "SELECT 1; DELETE FROM bench", HAN_INVALID, "one statement");
    expect_query(&f, "SELECT 1; nonsense", HAN_INVALID, "one statement");
    expect_query(&f, "BEGIN", HAN_INVALID, "only read");
    expect_query(&f, "PRAGMA user_version", HAN_INVALID, "only read");
    expect_query(&f, "SELECT * FROM pragma_database_list", HAN_INVALID, "only read");
    expect_query(&f, "ATTACH ':memory:' AS m", HAN_INVALID, "only read");
    expect_query(&f, "VACUUM INTO '/tmp/x'", HAN_INVALID, "only read");
    expect_query(&f, "SELECT load_extension('x')", HAN_INVALID, "only read");
    expect_query(&f, "CREATE TEMP TABLE t (x)", HAN_INVALID, "only read");
    expect_query(&f, "", HAN_INVALID, "empty");
    expect_query(&f, " -- nothing", HAN_INVALID, "empty");
    expect_query(&f, "SELEC 1", HAN_SYNTAX, "SELEC");
    expect_query(&f, "SELECT x FROM bench", HAN_SYNTAX, "no such column");
    expect_query(&f, "SELECT ?1", HAN_INVALID, "takes 1 parameters, not 0");
    fixture_close(&f);
}

static int all_types(void *ud, size_t columns, const char *const *names, const han__sqlval *values)
{
    assert_int_equal(columns, 6);
    assert_string_equal(names[1], "b");
    assert_int_equal(values[0].type, HAN__SQL_INT);
    assert_int_equal(values[0].integer, INT64_MIN);
    assert_int_equal(values[1].type, HAN__SQL_REAL);
    assert_true(values[1].real == 0.1);
    assert_int_equal(values[2].type, HAN__SQL_TEXT);
    assert_int_equal(values[2].len, 3);
    assert_memory_equal(values[2].bytes, "a\0b", 3);
    assert_int_equal(values[3].type, HAN__SQL_BYTES);
    assert_memory_equal(values[3].bytes, "\1\2", 2);
    assert_int_equal(values[4].type, HAN__SQL_NULL);
    assert_int_equal(values[5].type, HAN__SQL_BYTES);
    assert_int_equal(values[5].len, 0);
    ++*(int *)ud;
    return HAN_OK;
}

TEST(parameters_are_bound)
{
    fixture f;
    int rows = 0;
    const han__sqlval params[] = {{.type = HAN__SQL_INT, .integer = INT64_MIN},
                                  {.type = HAN__SQL_REAL, .real = 0.1},
                                  {.type = HAN__SQL_TEXT, .bytes = "a\0b", .len = 3},
                                  {.type = HAN__SQL_BYTES, .bytes = "\1\2", .len = 2},
                                  {.type = HAN__SQL_NULL},
                                  {.type = HAN__SQL_BYTES}};
    han__query q = {.sql = "SELECT ?1 AS a, ?2 AS b, ?3 AS c, ?4 AS d, ?5 AS e, ?6 AS f",
                    .params = params,
                    .param_count = HAN__COUNT(params)};
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(han__store_query(f.store, &q, all_types, &rows, &f.err), HAN_OK);
    assert_int_equal(rows, 1);
    fixture_close(&f);
}

static int stop_at_third(void *ud, size_t columns, const char *const *names,
                         const han__sqlval *values)
{
    (void)columns;
    (void)names;
    (void)values;
    return ++*(int *)ud == 3 ? HAN_CANCELLED : HAN_OK;
}

static int query_inside(void *ud, size_t columns, const char *const *names,
                        const han__sqlval *values)
{
    fixture *f = ud;
    han__query q = {.sql = "SELECT 1"};
    (void)columns;
    (void)names;
    (void)values;
    return han__store_query(f->store, &q, query_inside, f, &f->err);
}

#define NUMBERS "WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"

TEST(a_query_is_bounded)
{
    fixture f;
    int rows = 0;
    int64_t n = 0;
    han__query q = {.sql = NUMBERS " LIMIT 11", .max_rows = 10};
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(han__store_query(f.store, &q, first_integer, &n, &f.err), HAN_LIMIT);
    assert_int_equal(n, 10);
    han__error_clear(&f.err);
    q = (han__query){.sql = NUMBERS " WHERE x < 0", .timeout_ms = 1};
    assert_int_equal(han__store_query(f.store, &q, first_integer, &n, &f.err), HAN_LIMIT);
    assert_non_null(strstr(f.err.message, "too long"));
    q = (han__query){.sql = NUMBERS " LIMIT 10"};
    assert_int_equal(han__store_query(f.store, &q, stop_at_third, &rows, &f.err), HAN_CANCELLED);
    assert_int_equal(rows, 3);
    assert_int_equal(query(&f, "SELECT 1", query_inside, &f), HAN_MISUSE);
    han__buf wide;
    han__buf_init(&wide, &f.mem, 4096);
    assert_int_equal(han__buf_text(&wide, "SELECT 1"), HAN_OK);
    for (int i = 1; i < 256; i++) assert_int_equal(han__buf_text(&wide, ",1"), HAN_OK);
    assert_int_equal(number(&f, han__buf_cstr(&wide)), 1);
    assert_int_equal(han__buf_text(&wide, ",1"), HAN_OK);
    assert_int_equal(query(&f, han__buf_cstr(&wide), first_integer, &n), HAN_LIMIT);
    han__buf_release(&wide);
    assert_int_equal(number(&f, "SELECT 5"), 5);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_one_reading_statement),
        cmocka_unit_test(parameters_are_bound),
        cmocka_unit_test(a_query_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
