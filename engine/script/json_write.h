/* The writer of JSON: any plain Lua value as text, without raising. */
#ifndef HAN_SCRIPT_JSON_WRITE_H
#define HAN_SCRIPT_JSON_WRITE_H

#include "base/buf.h"
#include "base/error.h"

#include <lua.h>

typedef struct han__json_style {
    bool pretty;   /* two spaces a level, one member a line */
    bool lossy;    /* bytes that are not UTF-8 become U+FFFD instead of a refusal */
    int precision; /* significant digits of floats; 0: the fewest that read back the same */
} han__json_style;

/* See han__json_encode. style NULL: compact, exact. */
int han__json_write(lua_State *L, int idx, const han__json_style *style, han__buf *out,
                    han_error *err);

/* Marks the table at idx, so that it is written as an array even when empty. May raise. */
void han__json_mark_array(lua_State *L, int idx);

#endif
