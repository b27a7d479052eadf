/* What the tests of the store share: a folder of its own per test, short rows, and one-line
 * queries. */
#ifndef HAN_TESTS_STORE_FIXTURE_H
#define HAN_TESTS_STORE_FIXTURE_H

#include <sqlite3.h>

#include "base/hash.h"
#include "store/blob.h"
#include "store/corpus.h"
#include "store/store.h"
#include "testing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct fixture {
    han__mem mem;
    char folder[256];
    char path[300];
    han__store_options options;
    han__store *store;
    han_error err;
} fixture;

/* A new folder, default options, nothing opened. */
static inline void fixture_open(fixture *f)
{
    memset(f, 0, sizeof *f);
    han__mem_init(&f->mem, NULL, NULL);
    snprintf(f->folder, sizeof f->folder, "%s/store-XXXXXX", HAN_TEST_BINARY_DIR);
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/han.db", f->folder);
    f->options.path = f->path;
}

/* By the fixture's options. */
static inline int store_open(fixture *f)
{
    han__error_clear(&f->err);
    return han__store_open(&f->mem, &f->options, &f->store, &f->err);
}

/* Also checks that no memory is left. */
static inline int store_close(fixture *f)
{
    han__error_clear(&f->err);
    int status = han__store_close(f->store, &f->err);
    f->store = NULL;
    assert_int_equal(f->mem.live, 0);
    return status;
}

/* Path of the database plus suffix ("-wal"); one buffer per suffix is enough for the tests. */
static inline const char *beside(const fixture *f, const char *suffix)
{
    static char name[320];
    snprintf(name, sizeof name, "%s%s", f->path, suffix);
    return name;
}

/* Whether there is such a file. */
static inline bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* Closes and removes everything. */
static inline void fixture_close(fixture *f)
{
    if (f->store) assert_int_equal(store_close(f), HAN_OK);
    unlink(f->path);
    unlink(beside(f, "-wal"));
    unlink(beside(f, "-shm"));
    unlink(beside(f, "-journal"));
    assert_int_equal(rmdir(f->folder), 0);
    assert_int_equal(f->mem.live, 0);
}

/* Bytes of a string. */
static inline han__bytes text(const char *s)
{
    return (han__bytes){s, strlen(s)};
}

/* Rows of the smallest legal kind. */
static inline han__bench_row small_bench(const char *id)
{
    return (han__bench_row){.id = text(id), .kind = text("bench"), .seed = 7, .started_ms = 1};
}

static inline han__cell_row small_cell(const char *bench, const char *cell)
{
    return (han__cell_row){.bench_id = text(bench), .cell = text(cell), .status = text("done")};
}

/* Counts completions by status. */
typedef struct tally {
    int ok, failed;
    int last;
    han_error err;
} tally;

/* The completion that counts into a tally. */
static inline void tally_done(void *ud, int status, const han_error *err)
{
    tally *t = ud;
    if (status == HAN_OK)
        t->ok++;
    else
        t->failed++;
    t->last = status;
    if (status != HAN_OK) t->err = *err;
}

/* A batch of one small bench. */
static inline int put_bench(fixture *f, const char *id, tally *t)
{
    han__batch *batch = NULL;
    han__bench_row row = small_bench(id);
    han__error_clear(&f->err);
    int status = han__batch_new(f->store, &batch, &f->err);
    if (status == HAN_OK) status = han__corpus_add_bench(batch, &row, &f->err);
    if (status == HAN_OK)
        status = han__store_put(f->store, batch, t ? tally_done : NULL, t, &f->err);
    if (status != HAN_OK) han__batch_free(batch);
    return status;
}

/* A batch of one cell. */
static inline int put_cell(fixture *f, const han__cell_row *row, tally *t)
{
    han__batch *batch = NULL;
    han__error_clear(&f->err);
    int status = han__batch_new(f->store, &batch, &f->err);
    if (status == HAN_OK) status = han__corpus_add_cell(batch, row, &f->err);
    if (status == HAN_OK)
        status = han__store_put(f->store, batch, t ? tally_done : NULL, t, &f->err);
    if (status != HAN_OK) han__batch_free(batch);
    return status;
}

/* Waits until everything is written. */
static inline int flush(fixture *f)
{
    han__error_clear(&f->err);
    return han__store_flush(f->store, HAN__STORE_FLUSH_DEFAULT, &f->err);
}

/* Row function: the first column into an int64_t. */
static inline int first_integer(void *ud, size_t columns, const char *const *names,
                                const han__sqlval *values)
{
    assert_true(columns >= 1 && names[0] != NULL);
    *(int64_t *)ud = values[0].integer;
    return HAN_OK;
}

/* A query without parameters. */
static inline int query(fixture *f, const char *sql, han__query_row_fn row, void *ud)
{
    han__query q = {.sql = sql};
    han__error_clear(&f->err);
    return han__store_query(f->store, &q, row, ud, &f->err);
}

/* The one integer that a query gives. */
static inline int64_t number(fixture *f, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(query(f, sql, first_integer, &n), HAN_OK);
    return n;
}

/* Adds rows to the open store with allocation n failing, for n = 1, 2, ... until none is left to
   fail: `fill` says whether all rows were taken, and nothing stays behind either way. */
static inline void sweep_allocations(fixture *f, bool (*fill)(fixture *f))
{
    size_t before = f->mem.live;
    for (uint64_t nth = 1;; nth++) {
        f->mem.calls = 0;
        f->mem.fail_at = nth;
        bool good = fill(f), swept = f->mem.calls < nth;
        f->mem.fail_at = 0;
        assert_int_equal(f->mem.live, before);
        assert_int_equal(good, swept);
        if (swept) break;
    }
}

/* SQL through a connection that is not ours. */
static inline void raw(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Makes a file of these bytes. */
static inline void write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

/* SHA-256 of a whole file. */
static inline void file_digest(const char *path, uint8_t out[HAN__SHA256_BYTES])
{
    uint8_t block[4096];
    han__sha256 h;
    ssize_t n;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    han__sha256_init(&h);
    while ((n = read(fd, block, sizeof block)) > 0) han__sha256_add(&h, block, (size_t)n);
    close(fd);
    han__sha256_end(&h, out);
}

#endif
