/* The scribe of a run: writes what the tree tells into the store's journal, says what is durable,
 * and, when a run is resumed, holds what the program does against what the journal says until the
 * journal runs out. One per journaled run. In a job, which has no store, its rows are taken by
 * whoever sends them to the engine, who also says what has become durable there. */
#ifndef HAN_SCRIPT_SCRIBE_H
#define HAN_SCRIPT_SCRIBE_H

#include "script/run.h"
#include "store/journal.h"

typedef struct han__scribe han__scribe;

typedef struct han__scribe_options {
    han__store *store; /* borrowed; must outlive the scribe. NULL: rows are taken, in a job */
    const char *bench; /* id of a stored bench */
    const char *cell;
    bool resume;      /* it has a journal; else it is given one */
    const void *past; /* without a store: packed rows of an earlier life; NULL: none */
    size_t past_len;
    uint64_t used_ms;         /* the same: of its wall limit, in that life */
    void (*wanted)(void *ud); /* without a store: somebody waits for rows to be taken */
    void *ud;
    const void *begin; /* encoded value of the row `begin`: what the run is a run of */
    size_t begin_len;
} han__scribe_options;

/* Joins a run that has not had a turn yet; it is closed with the run. HAN_UNKNOWN: nothing to
 * resume. HAN_INVALID: it has a journal already, or no such bench. HAN_CORRUPT, HAN_LIMIT,
 * HAN_NOMEM, failures of the store. */
int han__scribe_open(han__run *run, const han__scribe_options *options, han_error *err);
/* Forgets rows that were not put. */
void han__scribe_close(han__scribe *scribe);

/* Gives the rows made since the last time to the store's writer, as one transaction. */
void han__scribe_put(han__scribe *scribe);
/* For a run that has ended: puts the rest; is all of it durable, or will it never be? */
bool han__scribe_done(han__scribe *scribe);
/* Why the run must stop, or NULL: HAN_NONDETERMINISM, or what the store says. */
const han_error *han__scribe_failure(const han__scribe *scribe);
/* Without a store: moves the packed rows made since the last time into `out` (an empty buffer);
 * gives the place of the last one, 0 when there are none. */
uint64_t han__scribe_take(han__scribe *scribe, han__buf *out);
/* Without a store: all rows up to this place are durable. */
void han__scribe_durable(han__scribe *scribe, uint64_t place);
/* Is everything so far durable? Else the wait, which must outlive the scribe or be cancelled, is
 * finished, with no results, once it is. One at a time. */
bool han__scribe_barrier(han__scribe *scribe, han__wait *wait);
/* Who waited for that does so no longer. */
void han__scribe_leave(han__scribe *scribe, const han__wait *wait);
/* Was this node, whose work begins, begun in an earlier life, and does the journal not say how it
 * ended? */
bool han__scribe_in_doubt(const han__scribe *scribe, const han__node *node);
/* Are there rows of an earlier life that the run has not come to yet? */
bool han__scribe_behind(const han__scribe *scribe);
/* What came of the command that is to be executed now, when an earlier life of the run has executed
 * it: the value of the journal's next row, valid until another row is told. False: it has not. */
bool han__scribe_executed(const han__scribe *scribe, han__bytes *value);
/* How many rows the journal held when the run was resumed. */
uint64_t han__scribe_replayed(const han__scribe *scribe);
/* Are there rows of an earlier life that the program has not met yet? */
bool han__scribe_replays(const han__scribe *scribe);
/* Is the next of them the one that says that the run's time was up? */
bool han__scribe_meets_cut(const han__scribe *scribe);
/* The run is left as it is, to be gone on with: what was made so far is put, and nothing after it;
 * from now on `failure` says this. */
void han__scribe_leave_off(han__scribe *scribe, int code, const char *why);

#endif
