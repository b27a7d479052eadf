/* Owns the ordered `pairs` and `next`. A table that is a plain sequence is walked by index; any
 * other gets a list of its keys, sorted, which the iterator then follows. */
#include "base/config.h"

#include <lauxlib.h>

#include "value/order.h"
#include "value/pairs.h"

#define SMALL_KEYS 16

/* Counts the entries of the table at idx; *sequence says whether their keys are 1..n. */
static size_t count_entries(lua_State *L, int idx, bool *sequence)
{
    size_t n = 0;
    bool pure = true;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        n++;
        pure = pure && lua_isinteger(L, -1) && (size_t)lua_tointegerx(L, -1, NULL) == n;
    }
    *sequence = pure;
    return n;
}

static int refuse_objects(lua_State *L)
{
    return luaL_error(L,
                      "this table has several keys that are tables, functions or other objects; "
                      "they have no order that is the same in every run, so keep them in a list");
}

/* Reads the key at idx, objects by the ordinal they have: false when it has none. */
static bool read_any(lua_State *L, int idx, han__key *key)
{
    if (han__key_read(L, idx, key)) return true;
    key->kind = HAN__KEY_OBJECT;
    key->u.ordinal = han__pairs_ordinal(L, idx, false);
    return key->u.ordinal != 0;
}

/* Fills keys with those of the table at idx, at most max, and the list at `list` with the keys
 * themselves. Gives their number: a weak table may have lost some since they were counted. */
static size_t collect(lua_State *L, int idx, int list, han__key *keys, size_t max)
{
    int n = 0;
    int unnumbered = -1;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if ((size_t)n == max) luaL_error(L, "the table changed while it was being ordered");
        lua_pushvalue(L, -1);
        lua_rawseti(L, list, n + 1);
        if (!read_any(L, -1, &keys[n])) {
            if (unnumbered >= 0) refuse_objects(L);
            unnumbered = n;
        }
        keys[n].slot = n + 1;
        n++;
    }
    if (unnumbered >= 0) {
        lua_rawgeti(L, list, unnumbered + 1);
        keys[unnumbered].u.ordinal = han__pairs_ordinal(L, -1, true);
        lua_pop(L, 1);
    }
    return (size_t)n;
}

static bool in_place(const han__key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (keys[i].slot != (int)i + 1) return false;
    return true;
}

/* Pushes the sorted list of the n keys of the table at idx. */
static void push_snapshot(lua_State *L, int idx, size_t n)
{
    han__key small[SMALL_KEYS];
    int top = lua_gettop(L);
    if (n > INT32_MAX / sizeof(han__key)) luaL_error(L, "the table is too large to be ordered");
    luaL_checkstack(L, 8, NULL);
    han__key *keys = n <= SMALL_KEYS ? small : lua_newuserdatauv(L, n * sizeof *keys, 0);
    lua_createtable(L, (int)n, 0);
    int list = lua_gettop(L);
    n = collect(L, idx, list, keys, n);
    han__key_sort(keys, n);
    if (!in_place(keys, n)) {
        lua_createtable(L, (int)n, 0);
        for (size_t i = 0; i < n; i++) {
            lua_rawgeti(L, list, keys[i].slot);
            lua_rawseti(L, list + 1, (lua_Integer)i + 1);
        }
    }
    if (lua_gettop(L) > top + 1) lua_copy(L, -1, top + 1);
    lua_settop(L, top + 1);
}

/* ---- pairs ---- */

/* Upvalue 1: the last index. */
static int visit_sequence(lua_State *L)
{
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(1));
    lua_Integer i = luaL_optinteger(L, 2, 0);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    while (i < last) {
        lua_pushinteger(L, ++i);
        if (lua_rawgeti(L, 1, i) != LUA_TNIL) return 2;
        lua_settop(L, 1);
    }
    return 0;
}

/* Upvalues: the sorted keys, the place of the last one visited. */
static int visit_snapshot(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
    luaL_checktype(L, 1, LUA_TTABLE);
    for (;;) {
        lua_settop(L, 1);
        if (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TNIL) return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 1) != LUA_TNIL) break;
    }
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(2));
    return 2;
}

static int visit_nothing(lua_State *L)
{
    HAN__UNUSED(L);
    return 0;
}

static int end_of_metamethod(lua_State *L, int status, lua_KContext context)
{
    HAN__UNUSED(L);
    HAN__UNUSED(status);
    HAN__UNUSED(context);
    return 3;
}

static int ordered_pairs(lua_State *L)
{
    bool sequence;
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 3, 0, end_of_metamethod);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    size_t n = count_entries(L, 1, &sequence);
    if (n == 0) {
        lua_pushcfunction(L, visit_nothing);
    } else if (sequence) {
        lua_pushinteger(L, (lua_Integer)n);
        lua_pushcclosure(L, visit_sequence, 1);
    } else {
        push_snapshot(L, 1, n);
        lua_pushinteger(L, 0);
        lua_pushcclosure(L, visit_snapshot, 2);
    }
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* ---- next ---- */

/* Upvalue 1 of next: the sorted keys of tables whose iteration is under way, by table, weak. Index
 * 0 of such a list is the place of the key given last. */
#define UNDER_WAY lua_upvalueindex(1)

static void forget(lua_State *L)
{
    lua_pushvalue(L, 1);
    if (lua_rawget(L, UNDER_WAY) != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_pushnil(L);
        lua_rawset(L, UNDER_WAY);
    }
    lua_pop(L, 1);
}

/* The least key and its value, or nil. */
static int first_entry(lua_State *L)
{
    han__key best = {.kind = HAN__KEY_OBJECT, .u.ordinal = 0};
    han__key key;
    size_t unnumbered = 0;
    bool found = false;
    forget(L);
    lua_settop(L, 1);
    lua_pushnil(L); /* 2: the best key */
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        if (!read_any(L, -1, &key)) {
            unnumbered++;
            if (!found && unnumbered == 1) lua_copy(L, -1, 2);
        } else if (!found || han__key_compare(&key, &best) < 0) {
            lua_copy(L, -1, 2);
            best = key;
            found = true;
        }
    }
    if (unnumbered > 1 && !found) refuse_objects(L);
    if (lua_isnil(L, 2)) return 1;
    if (!found) han__pairs_ordinal(L, 2, true);
    lua_pushvalue(L, 2);
    lua_rawget(L, 1);
    return 2;
}

/* Pushes the sorted keys of table 1. */
static void push_keys(lua_State *L)
{
    bool sequence;
    lua_pushvalue(L, 1);
    if (lua_rawget(L, UNDER_WAY) != LUA_TNIL) return;
    lua_pop(L, 1);
    push_snapshot(L, 1, count_entries(L, 1, &sequence));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, UNDER_WAY);
}

/* The place of the last key in the list on top that is not above the key at 2. */
static lua_Integer place_of(lua_State *L)
{
    han__key key;
    han__key other;
    lua_Integer low = 0;
    lua_Integer high = (lua_Integer)lua_rawlen(L, -1);
    lua_rawgeti(L, -1, 0);
    lua_Integer hint = lua_tointeger(L, -1);
    lua_rawgeti(L, -2, hint);
    bool same = hint > 0 && lua_rawequal(L, -1, 2);
    lua_pop(L, 2);
    if (same) return hint;
    if (!read_any(L, 2, &key)) luaL_error(L, "invalid key to 'next'");
    while (low < high) {
        lua_Integer middle = low + (high - low + 1) / 2;
        lua_rawgeti(L, -1, middle);
        bool above = !read_any(L, -1, &other) || han__key_compare(&other, &key) > 0;
        lua_pop(L, 1);
        if (above)
            high = middle - 1;
        else
            low = middle;
    }
    return low;
}

static int ordered_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) return first_entry(L);
    push_keys(L); /* 3 */
    lua_Integer i = place_of(L);
    for (;;) {
        if (lua_rawgeti(L, 3, ++i) == LUA_TNIL) break;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 1) != LUA_TNIL) {
            lua_pushinteger(L, i);
            lua_rawseti(L, 3, 0);
            return 2;
        }
        lua_pop(L, 2);
    }
    forget(L);
    lua_pushnil(L);
    return 1;
}

static void push_next(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pushcclosure(L, ordered_next, 1);
}

static int ordered_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    han__pairs_tostring(L, 1, NULL);
    return 1;
}

/* Replaces the function name of the global library; wrap keeps the original as upvalue 1. */
static void replace_in(lua_State *L, const char *library, const char *name, lua_CFunction with,
                       bool wrap)
{
    int top = lua_gettop(L);
    if (lua_getglobal(L, library) == LUA_TTABLE && lua_getfield(L, -1, name) == LUA_TFUNCTION) {
        if (!wrap) lua_pop(L, 1);
        lua_pushcclosure(L, with, wrap ? 1 : 0);
        lua_setfield(L, top + 1, name);
    }
    lua_settop(L, top);
}

void han__pairs_install(lua_State *L)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 8, NULL);
    lua_pushcfunction(L, ordered_pairs);
    lua_setglobal(L, "pairs");
    push_next(L);
    lua_setglobal(L, "next");
    lua_pushcfunction(L, ordered_tostring);
    lua_setglobal(L, "tostring");
    replace_in(L, "table", "sort", han__pairs_sort, false);
    replace_in(L, "string", "format", han__pairs_format, true);
    lua_settop(L, top);
}
