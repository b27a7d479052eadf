/* Module han.host (harness): what this process is and where its things lie. */
#include "base/config.h"
#include "base/hash.h"
#include "script/embedded.h"
#include "script/state.h"

#include <lauxlib.h>

static int host_interrupted(lua_State *L)
{
    const han__host *host = han__state_of(L)->host;
    lua_pushboolean(L, host->interrupted && *host->interrupted > 0);
    return 1;
}

/* Which engine this is: its version and the text of its Lua half, but for the commands, which only
 * say what was measured. Computed when somebody asks, so that a start costs nothing. */
static int host_engine(lua_State *L)
{
    static const char commands[] = "han.cli.";
    char hex[HAN__SHA256_HEX];
    uint8_t digest[HAN__SHA256_BYTES];
    han__sha256 h;
    han__sha256_init(&h);
    han__sha256_add(&h, HAN_VERSION_STRING, sizeof HAN_VERSION_STRING);
    for (size_t i = 0; i < han__embedded_lua_count; i++) {
        const han__embedded *e = &han__embedded_lua[i];
        if (strncmp(e->module, commands, sizeof commands - 1) == 0) continue;
        han__sha256_add(&h, e->module, strlen(e->module) + 1);
        han__sha256_add(&h, &e->size, sizeof e->size);
        han__sha256_add(&h, e->bytes, e->packed ? e->packed : e->size);
    }
    han__sha256_end(&h, digest);
    han__sha256_hex(digest, hex);
    lua_pushstring(L, hex);
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
    lua_pushcfunction(L, host_engine);
    lua_setfield(L, -2, "engine");
    return 1;
}
