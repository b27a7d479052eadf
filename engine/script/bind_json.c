/* Owns han.json: the reader, over jansson, and the module table. The writer is json_write.c. A
 * json_t is never alive while Lua could raise past it: values are pushed inside a protected call.
 */
#include "base/config.h"

#include <jansson.h>
#include <lauxlib.h>
#include <sys/random.h>

#include "script/bind_json.h"
#include "script/json_write.h"
#include "script/push.h"
#include "script/state.h"

/* What a decode does, and where it fails. */
typedef struct reader {
    const json_t *root;
    bool keep_null; /* null is json.null; else nil */
    int depth;
    int code;
    const char *why;
} reader;

static int reader_fail(lua_State *L, reader *r, int code, const char *why)
{
    r->code = code;
    r->why = why;
    return luaL_error(L, "%s", why);
}

static void push_value(lua_State *L, reader *r, const json_t *value);

static void push_array(lua_State *L, reader *r, const json_t *value)
{
    size_t n = json_array_size(value);
    lua_createtable(L, n > INT32_MAX ? INT32_MAX : (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(value, i);
        if (json_is_null(item) && !r->keep_null)
            reader_fail(L, r, HAN_INVALID, "null inside an array has no meaning here");
        push_value(L, r, item);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    if (n == 0) han__json_mark_array(L, -1);
}

static void push_object(lua_State *L, reader *r, const json_t *value)
{
    lua_newtable(L);
    json_t *object = (json_t *)(uintptr_t)value; /* iterating takes no const, and changes nothing */
    for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
        const json_t *item = json_object_iter_value(it);
        if (json_is_null(item) && !r->keep_null) continue;
        lua_pushstring(L, json_object_iter_key(it));
        push_value(L, r, item);
        lua_rawset(L, -3);
    }
}

static void push_value(lua_State *L, reader *r, const json_t *value)
{
    luaL_checkstack(L, 4, "JSON");
    if (++r->depth > HAN__VALUE_DEPTH_MAX) reader_fail(L, r, HAN_LIMIT, "nested too deep");
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        push_object(L, r, value);
        break;
    case JSON_ARRAY:
        push_array(L, r, value);
        break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(value));
        break;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(value));
        break;
    case JSON_TRUE:
        lua_pushboolean(L, true);
        break;
    case JSON_FALSE:
        lua_pushboolean(L, false);
        break;
    case JSON_NULL:
        if (r->keep_null)
            lua_pushlightuserdata(L, NULL);
        else
            lua_pushnil(L);
        break;
    }
    r->depth--;
}

static int push_protected(lua_State *L)
{
    reader *r = lua_touserdata(L, 1);
    push_value(L, r, r->root);
    return 1;
}

static int push_root(lua_State *L, reader *r, han_error *err)
{
    if (!lua_checkstack(L, 4))
        return han__error_set(err, HAN_NOMEM, "out of memory in a JSON text");
    lua_pushcfunction(L, push_protected);
    lua_pushlightuserdata(L, r);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) return HAN_OK;
    lua_pop(L, 1);
    if (r->code == 0) return han__error_set(err, HAN_NOMEM, "out of memory in a JSON text");
    return han__error_set(err, r->code, "JSON: %s", r->why);
}

static int decode(lua_State *L, const char *text, size_t len, size_t max, bool keep_null,
                  han_error *err)
{
    if (len > max) return han__error_set(err, HAN_LIMIT, "JSON: %zu bytes, at most %zu", len, max);
    json_error_t error;
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_t *root = json_loadb(text, len, flags, &error);
    if (!root) {
        bool memory = json_error_code(&error) == json_error_out_of_memory;
        return han__error_set(err, memory ? HAN_NOMEM : HAN_SYNTAX, "JSON, line %d:%d: %s",
                              error.line, error.column, error.text);
    }
    reader r = {.root = root, .keep_null = keep_null};
    int rc = push_root(L, &r, err);
    json_decref(root);
    return rc;
}

int han__json_push(lua_State *L, const char *text, size_t len, han_error *err)
{
    return decode(L, text, len, HAN__JSON_BYTES_MAX, false, err);
}

/* decode(text [, { max_bytes=, null = "nil" }]) -> value, or nil, message, CODE */
static int l_decode(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer max = HAN__JSON_BYTES_MAX;
    bool keep_null = true;
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        if (lua_getfield(L, 2, "max_bytes") != LUA_TNIL) max = luaL_checkinteger(L, -1);
        luaL_argcheck(L, max >= 0 && max <= HAN__JSON_BYTES_MAX, 2, "max_bytes is out of range");
        if (lua_getfield(L, 2, "null") != LUA_TNIL)
            keep_null = strcmp(luaL_checkstring(L, -1), "nil") != 0;
        lua_settop(L, 2);
    }
    han_error err = {0};
    if (decode(L, text, len, (size_t)max, keep_null, &err) != HAN_OK) return han__fail(L, &err);
    return 1;
}

static void read_options(lua_State *L, int idx, han__json_style *style)
{
    if (lua_isnoneornil(L, idx)) return;
    luaL_checktype(L, idx, LUA_TTABLE);
    lua_getfield(L, idx, "pretty");
    style->pretty = lua_toboolean(L, -1);
    lua_getfield(L, idx, "lossy");
    style->lossy = lua_toboolean(L, -1);
    if (lua_getfield(L, idx, "precision") != LUA_TNIL) {
        lua_Integer digits = luaL_checkinteger(L, -1);
        luaL_argcheck(L, digits >= 1 && digits <= 17, idx, "precision is 1 to 17 digits");
        style->precision = (int)digits;
    }
    lua_settop(L, idx);
}

int han__json_encode(lua_State *L, int idx, han__buf *out, han_error *err)
{
    return han__json_write(L, idx, NULL, out, err);
}

/* encode(value [, { pretty=, precision=, lossy= }]) -> text, or nil, message, CODE */
static int l_encode(lua_State *L)
{
    han__json_style style = {0};
    luaL_checkany(L, 1);
    read_options(L, 2, &style);
    han__mem mem;
    han__buf buf;
    han__push_mem(L, &mem);
    han__buf_init(&buf, &mem, HAN__JSON_BYTES_MAX);
    han_error err = {0};
    int rc = han__json_write(L, 1, &style, &buf, &err);
    if (rc == HAN_OK) return han__push_text(L, &buf);
    han__buf_release(&buf);
    return han__fail(L, &err);
}

/* array(t) -> t, which is written as [] even when it is empty */
static int l_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    han__json_mark_array(L, 1);
    return 1;
}

void han__json_prepare(void)
{
    size_t seed = 0;
    while (seed == 0)
        if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) seed = 1;
    json_object_seed(seed);
}

int han__open_json(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"decode", l_decode}, {"encode", l_encode}, {"array", l_array}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
