/* store: what a file may be when it is opened, migrations, and the queue of batches. */
#include "base/config.h"

#include "fault_vfs.h"
#include "store/migrate.h"
#include "store/sql.h"
#include "store_fixture.h"

/* ---- opening ---- */

TEST(makes_a_file_and_opens_it_again)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_string_equal(han__store_path(f.store), f.path);
    assert_int_equal(put_bench(&f, "b1", NULL), HAN_OK);
    assert_int_equal(store_close(&f), HAN_OK);
    assert_false(exists(beside(&f, "-wal"))); /* a clean close folds the log in */
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM bench WHERE id = 'b1'"), 1);
    assert_int_equal(store_close(&f), HAN_OK);
    raw(f.path,
        "CREATE TEMP TABLE t (x CHECK (x)); INSERT INTO t SELECT journal_mode = 'wal' FROM "
        "pragma_journal_mode; INSERT INTO t SELECT application_id = 0x68616e31 FROM "
        "pragma_application_id; INSERT INTO t SELECT user_version = 5 FROM pragma_user_version");
    fixture_close(&f);
}

/* Opening must be refused as CORRUPT with `word` in the message, and the folder left as it was. */
static void expect_corrupt(fixture *f, const char *word)
{
    uint8_t before[32], after[32];
    bool wal = exists(beside(f, "-wal"));
    for (int readonly = 0; readonly < 2; readonly++) {
        f->options.readonly = readonly;
        file_digest(f->path, before);
        assert_int_equal(store_open(f), HAN_CORRUPT);
        assert_null(f->store);
        if (!strstr(f->err.message, word)) fail_msg("%s", f->err.message);
        assert_non_null(strstr(f->err.message, f->path));
        file_digest(f->path, after);
        assert_memory_equal(before, after, 32);
        assert_int_equal(exists(beside(f, "-wal")), wal);
        assert_int_equal(f->mem.live, 0);
    }
    f->options.readonly = false;
}

TEST(not_a_database)
{
    static const char *const contents[] = {"x", "local M = {}\nreturn M\n", "SQLite format 3"};
    char large[9000];
    fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < HAN__COUNT(contents); i++) {
        write_file(f.path, contents[i], strlen(contents[i]));
        expect_corrupt(&f, "not a database");
    }
    memset(large, 'x', sizeof large);
    write_file(f.path, large, sizeof large);
    expect_corrupt(&f, "not a database");
    fixture_close(&f);
}

TEST(another_programs_database)
{
    fixture f;
    fixture_open(&f);
    raw(f.path, "CREATE TABLE t (x)");
    expect_corrupt(&f, "another program (application_id 0)");
    raw(f.path, "PRAGMA application_id = 77; PRAGMA user_version = 1");
    expect_corrupt(&f, "another program (application_id 77)");
    fixture_close(&f);
}

TEST(written_by_a_newer_han)
{
    fixture f;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(store_close(&f), HAN_OK);
    raw(f.path, "PRAGMA user_version = 6");
    expect_corrupt(&f, "was written by a newer han (schema 6, this one knows 5)");
    fixture_close(&f);
}

TEST(a_newer_han_was_killed)
{
    fixture f;
    sqlite3 *db = NULL;
    uint8_t before[32], after[32];
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(store_close(&f), HAN_OK);
    assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 6", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db); /* leaves its log behind, as kill -9 does */
    file_digest(beside(&f, "-wal"), before);
    expect_corrupt(&f, "newer han (schema 6");
    file_digest(beside(&f, "-wal"), after);
    assert_memory_equal(before, after, 32);
    fixture_close(&f);
}

/* A file of several pages, closed. */
static void make_some_data(fixture *f)
{
    char id[200];
    assert_int_equal(store_open(f), HAN_OK);
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof id, "bench-%0100d", i);
        assert_int_equal(put_bench(f, id, NULL), HAN_OK);
        if (i % 100 == 99) assert_int_equal(flush(f), HAN_OK);
    }
    assert_int_equal(store_close(f), HAN_OK);
}

TEST(truncated)
{
    struct stat st;
    fixture f;
    fixture_open(&f);
    make_some_data(&f);
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(truncate(f.path, st.st_size / 2), 0);
    expect_corrupt(&f, "malformed");
    assert_int_equal(truncate(f.path, 50), 0);
    expect_corrupt(&f, "malformed");
    fixture_close(&f);
}

TEST(damaged_inside)
{
    char garbage[8192];
    fixture f;
    tally t = {0};
    int64_t n = 0;
    fixture_open(&f);
    make_some_data(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    off_t at = 8192 * (number(&f, "SELECT rootpage FROM sqlite_schema WHERE name = 'bench'") - 1);
    assert_int_equal(store_close(&f), HAN_OK);
    memset(garbage, 0x5a, sizeof garbage);
    assert_int_equal(store_open(&f), HAN_OK);
    int fd = open(f.path, O_WRONLY); /* what is damaged meanwhile is found on use */
    assert_int_equal(pwrite(fd, garbage, sizeof garbage, at), sizeof garbage);
    assert_int_equal(query(&f, "SELECT count(seed) FROM bench", first_integer, &n), HAN_CORRUPT);
    assert_non_null(strstr(f.err.message, f.path));
    assert_int_equal(put_bench(&f, "one more", &t), HAN_OK);
    assert_int_equal(flush(&f), HAN_CORRUPT);
    assert_int_equal(t.last, HAN_CORRUPT);
    assert_non_null(strstr(t.err.message, "writing a bench"));
    assert_int_equal(store_close(&f), HAN_CORRUPT);
    close(fd); /* not before: it drops the locks that this process has */
    assert_int_equal(store_open(&f), HAN_CORRUPT); /* and before it is written to again */
    assert_non_null(strstr(f.err.message, "is damaged and was left as it is (Page "));
    f.options.readonly = true;
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(query(&f, "SELECT count(seed) FROM bench", first_integer, &n), HAN_CORRUPT);
    assert_int_equal(store_close(&f), HAN_OK);
    fixture_close(&f);
}

TEST(tables_that_are_not_of_the_schema)
{
    fixture f;
    fixture_open(&f);
    make_some_data(&f);
    raw(f.path, "ALTER TABLE cell DROP COLUMN difficulty");
    assert_int_equal(store_open(&f), HAN_CORRUPT);
    assert_int_equal(f.err.code, HAN_CORRUPT);
    assert_non_null(strstr(f.err.message, "difficulty"));
    raw(f.path, "ALTER TABLE blob RENAME TO other");
    f.options.readonly = true;
    assert_int_equal(store_open(&f), HAN_CORRUPT);
    assert_int_equal(f.err.code, HAN_CORRUPT);
    fixture_close(&f);
}

TEST(codes_of_sqlite)
{
    static const int codes[][2] = {{SQLITE_OK, HAN_OK},
                                   {SQLITE_NOMEM, HAN_NOMEM},
                                   {SQLITE_IOERR_NOMEM, HAN_NOMEM},
                                   {SQLITE_CORRUPT_INDEX, HAN_CORRUPT},
                                   {SQLITE_NOTADB, HAN_CORRUPT},
                                   {SQLITE_CONSTRAINT_UNIQUE, HAN_INVALID},
                                   {SQLITE_TOOBIG, HAN_LIMIT},
                                   {SQLITE_BUSY_SNAPSHOT, HAN_TIMEOUT},
                                   {SQLITE_MISUSE, HAN_INTERNAL},
                                   {SQLITE_FULL, HAN_IO}};
    for (size_t i = 0; i < HAN__COUNT(codes); i++)
        assert_int_equal(han__sql_status(codes[i][0]), codes[i][1]);
}

TEST(paths_that_cannot_be)
{
    fixture f;
    fixture_open(&f);
    char *path = f.path, nowhere[400], long_path[5000];
    snprintf(nowhere, sizeof nowhere, "%s/no/han.db", f.folder);
    f.options.path = nowhere;
    assert_int_equal(store_open(&f), HAN_IO);
    assert_non_null(strstr(f.err.message, nowhere));
    f.options.path = f.folder;
    assert_int_equal(store_open(&f), HAN_IO);
    f.options.path = "";
    assert_int_equal(store_open(&f), HAN_INVALID);
    memset(long_path, 'x', sizeof long_path);
    long_path[4999] = '\0';
    f.options.path = long_path;
    assert_int_equal(store_open(&f), HAN_INVALID);
    f.options.path = path;
    f.options.readonly = true;
    assert_int_equal(store_open(&f), HAN_UNKNOWN);
    assert_false(exists(f.path));
    write_file(f.path, "", 0);
    assert_int_equal(store_open(&f), HAN_UNKNOWN);
    raw(f.path, "PRAGMA journal_mode=WAL"); /* a database with nothing in it */
    assert_int_equal(store_open(&f), HAN_UNKNOWN);
    assert_non_null(strstr(f.err.message, "no han has stored anything in it yet"));
    f.options.readonly = false;
    assert_int_equal(store_open(&f), HAN_OK);
    han__store_close(f.store, NULL);
    f.store = NULL;
    raw(f.path, "PRAGMA user_version=2"); /* what an older han has left */
    f.options.readonly = true;
    assert_int_equal(store_open(&f), HAN_UNKNOWN);
    assert_non_null(strstr(f.err.message, "an older han (schema 2, this one reads"));
    assert_non_null(strstr(f.err.message, "han corpus upgrade --db "));
    fixture_close(&f);
}

TEST(read_only_store)
{
    fixture f;
    han__batch *batch = NULL;
    fixture_open(&f);
    make_some_data(&f);
    f.options.readonly = true;
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM bench"), 200);
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_MISUSE);
    assert_int_equal(han__store_poll(f.store), 0);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(han__store_status(f.store, &f.err), HAN_OK);
    fixture_close(&f);
}

TEST(a_file_that_cannot_be_written)
{
    fixture f;
    fault_register();
    fixture_open(&f);
    make_some_data(&f);
    f.options.vfs = "fault";
    atomic_store(&fault_readonly, true);
    assert_int_equal(store_open(&f), HAN_IO);
    assert_non_null(strstr(f.err.message, "cannot be written"));
    f.options.readonly = true;
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(store_close(&f), HAN_OK);
    atomic_store(&fault_readonly, false);
    fixture_close(&f);
}

/* ---- migrations ---- */

TEST(steps_run_once_and_together)
{
    static const char *const steps[] = {"CREATE TABLE a (x); INSERT INTO a VALUES (1)",
                                        "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1",
                                        "CREATE TABLE b (z); INSERT INTO nothing VALUES (1)"};
    fixture f;
    sqlite3 *db = NULL;
    int64_t n = 0;
    int version = 0;
    fixture_open(&f);
    assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
    assert_int_equal(han__migrate_run(db, f.path, &(han__migration){steps, 1}, &f.err), HAN_OK);
    assert_int_equal(han__migrate_run(db, f.path, &(han__migration){steps, 2}, &f.err), HAN_OK);
    assert_int_equal(han__migrate_run(db, f.path, &(han__migration){steps, 2}, &f.err), HAN_OK);
    assert_int_equal(han__sql_number(db, f.path, "SELECT y FROM a", &n, &f.err), HAN_OK);
    assert_int_equal(n, 2);
    /* the third fails in its middle: nothing of it stays */
    assert_int_equal(han__migrate_run(db, f.path, &(han__migration){steps, 3}, &f.err), HAN_IO);
    assert_non_null(strstr(f.err.message, "nothing"));
    han__error_clear(&f.err);
    assert_int_equal(han__sql_number(db, f.path, "SELECT count(*) FROM sqlite_schema", &n, &f.err),
                     HAN_OK);
    assert_int_equal(n, 1);
    assert_int_equal(han__migrate_check(db, f.path, &(han__migration){steps, 3}, &version, &f.err),
                     HAN_OK);
    assert_int_equal(version, 2);
    assert_int_equal(han__migrate_run(db, f.path, &(han__migration){steps, 1}, &f.err),
                     HAN_CORRUPT);
    sqlite3_close(db);
    fixture_close(&f);
}

/* ---- the queue ---- */

/* A connection that holds the write lock until it is closed. */
static sqlite3 *hold_lock(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static void count_wakeup(void *ud)
{
    atomic_fetch_add((atomic_int *)ud, 1);
}

TEST(batches_wait_and_share_a_commit)
{
    fixture f;
    tally t = {0};
    atomic_int wakeups = 0;
    han__store_counts counts;
    char id[20];
    fixture_open(&f);
    f.options.wakeup = count_wakeup;
    f.options.ud = &wakeups;
    assert_int_equal(store_open(&f), HAN_OK);
    sqlite3 *db = hold_lock(f.path);
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "b%d", i);
        assert_int_equal(put_bench(&f, id, &t), HAN_OK);
    }
    han__store_count(f.store, &counts);
    assert_int_equal(counts.queued, 100);
    assert_int_equal(han__store_flush(f.store, 1, &f.err), HAN_TIMEOUT);
    assert_int_equal(t.ok, 0);
    sqlite3_close(db);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(t.ok, 100);
    han__store_count(f.store, &counts);
    assert_int_equal(counts.committed, 100);
    assert_int_equal(counts.queued, 0);
    assert_true(counts.commits <= 2); /* what was taken first, and the rest */
    assert_int_equal(number(&f, "SELECT count(*) FROM bench"), 100);
    fixture_close(&f); /* after it no wakeup is still on its way */
    assert_true(atomic_load(&wakeups) >= 1);
    assert_true(atomic_load(&wakeups) <= 2);
}

TEST(the_queue_is_bounded)
{
    fixture f;
    tally t = {0};
    fixture_open(&f);
    f.options.queue_batches = 3;
    assert_int_equal(store_open(&f), HAN_OK);
    sqlite3 *db = hold_lock(f.path);
    assert_int_equal(put_bench(&f, "b1", &t), HAN_OK);
    assert_int_equal(put_bench(&f, "b2", &t), HAN_OK);
    assert_int_equal(put_bench(&f, "b3", &t), HAN_OK);
    assert_int_equal(put_bench(&f, "b4", &t), HAN_LIMIT);
    assert_non_null(strstr(f.err.message, "full"));
    sqlite3_close(db);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(put_bench(&f, "b4", &t), HAN_OK);
    assert_int_equal(store_close(&f), HAN_OK);
    assert_int_equal(t.ok, 4);
    f.options.queue_bytes = 1; /* one batch is always let in */
    assert_int_equal(store_open(&f), HAN_OK);
    db = hold_lock(f.path);
    assert_int_equal(put_bench(&f, "b5", &t), HAN_OK);
    assert_int_equal(put_bench(&f, "b6", &t), HAN_LIMIT);
    sqlite3_close(db);
    fixture_close(&f);
    assert_int_equal(t.ok, 5);
}

TEST(a_batch_is_bounded)
{
    fixture f;
    han__batch *batch = NULL;
    int status = HAN_OK, count = 0;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_OK);
    uint8_t *large = han__mem_zalloc(&f.mem, 1, HAN__BLOB_BYTES_MAX);
    assert_non_null(large);
    for (; status == HAN_OK && count < 100; count++)
        status =
            han__corpus_add_content(batch, (han__bytes){large, HAN__BLOB_BYTES_MAX}, NULL, &f.err);
    assert_int_equal(status, HAN_LIMIT);
    assert_non_null(strstr(f.err.message, "64 MiB"));
    assert_int_equal(count, 4);
    han__batch_free(batch);
    han__mem_free(&f.mem, large, HAN__BLOB_BYTES_MAX);
    fixture_close(&f);
}

static void put_again(void *ud, int status, const han_error *err)
{
    fixture *f = ud;
    assert_int_equal(status, HAN_OK);
    assert_int_equal(err->code, 0);
    assert_int_equal(put_bench(f, "second", NULL), HAN_OK);
}

TEST(a_completion_may_put)
{
    fixture f;
    han__batch *batch = NULL;
    han__bench_row row = small_bench("first");
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_OK);
    assert_int_equal(han__corpus_add_bench(batch, &row, &f.err), HAN_OK);
    assert_int_equal(han__store_put(f.store, batch, put_again, &f, &f.err), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM bench"), 2);
    fixture_close(&f);
}

static void put_refused(void *ud, int status, const han_error *err)
{
    (void)status;
    (void)err;
    assert_int_equal(put_bench(ud, "too late", NULL), HAN_MISUSE);
}

TEST(close_writes_what_is_queued)
{
    fixture f;
    tally t = {0};
    han__batch *batch = NULL;
    han__bench_row row = small_bench("last");
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    for (int i = 0; i < 50; i++) {
        char id[20];
        snprintf(id, sizeof id, "b%d", i);
        assert_int_equal(put_bench(&f, id, &t), HAN_OK);
    }
    assert_int_equal(han__batch_new(f.store, &batch, &f.err), HAN_OK);
    assert_int_equal(han__corpus_add_bench(batch, &row, &f.err), HAN_OK);
    assert_int_equal(han__store_put(f.store, batch, put_refused, &f, &f.err), HAN_OK);
    assert_int_equal(store_close(&f), HAN_OK);
    assert_int_equal(t.ok, 50);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(number(&f, "SELECT count(*) FROM bench"), 51);
    fixture_close(&f);
}

/* ---- memory ---- */

static bool open_put_close(fixture *f)
{
    tally t = {0};
    if (store_open(f) != HAN_OK) {
        assert_int_equal(f->err.code, HAN_NOMEM);
        return false;
    }
    int status = put_bench(f, "b", &t);
    han_error ignored;
    han__error_clear(&ignored);
    assert_int_equal(han__store_close(f->store, &ignored), HAN_OK); /* closing needs no memory */
    f->store = NULL;
    assert_int_equal(t.ok, status == HAN_OK);
    unlink(f->path);
    return status == HAN_OK;
}

TEST(failing_allocations)
{
    fixture f;
    fixture_open(&f);
    SWEEP_ALLOCATIONS(&f.mem, open_put_close(&f));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_file_and_opens_it_again),
        cmocka_unit_test(not_a_database),
        cmocka_unit_test(another_programs_database),
        cmocka_unit_test(written_by_a_newer_han),
        cmocka_unit_test(a_newer_han_was_killed),
        cmocka_unit_test(truncated),
        cmocka_unit_test(damaged_inside),
        cmocka_unit_test(tables_that_are_not_of_the_schema),
        cmocka_unit_test(codes_of_sqlite),
        cmocka_unit_test(paths_that_cannot_be),
        cmocka_unit_test(read_only_store),
        cmocka_unit_test(a_file_that_cannot_be_written),
        cmocka_unit_test(steps_run_once_and_together),
        cmocka_unit_test(batches_wait_and_share_a_commit),
        cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(a_batch_is_bounded),
        cmocka_unit_test(a_completion_may_put),
        cmocka_unit_test(close_writes_what_is_queued),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
