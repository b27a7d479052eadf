/* Module han.host (harness): what this process is and where its things lie. */
#include "base/config.h"
#include "script/state.h"

#include <lauxlib.h>

static int host_interrupted(lua_State *L)
{
    const han__host *host = han__state_of(L)->host;
    lua_pushboolean(L, host->interrupted && *host->interrupted > 0);
    return 1;
}

static void set_text(lua_State *L, const char *field, const char *text)
{
    if (!text) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

int han__open_host(lua_State *L);

int han__open_host(lua_State *L)
{
    const han__host *host = han__state_of(L)->host;
    lua_newtable(L);
    lua_newtable(L);
    for (int i = 0; host->scripts[i]; i++) {
        lua_pushstring(L, host->scripts[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "scripts");
    set_text(L, "libexec", host->libexec);
    set_text(L, "data", host->data);
    set_text(L, "version", HAN_VERSION_STRING);
    lua_pushcfunction(L, host_interrupted);
    lua_setfield(L, -2, "interrupted");
    return 1;
}
