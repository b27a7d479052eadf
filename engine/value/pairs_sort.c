/* Owns table.sort: a stable merge sort from the bottom up between two lists. It asks the comparison
 * function the same questions in every process, and whatever that answers, it ends after about
 * n log2 n questions with a permutation of the elements. */
#include "base/config.h"

#include <lauxlib.h>

#include "value/pairs.h"

/* The places on the stack. */
enum { AT_TABLE = 1, AT_LESS, AT_LISTS, AT_OTHER_LIST, AT_LEFT, AT_RIGHT };

typedef struct merge {
    lua_State *L;
    int from; /* stack place of the list that is read */
    int to;
    bool by_function;
} merge;

/* Whether the element at AT_RIGHT is below that at AT_LEFT. */
static bool right_is_less(const merge *m)
{
    if (!m->by_function) return lua_compare(m->L, AT_RIGHT, AT_LEFT, LUA_OPLT);
    lua_pushvalue(m->L, AT_LESS);
    lua_pushvalue(m->L, AT_RIGHT);
    lua_pushvalue(m->L, AT_LEFT);
    lua_call(m->L, 2, 1);
    bool less = lua_toboolean(m->L, -1);
    lua_pop(m->L, 1);
    return less;
}

static void load(const merge *m, lua_Integer i, int place)
{
    lua_rawgeti(m->L, m->from, i);
    lua_replace(m->L, place);
}

static void store(const merge *m, int place, lua_Integer i)
{
    lua_pushvalue(m->L, place);
    lua_rawseti(m->L, m->to, i);
}

/* Merges first..middle-1 and middle..end-1. */
static void merge_runs(const merge *m, lua_Integer first, lua_Integer middle, lua_Integer end)
{
    lua_Integer left = first;
    lua_Integer right = middle;
    lua_Integer out = first;
    load(m, left, AT_LEFT);
    if (right < end) load(m, right, AT_RIGHT);
    while (left < middle && right < end) {
        bool take_right = right_is_less(m);
        store(m, take_right ? AT_RIGHT : AT_LEFT, out++);
        if (take_right && ++right < end) load(m, right, AT_RIGHT);
        if (!take_right && ++left < middle) load(m, left, AT_LEFT);
    }
    for (; left < middle; left++, out++) {
        load(m, left, AT_LEFT);
        store(m, AT_LEFT, out);
    }
    for (; right < end; right++, out++) {
        load(m, right, AT_RIGHT);
        store(m, AT_RIGHT, out);
    }
}

static lua_Integer least(lua_Integer a, lua_Integer b)
{
    return a < b ? a : b;
}

/* Gives the stack place of the list that is sorted in the end. */
static int merge_all(merge *m, lua_Integer n)
{
    for (lua_Integer width = 1; width < n; width *= 2) {
        for (lua_Integer first = 1; first <= n; first += 2 * width)
            merge_runs(m, first, least(first + width, n + 1), least(first + 2 * width, n + 1));
        int swap = m->from;
        m->from = m->to;
        m->to = swap;
    }
    return m->from;
}

int han__pairs_sort(lua_State *L)
{
    merge m = {L, AT_LISTS, AT_OTHER_LIST, false};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 1);
    if (n < 2) return 0;
    luaL_argcheck(L, n < INT32_MAX, 1, "array too big");
    m.by_function = !lua_isnoneornil(L, 2);
    if (m.by_function) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, AT_LESS);
    lua_createtable(L, (int)n, 0);
    lua_createtable(L, (int)n, 0);
    lua_settop(L, AT_RIGHT);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, AT_TABLE, i);
        lua_rawseti(L, AT_LISTS, i);
    }
    int sorted = merge_all(&m, n);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, sorted, i);
        lua_seti(L, AT_TABLE, i);
    }
    return 0;
}
