/* The journal in the store: numbered runs, and their rows in the order in which they were made. Who
 * makes the rows and what they mean is script/journal.h; here they are text and bytes. */
#ifndef HAN_STORE_JOURNAL_H
#define HAN_STORE_JOURNAL_H

#include "store/corpus.h"

#define HAN__JOURNAL_ROWS_MAX   ((uint64_t)UINT32_MAX) /* of one run */
#define HAN__JOURNAL_INLINE_MAX 256u                   /* bytes of a value that stands in its row */

/* Flags of a row. */
enum {
    HAN__JOURNAL_OVER = 1,
    HAN__JOURNAL_INFRA = 2,
    HAN__JOURNAL_QUESTION = 4,
    HAN__JOURNAL_AGAIN = 8 /* of `spawned`: its key's work was begun before */
};

/* One row; comments as in corpus.h, * = required. */
typedef struct han__journal_row {
    int64_t id;      /* made of run and place by han__journal_add; place only when read */
    han__bytes kind; /* * text that outlives the batch */
    han__bytes node; /* * text */
    int64_t clock;
    han__bytes code, text, place; /* text */
    han__bytes amount;            /* JSON text */
    han__opt_int flags;
    han__bytes value;   /* encoded value; put into `content` when it is long */
    han__bytes content; /* filled in by han__journal_add */
    bool first; /* of its batch: the batch is refused when the row before it is not stored, so that
                   two processes on one run leave no gap */
} han__journal_row;

/* Numbers a run of a stored bench, durably: waits for the writer. HAN_INVALID when it has a number
 * already or the bench is not there; failures of the store. */
int han__journal_begin(han__store *store, const char *bench_id, const char *cell, int64_t *number,
                       han_error *err);
/* The same for many runs of one stored bench at once; their numbers are read by han__journal_find.
 */
int han__journal_begin_all(han__store *store, const char *bench_id, const char *const *cells,
                           size_t count, han_error *err);
/* The number of a run that has one. HAN_UNKNOWN when it has none. */
int han__journal_find(han__store *store, const char *bench_id, const char *cell, int64_t *number,
                      han_error *err);
/* Adds a row to a batch: number `place` (from 1) of run `number`; fills in what the row says it
 * does. Failures as in corpus.h. */
int han__journal_add(han__batch *batch, int64_t number, uint64_t place, han__journal_row *row,
                     han_error *err);

/* Adds to a batch: this much of its wall limit the run has used. */
int han__journal_used(han__batch *batch, int64_t number, int64_t used_ms, han_error *err);
/* What was added last; 0 when nothing was. */
int han__journal_read_used(han__store *store, int64_t number, int64_t *used_ms, han_error *err);

/* Called per row; what it points to is valid during the call. Not HAN_OK stops the reading. */
typedef int (*han__journal_fn)(void *ud, const han__journal_row *row);
/* Reads the rows of a run behind place `after`, in order. HAN_CORRUPT naming the place when one is
 * missing or is not what this version writes; failures of the store; the status of fn. */
int han__journal_read(han__store *store, int64_t number, uint64_t after, han__journal_fn fn,
                      void *ud, han_error *err);

/* Used by the writer: the text of HAN__STMT_JOURNAL_RUN or HAN__STMT_JOURNAL. */
int han__journal_sql(int stmt, han__buf *out);

#endif
