/* What a program's chunk gave: a strategy is run, anything else is the result. */
#ifndef HAN_SCRIPT_CHUNK_H
#define HAN_SCRIPT_CHUNK_H

#include <lua.h>

/* Continuation of the call of a chunk, and to be returned by hand where it did not yield: with its
   one result on top, anything with a function act is called with the values at index task and
   task + 1, and what that returns is the result. May raise and yield. */
int han__chunk_called(lua_State *L, int status, lua_KContext task);

#endif
