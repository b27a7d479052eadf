/* The corpus: what was run, one row per command, per cell and per attempt. Rows are structs of
 * borrowed pointers; adding one to a batch copies everything, so the caller may free at once. */
#ifndef HAN_STORE_CORPUS_H
#define HAN_STORE_CORPUS_H

#include "base/buf.h"
#include "store/store.h"

#define HAN__CORPUS_ATTEMPTS_MAX 65536 /* of one cell */

/* Borrowed bytes; data NULL means absent (stored as NULL), len 0 with data is an empty string. */
typedef struct han__bytes {
    const void *data;
    size_t len;
} han__bytes;

/* A number that may be absent (stored as NULL). */
typedef struct han__opt_int {
    bool known;
    int64_t value;
} han__opt_int;

/* The same with a fraction. */
typedef struct han__opt_real {
    bool known;
    double value; /* NaN is refused */
} han__opt_real;

/* A spend or a budget. In a spend an unknown channel was not measured (never zero); in a budget it
 * was not declared. */
typedef struct han__amounts {
    han__opt_int tokens, nano_usd, shots, turns, evals;
    han__bytes named; /* JSON object of other resources */
} han__amounts;

/* A verdict or a score: its vector in columns, and the whole as an encoded plain value. */
typedef struct han__measure {
    han__opt_int pass; /* 0 or 1 */
    han__opt_real correct, fast, secure, cheap;
    han__bytes value;
} han__measure;

/* Comments: text = UTF-8; value = encoded plain value, stored in the row; content = stored once by
 * digest, the column holds the digest; digest = 32 bytes or 64 hexadecimal digits. * = required. */
typedef struct han__bench_row {
    han__bytes id;      /* * text, unique: the run id */
    han__bytes kind;    /* * text: bench, script, import */
    han__bytes adapter; /* text */
    int64_t seed;
    han__bytes split;  /* text */
    han__bytes config; /* value */
    han__bytes arms;   /* value */
    int64_t started_ms;
    han__bytes digest;     /* digest of the configuration */
    han__bytes source;     /* text: command line or imported file */
    han__bytes experiment; /* text: id of one that is stored, or stands earlier in the batch */
    han__bytes parent;     /* text: the stored run that this one is a phase of */
} han__bench_row;

typedef struct han__attempt_row {
    int64_t ordinal;                 /* from 1, unique in its cell */
    han__bytes node;                 /* text */
    han__bytes from;                 /* digest of the artifact it started from */
    han__bytes steer, spans, output; /* content */
    han__bytes status, reason;       /* text */
    bool infra, over;
    han__measure verdict;
    han__amounts spend;
    han__opt_real wall_ms, cpu_ms;
} han__attempt_row;

typedef struct han__cell_row {
    han__bytes bench_id; /* * text; the bench row must be stored, or stand earlier in the batch */
    han__bytes cell;     /* * text; (bench_id, cell, try) is unique */
    int64_t try_number;  /* 1 for the repetition after an infra failure */
    han__bytes adapter, task, group, arm, strategy, split; /* text; absent in a plain run */
    int64_t seed, replicate;
    han__bytes status;        /* * text */
    han__bytes reason, where; /* text */
    bool infra, over;
    han__measure score, verdict;
    han__opt_int kept; /* ordinal */
    han__bytes output; /* content */
    han__amounts spend, budget;
    han__opt_real wall_ms, cpu_ms;
    han__bytes program, profile, checks, engine; /* digest */
    han__bytes trust, sandbox;                   /* text */
    han__opt_real difficulty;
    han__bytes meta;             /* JSON text */
    han__bytes nodes, decisions; /* content */
    han__bytes source;           /* text: the file it was imported from */
    han__bytes imported;         /* digest of what that file said of it; unique; needs source */
    const han__attempt_row *attempts;
    size_t attempt_count;
} han__cell_row;

/* Each adds to a batch: HAN_INVALID (a required field is absent, a digest is malformed, NaN),
 * HAN_LIMIT (a content above HAN__BLOB_BYTES_MAX, the batch above HAN__STORE_BATCH_MAX), HAN_NOMEM.
 * After a failure the batch can only be freed. A row that breaks a constraint (id twice, unknown
 * bench) is found by the writer: its whole batch is reported with HAN_INVALID, other batches are
 * not hurt. */
int han__corpus_add_bench(han__batch *batch, const han__bench_row *row, han_error *err);
/* The end of a bench: sets ended_ms and result (content). Nothing happens for an unknown id. */
int han__corpus_add_bench_end(han__batch *batch, han__bytes id, int64_t ended_ms, han__bytes result,
                              han_error *err);
/* A cell with its attempts and contents. */
int han__corpus_add_cell(han__batch *batch, const han__cell_row *row, han_error *err);
/* A content of its own; *digest (may be NULL) is computed here, on the caller's thread. */
int han__corpus_add_content(han__batch *batch, han__bytes content, uint8_t digest[32],
                            han_error *err);

#endif
