/* What is remembered of a run's tree for the corpus and for `han show`: the nodes that settled, in
 * order, with spend and delivery, and the decisions. A hook, so it sees what the journal sees. */
#ifndef HAN_SCRIPT_RECORD_H
#define HAN_SCRIPT_RECORD_H

#include "script/run.h"

#define HAN__RECORD_NODES_MAX     10000 /* further ones are counted, not kept */
#define HAN__RECORD_DECISIONS_MAX 10000

typedef struct han__record han__record;

/* Starts remembering; HAN_NOMEM. Memory that runs out later shows as nodes not kept. */
int han__record_open(han__run *run, han__record **out);
void han__record_close(han__record *record);
/* Pushes a list of {id=, label=, status=, code=, reason=, spend=, finish=, delivered=, depth=,
 * over=, infra=}, and one of {node=, point=, options=, chosen=, propensity=, features=}. May raise.
 */
void han__record_push_nodes(const han__record *record, lua_State *L);
void han__record_push_decisions(const han__record *record, lua_State *L);
/* Settled nodes that were not kept. */
uint64_t han__record_dropped(const han__record *record);

#endif
