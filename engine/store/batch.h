/* Private to the store: a batch is an arena of copied rows, made and freed on the engine's thread
 * and only read (and its results filled in) by the writer in between, so that the writer needs no
 * allocator. */
#ifndef HAN_STORE_BATCH_H
#define HAN_STORE_BATCH_H

#include "base/hash.h"
#include "store/corpus.h"
#include "store/store.h"

/* The statements that the writer prepares. */
enum {
    HAN__STMT_BENCH,
    HAN__STMT_BENCH_END,
    HAN__STMT_CELL,
    HAN__STMT_ATTEMPT,
    HAN__STMT_EXPERIMENT, /* from here on ledger.c */
    HAN__STMT_SPLIT,
    HAN__STMT_SPEND,
    HAN__STMT_SPEND_GROUP,
    HAN__STMT_LEARNT, /* from here on learnt.c */
    HAN__STMT_CHAMPION,
    HAN__STMT_ROUND,
    HAN__STMT_JOURNAL_RUN, /* from here on journal.c */
    HAN__STMT_JOURNAL,
    HAN__STMT_JOURNAL_SHORT, /* of a row that has few fields, as most */
    HAN__STMT_JOURNAL_FIRST, /* of the first row of a batch */
    HAN__STMT_JOURNAL_USED,
    HAN__STMT_ANSWER, /* answers.c */
    HAN__STMT_COUNT
};

typedef struct han__batch_blob {
    struct han__batch_blob *next;
    const void *bytes;
    size_t len;
    bool hashed; /* digest is valid */
    uint8_t digest[HAN__SHA256_BYTES];
} han__batch_blob;

enum {
    HAN__BIND_NULL,
    HAN__BIND_INT,
    HAN__BIND_REAL,
    HAN__BIND_TEXT,
    HAN__BIND_BYTES,
    HAN__BIND_DIGEST, /* of a content of this batch */
    HAN__BIND_ROWID   /* of a row of this batch, inserted before */
};

typedef struct han__batch_op han__batch_op;

/* What is bound to one parameter. */
typedef struct han__batch_value {
    int bind;
    size_t len;
    union {
        int64_t integer;
        double real;
        const void *bytes;
        han__batch_blob *blob;
        const han__batch_op *op;
    } as;
} han__batch_value;

struct han__batch_op {
    han__batch_op *next;
    int stmt;
    size_t count;
    han__batch_value *values;
    int64_t rowid; /* filled in by the writer */
};

typedef struct han__batch_chunk han__batch_chunk;

struct han__batch {
    han__mem *mem;
    han__batch_chunk *chunks;
    size_t bytes; /* of all chunks */
    bool broken;  /* an add failed: it may lack rows */
    han__batch_blob *blobs, **blobs_end;
    han__batch_op *ops, **ops_end;
    size_t scratch_need; /* for packing the largest content */
    void *scratch;
    /* while it is queued */
    struct han__batch *next;
    han__store_done_fn done;
    void *ud;
    int status;
    han_error error;
};

/* An empty one; han__batch_free (store.h) frees it. */
int han__batch_make(han__mem *mem, han__batch **out, han_error *err);
/* Memory of the batch, not zeroed, or NULL: HAN_NOMEM or HAN_LIMIT in *status. */
void *han__batch_take(han__batch *batch, size_t size, int *status);
/* A copy in the batch. */
int han__batch_copy(han__batch *batch, han__bytes bytes, const void **out, han_error *err);
/* An operation with `count` values, all NULL. */
int han__batch_op_add(han__batch *batch, int stmt, size_t count, han__batch_op **out,
                      han_error *err);
int han__batch_blob_add(han__batch *batch, han__bytes bytes, han__batch_blob **out, han_error *err);
/* Makes what the writer needs before the batch goes to it. */
int han__batch_seal(han__batch *batch, han_error *err);

#endif
