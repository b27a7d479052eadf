/* What was learnt: programs and profiles with their lineage, the champions of lines, the rounds of
 * han improve. A row that is written again by a run which is gone on with changes nothing but what
 * may change (schema4.sql). */
#ifndef HAN_STORE_LEARNT_H
#define HAN_STORE_LEARNT_H

#include "store/corpus.h"

/* Comments as in corpus.h: * = required. */
typedef struct han__learnt_row {
    han__bytes bench_id, line, learner; /* * text */
    han__bytes text;                    /* * content */
    han__bytes kind;                    /* * text: strategy, profile or artifact */
    int64_t round;
    han__bytes author;   /* * text */
    han__bytes operator; /* text */
    han__bytes parents;  /* * JSON text: list of digests */
    han__bytes shape;    /* text */
    han__opt_int novel;  /* 0 or 1 */
    han__bytes status;   /* * text; a later row of the same thing replaces it, and the next two */
    han__bytes reason;   /* text */
    han__bytes scores;   /* JSON text */
    int64_t created_ms;
} han__learnt_row;

typedef struct han__champion_row {
    han__bytes line, kind; /* * text */
    han__bytes text;       /* * content */
    han__bytes how;        /* * text: promoted or rolled-back */
    han__bytes reason;     /* text */
    han__bytes bench_id;   /* text: of one run, the same line and content count once */
    int64_t set_ms;
} han__champion_row;

typedef struct han__round_row {
    han__bytes bench_id; /* * text */
    int64_t round;       /* of one run, the first row counts */
    han__bytes result;   /* * content */
    int64_t ended_ms;
} han__round_row;

/* Each adds to a batch; failures as in corpus.h. */
int han__learnt_add(han__batch *batch, const han__learnt_row *row, han_error *err);
int han__learnt_add_champion(han__batch *batch, const han__champion_row *row, han_error *err);
int han__learnt_add_round(han__batch *batch, const han__round_row *row, han_error *err);

#endif
