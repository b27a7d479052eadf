/* han.stats: the statistics room for Lua. Each function takes one table of named arguments and
 * gives one table of named results; docs/statistics.md lists both. A missing or wrongly typed
 * argument throws at the caller's line; data that a method cannot judge is nil, message, "INVALID"
 * (or "LIMIT", "NOMEM"). Pure: no state is kept, nothing is read but the arguments. */
#ifndef HAN_SCRIPT_BIND_STATS_H
#define HAN_SCRIPT_BIND_STATS_H

#include <lua.h>

/* Pushes the module's table. */
int han__open_stats(lua_State *L);

#endif
