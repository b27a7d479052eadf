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

/* The work of a node of the agent and root backends. Its values stand in the state's slots table,
 * three for each node's slot: the function; the task and in its place, later, the result; the id.
 */
typedef struct han__agent {
    han__scope *scope; /* kept by the coroutine while it lives; NULL: the script has none */
    han__fiber *fiber; /* NULL before the first turn and after the last */
    int why;           /* of the present turn */
    bool shared;       /* its function is also another agent's */
    bool scalar;       /* its value is no longer the task, but a number or boolean */
} han__agent;

extern const han__backend han__agent_backend;      /* a Lua function */
extern const han__backend han__root_backend;       /* the run's program */
extern const han__backend han__keyed_backend;      /* gives a committed result again */
extern const han__backend han__keyed_work_backend; /* the same of a worker, with its verdict */

/* The upvalues of every C function that is a verb: its number, the slots table, and the strings of
 * a settled table, which would otherwise be looked up each time. */
enum {
    HAN__UP_VERB = 1,
    HAN__UP_SLOTS,
    HAN__UP_KIND,
    HAN__UP_NODE,
    HAN__UP_LABEL,
    HAN__UP_OUT,
    HAN__UP_SPEND,
    HAN__UP_DONE,
    HAN__UP_OWN /* the first of a function's own */
};
/* Pushes them, for verb number `verb`. May raise. */
void han__agent_push_upvalues(lua_State *L, int verb);

/* Moves function, task and id, on top of L in this order, into the places of `slot` in the table at
 * index `slots`: that of the node which is made next. May raise. */
void han__agent_keep(lua_State *L, int slots, uint32_t slot);
/* Forgets them. Does not raise. */
void han__agent_forget(han__state *state, uint32_t slot);
/* Pushes the settled table of a delivered node, as scope:next() gives it. May raise (memory). Only
 * inside a function with the upvalues above. */
void han__agent_push_settled(lua_State *L, han__run *run, han__node *node);
/* The scope of the agent that runs now, or NULL. */
static inline const han__scope *han__agent_scope(const han__run *run)
{
    const han__node *node = run->tree ? han__tree_running(run->tree) : NULL;
    if (!node || (node->backend != &han__agent_backend && node->backend != &han__root_backend))
        return NULL;
    return ((const han__agent *)node->work)->scope;
}
/* Why the node has its present turn (enum han__turn); agent backends only. */
int han__agent_why(const han__node *node);
/* The run of a node's tree. */
han__run *han__run_of(const han__node *node);

/* "file:line" of the script's own code in a stopped coroutine, or "". */
void han__where(lua_State *co, char *out, size_t cap);

#endif
