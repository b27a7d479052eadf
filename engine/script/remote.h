/* Untrusted programs: a run whose Lua code lives in a runner process. Each agent of the program is,
 * in the run's own state, a small C function that hands turns to the runner and takes the verbs it
 * asks for through the one door, so that a program means the same in both places. */
#ifndef HAN_SCRIPT_REMOTE_H
#define HAN_SCRIPT_REMOTE_H

#include "script/run.h"

typedef struct han__remote han__remote;

/* Starts a runner (host->libexec/han-runner) and gives it the program; memory in bytes. The text is
 * loaded when the root agent runs, so a syntax error is that agent's. HAN_ENVIRONMENT when there is
 * no runner; HAN_LIMIT when the program is too large; HAN_IO, HAN_NOMEM. */
int han__remote_open(han__run *run, const char *name, const char *source, size_t len, size_t memory,
                     han__remote **out, han_error *err);
/* Ends the runner. NULL is allowed. */
void han__remote_close(han__remote *remote);
/* Pushes the function that is the program's root agent. May raise. */
void han__remote_push_root(lua_State *L, han__remote *remote);

#endif
