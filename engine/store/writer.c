/* Owns the writer thread: the one place that changes the file. The engine's thread hands batches
 * over under one lock and takes them back finished; in between only this thread reads them.
 * Everything queued is committed as one transaction, so that many small batches share one commit.
 */
#include "base/config.h"

#include <sqlite3.h>
#include <zstd.h>

#include "store/blob.h"
#include "store/sql.h"
#include "store/writer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#define SEEN_SLOTS 2048 /* digests remembered as stored; a power of two */

struct han__writer {
    han__mem *mem;
    const char *path;
    void (*wakeup)(void *ud);
    void *wakeup_ud;
    size_t max_batches, max_bytes;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows up to the next blank line */
    pthread_cond_t work, idle;
    bool stop;
    han__batch *queue, **queue_end;
    han__batch *done, **done_end;
    size_t batches, bytes; /* waiting or being written */
    han_error failed;      /* the failure that stuck; code 0 while there is none */
    uint64_t committed, lost, commits;

    /* the thread's own */
    sqlite3 *db;
    ZSTD_CCtx *zstd;
    sqlite3_stmt *begin, *commit, *blob_find, *blob_put;
    sqlite3_stmt *stmts[HAN__STMT_COUNT];
    uint64_t bound[HAN__STMT_COUNT];             /* which of its first 64 parameters are not NULL */
    const char *doing;                           /* for messages */
    uint8_t seen[SEEN_SLOTS][HAN__SHA256_BYTES]; /* zero: free */
};

/* ---- one transaction ---- */

static int step(sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static uint8_t *seen_slot(han__writer *w, const uint8_t *digest)
{
    size_t slot = ((size_t)digest[0] << 8 | digest[1]) & (SEEN_SLOTS - 1);
    return w->seen[slot];
}

static int blob_stored(han__writer *w, const uint8_t *digest, bool *stored)
{
    int rc = sqlite3_bind_blob(w->blob_find, 1, digest, HAN__SHA256_BYTES, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(w->blob_find);
    *stored = rc == SQLITE_ROW;
    sqlite3_reset(w->blob_find);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int blob_insert(han__writer *w, const han__batch *batch, const han__batch_blob *blob)
{
    size_t packed =
        han__blob_pack(w->zstd, batch->scratch, batch->scratch_need, blob->bytes, blob->len);
    const void *bytes = packed ? batch->scratch : blob->bytes;
    int len = (int)(packed ? packed : blob->len), rc;
    if ((rc = sqlite3_bind_blob(w->blob_put, 1, blob->digest, HAN__SHA256_BYTES, SQLITE_STATIC)) ||
        (rc = sqlite3_bind_int(w->blob_put, 2, packed ? HAN__BLOB_ZSTD : HAN__BLOB_RAW)) ||
        (rc = sqlite3_bind_int64(w->blob_put, 3, (int64_t)blob->len)) ||
        (rc = sqlite3_bind_blob(w->blob_put, 4, bytes, len, SQLITE_STATIC)))
        return rc;
    return step(w->blob_put);
}

static int write_blob(han__writer *w, const han__batch *batch, han__batch_blob *blob)
{
    bool stored = false;
    if (!blob->hashed) han__sha256_of(blob->bytes, blob->len, blob->digest);
    blob->hashed = true;
    uint8_t *slot = seen_slot(w, blob->digest);
    if (memcmp(slot, blob->digest, HAN__SHA256_BYTES) == 0) return SQLITE_OK;
    int rc = blob_stored(w, blob->digest, &stored);
    if (rc == SQLITE_OK && !stored) rc = blob_insert(w, batch, blob);
    if (rc == SQLITE_OK) memcpy(slot, blob->digest, HAN__SHA256_BYTES);
    return rc;
}

static int bind(sqlite3_stmt *stmt, int at, const han__batch_value *v)
{
    switch (v->bind) {
    case HAN__BIND_INT:
        return sqlite3_bind_int64(stmt, at, v->as.integer);
    case HAN__BIND_REAL:
        return sqlite3_bind_double(stmt, at, v->as.real);
    case HAN__BIND_TEXT:
        return sqlite3_bind_text(stmt, at, v->as.bytes, (int)v->len, SQLITE_STATIC);
    case HAN__BIND_BYTES:
        return sqlite3_bind_blob(stmt, at, v->as.bytes, (int)v->len, SQLITE_STATIC);
    case HAN__BIND_DIGEST:
        return sqlite3_bind_blob(stmt, at, v->as.blob->digest, HAN__SHA256_BYTES, SQLITE_STATIC);
    case HAN__BIND_ROWID:
        return sqlite3_bind_int64(stmt, at, v->as.op->rowid);
    default:
        return sqlite3_bind_null(stmt, at);
    }
}

/* Every parameter is bound anew, but for a NULL that stands there already: clearing them all after
 * each row cost as much as binding one. What is bound still between two rows is not looked at. */
static int bind_all(han__writer *w, const han__batch_op *op)
{
    sqlite3_stmt *stmt = w->stmts[op->stmt];
    uint64_t bound = w->bound[op->stmt];
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < op->count; i++) {
        uint64_t bit = i < 64 ? (uint64_t)1 << i : 0;
        bool is_null = op->values[i].bind == HAN__BIND_NULL;
        if (is_null && bit && !(bound & bit)) continue;
        bound = is_null ? bound & ~bit : bound | bit;
        rc = bind(stmt, (int)i + 1, &op->values[i]);
    }
    w->bound[op->stmt] = bound;
    return rc;
}

static int write_op(han__writer *w, han__batch_op *op)
{
    sqlite3_stmt *stmt = w->stmts[op->stmt];
    int rc = bind_all(w, op);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
        sqlite3_reset(stmt);
        rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    if (rc == SQLITE_OK) op->rowid = sqlite3_last_insert_rowid(w->db);
    return rc;
}

static int write_batch(han__writer *w, const han__batch *batch)
{
    static const char *const names[HAN__STMT_COUNT] = {"writing a bench",
                                                       "writing the end of a bench",
                                                       "writing a cell",
                                                       "writing an attempt",
                                                       "registering an experiment",
                                                       "assigning a group to a split",
                                                       "spending a holdout",
                                                       "spending a group",
                                                       "keeping what was learnt",
                                                       "naming a champion",
                                                       "ending a round",
                                                       "numbering a journal",
                                                       "writing the journal",
                                                       "writing the journal",
                                                       "writing the journal"};
    int rc = SQLITE_OK;
    w->doing = "writing a content";
    for (han__batch_blob *blob = batch->blobs; rc == SQLITE_OK && blob; blob = blob->next)
        rc = write_blob(w, batch, blob);
    for (han__batch_op *op = batch->ops; rc == SQLITE_OK && op; op = op->next) {
        w->doing = names[op->stmt];
        rc = write_op(w, op);
    }
    return rc;
}

/* One transaction over the batches that have not failed by themselves. *culprit is the batch that
 * was being written when it failed, NULL when it was none of them. */
static int transact(han__writer *w, han__batch *group, han__batch **culprit)
{
    *culprit = NULL;
    w->doing = "taking the write lock";
    int rc = step(w->begin);
    for (han__batch *b = group; rc == SQLITE_OK && b; b = b->next) {
        if (b->status != HAN_OK) continue;
        rc = write_batch(w, b);
        if (rc != SQLITE_OK) *culprit = b;
    }
    if (rc == SQLITE_OK) {
        w->doing = "committing";
        rc = step(w->commit);
    }
    return rc;
}

static void roll_back(han__writer *w)
{
    if (!sqlite3_get_autocommit(w->db)) sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
    memset(w->seen, 0, sizeof w->seen);
}

/* Writes a group; every batch ends with its status. Returns the failure that must stick. A batch
 * that breaks a constraint is set aside and the rest is done again, which is rare and keeps the
 * usual path free of savepoints; the loop ends because each turn sets one aside. */
static int write_group(han__writer *w, han__batch *group, han_error *err)
{
    for (;;) {
        han__batch *culprit = NULL;
        int rc = transact(w, group, &culprit);
        if (rc == SQLITE_OK) return HAN_OK;
        bool alone = culprit && (rc & 0xff) == SQLITE_CONSTRAINT;
        han_error *where = alone ? &culprit->error : err;
        int status = han__sql_fail(where, w->db, rc, w->path, w->doing);
        roll_back(w);
        if (!alone) return status;
        culprit->status = status;
    }
}

/* ---- the thread ---- */

static void settle(han__batch *group, const han_error *failure)
{
    for (han__batch *b = group; b; b = b->next) {
        if (b->status != HAN_OK || failure->code == HAN_OK) continue;
        b->status = failure->code;
        b->error = *failure;
    }
}

/* Called with the lock held. True when the owner has to be woken. */
static bool give_back(han__writer *w, han__batch *group, const han_error *failure)
{
    bool was_empty = w->done == NULL;
    if (failure->code != HAN_OK && w->failed.code == HAN_OK) w->failed = *failure;
    if (failure->code == HAN_OK) w->commits++;
    *w->done_end = group;
    for (han__batch *b = group; b; b = b->next) {
        if (b->status == HAN_OK)
            w->committed++;
        else
            w->lost++;
        w->batches--;
        w->bytes -= b->bytes;
        w->done_end = &b->next;
    }
    if (w->batches == 0) pthread_cond_broadcast(&w->idle);
    return was_empty;
}

static void *writer_main(void *arg)
{
    han__writer *w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->queue && !w->stop) pthread_cond_wait(&w->work, &w->lock);
        han__batch *group = w->queue;
        if (!group) break;
        han_error failure = w->failed;
        w->queue = NULL;
        w->queue_end = &w->queue;
        pthread_mutex_unlock(&w->lock);
        if (failure.code == HAN_OK) write_group(w, group, &failure);
        settle(group, &failure);
        pthread_mutex_lock(&w->lock);
        if (give_back(w, group, &failure) && w->wakeup) {
            pthread_mutex_unlock(&w->lock);
            w->wakeup(w->wakeup_ud);
            pthread_mutex_lock(&w->lock);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- life ---- */

static int prepare(han__writer *w, const char *sql, sqlite3_stmt **out, han_error *err)
{
    int rc = sqlite3_prepare_v3(w->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (rc == SQLITE_OK) return HAN_OK;
    return han__sql_fail_schema(err, w->db, rc, w->path);
}

static int prepare_row(han__writer *w, int stmt, han_error *err)
{
    han__buf sql;
    han__buf_init(&sql, w->mem, 16u << 10);
    int status = han__corpus_sql(stmt, &sql);
    const char *text = status == HAN_OK ? han__buf_cstr(&sql) : NULL;
    if (text)
        status = prepare(w, text, &w->stmts[stmt], err);
    else
        status = han__error_set(err, HAN_NOMEM, "no memory for the store's statements");
    han__buf_release(&sql);
    return status;
}

static int prepare_all(han__writer *w, han_error *err)
{
    int status = prepare(w, "BEGIN IMMEDIATE", &w->begin, err);
    if (status == HAN_OK) status = prepare(w, "COMMIT", &w->commit, err);
    if (status == HAN_OK)
        status = prepare(w, "SELECT 1 FROM blob WHERE digest = ?1", &w->blob_find, err);
    if (status == HAN_OK)
        status = prepare(w, "INSERT INTO blob (digest, codec, size, bytes) VALUES (?1, ?2, ?3, ?4)",
                         &w->blob_put, err);
    for (int i = 0; status == HAN_OK && i < HAN__STMT_COUNT; i++) status = prepare_row(w, i, err);
    if (status != HAN_OK) return status;
    w->zstd = ZSTD_createCCtx();
    return w->zstd ? HAN_OK : han__error_set(err, HAN_NOMEM, "no memory for zstd");
}

static void release(han__writer *w)
{
    sqlite3_stmt *all[] = {w->begin, w->commit, w->blob_find, w->blob_put};
    for (size_t i = 0; i < HAN__COUNT(all); i++) sqlite3_finalize(all[i]);
    for (size_t i = 0; i < HAN__STMT_COUNT; i++) sqlite3_finalize(w->stmts[i]);
    ZSTD_freeCCtx(w->zstd);
    sqlite3_close(w->db);
    han__mem_free(w->mem, w, sizeof *w);
}

/* The thread blocks all signals: they are the host's, for its own threads. */
static int start(han__writer *w, han_error *err)
{
    sigset_t all, before;
    pthread_condattr_t attr;
    sigfillset(&all);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->idle, &attr);
    pthread_condattr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&w->thread, NULL, writer_main, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (number == 0) return HAN_OK;
    pthread_cond_destroy(&w->idle);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    return han__error_sys(err, HAN_IO, number, "cannot start the store's writer thread");
}

int han__writer_new(han__mem *mem, const han__writer_options *options, han__writer **out,
                    han_error *err)
{
    han__writer *w = han__mem_zalloc(mem, 1, sizeof *w);
    if (!w) {
        sqlite3_close(options->db);
        return han__error_set(err, HAN_NOMEM, "no memory for the store's writer");
    }
    w->mem = mem;
    w->db = options->db;
    w->path = options->path;
    w->wakeup = options->wakeup;
    w->wakeup_ud = options->ud;
    w->max_batches = options->queue_batches;
    w->max_bytes = options->queue_bytes;
    w->queue_end = &w->queue;
    w->done_end = &w->done;
    int status = prepare_all(w, err);
    if (status == HAN_OK) status = start(w, err);
    if (status == HAN_OK)
        *out = w;
    else
        release(w);
    return status;
}

int han__writer_stop(han__writer *w, han__batch **done, han_error *err)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    *done = han__writer_take(w);
    return han__writer_status(w, err);
}

void han__writer_free(han__writer *w)
{
    pthread_cond_destroy(&w->idle);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    release(w);
}

/* ---- from the engine's thread ---- */

static int admit(const han__writer *w, const han__batch *batch, han_error *err)
{
    if (w->stop) return han__error_set(err, HAN_MISUSE, "a put while the store closes");
    if (w->failed.code != HAN_OK) {
        if (err) *err = w->failed;
        return w->failed.code;
    }
    if (w->batches >= w->max_batches ||
        (w->batches > 0 && (batch->bytes > w->max_bytes || w->bytes > w->max_bytes - batch->bytes)))
        return han__error_set(err, HAN_LIMIT, "the store's queue is full (%zu batches, %zu bytes)",
                              w->batches, w->bytes);
    return HAN_OK;
}

int han__writer_put(han__writer *w, han__batch *batch, han_error *err)
{
    pthread_mutex_lock(&w->lock);
    int status = admit(w, batch, err);
    if (status == HAN_OK) {
        batch->next = NULL;
        *w->queue_end = batch;
        w->queue_end = &batch->next;
        w->batches++;
        w->bytes += batch->bytes;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return status;
}

han__batch *han__writer_take(han__writer *w)
{
    pthread_mutex_lock(&w->lock);
    han__batch *done = w->done;
    w->done = NULL;
    w->done_end = &w->done;
    pthread_mutex_unlock(&w->lock);
    return done;
}

int han__writer_wait(han__writer *w, uint32_t timeout_ms, han_error *err)
{
    struct timespec until;
    int number = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&w->lock);
    while (w->batches > 0 && number == 0)
        number = pthread_cond_timedwait(&w->idle, &w->lock, &until);
    size_t left = w->batches;
    pthread_mutex_unlock(&w->lock);
    if (left == 0) return HAN_OK;
    return han__error_set(err, HAN_TIMEOUT, "the store did not write %zu batches in %u ms", left,
                          timeout_ms);
}

int han__writer_status(han__writer *w, han_error *err)
{
    pthread_mutex_lock(&w->lock);
    int status = w->failed.code;
    if (status != HAN_OK && err && err->code == HAN_OK) *err = w->failed;
    pthread_mutex_unlock(&w->lock);
    return status;
}

void han__writer_count(han__writer *w, han__store_counts *out)
{
    pthread_mutex_lock(&w->lock);
    *out = (han__store_counts){
        .committed = w->committed, .failed = w->lost, .commits = w->commits, .queued = w->batches};
    pthread_mutex_unlock(&w->lock);
}
