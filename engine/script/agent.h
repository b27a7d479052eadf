/* Agents that are Lua functions beside their parent: the backend "lua". One fiber of the run's
 * state per node, made at its first turn. */
#ifndef HAN_SCRIPT_AGENT_H
#define HAN_SCRIPT_AGENT_H

#include "script/run.h"

/* The userdata that act(task, scope) gets. */
typedef struct han__scope {
    han__node *node; /* NULL once the node is gone */
    han__run *run;
} han__scope;

#define HAN__SCOPE_TYPE "han.scope"

extern const han__backend han__agent_backend; /* a Lua function */
extern const han__backend han__root_backend;  /* the run's program */
extern const han__backend han__keyed_backend; /* gives a committed result again */

/* Work for a node of the agent backend: takes the function and the task on top of L (task last)
 * into the registry. NULL when out of memory of the engine; raises when Lua's runs out. */
void *han__agent_work(han__run *run, lua_State *L);
/* Drops work that no node took. */
void han__agent_drop(han__run *run, void *work);
/* Pushes the settled table of a delivered node, as scope:next() gives it. May raise (memory). */
void han__agent_push_settled(lua_State *L, han__run *run, han__node *node);
/* Why the node has its present turn (enum han__turn); agent backends only. */
int han__agent_why(const han__node *node);
/* The encoded result of a root or keyed node; empty when it returned nothing. */
const han__buf *han__agent_result(const han__node *node);
/* The run of a node's tree. */
han__run *han__run_of(const han__node *node);

/* "file:line" of the script's own code in a stopped coroutine, or "". */
void han__where(lua_State *co, char *out, size_t cap);

#endif
