/* The stack of candidate code at an error: lines and function names, the innermost first. */
#ifndef HAN_RUNNER_TRACE_H
#define HAN_RUNNER_TRACE_H

#include "exec/eval_wire.h"

#include <lua.h>

#define HAN__TRACE_NAME 48 /* bytes of a function name, with the NUL */

typedef struct han__trace {
    int n;
    const void *error; /* which error value it belongs to, see han__trace_owner */
    struct {
        int line;
        char name[HAN__TRACE_NAME];
    } frames[HAN__EVAL_FRAMES_MAX];
} han__trace;

/* Appends the Lua frames of L from `level` outward whose source is `chunk`. No allocation. */
void han__trace_add(han__trace *trace, lua_State *L, int level, const char *chunk);
/* What identifies the error value on top: its address, NULL for values without one. */
const void *han__trace_owner(lua_State *L);

#endif
