/* What Lua can require: the embedded modules, and the C bindings of each kind of state. */
#ifndef HAN_SCRIPT_BINDINGS_H
#define HAN_SCRIPT_BINDINGS_H

#include "script/state.h"

typedef struct han__binding {
    const char *module; /* "han.eval" */
    lua_CFunction open; /* pushes the module's table */
    bool in_run;        /* pure: a run may have it too */
} han__binding;

extern const han__binding han__bindings[]; /* ends with a NULL module */

/* In the harness state: puts the bindings into package.preload, and a searcher for the embedded
 * modules before all others. */
void han__bindings_install(lua_State *L);

/* require of a run: han, han.NAME (embedded or pure bindings), and modules in the script folders.
 */
int han__require_in_run(lua_State *L);
/* (name) -> text, chunk name of an embedded module that a program in a runner may load; raises. */
int han__module_text(lua_State *L);

#endif
