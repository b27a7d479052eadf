/* The environment of candidate code: an allow-list. No os, io, debug, package, collectgarbage,
 * warn, string.dump, binary chunks, __gc or __mode; nothing shows an address, the time or a random
 * seed; everything that catches errors lets a kill through. */
#ifndef HAN_RUNNER_SANDBOX_H
#define HAN_RUNNER_SANDBOX_H

#include "base/rng.h"
#include "runner/meter.h"
#include "runner/trace.h"

/* The field of the registry that holds string.find as Lua has it, for patterns that are ours. */
#define HAN__SANDBOX_FIND "han.find"

typedef struct han__sandbox {
    han__meter meter; /* first: the extra space of a thread points to it */
    lua_State *L;
    han__rng rng;
    bool asking;          /* the yield under way is that of a verb, see program.h */
    uint64_t output_left; /* bytes that may still be printed and returned */
    han__trace trace;     /* of a coroutine that ended with an error last */
} han__sandbox;

/* The sandbox whose state L belongs to. */
static inline han__sandbox *han__sandbox_of(lua_State *L)
{
    return (han__sandbox *)han__meter_of(L);
}

/* Fills *box with a state that is ready for a candidate; box stays where it is. HAN_NOMEM, or
 * HAN_ENVIRONMENT when the Lua library is not one that can be metered. The state is never closed:
 * its process ends. */
int han__sandbox_open(han__sandbox *box, han_error *err);

/* Puts pcall, xpcall and the coroutine library, in forms that let a kill through, into the globals.
 */
void han__control_install(lua_State *L);
/* Puts math.random and math.randomseed on the generator of the sandbox. */
void han__random_install(lua_State *L);

/* Puts find, match, gmatch and gsub that pay for their work into string. */
void han__strings_install(lua_State *L);

#endif
