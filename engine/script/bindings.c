/* The table of bindings, and require. */
#include "base/config.h"
#include "script/bindings.h"

#include "script/embedded.h"
#include "script/run.h"
#include "script/scripts.h"
#include "store/blob.h"

#include <lauxlib.h>
#include <stdio.h>

#define RUN_MODULES "han.modules" /* registry: what require gave in a run, by name */

#define BINDING(name, in_run) int han__open_##name(lua_State *L);
#include "script/bindings.def"
#undef BINDING

const han__binding han__bindings[] = {
#define BINDING(name, in_run) {"han." #name, han__open_##name, in_run},
#include "script/bindings.def"
#undef BINDING
    {NULL, NULL, false},
};

static const han__embedded *find_embedded(const char *name)
{
    size_t low = 0, high = han__embedded_lua_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strcmp(name, han__embedded_lua[mid].module);
        if (order == 0) return &han__embedded_lua[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

/* Pushes the source text. */
static const char *push_text(lua_State *L, const han__embedded *file)
{
    luaL_Buffer text;
    if (!file->packed) return lua_pushlstring(L, (const char *)file->bytes, file->size);
    char *place = luaL_buffinitsize(L, &text, file->size);
    if (han__blob_inflate(place, file->size, file->bytes, file->packed) != HAN_OK)
        luaL_error(L, "out of memory, or the program is damaged: cannot unpack %s", file->chunk);
    luaL_pushresultsize(&text, file->size);
    return lua_tostring(L, -1);
}

static int load_embedded(lua_State *L, const han__embedded *file)
{
    const char *text = push_text(L, file);
    lua_pushfstring(L, "=%s", file->chunk);
    int status = luaL_loadbufferx(L, text, file->size, lua_tostring(L, -1), "t");
    lua_rotate(L, -3, 1);
    lua_pop(L, 2);
    return status;
}

/* The searcher of the harness state. */
static int search(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const han__embedded *file = find_embedded(name);
    if (!file) {
        lua_pushfstring(L, "no embedded module '%s'", name);
        return 1;
    }
    if (load_embedded(L, file) != LUA_OK) return lua_error(L);
    lua_pushstring(L, file->chunk);
    return 2;
}

void han__bindings_install(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (const han__binding *b = han__bindings; b->module; b++) {
        lua_pushcfunction(L, b->open);
        lua_setfield(L, -2, b->module);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "insert");
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    lua_remove(L, -2);
    lua_pushinteger(L, 2);
    lua_pushcfunction(L, search);
    lua_call(L, 3, 0);
    lua_pop(L, 2);
}

/* ---- require of a run ---- */

static bool open_binding(lua_State *L, const char *name)
{
    for (const han__binding *b = han__bindings; b->module; b++)
        if (b->in_run && strcmp(b->module, name) == 0) {
            han__state_of(L)->finalizers = true;
            lua_pushcfunction(L, b->open);
            lua_call(L, 0, 1);
            return true;
        }
    return false;
}

/* A module beside the user's scripts: NAME.lua in a script folder. */
static bool open_file(lua_State *L, han__host *host, const char *name)
{
    char path[HAN__PATH_MAX];
    han_error err = {0};
    han__buf text;
    if (han__script_find(host, ".", name, path, sizeof(path), &err)) return false;
    han__buf_init(&text, host->mem, HAN__SCRIPT_BYTES_MAX);
    int rc = han__script_read(path, &text, &err);
    if (rc == HAN_OK) rc = han__run_load(L, (const char *)text.data, text.len, path, &err);
    han__buf_release(&text);
    if (rc != HAN_OK) han__throw(L, &err);
    lua_call(L, 0, 1);
    return true;
}

/* What reaches the store, the judge or other processes: bindings of the harness state, and
 * commands. */
static bool is_harness_module(const char *name)
{
    for (const han__binding *b = han__bindings; b->module; b++)
        if (!b->in_run && strcmp(b->module, name) == 0) return true;
    return strncmp(name, "han.cli", 7) == 0;
}

static int refuse_harness_module(lua_State *L, const char *name)
{
    return luaL_error(L,
                      "FIREWALL: the module '%s' is the harness's own; a run reaches neither its "
                      "judge nor its store",
                      name);
}

int han__module_text(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const han__embedded *file = find_embedded(name);
    if (is_harness_module(name)) return refuse_harness_module(L, name);
    if (!file)
        return luaL_error(L,
                          "no module '%s' for an untrusted program; there is han, and han.NAME "
                          "of those that need nothing of this process",
                          name);
    push_text(L, file);
    lua_pushfstring(L, "=%s", file->chunk);
    return 2;
}

int han__require_in_run(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const han__embedded *file = find_embedded(name);
    lua_settop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, RUN_MODULES);
    if (lua_getfield(L, 2, name) != LUA_TNIL) return 1;
    lua_pop(L, 1);
    if (is_harness_module(name)) return refuse_harness_module(L, name);
    if (file) {
        if (load_embedded(L, file) != LUA_OK) return lua_error(L);
        lua_pushvalue(L, 1);
        lua_call(L, 1, 1);
    } else if (!open_binding(L, name) && !open_file(L, han__state_of(L)->host, name)) {
        return luaL_error(L,
                          "no module '%s' in a run; there is han, han.NAME, and NAME.lua in a "
                          "folder of HAN_PATH",
                          name);
    }
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}
