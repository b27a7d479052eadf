/* JSON for scripts (module han.json) and for the C API: text to plain Lua values and back. */
#ifndef HAN_SCRIPT_BIND_JSON_H
#define HAN_SCRIPT_BIND_JSON_H

#include "base/buf.h"
#include "base/error.h"

#include <lua.h>

/* Bytes of one JSON document, read or written. */
#define HAN__JSON_BYTES_MAX HAN__FRAME_BYTES_MAX

/* Pushes the value of a JSON text. null is nil: absent as a member, refused inside an array.
 * Numbers without fraction and exponent are integers. HAN_SYNTAX (with line:column; also a member
 * twice), HAN_LIMIT (longer than HAN__JSON_BYTES_MAX, nested deeper than HAN__VALUE_DEPTH_MAX),
 * HAN_INVALID (null in an array), HAN_NOMEM; pushes nothing on failure. Never raises. */
int han__json_push(lua_State *L, const char *text, size_t len, han_error *err);

/* Appends the value at idx as compact JSON with sorted members: integers exactly, floats with the
 * fewest digits that read back as the same number (always with a '.' or an exponent). Tables are
 * read raw. HAN_INVALID naming the path (a function, NaN, an infinity, mixed keys, text that is not
 * UTF-8), HAN_LIMIT, HAN_NOMEM; out is as before on failure. Never raises, never runs Lua code. */
int han__json_encode(lua_State *L, int idx, han__buf *out, han_error *err);

/* For a process that is about to give up its system calls: what jansson would ask for later. Once,
 * before anything is decoded. */
void han__json_prepare(void);

/* Pushes the module table of han.json: encode, decode, array, null. */
int han__open_json(lua_State *L);

#endif
