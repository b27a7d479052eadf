/* The function examine of module han.db: what of a file can be saved. */
#ifndef HAN_SCRIPT_BIND_EXAMINE_H
#define HAN_SCRIPT_BIND_EXAMINE_H

#include <lua.h>

/* examine { path=, save=, timeout= } -> { problem= (nil: whole), code=, bytes=, log_bytes=, pages=,
 * page_bytes=, schema=, application=, newer=, in_use=, complaints={text, ...}, tables={ {name=,
 * rows=, refused=, failed=}, ...}, contents={count=, whole=}, runs=, cells=, journals= (the same),
 * orphans= }; nil, message, CODE when there is no file to look at, or `save` cannot be written.
 * See store/examine.h. */
int han__db_examine(lua_State *L);

#endif
