/* Owns the way between Lua tables and the plain arrays of the statistics room. Type faults are the
 * caller's and throw with the caller's line; faults of the data are values. */
#include "base/config.h"

#include <lauxlib.h>

#include "script/stats_args.h"

#include <math.h>

void han__stats_args_open(lua_State *L, han__stats_args *args)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    args->L = L;
    void *ud = NULL;
    lua_Alloc alloc = lua_getallocf(L, &ud);
    han__mem_init(&args->mem, alloc, ud);
    han__error_clear(&args->err);
}

int han__stats_args_refuse(han__stats_args *args)
{
    lua_pushnil(args->L);
    lua_pushstring(args->L, args->err.message);
    lua_pushstring(args->L, han_status_name(args->err.code));
    return 3;
}

bool han__stats_args_has(han__stats_args *args, const char *name)
{
    bool there = lua_getfield(args->L, 1, name) != LUA_TNIL;
    lua_pop(args->L, 1);
    return there;
}

static void wrong(han__stats_args *args, const char *name, const char *want)
{
    luaL_error(args->L, "field '%s' must be %s, it is %s", name, want, luaL_typename(args->L, -1));
}

double han__stats_args_number(han__stats_args *args, const char *name, const double *fallback)
{
    int type = lua_getfield(args->L, 1, name);
    if (type != LUA_TNUMBER && !(type == LUA_TNIL && fallback)) wrong(args, name, "a number");
    double value = type == LUA_TNIL ? *fallback : lua_tonumber(args->L, -1);
    lua_pop(args->L, 1);
    return value;
}

int han__stats_args_count(han__stats_args *args, const char *name, const uint64_t *fallback,
                          uint64_t *out)
{
    int type = lua_getfield(args->L, 1, name), whole = 0;
    if (type != LUA_TNUMBER && !(type == LUA_TNIL && fallback)) wrong(args, name, "a count");
    lua_Integer value = lua_tointegerx(args->L, -1, &whole);
    lua_pop(args->L, 1);
    if (type == LUA_TNIL) {
        *out = *fallback;
        return HAN_OK;
    }
    if (!whole || value < 0)
        return han__error_set(&args->err, HAN_INVALID, "%s must be a whole number of 0 or more",
                              name);
    *out = (uint64_t)value;
    return HAN_OK;
}

uint64_t han__stats_args_seed(han__stats_args *args, const char *name)
{
    int whole = 0, type = lua_getfield(args->L, 1, name);
    lua_Integer value = lua_tointegerx(args->L, -1, &whole);
    if (type != LUA_TNIL && (type != LUA_TNUMBER || !whole)) wrong(args, name, "an integer");
    lua_pop(args->L, 1);
    return type == LUA_TNIL ? 0 : (uint64_t)value;
}

int han__stats_args_word(han__stats_args *args, const char *name, const char *const words[])
{
    int type = lua_getfield(args->L, 1, name), found = 0;
    if (type != LUA_TNIL && type != LUA_TSTRING) wrong(args, name, "a string");
    if (type == LUA_TSTRING) {
        const char *word = lua_tostring(args->L, -1);
        while (words[found] && strcmp(words[found], word) != 0) found++;
        if (!words[found])
            luaL_error(args->L,
                       "field '%s' is '%s', which is none of its words (the first is '%s')", name,
                       word, words[0]);
    }
    lua_pop(args->L, 1);
    return found;
}

/* The list's length, with the list on top of the stack. */
static size_t open_list(han__stats_args *args, const char *name)
{
    if (lua_getfield(args->L, 1, name) != LUA_TTABLE) wrong(args, name, "a list");
    size_t n = lua_rawlen(args->L, -1);
    if (n > HAN__ROWS_MAX) luaL_error(args->L, "field '%s' has more than 2^27 values", name);
    luaL_checkstack(args->L, 8, "han.stats");
    return n;
}

const double *han__stats_args_list(han__stats_args *args, const char *name, size_t *n)
{
    lua_State *L = args->L;
    size_t count = open_list(args, name);
    double *x = lua_newuserdatauv(L, (count ? count : 1) * sizeof *x, 0);
    lua_insert(L, -2);
    for (size_t i = 0; i < count; i++) {
        int type = lua_rawgeti(L, -1, (lua_Integer)i + 1);
        if (type == LUA_TBOOLEAN)
            x[i] = lua_toboolean(L, -1) ? 1.0 : 0.0;
        else if (type == LUA_TNUMBER)
            x[i] = lua_tonumber(L, -1);
        else
            luaL_error(L, "field '%s': value %d is a %s, not a number", name, (int)(i + 1),
                       luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    *n = count;
    return x;
}

/* The id of the label on top of the stack (popped) in the map below it. */
static uint32_t label_id(lua_State *L, int map, size_t *count)
{
    lua_pushvalue(L, -1);
    uint32_t id;
    if (lua_rawget(L, map) == LUA_TNUMBER) {
        id = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 2);
        return id;
    }
    lua_pop(L, 1);
    id = (uint32_t)(*count)++;
    lua_pushinteger(L, (lua_Integer)id);
    lua_rawset(L, map);
    return id;
}

int han__stats_args_labels(han__stats_args *args, const char *name, size_t n, const uint32_t **ids,
                           size_t *count)
{
    lua_State *L = args->L;
    *ids = NULL;
    *count = 0;
    if (!han__stats_args_has(args, name)) return HAN_OK;
    size_t length = open_list(args, name);
    if (length != n)
        return han__error_set(&args->err, HAN_INVALID, "%s has %zu labels for %zu rows", name,
                              length, n);
    uint32_t *out = lua_newuserdatauv(L, (n ? n : 1) * sizeof *out, 0);
    lua_insert(L, -2);
    lua_newtable(L);
    int map = lua_gettop(L);
    for (size_t i = 0; i < n; i++) {
        int type = lua_rawgeti(L, map - 1, (lua_Integer)i + 1);
        bool nan = type == LUA_TNUMBER && isnan(lua_tonumber(L, -1));
        if ((type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN) || nan)
            luaL_error(L, "field '%s': value %d is not a label", name, (int)(i + 1));
        out[i] = label_id(L, map, count);
    }
    lua_pop(L, 2);
    *ids = out;
    return HAN_OK;
}

int han__stats_args_sample(han__stats_args *args, bool x_allowed, han__sample *out)
{
    static const char *const weights[] = {"rows", "groups", NULL};
    han__sample s = {0};
    size_t other;
    if (x_allowed && !han__stats_args_has(args, "a")) {
        s.a = han__stats_args_list(args, "x", &s.n);
    } else {
        s.a = han__stats_args_list(args, "a", &s.n);
        s.b = han__stats_args_list(args, "b", &other);
        if (other != s.n)
            return han__error_set(&args->err, HAN_INVALID,
                                  "unpaired: a has %zu values and b has %zu; each row needs both",
                                  s.n, other);
    }
    int rc = han__stats_args_labels(args, "groups", s.n, &s.group, &s.groups);
    if (!rc) rc = han__stats_args_labels(args, "strata", s.n, &s.stratum, &s.strata);
    if (rc) return rc;
    s.weight = han__stats_args_word(args, "weight", weights);
    *out = s;
    return HAN_OK;
}

void han__stats_give_number(lua_State *L, const char *name, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

void han__stats_give_count(lua_State *L, const char *name, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

void han__stats_give_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

void han__stats_give_text(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

void han__stats_give_list(lua_State *L, const char *name, const double *x, size_t n)
{
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushnumber(L, x[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, name);
}

void han__stats_give_interval(lua_State *L, double low, double high)
{
    const double ends[2] = {low, high};
    han__stats_give_list(L, "ci", ends, 2);
}
