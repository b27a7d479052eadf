/* Plain values: what may cross a border (door, process, store). nil, boolean, integer, float (no
 * NaN), string, and tables of them without cycles, read raw, at most 64 deep, 100,000 nodes, 4 MiB.
 *
 * The encoding is canonical, so equal values have equal bytes and one digest: a tag byte, then
 *   N | F | T             nil, false, true
 *   i  zigzag varint      integer
 *   d  8 bytes LE         float (-0.0 kept, infinities kept; an integral float stays a float)
 *   s  varint length, bytes
 *   t  varint n array, varint n hash, array values 1..n, then key/value pairs in canonical key
 * order (integers ascending, then floats, then strings bytewise, then false, true) */
#ifndef HAN_SCRIPT_VALUE_H
#define HAN_SCRIPT_VALUE_H

#include "base/buf.h"
#include "base/error.h"

#include <lua.h>

/* Appends the encoding of the value at idx. HAN_OK, or HAN_INVALID (the message names the path, as
 * in "task.items[3].cb: a function is not a plain value"), HAN_LIMIT, HAN_NOMEM; buf as before on
 * failure. Never raises, never runs Lua code. `what` names the root in messages ("task"). */
int han__value_encode(lua_State *L, int idx, const char *what, han__buf *buf, han_error *err);

/* Pushes the value; *used is the bytes read. HAN_CORRUPT on anything malformed (also: not
 * canonical), HAN_NOMEM when the state is out of memory; pushes nothing on failure. Never raises.
 */
int han__value_decode(lua_State *L, const void *bytes, size_t len, size_t *used, han_error *err);

/* Pushes onto `to` a deep copy of the value at idx of `from` (they may be the same state): what a
 * decode of its encoding would give, without the bytes. Same refusals as encode. */
int han__value_copy(lua_State *from, int idx, const char *what, lua_State *to, han_error *err);

#endif
