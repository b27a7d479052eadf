/* Owns string.find, match, gmatch and gsub of candidate code: as in Lua 5.4, on a matcher whose
 * steps are paid in instructions. */
#include "base/config.h"

#include <lauxlib.h>
#include <string.h>

#include "runner/pattern.h"
#include "runner/sandbox.h"

#define STEPS_PER_INSTRUCTION 4
#define BYTES_PER_INSTRUCTION 64

/* The subject and the pattern are arguments 1 and 2. */
static void start(lua_State *L, han__pattern *p, bool *anchored)
{
    size_t text_len;
    size_t code_len;
    const char *text = luaL_checklstring(L, 1, &text_len);
    const char *code = luaL_checklstring(L, 2, &code_len);
    *anchored = code_len > 0 && code[0] == '^';
    if (*anchored) {
        code++;
        code_len--;
    }
    han__pattern_init(p, text, text_len, code, code_len,
                      han__meter_left(L) * STEPS_PER_INSTRUCTION);
}

/* Pays for the steps made since the pattern had `before` left, and raises its problem. */
static void settle(lua_State *L, const han__pattern *p, uint64_t before)
{
    han__meter_charge(L, (before - p->steps) / STEPS_PER_INSTRUCTION);
    if (!p->problem) return;
    if (p->problem[0] == '\0') han__meter_charge(L, UINT64_MAX); /* does not return */
    if (strcmp(p->problem, HAN__PATTERN_BAD_INDEX) == 0)
        luaL_error(L, "%s%d", p->problem, p->problem_number);
    luaL_error(L, "%s", p->problem);
}

/* One attempt, paid. */
static size_t match_paid(lua_State *L, han__pattern *p, size_t at)
{
    p->steps = han__meter_left(L) * STEPS_PER_INSTRUCTION;
    uint64_t before = p->steps;
    size_t end = han__pattern_match(p, at);
    settle(L, p, before);
    return end;
}

/* The first match at or behind *at, all attempts paid together; *at is where it begins. */
static size_t search(lua_State *L, han__pattern *p, size_t *at, bool anchored)
{
    p->steps = han__meter_left(L) * STEPS_PER_INSTRUCTION;
    uint64_t before = p->steps;
    size_t end = HAN__PATTERN_NONE;
    for (;; ++*at) {
        end = han__pattern_match(p, *at);
        if (end != HAN__PATTERN_NONE || p->problem || anchored || *at >= p->text_len) break;
    }
    settle(L, p, before);
    return end;
}

/* ---- captures ---- */

static void push_capture(lua_State *L, const han__pattern *p, int i, size_t from, size_t end)
{
    if (i >= p->captures) {
        if (i != 0) luaL_error(L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(L, p->text + from, end - from);
        return;
    }
    ptrdiff_t len = p->capture[i].len;
    if (len == HAN__CAPTURE_OPEN) luaL_error(L, "unfinished capture");
    if (len == HAN__CAPTURE_POSITION)
        lua_pushinteger(L, (lua_Integer)p->capture[i].start + 1);
    else
        lua_pushlstring(L, p->text + p->capture[i].start, (size_t)len);
}

/* All captures, or the whole match when there are none. */
static int push_captures(lua_State *L, const han__pattern *p, size_t from, size_t end, bool whole)
{
    int n = p->captures == 0 && whole ? 1 : p->captures;
    luaL_checkstack(L, n, "too many captures");
    for (int i = 0; i < n; i++) push_capture(L, p, i, from, end);
    return n;
}

/* ---- find, match ---- */

/* Offset of argument idx, 1 by default, negative from the end; above the length + 1: NONE. */
static size_t start_offset(lua_State *L, int idx, size_t len)
{
    lua_Integer init = luaL_optinteger(L, idx, 1);
    if (init < 0) {
        uint64_t back = 0 - (uint64_t)init;
        return back > len ? 0 : len - (size_t)back;
    }
    if (init == 0) return 0;
    return (uint64_t)init - 1 > len ? HAN__PATTERN_NONE : (size_t)init - 1;
}

static int find_plain(lua_State *L, const char *text, size_t len, const char *what, size_t what_len,
                      size_t at)
{
    han__meter_charge(L, (len - at) / BYTES_PER_INSTRUCTION);
    const char *found = what_len == 0 ? text + at : memmem(text + at, len - at, what, what_len);
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)(found - text) + 1);
    lua_pushinteger(L, (lua_Integer)((size_t)(found - text) + what_len));
    return 2;
}

static int find_or_match(lua_State *L, bool find)
{
    han__pattern p;
    bool anchored;
    size_t len;
    size_t code_len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *code = luaL_checklstring(L, 2, &code_len);
    size_t at = start_offset(L, 3, len);
    if (at == HAN__PATTERN_NONE) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || han__pattern_is_plain(code, code_len)))
        return find_plain(L, text, len, code, code_len, at);
    start(L, &p, &anchored);
    size_t end = search(L, &p, &at, anchored);
    if (end == HAN__PATTERN_NONE) {
        lua_pushnil(L);
        return 1;
    }
    if (!find) return push_captures(L, &p, at, end, true);
    lua_pushinteger(L, (lua_Integer)at + 1);
    lua_pushinteger(L, (lua_Integer)end);
    return 2 + push_captures(L, &p, at, end, false);
}

static int string_find(lua_State *L)
{
    return find_or_match(L, true);
}
static int string_match(lua_State *L)
{
    return find_or_match(L, false);
}

/* ---- gmatch ---- */

/* Upvalues: subject, pattern, where to go on, where the last match ended (-1: none). */
static int next_match(lua_State *L)
{
    han__pattern p;
    size_t text_len;
    size_t code_len;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &text_len);
    const char *code = lua_tolstring(L, lua_upvalueindex(2), &code_len);
    size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(3));
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    han__pattern_init(&p, text, text_len, code, code_len, 0);
    for (; at <= text_len; at++) {
        size_t end = search(L, &p, &at, false);
        if (end == HAN__PATTERN_NONE) break;
        if ((lua_Integer)end == last) continue; /* an empty match where the last one ended */
        lua_pushinteger(L, (lua_Integer)end);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return push_captures(L, &p, at, end, true);
    }
    lua_pushinteger(L, (lua_Integer)text_len + 1);
    lua_replace(L, lua_upvalueindex(3));
    return 0;
}

static int string_gmatch(lua_State *L)
{
    size_t len;
    luaL_checklstring(L, 1, &len);
    luaL_checkstring(L, 2);
    size_t at = start_offset(L, 3, len);
    lua_settop(L, 2);
    lua_pushinteger(L, at == HAN__PATTERN_NONE ? (lua_Integer)len + 1 : (lua_Integer)at);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, next_match, 4);
    return 1;
}

/* ---- gsub ---- */

static void add_text(lua_State *L, luaL_Buffer *out, const han__pattern *p, size_t from, size_t end)
{
    size_t len;
    const char *text = lua_tolstring(L, 3, &len);
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '%') {
            luaL_addchar(out, text[i]);
            continue;
        }
        char c = ++i < len ? text[i] : '\0';
        if (c == '%') {
            luaL_addchar(out, '%');
        } else if (c == '0') {
            luaL_addlstring(out, p->text + from, end - from);
        } else if (c >= '1' && c <= '9') {
            push_capture(L, p, c - '1', from, end);
            luaL_tolstring(L, -1, NULL); /* a position becomes text */
            lua_remove(L, -2);
            luaL_addvalue(out);
        } else {
            luaL_error(L, "invalid use of '%c' in replacement string", '%');
        }
    }
}

/* Pushes what a table or a function gives for the match. */
static void push_replacement(lua_State *L, const han__pattern *p, size_t from, size_t end)
{
    if (lua_istable(L, 3)) {
        push_capture(L, p, 0, from, end);
        lua_gettable(L, 3);
        return;
    }
    lua_pushvalue(L, 3);
    int n = push_captures(L, p, from, end, true);
    lua_call(L, n, 1);
}

/* Adds the replacement of one match. */
static void add_replacement(lua_State *L, luaL_Buffer *out, const han__pattern *p, size_t from,
                            size_t end)
{
    int type = lua_type(L, 3);
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        add_text(L, out, p, from, end);
        return;
    }
    push_replacement(L, p, from, end);
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, p->text + from, end - from);
    } else if (lua_isstring(L, -1)) {
        luaL_addvalue(out);
    } else {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
}

static void check_replacement(lua_State *L)
{
    int type = lua_type(L, 3);
    if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TTABLE && type != LUA_TFUNCTION)
        luaL_typeerror(L, 3, "string/function/table");
    if (type == LUA_TNUMBER) lua_tolstring(L, 3, NULL);
}

static int string_gsub(lua_State *L)
{
    han__pattern p;
    bool anchored;
    luaL_Buffer out;
    lua_Integer count = 0;
    size_t at = 0;
    size_t last = HAN__PATTERN_NONE;
    start(L, &p, &anchored);
    check_replacement(L);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)p.text_len + 1);
    luaL_buffinit(L, &out);
    while (count < most) {
        size_t end = match_paid(L, &p, at);
        if (end != HAN__PATTERN_NONE && end != last) {
            count++;
            add_replacement(L, &out, &p, at, end);
            at = last = end;
        } else if (at < p.text_len) {
            luaL_addchar(&out, p.text[at++]);
        } else {
            break;
        }
        if (anchored) break;
    }
    luaL_addlstring(&out, p.text + at, p.text_len - at);
    luaL_pushresult(&out);
    lua_pushinteger(L, count);
    return 2;
}

void han__strings_install(lua_State *L)
{
    static const luaL_Reg functions[] = {{"find", string_find},
                                         {"match", string_match},
                                         {"gmatch", string_gmatch},
                                         {"gsub", string_gsub},
                                         {NULL, NULL}};
    lua_getglobal(L, "string");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
