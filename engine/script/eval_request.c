/* Owns what a request for an evaluation may look like, and the messages when it does not. */
#include "base/config.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "exec/eval_wire.h"
#include "script/eval_request.h"

enum { ANY_INTEGER, ANY_TEXT, ANY_TABLE, ANY_BOOLEAN, ANY_SECONDS, ONLY_FIRST };

typedef struct field {
    const char *name;
    int kind;
    lua_Integer least, most; /* of an integer */
    bool required;
} field;

static const field request_fields[] = {
    {"code", ANY_TEXT, 0, 0, true},     {"name", ANY_TEXT, 0, 0, false},
    {"calls", ANY_TABLE, 0, 0, true},   {"stop", ONLY_FIRST, 0, 0, false},
    {"limits", ANY_TABLE, 0, 0, false}, {"coverage", ANY_BOOLEAN, 0, 0, false}};
static const field limit_fields[] = {
    {"instructions", ANY_INTEGER, 1, HAN__EVAL_INSTRUCTIONS_MAX, false},
    {"memory", ANY_INTEGER, HAN__EVAL_MEMORY_MIN, HAN__EVAL_MEMORY_MAX, false},
    {"output", ANY_INTEGER, 0, HAN__EVAL_OUTPUT_MAX, false},
    {"wall", ANY_SECONDS, 0, 0, false}};
static const field call_fields[] = {
    {"fn", ANY_TEXT, 0, 0, true},
    {"args", ANY_TABLE, 0, 0, false},
    {"want", ANY_TABLE, 0, 0, false},
    {"want_error", ANY_TEXT, 0, 0, false},
    {"instructions", ANY_INTEGER, 1, HAN__EVAL_INSTRUCTIONS_MAX, false}};

static void push_raw(lua_State *L, int idx, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, idx);
}

static void check_integer(lua_State *L, const char *what, const field *f)
{
    if (!lua_isinteger(L, -1))
        luaL_error(L, "%s.%s must be an integer, not a %s value", what, f->name,
                   luaL_typename(L, -1));
    lua_Integer v = lua_tointeger(L, -1);
    if (v < f->least || v > f->most)
        luaL_error(L, "%s.%s must be between %I and %I", what, f->name, (LUAI_UACINT)f->least,
                   (LUAI_UACINT)f->most);
}

static void check_type(lua_State *L, const char *what, const char *name, int type)
{
    if (lua_type(L, -1) == type) return;
    luaL_error(L, "%s.%s must be a %s, not a %s value", what, name, lua_typename(L, type),
               luaL_typename(L, -1));
}

static void check_seconds(lua_State *L, const char *what, const char *name)
{
    check_type(L, what, name, LUA_TNUMBER);
    lua_Number v = lua_tonumber(L, -1);
    if (!(v > 0 && v <= HAN__EVAL_WALL_MS_MAX / 1000))
        luaL_error(L, "%s.%s must be above 0 and at most %d seconds", what, name,
                   HAN__EVAL_WALL_MS_MAX / 1000);
}

/* The value of field f of `what` is on top. */
static void check_field(lua_State *L, const char *what, const field *f)
{
    if (lua_isnil(L, -1)) {
        if (f->required) luaL_error(L, "%s.%s is missing", what, f->name);
        return;
    }
    switch (f->kind) {
    case ANY_INTEGER:
        check_integer(L, what, f);
        break;
    case ANY_TEXT:
        check_type(L, what, f->name, LUA_TSTRING);
        break;
    case ANY_TABLE:
        check_type(L, what, f->name, LUA_TTABLE);
        break;
    case ANY_BOOLEAN:
        check_type(L, what, f->name, LUA_TBOOLEAN);
        break;
    case ANY_SECONDS:
        check_seconds(L, what, f->name);
        break;
    default:
        if (lua_type(L, -1) != LUA_TSTRING || strcmp(lua_tostring(L, -1), "first") != 0)
            luaL_error(L, "%s.%s can only be \"first\"", what, f->name);
    }
}

static bool is_known(const char *name, const field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(fields[i].name, name) == 0) return true;
    return false;
}

/* The table at idx, called `what` in messages, has these fields and no others. */
static void check_table(lua_State *L, int idx, const char *what, const field *fields, size_t n)
{
    if (!lua_istable(L, idx))
        luaL_error(L, "%s must be a table, not a %s value", what, luaL_typename(L, idx));
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING || !is_known(lua_tostring(L, -1), fields, n))
            luaL_error(L, "%s has an unknown field '%s'", what,
                       lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "(not a string)");
    }
    for (size_t i = 0; i < n; i++) {
        push_raw(L, idx, fields[i].name);
        check_field(L, what, &fields[i]);
        lua_pop(L, 1);
    }
}

static void check_calls(lua_State *L, int idx)
{
    char what[48];
    size_t n = (size_t)lua_rawlen(L, idx);
    size_t entries = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        entries++;
    }
    if (entries != n) luaL_error(L, "request.calls must be a list without holes");
    if (n > HAN__EVAL_CALLS_MAX)
        luaL_error(L, "request.calls has more than %d calls", HAN__EVAL_CALLS_MAX);
    for (size_t i = 1; i <= n; i++) {
        snprintf(what, sizeof what, "request.calls[%zu]", i);
        lua_rawgeti(L, idx, (lua_Integer)i);
        check_table(L, lua_gettop(L), what, call_fields, HAN__COUNT(call_fields));
        lua_pop(L, 1);
    }
}

static void check_name(lua_State *L)
{
    size_t len;
    if (lua_isnil(L, -1)) return;
    const char *name = lua_tolstring(L, -1, &len);
    if (len == 0 || len > HAN__EVAL_NAME_MAX)
        luaL_error(L, "request.name must have 1 to %d characters", HAN__EVAL_NAME_MAX);
    for (size_t i = 0; i < len; i++)
        if (name[i] == ':' || (unsigned char)name[i] < 0x20)
            luaL_error(L, "request.name must not contain colons or control characters");
}

void han__eval_request_check(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    luaL_checkstack(L, 12, NULL);
    check_table(L, idx, "request", request_fields, HAN__COUNT(request_fields));
    push_raw(L, idx, "name");
    check_name(L);
    push_raw(L, idx, "calls");
    check_calls(L, lua_gettop(L));
    push_raw(L, idx, "limits");
    if (!lua_isnil(L, -1))
        check_table(L, lua_gettop(L), "request.limits", limit_fields, HAN__COUNT(limit_fields));
    lua_pop(L, 3);
}

uint32_t han__eval_request_wall(lua_State *L, int idx)
{
    lua_Number ms = HAN__EVAL_WALL_MS;
    idx = lua_absindex(L, idx);
    push_raw(L, idx, "limits");
    if (lua_istable(L, -1)) {
        push_raw(L, lua_gettop(L), "wall");
        if (lua_isnumber(L, -1)) ms = lua_tonumber(L, -1) * 1000;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return ms < 1 ? 1 : (uint32_t)ms;
}
