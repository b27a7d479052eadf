/* The ledger: registered experiments, which group is in which split, and what was spent of the
 * held-out ones. What may not happen twice is a constraint of schema2.sql, found by the writer like
 * any other: the batch is reported with HAN_INVALID and the name of the constraint, and none of its
 * rows are stored. */
#ifndef HAN_STORE_LEDGER_H
#define HAN_STORE_LEDGER_H

#include "store/corpus.h"

#define HAN__LEDGER_GROUPS_MAX 65536 /* of one spend, or one assignment */

/* Comments as in corpus.h: * = required. */
typedef struct han__experiment_row {
    han__bytes id;       /* * text, unique */
    han__bytes adapter;  /* * text */
    han__bytes line;     /* text */
    han__bytes primary;  /* * text */
    han__bytes arms;     /* * JSON text */
    int64_t family;      /* >= 1 */
    han__bytes control;  /* * text */
    han__opt_real alpha; /* * above 0, below 1 */
    int64_t n;           /* groups, >= 1 */
    han__bytes holdout;  /* * text: a split */
    han__bytes rule;     /* * JSON text */
    han__bytes digest;   /* * digest of rule */
    int64_t registered_ms;
} han__experiment_row;

typedef struct han__split_row {
    han__bytes adapter, group, split; /* * text */
    int64_t assigned_ms;
} han__split_row;

typedef struct han__spend_row {
    han__bytes line, adapter, slice, split; /* * text; (line, adapter, slice) is unique */
    int64_t size;                           /* filled in by han__ledger_add_spend: its groups */
    han__bytes digest;                      /* * digest of the names of the groups */
    han__bytes experiment;                  /* text */
    han__bytes bench_id;                    /* * text: a stored bench of that kind */
    han__bytes kind;                        /* * text: gate or bench */
    int64_t spent_ms;
} han__spend_row;

/* Each adds to a batch; failures as in corpus.h. */
int han__ledger_add_experiment(han__batch *batch, const han__experiment_row *row, han_error *err);
/* Assigns a group to a split of an adapter, for good; again to the same split changes nothing. */
int han__ledger_add_split(han__batch *batch, const han__split_row *row, han_error *err);
/* A spend with its groups, each assigned to the split before. HAN_INVALID without groups, HAN_LIMIT
 * above HAN__LEDGER_GROUPS_MAX. */
int han__ledger_add_spend(han__batch *batch, const han__spend_row *row, const han__bytes *groups,
                          size_t count, han_error *err);

#endif
