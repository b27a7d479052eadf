/* Owns traces: which frames of the candidate an error came through. */
#include "base/config.h"

#include <stdio.h>
#include <string.h>

#include "runner/trace.h"

static void add_frame(han__trace *trace, const lua_Debug *ar)
{
    char *name = trace->frames[trace->n].name;
    trace->frames[trace->n].line = ar->currentline;
    if (strcmp(ar->what, "main") == 0)
        snprintf(name, HAN__TRACE_NAME, "main chunk");
    else if (ar->name)
        snprintf(name, HAN__TRACE_NAME, "%s", ar->name);
    else
        snprintf(name, HAN__TRACE_NAME, "function at line %d", ar->linedefined);
    trace->n++;
}

void han__trace_add(han__trace *trace, lua_State *L, int level, const char *chunk)
{
    lua_Debug ar;
    for (; trace->n < HAN__EVAL_FRAMES_MAX && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sln", &ar) || ar.currentline < 0) continue;
        if (strcmp(ar.source, chunk) == 0) add_frame(trace, &ar);
    }
}

const void *han__trace_owner(lua_State *L)
{
    return lua_topointer(L, -1);
}
