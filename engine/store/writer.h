/* Private to the store: the writer thread, its queue, and the group commit. */
#ifndef HAN_STORE_WRITER_H
#define HAN_STORE_WRITER_H

#include <sqlite3.h>

#include "store/batch.h"

typedef struct han__writer han__writer;

typedef struct han__writer_options {
    sqlite3 *db;      /* migrated; the writer's from now on, also when new fails */
    const char *path; /* must outlive the writer */
    size_t queue_batches, queue_bytes;
    void (*wakeup)(void *ud);
    void *ud;
} han__writer_options;

/* Prepares the statements and starts the thread. */
int han__writer_new(han__mem *mem, const han__writer_options *options, han__writer **out,
                    han_error *err);
/* Writes what is queued, then stops and joins the thread; *done are the finished batches that were
 * not taken, oldest first. Returns the failure that stuck. Later puts are refused (HAN_MISUSE). */
int han__writer_stop(han__writer *writer, han__batch **done, han_error *err);
void han__writer_free(han__writer *writer); /* a stopped one; closes the connection */

/* See han__store_put; the batch is sealed. */
int han__writer_put(han__writer *writer, han__batch *batch, han_error *err);
/* The finished batches, oldest first; NULL when there are none. */
han__batch *han__writer_take(han__writer *writer);
/* HAN_OK when idle, or HAN_TIMEOUT. */
int han__writer_wait(han__writer *writer, uint32_t timeout_ms, han_error *err);
int han__writer_status(han__writer *writer, han_error *err);
void han__writer_count(han__writer *writer, han__store_counts *out);

/* The SQL text of a HAN__STMT_*, appended to out: made from the column tables of corpus.c and
 * ledger.c. */
int han__corpus_sql(int stmt, han__buf *out);
/* The same for those from HAN__STMT_EXPERIMENT on. */
int han__ledger_sql(int stmt, han__buf *out);
/* The same for those from HAN__STMT_LEARNT on. */
int han__learnt_sql(int stmt, han__buf *out);

#endif
