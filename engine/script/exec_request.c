/* Owns what a request of han.exec may look like, and the messages when it does not. */
#include "base/config.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "script/bind_exec.h"

#define LIST_MAX  100000
#define FILE_MODE 0644

static int bad(lua_State *L, const char *what)
{
    return luaL_error(L, "a request for han.exec: %s", what);
}

/* Memory that lives as long as the stack of the call. */
static void *block(lua_State *L, size_t count, size_t size)
{
    void *out = lua_newuserdatauv(L, count * size, 0);
    memset(out, 0, count * size);
    return out;
}

/* A text without NUL; it stays in the table, which keeps it alive. */
static const char *plain_text(lua_State *L, int idx, const char *what)
{
    size_t len = 0;
    const char *text = lua_type(L, idx) == LUA_TSTRING ? lua_tolstring(L, idx, &len) : NULL;
    if (!text || strlen(text) != len) bad(L, what);
    return text;
}

/* The field as a NULL-ended list; NULL when there is none. Leaves a block on the stack. */
static const char *const *read_list(lua_State *L, int idx, const char *name, const char *what)
{
    if (lua_getfield(L, idx, name) == LUA_TNIL) return NULL;
    if (!lua_istable(L, -1)) bad(L, what);
    lua_Unsigned n = lua_rawlen(L, -1);
    if (n > LIST_MAX) bad(L, what);
    int list = lua_gettop(L);
    const char **out = block(L, (size_t)n + 1, sizeof *out);
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        out[i] = plain_text(L, -1, what);
        lua_pop(L, 1);
    }
    return out;
}

/* {NAME = text} as "NAME=text". */
static const char *const *read_env(lua_State *L, int idx)
{
    static const char what[] =
        "env is a table of texts without NUL, by names of letters, digits and _";
    size_t n = 0;
    if (lua_getfield(L, idx, "env") == LUA_TNIL) return NULL;
    if (!lua_istable(L, -1)) bad(L, what);
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) n++;
    if (n > LIST_MAX) bad(L, what);
    luaL_checkstack(L, (int)n + 10, "too many variables");
    const char **out = block(L, n + 1, sizeof *out);
    size_t at = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        const char *name = plain_text(L, -2, what);
        const char *value = plain_text(L, -1, what);
        if (!name[0] || strchr(name, '=')) bad(L, what);
        out[at++] = lua_pushfstring(L, "%s=%s", name, value);
        lua_insert(L, -3); /* stays below the key, which next needs on top */
        lua_pop(L, 1);
    }
    return out;
}

/* One of a list: { path =, bytes =, mode =? } on top of the stack. */
static void read_file(lua_State *L, han__exec_file *file)
{
    static const char what[] = "files is {[path] = bytes} or a list of {path =, bytes =, mode =}";
    if (!lua_istable(L, -1)) bad(L, what);
    lua_getfield(L, -1, "path");
    file->path = plain_text(L, -1, what);
    lua_getfield(L, -2, "bytes");
    if (lua_type(L, -1) != LUA_TSTRING) bad(L, what);
    file->bytes = lua_tolstring(L, -1, &file->len);
    lua_getfield(L, -3, "mode");
    file->mode = (uint32_t)luaL_optinteger(L, -1, FILE_MODE) & 0777;
    lua_pop(L, 3);
}

static size_t count_pairs(lua_State *L, int table)
{
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) n++;
    return n;
}

static void read_files(lua_State *L, int idx, han__exec_request *r)
{
    if (lua_getfield(L, idx, "files") == LUA_TNIL) return;
    if (!lua_istable(L, -1)) bad(L, "files is a table");
    int table = lua_gettop(L);
    size_t n = count_pairs(L, table);
    if (n > LIST_MAX) bad(L, "too many files");
    han__exec_file *files = block(L, n + 1, sizeof *files);
    r->files = files;
    bool is_list = lua_rawlen(L, table) > 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        han__exec_file *file = &files[r->files_len++];
        if (is_list) {
            read_file(L, file);
        } else {
            file->path = plain_text(L, -2, "a path in files is a text without NUL");
            if (lua_type(L, -1) != LUA_TSTRING) bad(L, "files holds bytes as texts");
            file->bytes = lua_tolstring(L, -1, &file->len);
            file->mode = FILE_MODE;
        }
        lua_pop(L, 1);
    }
}

/* A limit in the table on top; factor turns its unit into ours. 0 when absent. */
static uint64_t read_limit(lua_State *L, const char *name, double factor)
{
    uint64_t out = 0;
    if (lua_getfield(L, -1, name) != LUA_TNIL) {
        double value = lua_isnumber(L, -1) ? lua_tonumber(L, -1) * factor : -1;
        if (!(value > 0 && value < 1e15)) bad(L, "a limit is a number above 0");
        out = (uint64_t)ceil(value);
    }
    lua_pop(L, 1);
    return out;
}

static void read_limits(lua_State *L, int idx, han__exec_limits *out)
{
    static const char *const names[] = {"time",   "cpu",  "memory", "procs",
                                        "output", "disk", "files"};
    if (lua_getfield(L, idx, "limits") == LUA_TNIL) return;
    if (!lua_istable(L, -1)) bad(L, "limits is a table");
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        const char *name = plain_text(L, -2, "limits has names");
        bool known = false;
        for (size_t i = 0; i < HAN__COUNT(names); i++) known = known || strcmp(name, names[i]) == 0;
        if (!known) luaL_error(L, "a request for han.exec: there is no limit '%s'", name);
    }
    out->wall_ms = read_limit(L, "time", 1000);
    out->cpu_ms = read_limit(L, "cpu", 1000);
    out->output = read_limit(L, "output", 1);
    out->box.memory = read_limit(L, "memory", 1);
    out->box.procs = read_limit(L, "procs", 1);
    out->box.disk = read_limit(L, "disk", 1);
    out->box.files = read_limit(L, "files", 1);
}

void han__exec_request_read(lua_State *L, int idx, han__exec_request *r)
{
    luaL_checktype(L, idx, LUA_TTABLE);
    memset(r, 0, sizeof *r);
    luaL_checkstack(L, 40, "a request");
    r->argv = read_list(L, idx, "argv", "argv is a list of texts without NUL");
    if (!r->argv || !r->argv[0]) bad(L, "argv names a command");
    r->env = read_env(L, idx);
    r->collect = read_list(L, idx, "collect", "collect is a list of patterns");
    read_files(L, idx, r);
    read_limits(L, idx, &r->limits);
    if (lua_getfield(L, idx, "folder") != LUA_TNIL)
        r->folder = plain_text(L, -1, "folder is a path below the work folder");
    if (lua_getfield(L, idx, "input") != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TSTRING) bad(L, "input is a text");
        r->input = lua_tolstring(L, -1, &r->input_len);
    }
    if (lua_getfield(L, idx, "collect_bytes") != LUA_TNIL) {
        lua_Integer bytes = luaL_checkinteger(L, -1);
        if (bytes <= 0) bad(L, "collect_bytes is above 0");
        r->collect_bytes = (uint64_t)bytes;
    }
}
