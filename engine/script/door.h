/* THE DOOR: every verb of a scope passes here, and nothing reaches a run by another way. A verb is
 * an entry of one table; the live driver answers it from the tree. The journal, a runner across a
 * process border and MCP are further drivers of the same table. */
#ifndef HAN_SCRIPT_DOOR_H
#define HAN_SCRIPT_DOOR_H

#include "script/agent.h"

typedef struct han__verb {
    const char *name;
    bool journaled; /* what it does to the tree is told as rows, which a resumed run has to meet
                       again; the others only look, or draw what (seed, node, number) determine */
    uint32_t steps; /* VM instructions it counts as, until a child is placed or an event received:
                       so that a loop over refused or empty verbs ends like any other */
    /* The live driver. L: the scope, then the arguments. The node is the running one. Answers with
     * results, raises for bad arguments, or yields with a continuation until its turn comes. */
    int (*live)(lua_State *L, han__run *run, han__node *node);
} han__verb;

extern const han__verb han__verbs[]; /* ends with a NULL name */

/* Makes the scope's metatable in L, with every verb behind the one dispatch. */
void han__door_install(lua_State *L);

/* The next 64-bit random word of a node: Philox4x32-10 of (run seed, node path, draw number). */
uint64_t han__door_draw(han__node *node);
double han__door_unit(han__node *node);
uint64_t han__door_below(han__node *node, uint64_t bound);

/* Encodes the value at idx into a new buffer; raises, with nothing held, when it is not plain.
 * `what` names it in the message. */
void han__verb_encode(lua_State *L, han__run *run, int idx, const char *what, han__buf *bytes);

/* The verbs, by the file that owns them. */
int han__verb_spawn(lua_State *L, han__run *run, han__node *node);
int han__verb_next(lua_State *L, han__run *run, han__node *node);
int han__verb_each(lua_State *L, han__run *run, han__node *node);
int han__verb_send(lua_State *L, han__run *run, han__node *node);
int han__verb_stop(lua_State *L, han__run *run, han__node *node);
int han__verb_view(lua_State *L, han__run *run, han__node *node);
int han__verb_budget(lua_State *L, han__run *run, han__node *node);
int han__verb_ask(lua_State *L, han__run *run, han__node *node);
int han__verb_notify(lua_State *L, han__run *run, han__node *node);
int han__verb_choose(lua_State *L, han__run *run, han__node *node);
int han__verb_observe(lua_State *L, han__run *run, han__node *node);
int han__verb_best(lua_State *L, han__run *run, han__node *node);
int han__verb_submit(lua_State *L, han__run *run, han__node *node);
int han__verb_exec(lua_State *L, han__run *run, han__node *node);
int han__verb_clock(lua_State *L, han__run *run, han__node *node);
int han__verb_random(lua_State *L, han__run *run, han__node *node);
int han__verb_tool(lua_State *L, han__run *run, han__node *node);

#endif
