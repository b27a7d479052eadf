/* han.stats as a module that a plain lua5.4 can load, so that specs and the agreement scripts reach
 * the binding without the program around it. */
#include "base/config.h"

#include "script/bind_stats.h"

HAN_API int luaopen_han_stats(lua_State *L);

int luaopen_han_stats(lua_State *L) { return han__open_stats(L); }
