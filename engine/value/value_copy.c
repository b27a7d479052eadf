/* Owns the copy of plain values between threads and states. It is on the path of every spawn, so it
 * visits tables as they lie, without sorting; when it refuses, the checker goes over the value
 * again in canonical order, for a message that is the same in every process. */
#include "base/config.h"

#include <math.h>

#include "value/value.h"
#include "value/value_private.h"

#define SMALL_ENTRIES 8
#define SMALL_TEXT    4000 /* bytes; so many, and the limits are far */

/* Bytes that a value may take at most when encoded, so that the sum is never below the true one.
 * Where the copy refuses because of it, the checker decides. */
enum { BYTES_INTEGER = 11, BYTES_FLOAT = 9, BYTES_STRING = 5, BYTES_TABLE = 7 };

typedef struct copier {
    lua_State *from;
    lua_State *to;
    int idx; /* absolute, in from */
    size_t bytes;
    size_t nodes;
    int depth;
    bool counted; /* the checker has found it within the limits */
    bool deep;    /* the C stack of Lua was at its limit */
    int status;
} copier;

static bool copy_value(copier *c, int src);

static bool stop(copier *c, int status)
{
    c->status = status;
    return false;
}

static bool spend(copier *c, size_t bytes)
{
    c->nodes++;
    c->bytes += bytes;
    if ((c->nodes > HAN__VALUE_NODES_MAX || c->bytes > HAN__VALUE_BYTES_MAX) && !c->counted)
        return stop(c, HAN_LIMIT);
    return true;
}

static bool copy_number(copier *c, int src)
{
    bool integer = lua_isinteger(c->from, src);
    lua_Number v = integer ? 0 : lua_tonumberx(c->from, src, NULL);
    if (isnan(v)) return stop(c, HAN_INVALID);
    if (c->from == c->to)
        lua_pushvalue(c->to, src);
    else if (integer)
        lua_pushinteger(c->to, lua_tointegerx(c->from, src, NULL));
    else
        lua_pushnumber(c->to, v);
    return spend(c, integer ? BYTES_INTEGER : BYTES_FLOAT);
}

static bool copy_string(copier *c, int src)
{
    size_t len;
    if (c->from == c->to) {
        lua_pushvalue(c->to, src);
        return spend(c, BYTES_STRING + lua_rawlen(c->from, src));
    }
    const char *text = lua_tolstring(c->from, src, &len);
    if (!spend(c, BYTES_STRING + len)) return false;
    lua_pushlstring(c->to, text, len);
    return true;
}

/* Copies the entry whose key and value lie at key and key + 1 of `from` into the table at dst. */
static bool copy_entry(copier *c, int key, int dst, lua_Integer *sequence)
{
    int type = lua_type(c->from, key);
    if (type == LUA_TNUMBER && lua_isinteger(c->from, key) &&
        lua_tointegerx(c->from, key, NULL) == *sequence + 1) {
        if (!copy_value(c, key + 1)) return false;
        lua_rawseti(c->to, dst, ++*sequence);
        return true;
    }
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        return stop(c, HAN_INVALID);
    if (!copy_value(c, key) || !copy_value(c, key + 1)) return false;
    lua_rawset(c->to, dst);
    return true;
}

/* Goes over the table at src once, leaving its first SMALL_ENTRIES entries on the stack of `from`,
 * value behind key. Gives how many there are in all, up to the limit. */
static int gather(lua_State *from, int src)
{
    int n = 0;
    lua_pushnil(from);
    while (lua_next(from, src)) {
        if (++n <= SMALL_ENTRIES)
            lua_pushvalue(from, -2);
        else
            lua_pop(from, 1);
        if (n <= HAN__VALUE_NODES_MAX) continue;
        lua_pop(from, 1);
        break;
    }
    return n;
}

static bool copy_large(copier *c, int src, int dst)
{
    lua_Integer sequence = 0;
    lua_pushnil(c->from);
    while (lua_next(c->from, src)) {
        if (!copy_entry(c, lua_gettop(c->from) - 1, dst, &sequence)) return false;
        lua_pop(c->from, 1);
    }
    return true;
}

static bool copy_small(copier *c, int first, int n, int dst)
{
    lua_Integer sequence = 0;
    for (int i = 0; i < n; i++)
        if (!copy_entry(c, first + 2 * i, dst, &sequence)) return false;
    return true;
}

static bool copy_table(copier *c, int src)
{
    int top = lua_gettop(c->from);
    if (c->depth == HAN__VALUE_DEPTH_MAX) return stop(c, HAN_INVALID);
    if (!lua_checkstack(c->from, 2 * SMALL_ENTRIES + 8)) return stop(c, HAN_NOMEM);
    if (c->from != c->to && !lua_checkstack(c->to, 8)) return stop(c, HAN_NOMEM);
    int n = gather(c->from, src);
    lua_Unsigned border = lua_rawlen(c->from, src);
    if (n > HAN__VALUE_NODES_MAX || border > (lua_Unsigned)n) border = 0; /* holes: only a hint */
    if (!spend(c, BYTES_TABLE)) return false;
    c->depth++;
    lua_createtable(c->to, (int)border, n - (int)border);
    int dst = lua_gettop(c->to);
    bool done = n <= SMALL_ENTRIES ? copy_small(c, top + 1, n, dst) : copy_large(c, src, dst);
    if (!done) return false;
    c->depth--;
    if (c->from != c->to) {
        lua_settop(c->from, top);
    } else if (dst > top + 1) {
        lua_copy(c->to, dst, top + 1);
        lua_settop(c->to, top + 1);
    }
    return true;
}

static bool copy_value(copier *c, int src)
{
    switch (lua_type(c->from, src)) {
    case LUA_TNIL:
        lua_pushnil(c->to);
        return spend(c, 1);
    case LUA_TBOOLEAN:
        lua_pushboolean(c->to, lua_toboolean(c->from, src));
        return spend(c, 1);
    case LUA_TNUMBER:
        return copy_number(c, src);
    case LUA_TSTRING:
        return copy_string(c, src);
    case LUA_TTABLE:
        return copy_table(c, src);
    default:
        return stop(c, HAN_INVALID);
    }
}

/* Runs protected on `to`. Argument 1 is the copier, 2 the value when from and to are one thread. */
static int copy_protected(lua_State *L)
{
    copier *c = lua_touserdata(L, 1);
    if (c->from == L) c->idx = 2;
    return copy_value(c, c->idx) ? 1 : 0;
}

/* One attempt; both stacks as before unless it succeeds. */
static int attempt(copier *c, const char *what, han_error *err)
{
    bool one = c->from == c->to;
    int src = c->idx;
    int from_top = lua_gettop(c->from);
    int to_top = lua_gettop(c->to);
    c->bytes = c->nodes = 0;
    c->depth = 0;
    c->status = HAN_OK;
    if (!lua_checkstack(c->to, 4)) return han__error_set(err, HAN_NOMEM, "%s: out of memory", what);
    lua_pushcfunction(c->to, copy_protected);
    lua_pushlightuserdata(c->to, c);
    if (one) lua_pushvalue(c->to, src);
    int raised = lua_pcall(c->to, one ? 2 : 1, 1, 0);
    c->idx = src;
    if (raised == LUA_OK && c->status == HAN_OK) return HAN_OK;
    lua_settop(c->to, to_top);
    if (!one) lua_settop(c->from, from_top);
    if (raised == LUA_ERRMEM || c->status == HAN_NOMEM)
        return han__error_set(err, HAN_NOMEM, "%s: out of memory", what);
    c->deep = raised != LUA_OK;
    if (c->deep) return han__error_set(err, HAN_LIMIT, "%s: nested too deep in calls of C", what);
    return c->status;
}

/* Behind a refusal by the copy: what the encoder would say. HAN_OK: go ahead. */
static int recheck(copier *c, const char *what, han_error *err)
{
    int status = han__value_check(c->from, c->idx, what, err);
    c->counted = status == HAN_OK;
    return status;
}

int han__value_copy(lua_State *from, int idx, const char *what, lua_State *to, han_error *err)
{
    copier c = {.from = from, .to = to, .idx = lua_absindex(from, idx)};
    int status = attempt(&c, what, err);
    if (status == HAN_OK || status == HAN_NOMEM || c.deep) return status;
    status = recheck(&c, what, err);
    return status == HAN_OK ? attempt(&c, what, err) : status;
}

static bool is_small(lua_State *L, int idx)
{
    int type = lua_type(L, idx);
    if (type == LUA_TSTRING) return lua_rawlen(L, idx) <= SMALL_TEXT;
    return type == LUA_TBOOLEAN || (type == LUA_TNUMBER && lua_isinteger(L, idx));
}

/* The most usual value: a few names with scalars. Pushes the copy, or nothing when it is another.
 */
static bool copy_flat(lua_State *L, int src)
{
    int top = lua_gettop(L), n = 0;
    if (lua_type(L, src) != LUA_TTABLE || !lua_checkstack(L, 2 * SMALL_ENTRIES + 8)) return false;
    lua_pushnil(L);
    while (lua_next(L, src)) {
        if (++n > SMALL_ENTRIES || lua_type(L, -2) != LUA_TSTRING || !is_small(L, -2) ||
            !is_small(L, -1)) {
            lua_settop(L, top);
            return false;
        }
        lua_pushvalue(L, -2);
    }
    lua_createtable(L, 0, n);
    lua_insert(L, top + 1);
    for (; n > 0; n--) lua_rawset(L, top + 1);
    return true;
}

int han__value_copy_here(lua_State *L, int idx, const char *what, han_error *err)
{
    if (copy_flat(L, lua_absindex(L, idx))) return HAN_OK;
    copier c = {.from = L, .to = L, .idx = lua_absindex(L, idx)};
    int top = lua_gettop(L);
    if (copy_value(&c, c.idx)) return HAN_OK;
    lua_settop(L, top);
    if (c.status == HAN_NOMEM) return han__error_set(err, HAN_NOMEM, "%s: out of memory", what);
    int status = recheck(&c, what, err);
    if (status != HAN_OK) return status;
    c = (copier){.from = L, .to = L, .idx = c.idx, .counted = true};
    if (copy_value(&c, c.idx)) return HAN_OK;
    lua_settop(L, top);
    return han__error_set(err, HAN_NOMEM, "%s: out of memory", what);
}
