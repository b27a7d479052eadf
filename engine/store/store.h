/* The store: one SQLite file (WAL), one private writer thread fed by a bounded queue of batches,
 * and a read-only connection for queries. Everything here is called from the engine's thread, which
 * never waits for the disk except in open, flush and close. */
#ifndef HAN_STORE_STORE_H
#define HAN_STORE_STORE_H

#include "base/error.h"
#include "base/mem.h"

#define HAN__STORE_SCHEMA        5           /* user_version written by this build */
#define HAN__STORE_APPLICATION   0x68616e31  /* "han1" */
#define HAN__STORE_BATCH_MAX     (64u << 20) /* bytes of one batch */
#define HAN__STORE_FLUSH_DEFAULT 60000u      /* ms, a sensible wait for flush */

typedef struct han__store han__store;
typedef struct han__batch han__batch; /* rows that are committed together or not at all */

typedef struct han__store_options {
    const char *path;     /* created when it does not exist, unless readonly */
    bool readonly;        /* no writer; batches are refused with HAN_MISUSE */
    bool full_sync;       /* each commit reaches the disk: survives a power cut, not only kill -9 */
    uint32_t busy_ms;     /* how long to wait for another process's write lock; 0: 10,000 */
    size_t queue_batches; /* batches waiting or being written, at most; 0: 256 */
    size_t queue_bytes;   /* bytes of them, at most; 0: 64 MiB (one batch is always let in) */
    const char *vfs;      /* SQLite VFS by name; NULL: the default. For fault injection. */
    void (*wakeup)(void *ud); /* called FROM THE WRITER THREAD when there is something to poll; must
                                 only wake the engine's loop; may be NULL */
    void *ud;
} han__store_options;

/* Completion of one batch, called by poll, flush or close on the engine's thread, in the order of
 * the puts. `status` HAN_OK: committed. Otherwise none of its rows are stored (only after a failed
 * sync, with full_sync, may they be there when the file is opened again), and `err`, valid during
 * the call, says why. The callback may put batches; it must not flush or close. */
typedef void (*han__store_done_fn)(void *ud, int status, const han_error *err);

/* Opens, creates or migrates the file. HAN_CORRUPT (file left as it was): not a SQLite database,
 * another program's, damaged, or written by a newer han. HAN_TIMEOUT: another process kept the
 * write lock for busy_ms. HAN_UNKNOWN: readonly and there is no such file. HAN_IO, HAN_NOMEM. */
int han__store_open(han__mem *mem, const han__store_options *options, han__store **out,
                    han_error *err);
/* Writes what is queued, runs the completions, frees the store whatever happens (NULL is allowed).
 * Returns the failure that stuck, if any. */
int han__store_close(han__store *store, han_error *err);
const char *han__store_path(const han__store *store);

/* An empty batch; fill it by han__corpus_add_* (corpus.h), then put or free it. */
int han__batch_new(han__store *store, han__batch **out, han_error *err);
void han__batch_free(han__batch *batch); /* one that was not put; NULL is allowed */

/* Queues a batch; on HAN_OK it belongs to the store and `done` (may be NULL) will be called once.
 * On failure it stays the caller's and `done` is never called: HAN_LIMIT the queue is full (put it
 * again after a completion, or after a flush); HAN_INVALID an earlier add to it failed; HAN_MISUSE
 * readonly; or the failure that stuck: after the first failed write (disk full, read-only file,
 * lock not granted) every later put fails with that same error. */
int han__store_put(han__store *store, han__batch *batch, han__store_done_fn done, void *ud,
                   han_error *err);

/* Runs the completions that are ready; returns their number. */
size_t han__store_poll(han__store *store);
/* Waits until everything queued is committed or failed, and runs the completions. HAN_TIMEOUT when
 * timeout_ms pass first (the writer goes on); otherwise the failure that stuck, or HAN_OK. */
int han__store_flush(han__store *store, uint32_t timeout_ms, han_error *err);
/* HAN_OK, or the failure that stuck. */
int han__store_status(han__store *store, han_error *err);

/* What the writer has done since open. */
typedef struct han__store_counts {
    uint64_t committed; /* batches durable against kill -9 (with full_sync: power loss) */
    uint64_t failed;    /* batches lost, each reported to its completion */
    uint64_t commits;   /* transactions; committed / commits is the group size */
    size_t queued;      /* batches waiting or being written */
} han__store_counts;
void han__store_count(han__store *store, han__store_counts *out);

/* ---- queries ---- */

/* Types of parameters and columns. */
enum { HAN__SQL_NULL, HAN__SQL_INT, HAN__SQL_REAL, HAN__SQL_TEXT, HAN__SQL_BYTES };

/* A parameter or a column value. Bytes in a row belong to SQLite and are valid during the callback.
 */
typedef struct han__sqlval {
    int type;
    int64_t integer;
    double real;
    const void *bytes; /* TEXT, BYTES */
    size_t len;
} han__sqlval;

/* One query and its limits. */
typedef struct han__query {
    const char
        *sql; /* one SELECT, WITH, VALUES, or EXPLAIN of one; `content(digest)` gives a blob */
    const han__sqlval *params; /* bound to ?1.. in order */
    size_t param_count;
    uint64_t max_rows;   /* 0: 1,000,000; more is HAN_LIMIT after that many rows */
    uint32_t timeout_ms; /* 0: 5,000; the query is interrupted with HAN_LIMIT */
} han__query;

/* Called per row; names and values have `columns` entries. Non-zero stops the query with that
 * status. Must not query or close the store. */
typedef int (*han__query_row_fn)(void *ud, size_t columns, const char *const *names,
                                 const han__sqlval *values);

/* Runs on the read-only connection: sees what was committed when it starts, never blocks the
 * writer. HAN_SYNTAX: SQLite's message. HAN_INVALID: not one reading statement, or it names
 * something that is refused (pragma, attach, load_extension), or a wrong number of parameters.
 * HAN_LIMIT, HAN_CORRUPT, HAN_NOMEM, or the row function's status. */
int han__store_query(han__store *store, const han__query *query, han__query_row_fn row, void *ud,
                     han_error *err);

#endif
