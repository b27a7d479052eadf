/* Plain values: what may cross a border (door, process, store). nil, boolean, integer, float (no
 * NaN), string, and tables of them without cycles, read raw (metatables are ignored and lost), at
 * most 64 tables deep, 100,000 nodes (every value and every key outside 1..n is one), 4 MiB.
 *
 * The encoding is canonical, so equal values have equal bytes and one digest: a tag byte, then
 *   N | F | T             nil, false, true
 *   i  zigzag varint      integer
 *   d  8 bytes LE         float (-0.0 kept, infinities kept; an integral float stays a float)
 *   s  varint length, bytes
 *   t  varint n array, varint n hash, array values 1..n, then key/value pairs in canonical key
 * order (integers ascending, then floats, then strings bytewise, then false, true) A varint has 7
 * bits a byte, the lowest first, the high bit set on all but the last, and is never longer than
 * needed. n array is the largest n with t[1]..t[n] all there, so holes do not matter.
 *
 * A table that is reached twice is written twice; a cycle ends at the depth limit.
 *
 * Out of memory in the Lua state: encode allocates nothing in it but stack slots, which
 * lua_checkstack refuses without raising, and scratch space straight from its allocator; decode and
 * copy build their tables inside one lua_pcall. Both give HAN_NOMEM and leave the stack as it was.
 */
#ifndef HAN_SCRIPT_VALUE_H
#define HAN_SCRIPT_VALUE_H

#include "base/buf.h"
#include "base/error.h"

#include <lua.h>

/* Appends the encoding of the value at idx. HAN_OK, or HAN_INVALID (the message names the path, as
 * in "task.items[3].cb: a function is not a plain value"; also for nesting too deep, so for
 * cycles), HAN_LIMIT (too many nodes or bytes, or the buffer is full), HAN_NOMEM; buf as before on
 * failure. The same value gives the same message in every process. Never raises, never runs Lua
 * code. `what` names the root in messages ("task"). The stack of L may be of any thread that is not
 * running something else. */
int han__value_encode(lua_State *L, int idx, const char *what, han__buf *buf,
                      han_error *err) HAN__MUST_USE;

/* Pushes the value; *used (may be NULL) is the bytes read, the rest is the caller's. HAN_CORRUPT on
 * anything malformed (also: not canonical, above a limit), HAN_NOMEM when the state is out of
 * memory; pushes nothing on failure. Never raises. L must be a thread that may call functions. */
int han__value_decode(lua_State *L, const void *bytes, size_t len, size_t *used,
                      han_error *err) HAN__MUST_USE;

/* Pushes onto `to` a deep copy of the value at idx of `from` (they may be one thread, two threads
 * of one state, or two states): what a decode of its encoding would give, without the bytes. Same
 * refusals and messages as encode. `to` must be a thread that may call functions. */
int han__value_copy(lua_State *from, int idx, const char *what, lua_State *to,
                    han_error *err) HAN__MUST_USE;

/* The same within one thread, for C functions that Lua called and that may raise: without the
 * protected call (a fifth of the cost of a small copy), so out of memory in the state raises here
 * as anywhere in Lua. Nothing else does. For another thread
 * of the same state, copy here and lua_xmove. */
int han__value_copy_here(lua_State *L, int idx, const char *what, han_error *err) HAN__MUST_USE;

#endif
