/* Pushing what C holds onto a Lua stack without leaking it when Lua is out of memory. */
#ifndef HAN_SCRIPT_PUSH_H
#define HAN_SCRIPT_PUSH_H

#include "base/buf.h"

#include <lua.h>

/* Pushes the bytes of the buffer as a string and releases the buffer; returns 1. Raises (after the
 * release) when Lua is out of memory. */
int han__push_text(lua_State *L, han__buf *buf);
/* The allocator of the state that L belongs to, as a mem for the time of one call: what is made
 * with it counts as the state's own memory. */
void han__push_mem(lua_State *L, han__mem *mem);

#endif
