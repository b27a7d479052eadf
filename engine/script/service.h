/* Services of a run: what the harness answers (observe, best, submit) and the work of profiles.
 * Both run in fibers of the harness state; values cross by copy. */
#ifndef HAN_SCRIPT_SERVICE_H
#define HAN_SCRIPT_SERVICE_H

#include "script/agent.h"

/* The handle of a node that harness Lua gets: ctx. */
#define HAN__WORK_TYPE "han.work"

extern const han__backend
    han__work_backend; /* a profile, run by services.backends[profile.backend] */

/* Work for a profile: copies profile, task (stack indices) and the fields steer, from of the
 * options table at `options` (0: none) into the harness state. HAN_OK; HAN_UNKNOWN_AGENT when there
 * is no such backend; HAN_INVALID for values that are not plain; HAN_NOMEM. */
int han__work_new(han__run *run, lua_State *L, int profile, int task, int options, void **out,
                  han_error *err);
void han__work_drop(han__run *run, void *work);

/* Calls services[name](ctx, argument...) for the running node, with the `args` values on top of L.
 * To be returned from a verb: gives the results, or raises; yields while the harness waits. When
 * the run has no such service: nil. */
int han__service_call(lua_State *L, han__run *run, han__node *node, const char *name, int args);

/* The node of the ctx at idx in the harness state; raises when it is none, or has ended. */
han__node *han__work_node(lua_State *H, int idx);

/* Makes the ctx metatable in the harness state. */
void han__service_install(lua_State *H);

#endif
