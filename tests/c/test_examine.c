/* store: files that are damaged, cut off, not ours, newer, or being written to are examined and
 * opened. Nothing crashes, the file stays byte for byte what it was, what can be read is counted
 * and saved. */
#include "base/config.h"

#include "fault_vfs.h"
#include "store/examine.h"
#include "store/journal.h"
#include "store_fixture.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define CELLS          60
#define ROWS           300
#define WRITER_SECONDS 120 /* of a process beside the test, at most */

static bool is_full(void)
{
    return getenv("HAN_FULL") != NULL;
}

/* A splitmix64 stream. */
static uint64_t seed = 7;
static uint64_t draw(void)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* ---- a store to spoil ---- */

static void put_cells(fixture *f)
{
    static uint8_t spans[3000];
    for (int i = 0; i < CELLS; i++) {
        char id[20];
        for (size_t k = 0; k < sizeof spans; k++) spans[k] = (uint8_t)draw();
        snprintf(id, sizeof id, "c%02d", i);
        han__attempt_row attempts[] = {{.ordinal = 1, .spans = {spans, sizeof spans}},
                                       {.ordinal = 2, .output = {spans, 700}}};
        han__cell_row cell = small_cell("b", id);
        cell.adapter = text("toy");
        cell.attempts = attempts;
        cell.attempt_count = HAN__COUNT(attempts);
        assert_int_equal(put_cell(f, &cell, NULL), HAN_OK);
    }
}

static void put_journal(fixture *f)
{
    int64_t n = 0;
    han__batch *batch = NULL;
    static uint8_t bytes[900];
    assert_int_equal(han__journal_begin(f->store, "b", "c00", &n, &f->err), HAN_OK);
    assert_int_equal(han__batch_new(f->store, &batch, &f->err), HAN_OK);
    for (uint64_t place = 1; place <= ROWS; place++) {
        bytes[0] = (uint8_t)place;
        bytes[1] = (uint8_t)(place >> 8);
        /* two attempts, and a text that the strategy handed in itself: that is none */
        han__journal_row row = {.kind = text(place <= 3 ? "submitted" : "finished"),
                                .node = text(place == 3 ? "root" : "root/1"),
                                .amount = text(place <= 3 ? "" : "{\"shots\":2}"),
                                .value = {bytes, place % 3 ? 40 : sizeof bytes}};
        assert_int_equal(han__journal_add(batch, n, place, &row, &f->err), HAN_OK);
    }
    assert_int_equal(han__store_put(f->store, batch, NULL, NULL, &f->err), HAN_OK);
}

/* Its bytes; the fixture is closed. */
static uint8_t *whole;
static size_t whole_len;

static void read_whole(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    whole_len = (size_t)st.st_size;
    whole = test_malloc(whole_len);
    assert_int_equal(read(fd, whole, whole_len), whole_len);
    close(fd);
}

static int make_whole(void **state)
{
    fixture f;
    (void)state;
    fixture_open(&f);
    assert_int_equal(store_open(&f), HAN_OK);
    assert_int_equal(put_bench(&f, "b", NULL), HAN_OK);
    put_cells(&f);
    put_journal(&f);
    assert_int_equal(flush(&f), HAN_OK);
    assert_int_equal(store_close(&f), HAN_OK);
    read_whole(f.path);
    fixture_close(&f);
    fault_register();
    atomic_store(&fault_no_sync, true);
    return 0;
}

static int free_whole(void **state)
{
    (void)state;
    test_free(whole);
    return 0;
}

/* ---- looking at it ---- */

static int examine(fixture *f, const char *save, han__examination *found)
{
    han__examine_options options = {.path = f->path, .save = save, .vfs = f->options.vfs};
    han__error_clear(&f->err);
    int status = han__store_examine(&f->mem, &options, found, &f->err);
    assert_int_equal(f->mem.live, 0);
    return status;
}

static bool same_file(const fixture *f, const uint8_t *bytes, size_t len)
{
    uint8_t now[HAN__SHA256_BYTES], then[HAN__SHA256_BYTES];
    file_digest(f->path, now);
    han__sha256_of(bytes, len, then);
    return memcmp(now, then, sizeof now) == 0 && !exists(beside(f, "-wal")) &&
           !exists(beside(f, "-shm")) && !exists(beside(f, "-journal"));
}

/* Everything that a command may read of it; it may fail, it may not crash. */
static void read_all(fixture *f)
{
    int64_t n = 0;
    f->options.readonly = true;
    if (store_open(f) == HAN_OK) {
        query(f, "SELECT sum(length(content(spans))) FROM attempt", first_integer, &n);
        query(f, "SELECT sum(length(cell)) FROM cell NOT INDEXED", first_integer, &n);
        query(f, "SELECT sum(length(content(content))) FROM journal", first_integer, &n);
        store_close(f);
    }
    f->options.readonly = false;
}

/* A command that writes either says that the file is damaged and leaves it, or goes well. */
static void write_into(fixture *f, const uint8_t *bytes, size_t len)
{
    f->options.vfs = "fault"; /* which does not wait for the disk */
    int status = store_open(f);
    f->options.vfs = NULL;
    if (status != HAN_OK) {
        if (f->err.message[0] == '\0' || !strstr(f->err.message, f->folder))
            fail_msg("no place in: %s", f->err.message);
        assert_true(same_file(f, bytes, len));
        return;
    }
    if (put_bench(f, "another", NULL) == HAN_OK && flush(f) == HAN_OK)
        assert_int_equal(store_close(f), HAN_OK);
    else
        store_close(f);
}

static void spoil(fixture *f, const uint8_t *bytes, size_t len, han__examination *found)
{
    fixture_open(f);
    write_file(f->path, bytes, len);
    assert_int_equal(examine(f, NULL, found), HAN_OK);
    read_all(f);
    assert_true(same_file(f, bytes, len));
    if (found->status == HAN_OK) {
        assert_int_equal(found->cells.whole, CELLS);
        assert_int_equal(found->journals.whole, 1);
    } else {
        assert_true(found->problem[0] != '\0');
    }
    write_into(f, bytes, len);
    fixture_close(f);
}

/* ---- the tests ---- */

TEST(a_whole_one_is_whole)
{
    fixture f;
    han__examination found;
    fixture_open(&f);
    write_file(f.path, whole, whole_len);
    assert_int_equal(examine(&f, NULL, &found), HAN_OK);
    assert_int_equal(found.status, HAN_OK);
    assert_string_equal(found.problem, "");
    assert_int_equal(found.bytes, whole_len);
    assert_int_equal(found.pages * found.page_bytes, whole_len);
    assert_int_equal(found.schema, HAN__STORE_SCHEMA);
    assert_int_equal(found.runs.whole, 1);
    assert_int_equal(found.cells.whole, CELLS);
    assert_int_equal(found.journals.whole, 1);
    assert_int_equal(found.contents.whole, 2 * CELLS + ROWS / 3);
    assert_int_equal(found.contents.count, found.contents.whole);
    assert_true(same_file(&f, whole, whole_len));
    fixture_close(&f);
}

/* Cut anywhere, it is never whole, and never grows. */
TEST(cut_off)
{
    fixture f;
    han__examination found;
    int points = is_full() ? 1500 : 30;
    for (int i = 0; i < points; i++) {
        size_t len = i < 20 ? (size_t)i * 37 : (size_t)(draw() % whole_len);
        spoil(&f, whole, len, &found);
        if (found.status != HAN_CORRUPT) fail_msg("cut at %zu: %d", len, found.status);
    }
}

TEST(flipped_bits)
{
    fixture f;
    han__examination found;
    uint8_t *bytes = test_malloc(whole_len);
    int points = is_full() ? 3000 : 60, noticed = 0;
    for (int i = 0; i < points; i++) {
        memcpy(bytes, whole, whole_len);
        size_t at = i % 4 == 0 ? draw() % 200 : draw() % whole_len; /* the header often */
        for (int k = i % 3; k >= 0; k--, at = draw() % whole_len)
            bytes[at] = (uint8_t)(bytes[at] ^ (1u << draw() % 8));
        spoil(&f, bytes, whole_len, &found);
        noticed += found.status != HAN_OK;
    }
    printf("# %d of %d flips were noticed\n", noticed, points);
    assert_true(noticed > points / 2);
    test_free(bytes);
}

/* Pages of noise, zeros, or other pages of the file. */
TEST(pages_of_something_else)
{
    fixture f;
    han__examination found;
    uint8_t *bytes = test_malloc(whole_len);
    int points = is_full() ? 1500 : 30;
    size_t pages = whole_len / 8192;
    for (int i = 0; i < points; i++) {
        memcpy(bytes, whole, whole_len);
        uint8_t *page = bytes + draw() % pages * 8192;
        for (size_t k = 0; i % 3 == 0 && k < 8192; k++) page[k] = (uint8_t)draw();
        if (i % 3 == 1) memset(page, 0, 8192);
        if (i % 3 == 2) memcpy(page, whole + draw() % pages * 8192, 8192);
        spoil(&f, bytes, whole_len, &found);
    }
    test_free(bytes);
}

/* Around one damaged page of contents everything else is saved, into a store that can be used. */
TEST(saves_what_can_be_read)
{
    fixture f, saved;
    han__examination found, after;
    uint8_t *bytes = test_malloc(whole_len);
    memcpy(bytes, whole, whole_len);
    fixture_open(&f);
    fixture_open(&saved);
    for (size_t page = whole_len / 8192 / 2; page < whole_len / 8192; page++) {
        memcpy(bytes, whole, whole_len);
        memset(bytes + page * 8192, 0xa5, 8192);
        write_file(f.path, bytes, whole_len);
        assert_int_equal(examine(&f, NULL, &found), HAN_OK);
        if (found.contents.whole < 2 * CELLS + ROWS / 3 && found.contents.whole > 100) break;
    }
    assert_int_equal(found.status, HAN_CORRUPT);
    assert_true(found.complained > 0);
    assert_int_equal(examine(&f, saved.path, &found), HAN_OK);
    assert_true(same_file(&f, bytes, whole_len));
    assert_int_equal(store_open(&saved), HAN_OK);
    assert_int_equal(number(&saved, "SELECT count(*) FROM blob"), found.contents.whole);
    assert_int_equal(number(&saved, "SELECT count(*) FROM cell"), CELLS);
    assert_int_equal(put_bench(&saved, "another", NULL), HAN_OK);
    assert_int_equal(flush(&saved), HAN_OK);
    assert_int_equal(store_close(&saved), HAN_OK);
    assert_int_equal(examine(&saved, NULL, &after), HAN_OK);
    assert_int_equal(after.complained, 0);
    assert_int_equal(after.cells.whole, found.cells.whole);
    assert_int_equal(after.runs.count, found.runs.count + 1);
    assert_int_equal(examine(&f, saved.path, &found), HAN_INVALID); /* it is there already */
    fixture_close(&saved);
    fixture_close(&f);
    test_free(bytes);
}

TEST(a_content_that_is_another_one)
{
    fixture f;
    han__examination found;
    fixture_open(&f);
    write_file(f.path, whole, whole_len);
    raw(f.path, "UPDATE blob SET bytes = zeroblob(length(bytes)) WHERE rowid = 5");
    assert_int_equal(examine(&f, NULL, &found), HAN_OK);
    assert_int_equal(found.status, HAN_CORRUPT);
    assert_int_equal(found.contents.count, found.contents.whole + 1);
    assert_int_equal(found.cells.whole, CELLS - 1);
    assert_int_equal(found.runs.whole, 0);
    assert_non_null(strstr(found.problem, "table blob"));
    fixture_close(&f);
}

TEST(rows_that_are_gone)
{
    static const struct {
        const char *sql, *problem;
    } cases[] = {
        {"DELETE FROM journal WHERE id & 4294967295 = 17", "1 of 1 journals are not whole"},
        {"DELETE FROM attempt WHERE ordinal = 1 AND cell_id = 3", "1 of 60 cells are not whole"},
        /* nothing in the table tells: its journal does */
        {"DELETE FROM attempt WHERE ordinal = 2 AND cell_id = 1", "1 of 60 cells are not whole"},
        {"DELETE FROM blob WHERE rowid = 9", "1 of 60 cells are not whole"},
        {"DELETE FROM bench", "1 of 1 journals are not whole"},
        {"DELETE FROM journal_run", "rows of things that are lost"},
        {"DROP TABLE attempt", "does not have the tables of its schema"},
    };
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        fixture f;
        han__examination found;
        fixture_open(&f);
        write_file(f.path, whole, whole_len);
        raw(f.path, cases[i].sql);
        assert_int_equal(examine(&f, NULL, &found), HAN_OK);
        assert_int_equal(found.status, HAN_CORRUPT);
        if (!strstr(found.problem, cases[i].problem)) fail_msg("%s", found.problem);
        fixture_close(&f);
    }
}

/* The rows that were found in a table; -1: no such table. */
static int64_t rows_in(const han__examination *found, const char *table)
{
    for (int i = 0; i < found->table_count; i++)
        if (strcmp(found->tables[i].name, table) == 0) return found->tables[i].rows;
    return -1;
}

/* A newer or an older schema, another program's database, and what is no file of rows at all. */
TEST(not_one_of_ours)
{
    static const struct {
        const char *sql, *problem;
    } cases[] = {
        {"PRAGMA user_version = 4711", "newer han (schema 4711"},
        {"PRAGMA application_id = 5", "another program (application_id 5)"},
        {"PRAGMA user_version = 0", "another program"},
    };
    fixture f;
    han__examination found;
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        fixture_open(&f);
        write_file(f.path, whole, whole_len);
        raw(f.path, cases[i].sql);
        assert_int_equal(examine(&f, NULL, &found), HAN_OK);
        assert_int_equal(found.status, HAN_CORRUPT);
        if (!strstr(found.problem, cases[i].problem)) fail_msg("%s", found.problem);
        if (found.newer) assert_int_equal(rows_in(&found, "cell"), CELLS);
        if (found.newer) assert_int_equal(examine(&f, "new.db", &found), HAN_INVALID);
        fixture_close(&f);
    }
    fixture_open(&f);
    assert_int_equal(examine(&f, NULL, &found), HAN_UNKNOWN);
    write_file(f.path, "hello, I am a text, and a rather long one, but no database at all", 65);
    assert_int_equal(examine(&f, NULL, &found), HAN_OK);
    assert_int_equal(found.status, HAN_CORRUPT);
    assert_non_null(strstr(found.problem, "not a database"));
    snprintf(f.path, sizeof f.path, "%s", f.folder);
    assert_int_equal(examine(&f, NULL, &found), HAN_IO);
    assert_non_null(strstr(f.err.message, "is a folder"));
    snprintf(f.path, sizeof f.path, "%s/han.db", f.folder);
    fixture_close(&f);
}

/* A process that writes beside the test; it goes when the test does, and does not work for ever. */
static pid_t fork_writer(void)
{
    pid_t parent = getpid(), pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        alarm(WRITER_SECONDS);
    }
    return pid;
}

static void expect_end(pid_t pid, int code)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), code);
}

/* A log that a killed process left counts, and stays. */
TEST(a_log_that_was_left)
{
    fixture f;
    han__examination found;
    uint8_t file[HAN__SHA256_BYTES], log[HAN__SHA256_BYTES], now[HAN__SHA256_BYTES];
    fixture_open(&f);
    pid_t pid = fork_writer();
    if (pid == 0) {
        if (store_open(&f) != HAN_OK || put_bench(&f, "b", NULL) != HAN_OK || flush(&f) != HAN_OK)
            _exit(1);
        _exit(9);
    }
    expect_end(pid, 9);
    unlink(beside(&f, "-shm"));
    file_digest(f.path, file);
    file_digest(beside(&f, "-wal"), log);
    assert_int_equal(examine(&f, NULL, &found), HAN_OK);
    assert_int_equal(found.status, HAN_OK);
    assert_true(found.log_bytes > 0);
    assert_false(found.in_use);
    assert_int_equal(found.runs.whole, 1);
    file_digest(f.path, now);
    assert_memory_equal(file, now, sizeof now);
    file_digest(beside(&f, "-wal"), now);
    assert_memory_equal(log, now, sizeof now);
    assert_false(exists(beside(&f, "-shm")));
    fixture_close(&f);
}

/* Another process writes meanwhile: it is noticed, and what it has committed is seen. */
TEST(while_somebody_writes)
{
    int ready[2], over[2];
    char byte = 0;
    fixture f;
    han__examination found;
    fixture_open(&f);
    write_file(f.path, whole, whole_len);
    assert_int_equal(pipe(ready) + pipe(over), 0);
    pid_t pid = fork_writer();
    if (pid == 0) {
        close(ready[0]), close(over[1]); /* whoever waits sees the other's end */
        if (store_open(&f) != HAN_OK || put_bench(&f, "two", NULL) != HAN_OK || flush(&f) != HAN_OK)
            _exit(1);
        if (write(ready[1], "x", 1) != 1 || read(over[0], &byte, 1) != 1) _exit(1);
        _exit(0);
    }
    close(ready[1]), close(over[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(examine(&f, NULL, &found), HAN_OK);
    assert_int_equal(found.status, HAN_OK);
    assert_true(found.in_use);
    assert_int_equal(found.runs.whole, 2);
    assert_int_equal(write(over[1], "x", 1), 1);
    expect_end(pid, 0);
    close(ready[0]), close(over[1]);
    fixture_close(&f);
}

/* The device fails at every n-th read. */
TEST(reads_that_fail)
{
    fixture f;
    han__examination found;
    int n = 1, step = is_full() ? 1 : 9, failed = 0;
    fixture_open(&f);
    f.options.vfs = "fault";
    write_file(f.path, whole, whole_len);
    atomic_store(&fault_reads, true);
    for (;; n += step) {
        fault_set(n, SQLITE_IOERR_READ);
        int status = examine(&f, NULL, &found);
        if (atomic_load(&fault_calls) < n) break;
        failed++;
        if (status == HAN_OK) assert_int_not_equal(found.status, HAN_OK);
        assert_true(same_file(&f, whole, whole_len));
    }
    fault_set(0, 0);
    atomic_store(&fault_reads, false);
    assert_int_equal(found.status, HAN_OK);
    assert_true(failed > 5);
    f.options.vfs = NULL;
    fixture_close(&f);
}

static bool examine_once(fixture *f)
{
    han__examination found;
    int status =
        han__store_examine(&f->mem, &(han__examine_options){.path = f->path}, &found, &f->err);
    return status == HAN_OK && found.status == HAN_OK;
}

TEST(allocations_that_fail)
{
    fixture f;
    fixture_open(&f);
    write_file(f.path, whole, whole_len);
    SWEEP_ALLOCATIONS(&f.mem, examine_once(&f));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_one_is_whole),   cmocka_unit_test(cut_off),
        cmocka_unit_test(flipped_bits),           cmocka_unit_test(pages_of_something_else),
        cmocka_unit_test(saves_what_can_be_read), cmocka_unit_test(a_content_that_is_another_one),
        cmocka_unit_test(rows_that_are_gone),     cmocka_unit_test(not_one_of_ours),
        cmocka_unit_test(a_log_that_was_left),    cmocka_unit_test(while_somebody_writes),
        cmocka_unit_test(reads_that_fail),        cmocka_unit_test(allocations_that_fail),
    };
    return cmocka_run_group_tests(tests, make_whole, free_whole);
}
