/* Iteration and text that are the same in every process. Plain Lua orders `pairs` by hash seeds and
 * addresses and prints addresses; in a run, in candidate code and in engine Lua these functions
 * take their place:
 *
 * pairs(t)      visits the keys that were there when it was called, in the order of value/order.h:
 *               integers ascending, floats ascending, strings bytewise, false, true, objects by
 *               ordinal. Values are read when their key is visited; entries removed meanwhile are
 *               skipped, entries added meanwhile are not visited. __pairs is honoured as in Lua.
 * next(t, k)    the same order without a snapshot at the start: next(t) is the first key, next(t,
 * k) the first one behind k. It remembers the sorted keys of t between two calls. tostring(v)
 * objects print as "table: #3": the number is an ordinal, given to an object when it is first
 * printed (or first seen alone as a key). __tostring and __name are honoured. string.format  %s
 * prints as tostring, %p is an error. table.sort    a stable merge sort, so equal elements keep
 * their order (the one in Lua picks pivots by the clock in large arrays); a bad comparison function
 * cannot harm it.
 *
 * Keys that are tables, functions, userdata or threads have no order of their own, and Lua does not
 * keep the order of insertion. They are visited last, by ordinal; where two or more keys of one
 * table have none yet, `pairs` and `next` raise an error that says so, rather than visit them in an
 * order that differs from run to run.
 *
 * All of it is C, so a count hook does not count it. */
#ifndef HAN_SCRIPT_PAIRS_H
#define HAN_SCRIPT_PAIRS_H

#include "base/config.h"

#include <lua.h>

/* Puts them into the globals of L; string and table only where those libraries are open. Raises
 * when out of memory; ipairs and everything else stay as they are. */
void han__pairs_install(lua_State *L);

/* luaL_tolstring without addresses: pushes and gives the text of the value at idx. May run
 * __tostring, may raise. len may be NULL. */
const char *han__pairs_tostring(lua_State *L, int idx, size_t *len);

/* The ordinal of the object at idx in its state: 0 when it has none and give is false. Raises when
 * out of memory. Ordinals start at 1 and are never used again. */
uint64_t han__pairs_ordinal(lua_State *L, int idx, bool give);

/* table.sort and string.format as described; the latter has the original as its upvalue 1. */
int han__pairs_sort(lua_State *L);
int han__pairs_format(lua_State *L);

#endif
