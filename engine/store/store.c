/* Owns a store: checks and opens the file, holds the writer and the read-only connection, and
 * carries completions back to the engine's thread. */
#include "base/config.h"

#include <sqlite3.h>

#include "store/batch.h"
#include "store/blob.h"
#include "store/migrate.h"
#include "store/reader.h"
#include "store/sql.h"
#include "store/writer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define BUSY_MS_DEFAULT       10000u
#define QUEUE_BATCHES_DEFAULT 256u
#define QUEUE_BYTES_DEFAULT   ((size_t)64 << 20)
#define CHECK_BYTES_MAX       ((off_t)64 << 20) /* read through in about 50 ms */

struct han__store {
    han__mem *mem;
    char *path;
    han__writer *writer; /* NULL: readonly */
    han__reader reader;
    bool have_reader;
};

/* ---- open ---- */

static han__sql_open how_to_open(const han__store *store, const han__store_options *o, int flags)
{
    return (han__sql_open){.path = store->path,
                           .vfs = o->vfs,
                           .flags = flags,
                           .busy_ms = o->busy_ms ? o->busy_ms : BUSY_MS_DEFAULT};
}

static off_t size_of(const char *path, const char *suffix)
{
    char name[HAN__PATH_MAX + 8];
    struct stat st;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &st) == 0 ? st.st_size : -1;
}

/* How to open for reading so that nothing is changed and nothing is left behind. A connection that
 * may write removes the log files it made when it closes, one that may not leaves them; but it
 * would fold a log left over by a killed process into the file. (What it may do is bounded by the
 * authorizer.) */
static int reading_flags(const han__store *store)
{
    return size_of(store->path, "-wal") > 0 ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
}

/* Nothing is written into a damaged file, lest the damage grows; one too large to be read through
 * at each start is written to until the damage is met. */
static int check_pages(const han__store *store, sqlite3 *db, han_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int status = HAN_OK, rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    if (rc != SQLITE_ROW)
        status = han__sql_fail(err, db, rc, store->path, "checking the store");
    else if (text && strcmp(text, "ok") != 0)
        status = han__error_set(err, HAN_CORRUPT,
                                "%s is damaged and was left as it is (%.100s); han doctor --db "
                                "tells what of it can be saved",
                                store->path, strchr(text, '\n') ? strchr(text, '\n') + 1 : text);
    sqlite3_finalize(stmt);
    return status;
}

/* Looks at a file without changing it. *version is 0 for a file that is new or empty. */
static int look(const han__store *store, const han__store_options *o, int *version, han_error *err)
{
    sqlite3 *db = NULL;
    off_t size = size_of(store->path, "");
    *version = 0;
    if (size == 1) /* which SQLite would take for empty, and overwrite */
        return han__error_set(err, HAN_CORRUPT, "%s is not a database; it was left as it is",
                              store->path);
    if (size <= 0) {
        if (!o->readonly) return HAN_OK;
        return han__error_set(err, HAN_UNKNOWN, "there is no store at %s", store->path);
    }
    han__sql_open how = how_to_open(store, o, reading_flags(store));
    int status = han__sql_connect(&how, &db, err);
    if (status != HAN_OK) return status;
    status = han__migrate_check(db, store->path, &han__store_migration, version, err);
    if (status == HAN_OK && !o->readonly && *version > 0 && size <= CHECK_BYTES_MAX)
        status = check_pages(store, db, err);
    sqlite3_close(db);
    if (status != HAN_OK || !o->readonly || *version == han__store_migration.count) return status;
    if (*version == 0)
        return han__error_set(err, HAN_UNKNOWN, "%s is empty: no han has stored anything in it yet",
                              store->path);
    return han__error_set(err, HAN_UNKNOWN,
                          "%s was written by an older han (schema %d, this one reads %d); bring it "
                          "up to date by han corpus upgrade --db %s, or read it with the older han",
                          store->path, *version, han__store_migration.count, store->path);
}

static int set_up_writing(const han__store *store, const han__store_options *o, sqlite3 *db,
                          int version, han_error *err)
{
    const char *path = store->path, *doing = "setting up the store";
    int status = HAN_OK;
    /* measured by tests/bench/corpus_insert: a tenth less time than pages of 4 kB, because contents
     * of about 1 kB share pages and the digests, which come in any order, touch fewer of them */
    if (version == 0) status = han__sql_run(db, path, doing, "PRAGMA page_size=8192", err);
    if (status == HAN_OK) status = han__sql_run(db, path, doing, "PRAGMA journal_mode=WAL", err);
    if (status == HAN_OK)
        status = han__sql_run(
            db, path, doing, o->full_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
            err);
    if (status == HAN_OK)
        status = han__sql_run(db, path, doing,
                              "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                              "PRAGMA cache_size=-16384; PRAGMA journal_size_limit=67108864",
                              err);
    if (status == HAN_OK && version < han__store_migration.count)
        status = han__migrate_run(db, path, &han__store_migration, err);
    return status;
}

static int open_writer(han__store *store, const han__store_options *o, int version, han_error *err)
{
    sqlite3 *db = NULL;
    han__sql_open how = how_to_open(store, o, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    int status = han__sql_connect(&how, &db, err);
    if (status != HAN_OK) return status;
    if (sqlite3_db_readonly(db, "main") == 1)
        status =
            han__error_set(err, HAN_IO, "%s cannot be written; check its permissions", store->path);
    if (status == HAN_OK) status = set_up_writing(store, o, db, version, err);
    if (status != HAN_OK) {
        sqlite3_close(db);
        return status;
    }
    return han__writer_new(
        store->mem,
        &(han__writer_options){.db = db,
                               .path = store->path,
                               .queue_batches =
                                   o->queue_batches ? o->queue_batches : QUEUE_BATCHES_DEFAULT,
                               .queue_bytes = o->queue_bytes ? o->queue_bytes : QUEUE_BYTES_DEFAULT,
                               .wakeup = o->wakeup,
                               .ud = o->ud},
        &store->writer, err);
}

static int open_reader(han__store *store, const han__store_options *o, han_error *err)
{
    sqlite3 *db = NULL;
    han__sql_open how =
        how_to_open(store, o, o->readonly ? reading_flags(store) : SQLITE_OPEN_READONLY);
    int status = han__sql_connect(&how, &db, err);
    if (status != HAN_OK) return status;
    store->have_reader = true;
    return han__reader_init(&store->reader, store->mem, db, store->path, err);
}

int han__store_open(han__mem *mem, const han__store_options *options, han__store **out,
                    han_error *err)
{
    int version = 0, status = HAN_OK;
    if (!options->path || !options->path[0] || strlen(options->path) >= HAN__PATH_MAX - 8)
        return han__error_set(err, HAN_INVALID, "the store needs a path of 1 to %d bytes",
                              HAN__PATH_MAX - 9);
    han__store *store = han__mem_zalloc(mem, 1, sizeof *store);
    if (!store) return han__error_set(err, HAN_NOMEM, "no memory for the store");
    store->mem = mem;
    store->path = han__mem_strdup(mem, options->path);
    if (!store->path) status = han__error_set(err, HAN_NOMEM, "no memory for the store");
    if (status == HAN_OK) status = look(store, options, &version, err);
    if (status == HAN_OK && !options->readonly) status = open_writer(store, options, version, err);
    if (status == HAN_OK) status = open_reader(store, options, err);
    if (status == HAN_OK)
        *out = store;
    else
        han__store_close(store, NULL);
    return status;
}

/* ---- completions ---- */

static size_t complete(han__batch *done)
{
    size_t count = 0;
    for (han__batch *batch = done, *next; batch; batch = next, count++) {
        next = batch->next;
        if (batch->done) batch->done(batch->ud, batch->status, &batch->error);
        han__batch_free(batch);
    }
    return count;
}

/* The reader goes before the writer's connection: the last one out folds the log into the file, and
 * the reader could not. */
int han__store_close(han__store *store, han_error *err)
{
    int status = HAN_OK;
    han__batch *done = NULL;
    if (!store) return HAN_OK;
    if (store->writer) status = han__writer_stop(store->writer, &done, err);
    complete(done);
    if (store->have_reader) han__reader_release(&store->reader);
    if (store->writer) han__writer_free(store->writer);
    han__mem_strfree(store->mem, store->path);
    han__mem_free(store->mem, store, sizeof *store);
    return status;
}

size_t han__store_poll(han__store *store)
{
    return store->writer ? complete(han__writer_take(store->writer)) : 0;
}

int han__store_flush(han__store *store, uint32_t timeout_ms, han_error *err)
{
    if (!store->writer) return HAN_OK;
    int status = han__writer_wait(store->writer, timeout_ms, err);
    han__store_poll(store);
    return status == HAN_OK ? han__writer_status(store->writer, err) : status;
}

int han__store_status(han__store *store, han_error *err)
{
    return store->writer ? han__writer_status(store->writer, err) : HAN_OK;
}

void han__store_count(han__store *store, han__store_counts *out)
{
    *out = (han__store_counts){0};
    if (store->writer) han__writer_count(store->writer, out);
}

const char *han__store_path(const han__store *store)
{
    return store->path;
}

/* ---- batches and reading ---- */

static int refuse_readonly(const han__store *store, han_error *err)
{
    return han__error_set(err, HAN_MISUSE, "%s is open for reading only", store->path);
}

int han__batch_new(han__store *store, han__batch **out, han_error *err)
{
    return store->writer ? han__batch_make(store->mem, out, err) : refuse_readonly(store, err);
}

int han__store_put(han__store *store, han__batch *batch, han__store_done_fn done, void *ud,
                   han_error *err)
{
    if (!store->writer) return refuse_readonly(store, err);
    int status = han__batch_seal(batch, err);
    if (status != HAN_OK) return status;
    batch->done = done;
    batch->ud = ud;
    return han__writer_put(store->writer, batch, err);
}

int han__blob_get(han__store *store, const uint8_t digest[HAN__SHA256_BYTES], han__buf *out,
                  han_error *err)
{
    return han__reader_blob(&store->reader, digest, out, err);
}

int han__store_query(han__store *store, const han__query *query, han__query_row_fn row, void *ud,
                     han_error *err)
{
    return han__reader_query(&store->reader, query, row, ud, err);
}
