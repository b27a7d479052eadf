/* Owns the JSON writer. It only uses calls of Lua that cannot raise: keys are sorted as they lie on
 * the Lua stack, so a document never depends on hash seeds and needs no memory of Lua's. */
#include "base/config.h"

#include <math.h>
#include <stdio.h>
#include <lauxlib.h>

#include "base/utf8.h"
#include "script/json_write.h"

#define PATH_BYTES 160
#define KEYS_MAX   500000 /* they lie on the Lua stack, which holds a million */
#define FEW        16     /* keys of a table that are sorted where they lie, without memory */

/* One step of the path from the root to the value being written. */
typedef struct level {
    const struct level *up;
    const char *key; /* NULL: an array */
    size_t len;
    lua_Integer index;
} level;

typedef struct writer {
    lua_State *L;
    const han__json_style *style;
    han__buf *out;
    han_error *err;
    int depth;
} writer;

/* A key of an object; its string lies on the Lua stack at `at`. */
typedef struct member {
    const char *text;
    size_t len;
    int at;
} member;

static const char array_key = 0; /* its address names the metatable of marked arrays */

static int write_value(writer *w, int idx, const level *up);

/* ---- refusals ---- */

static size_t put_path(const level *at, char *out, size_t cap)
{
    if (!at) return (size_t)snprintf(out, cap, "value");
    size_t len = put_path(at->up, out, cap);
    if (len >= cap) return len;
    int n = at->key
                ? snprintf(out + len, cap - len, ".%.*s", at->len > 40 ? 40 : (int)at->len, at->key)
                : snprintf(out + len, cap - len, "[%lld]", (long long)at->index);
    return len + (n > 0 ? (size_t)n : 0);
}

static int refuse(const writer *w, const level *at, const char *why)
{
    char path[PATH_BYTES];
    put_path(at, path, sizeof path);
    return han__error_set(w->err, HAN_INVALID, "JSON: %s: %s", path, why);
}

static int no_room(const writer *w, int rc)
{
    if (rc == HAN_LIMIT)
        return han__error_set(w->err, rc, "JSON: longer than %zu bytes", w->out->max);
    return rc == HAN_OK ? HAN_OK : han__error_set(w->err, rc, "out of memory in a JSON text");
}

/* ---- scalars ---- */

/* The escape of a byte below 0x20, a quote or a backslash; NULL for others. */
static const char *escape_of(unsigned char c, char room[8])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        if (c >= 0x20 && c != 0x7f) return NULL;
        snprintf(room, 8, "\\u%04x", c);
        return room;
    }
}

/* How many bytes from the first on stand in a JSON text as they are; the others are looked at. */
static size_t plain_run(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && text[n] >= 0x20 && text[n] < 0x7f && text[n] != '"' && text[n] != '\\') n++;
    return n;
}

/* A text that is plain throughout, written in one go; HAN_LIMIT or HAN_NOMEM. */
static int write_plain(han__buf *out, const char *text, size_t len)
{
    int rc = len < SIZE_MAX - 2 ? han__buf_reserve(out, len + 2) : HAN_LIMIT;
    if (rc != HAN_OK) return rc;
    uint8_t *to = out->data + out->len;
    to[0] = '"';
    memcpy(to + 1, text, len);
    to[len + 1] = '"';
    out->len += len + 2;
    return HAN_OK;
}

static int write_text(writer *w, const char *text, size_t len, const level *at)
{
    size_t run = plain_run(text, len);
    if (run == len) return no_room(w, write_plain(w->out, text, len));
    int rc = han__buf_byte(w->out, '"');
    for (size_t i = 0; rc == HAN_OK && i < len; run = plain_run(text + i, len - i)) {
        char room[8];
        if (run > 0) {
            rc = han__buf_append(w->out, text + i, run);
            i += run;
            continue;
        }
        const char *escape = escape_of((unsigned char)text[i], room);
        size_t step = escape ? 1 : han__utf8_step(text + i, len - i, NULL);
        if (escape)
            rc = han__buf_text(w->out, escape);
        else if (step > 0)
            rc = han__buf_append(w->out, text + i, step);
        else if (!w->style->lossy)
            return refuse(w, at, "the text is not UTF-8");
        else
            rc = han__buf_text(w->out, "\xef\xbf\xbd");
        i += step > 0 ? step : 1;
    }
    if (rc == HAN_OK) rc = han__buf_byte(w->out, '"');
    return no_room(w, rc);
}

/* The fewest of 15 to 17 digits that read back as the same number. */
static void format_float(double x, int precision, char *out, size_t cap)
{
    int digits = precision ? precision : 15;
    snprintf(out, cap, "%.*g", digits, x);
    while (!precision && digits < 17 && strtod(out, NULL) != x)
        snprintf(out, cap, "%.*g", ++digits, x);
    char *comma = strchr(out, ','); /* the host's locale */
    if (comma) *comma = '.';
    if (!strpbrk(out, ".e")) snprintf(out + strlen(out), cap - strlen(out), ".0");
}

static int write_integer(writer *w, lua_Integer n)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0) *--at = '-';
    return no_room(w, han__buf_append(w->out, at, (size_t)(digits + sizeof digits - at)));
}

static int write_number(writer *w, int idx, const level *at)
{
    if (lua_isinteger(w->L, idx)) return write_integer(w, lua_tointeger(w->L, idx));
    double x = lua_tonumber(w->L, idx);
    if (isnan(x)) return refuse(w, at, "NaN has no JSON form");
    if (isinf(x)) return refuse(w, at, "infinity has no JSON form");
    char text[48];
    format_float(x, w->style->precision, text, sizeof text);
    return no_room(w, han__buf_text(w->out, text));
}

/* ---- tables ---- */

static int new_line(writer *w)
{
    if (!w->style->pretty) return HAN_OK;
    int rc = han__buf_byte(w->out, '\n');
    for (int i = 0; rc == HAN_OK && i < w->depth; i++) rc = han__buf_text(w->out, "  ");
    return no_room(w, rc);
}

/* The comma and the line before item `n` (0-based). */
static int before_item(writer *w, size_t n)
{
    int rc = n > 0 ? no_room(w, han__buf_byte(w->out, ',')) : HAN_OK;
    return rc == HAN_OK ? new_line(w) : rc;
}

static int close_table(writer *w, size_t n, char bracket)
{
    w->depth--;
    int rc = n > 0 ? new_line(w) : HAN_OK;
    return rc == HAN_OK ? no_room(w, han__buf_byte(w->out, (uint8_t)bracket)) : rc;
}

static int write_array(writer *w, int idx, size_t n, const level *up)
{
    int rc = no_room(w, han__buf_byte(w->out, '['));
    w->depth++;
    for (size_t i = 1; rc == HAN_OK && i <= n; i++) {
        level here = {.up = up, .index = (lua_Integer)i};
        rc = before_item(w, i - 1);
        if (rc != HAN_OK) break;
        lua_rawgeti(w->L, idx, (lua_Integer)i);
        rc = write_value(w, lua_gettop(w->L), &here);
        lua_pop(w->L, 1);
    }
    return rc == HAN_OK ? close_table(w, n, ']') : rc;
}

static int compare_members(const void *a, const void *b)
{
    const member *x = a, *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void sort_members(member *members, size_t n)
{
    if (n > FEW) {
        qsort(members, n, sizeof *members, compare_members);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        member one = members[i];
        size_t to = i;
        for (; to > 0 && compare_members(&one, &members[to - 1]) < 0; to--)
            members[to] = members[to - 1];
        members[to] = one;
    }
}

static int write_members(writer *w, int idx, const member *members, size_t n, const level *up)
{
    int rc = no_room(w, han__buf_byte(w->out, '{'));
    w->depth++;
    for (size_t i = 0; rc == HAN_OK && i < n; i++) {
        level here = {.up = up, .key = members[i].text, .len = members[i].len};
        rc = before_item(w, i);
        if (rc == HAN_OK) rc = write_text(w, members[i].text, members[i].len, &here);
        if (rc == HAN_OK) rc = no_room(w, han__buf_append(w->out, ": ", w->style->pretty ? 2 : 1));
        if (rc != HAN_OK) break;
        lua_pushvalue(w->L, members[i].at);
        lua_rawget(w->L, idx);
        rc = write_value(w, lua_gettop(w->L), &here);
        lua_pop(w->L, 1);
    }
    return rc == HAN_OK ? close_table(w, n, '}') : rc;
}

/* The keys of the table lie on the stack above `base`, in any order. */
static int write_object(writer *w, int idx, int base, size_t n, const level *up)
{
    member few[FEW], *members = n <= FEW ? few : han__mem_zalloc(w->out->mem, n, sizeof *members);
    if (!members) return no_room(w, HAN_NOMEM);
    for (size_t i = 0; i < n; i++) {
        members[i].at = base + 1 + (int)i;
        members[i].text = lua_tolstring(w->L, members[i].at, &members[i].len);
    }
    sort_members(members, n);
    int rc = write_members(w, idx, members, n, up);
    if (members != few) han__mem_free(w->out->mem, members, n * sizeof *members);
    return rc;
}

static bool is_marked(lua_State *L, int idx)
{
    if (!lua_getmetatable(L, idx)) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* How many keys a table has, and of which kind. */
typedef struct census {
    size_t total, strings, items; /* items: integers from 1 to its length */
} census;

/* Pushes all keys and counts them. */
static int push_keys(writer *w, int idx, lua_Integer length, census *keys, const level *up)
{
    lua_pushnil(w->L);
    while (lua_next(w->L, idx)) {
        lua_pop(w->L, 1);
        if (++keys->total > KEYS_MAX) return refuse(w, up, "too many members");
        if (!lua_checkstack(w->L, 8)) return no_room(w, HAN_NOMEM);
        lua_Integer i = lua_isinteger(w->L, -1) ? lua_tointeger(w->L, -1) : 0;
        keys->items += i >= 1 && i <= length;
        keys->strings += lua_type(w->L, -1) == LUA_TSTRING;
        lua_pushvalue(w->L, -1);
    }
    return HAN_OK;
}

static int write_table(writer *w, int idx, const level *up)
{
    int base = lua_gettop(w->L);
    size_t n = (size_t)lua_rawlen(w->L, idx);
    census keys = {0};
    if (!lua_checkstack(w->L, 8)) return no_room(w, HAN_NOMEM);
    if (w->depth >= HAN__VALUE_DEPTH_MAX)
        return refuse(w, up, "nested too deep, or contains itself");
    int rc = push_keys(w, idx, (lua_Integer)n, &keys, up);
    if (rc == HAN_OK) {
        bool array =
            keys.total > 0 ? keys.items == keys.total && n == keys.total : is_marked(w->L, idx);
        if (array)
            rc = write_array(w, idx, n, up);
        else if (keys.strings == keys.total)
            rc = write_object(w, idx, base, keys.total, up);
        else
            rc = refuse(w, up, "a table is a list (keys 1 to n) or has text keys only");
    }
    lua_settop(w->L, base);
    return rc;
}

/* Takes no room on the stack but for a table. */
static int write_value(writer *w, int idx, const level *up)
{
    size_t len;
    const char *text;
    switch (lua_type(w->L, idx)) {
    case LUA_TNIL:
        return no_room(w, han__buf_text(w->out, "null"));
    case LUA_TBOOLEAN:
        return no_room(w, han__buf_text(w->out, lua_toboolean(w->L, idx) ? "true" : "false"));
    case LUA_TNUMBER:
        return write_number(w, idx, up);
    case LUA_TSTRING:
        text = lua_tolstring(w->L, idx, &len);
        return write_text(w, text, len, up);
    case LUA_TTABLE:
        return write_table(w, idx, up);
    case LUA_TLIGHTUSERDATA:
        if (!lua_touserdata(w->L, idx)) return no_room(w, han__buf_text(w->out, "null"));
        return refuse(w, up, "a userdata has no JSON form");
    case LUA_TFUNCTION:
        return refuse(w, up, "a function has no JSON form");
    default:
        return refuse(w, up, "this type has no JSON form");
    }
}

int han__json_write(lua_State *L, int idx, const han__json_style *style, han__buf *out,
                    han_error *err)
{
    static const han__json_style plain = {0};
    writer w = {.L = L, .style = style ? style : &plain, .out = out, .err = err};
    size_t before = out->len;
    int top = lua_gettop(L);
    int rc = write_value(&w, lua_absindex(L, idx), NULL);
    lua_settop(L, top);
    if (rc != HAN_OK) out->len = before;
    return rc;
}

void han__json_mark_array(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushliteral(L, "array");
        lua_setfield(L, -2, "__name");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
    }
    lua_setmetatable(L, idx);
}
