/* The one store of answers: what a request gave, by the digest of the request. An answer that is
 * there already stays: the same request has one answer. Whoever takes one is charged what it spent
 * when it was made; an answer saves time, never budget. */
#ifndef HAN_STORE_ANSWERS_H
#define HAN_STORE_ANSWERS_H

#include "store/corpus.h"

/* Comments as in corpus.h: * = required. */
typedef struct han__answer {
    han__bytes digest; /* * digest of the request */
    han__bytes kind;   /* * text: shot */
    han__bytes said;   /* value: how it ended, its verdict and spend */
    han__bytes output; /* content */
    han__bytes trace;  /* content */
} han__answer;

/* Adds to a batch; failures as in corpus.h. */
int han__answers_add(han__batch *batch, const han__answer *answer, han_error *err);

/* What *out points to is valid during the call. */
typedef void (*han__answer_fn)(void *ud, const han__answer *answer);
/* Reads one and calls fn with it, its digest apart. HAN_UNKNOWN when there is none; HAN_CORRUPT,
 * failures of the store. */
int han__answers_find(han__store *store, const uint8_t digest[32], han__answer_fn fn, void *ud,
                      han_error *err);

/* Used by the writer: the text of HAN__STMT_ANSWER. */
int han__answers_sql(han__buf *out);

#endif
