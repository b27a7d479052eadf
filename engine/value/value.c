/* Owns the encoder of plain values and the messages of its refusals. Everything is visited in
 * canonical order, so bytes and messages do not depend on hash seeds; the entries of a table lie on
 * the Lua stack while they are written, so nothing can take them away. */
#include "base/config.h"

#include <lauxlib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "value/order.h"
#include "value/value.h"
#include "value/value_private.h"

#define SMALL_KEYS 16
#define STACK_STEP 8 /* entries for which the stack is checked at once */
#define PATH_BYTES 200
#define NAME_BYTES 40 /* of one key in a path */
#define PATH_ENDS  4  /* steps shown at either end of a path that is longer than both */

/* One step of the path from the root to the value being written. */
typedef struct level {
    const struct level *up;
    const han__key *key;
} level;

typedef struct writer {
    lua_State *L;
    han__buf *buf; /* NULL: only check */
    size_t bytes;
    size_t nodes;
    int depth;
    const char *what;
    han_error *err;
} writer;

/* The keys of one table outside its array; their entries lie on the Lua stack, value behind key. */
typedef struct keyset {
    han__key *keys;
    size_t n;
    size_t cap;
    int bad_type; /* the least Lua type that may not be a key and was seen; LUA_TNONE: none */
    han__key small[SMALL_KEYS];
} keyset;

static int write_value(writer *w, int idx, const level *up);

/* ---- messages ---- */

typedef struct path {
    char text[PATH_BYTES];
    size_t len;
} path;

static void path_add(path *p, const char *format, ...) HAN__PRINTF(2, 3);

static void path_add(path *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(p->text + p->len, sizeof p->text - p->len, format, args);
    va_end(args);
    if (n < 0) n = 0;
    p->len += (size_t)n;
    if (p->len >= sizeof p->text) {
        memcpy(p->text + sizeof p->text - 4, "...", 4);
        p->len = sizeof p->text - 1;
    }
}

static bool is_name(const char *text, size_t len)
{
    if (len == 0 || len > NAME_BYTES) return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return true;
}

static void path_add_string(path *p, const char *text, size_t len)
{
    int shown = (int)(len < NAME_BYTES ? len : NAME_BYTES);
    if (is_name(text, len))
        path_add(p, ".%.*s", shown, text);
    else
        path_add(p, "[\"%.*s\"]", shown, text);
}

static void path_add_key(path *p, const han__key *key)
{
    switch (key->kind) {
    case HAN__KEY_INTEGER:
        path_add(p, "[" LUA_INTEGER_FMT "]", key->u.integer);
        break;
    case HAN__KEY_FLOAT:
        path_add(p, "[" LUA_NUMBER_FMT "]", key->u.number);
        break;
    case HAN__KEY_STRING:
        path_add_string(p, key->u.string.text, key->u.string.len);
        break;
    default:
        path_add(p, "[%s]", key->kind == HAN__KEY_TRUE ? "true" : "false");
        break;
    }
}

/* Steps from the root; `below` counts those under `at`. A long path is shown by its two ends. */
static size_t path_build(path *p, const level *at, size_t below)
{
    if (!at) return 0;
    size_t above = path_build(p, at->up, below + 1);
    if (above < PATH_ENDS || below < PATH_ENDS)
        path_add_key(p, at->key);
    else if (above == PATH_ENDS)
        path_add(p, " ... ");
    return above + 1;
}

static int refuse(const writer *w, const level *at, int code, const char *why, const char *noun)
{
    path p = {.len = 0};
    if (!w->err) return code;
    path_add(&p, "%s", w->what ? w->what : "value");
    path_build(&p, at, 0);
    return han__error_set(w->err, code, "%s: %s%s", p.text, noun, why);
}

static const char *noun_of(int type)
{
    switch (type) {
    case LUA_TFUNCTION:
        return "a function";
    case LUA_TTHREAD:
        return "a coroutine";
    case LUA_TTABLE:
        return "a table";
    default:
        return "a userdata";
    }
}

/* ---- bytes ---- */

/* As take, when the room is not there already. */
static int take_slowly(writer *w, const level *up, size_t len, uint8_t **at)
{
    if (len > HAN__VALUE_BYTES_MAX - w->bytes)
        return refuse(w, up, HAN_LIMIT, "a plain value has at most 4 MiB", "");
    w->bytes += len;
    if (!w->buf) return HAN_OK;
    int status = han__buf_reserve(w->buf, len);
    if (status == HAN_LIMIT)
        return refuse(w, up, status, "the value is too large for its place", "");
    if (status != HAN_OK) return refuse(w, up, status, "out of memory", "");
    *at = w->buf->data + w->buf->len;
    w->buf->len += len;
    return HAN_OK;
}

/* Room for len bytes, counted; *at is where they go, NULL on failure and when only checking. */
static inline int take(writer *w, const level *up, size_t len, uint8_t **at)
{
    han__buf *buf = w->buf;
    *at = NULL;
    /* capacity is at most the maximum and one byte */
    if (!buf || len >= buf->cap - buf->len || len > HAN__VALUE_BYTES_MAX - w->bytes)
        return take_slowly(w, up, len, at);
    *at = buf->data + buf->len;
    buf->len += len;
    w->bytes += len;
    return HAN_OK;
}

static int write_tag(writer *w, const level *up, char tag)
{
    uint8_t *to;
    int status = take(w, up, 1, &to);
    if (to) *to = (uint8_t)tag;
    return status;
}

static inline uint8_t *put_varint(uint8_t *to, uint64_t v)
{
    while (v >= 0x80) {
        *to++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *to++ = (uint8_t)v;
    return to;
}

static int write_integer(writer *w, const level *up, lua_Integer v)
{
    uint8_t *to;
    uint64_t zigzag = han__value_zigzag(v);
    int status = take(w, up, 1 + han__value_varint_bytes(zigzag), &to);
    if (!to) return status;
    *to++ = 'i';
    put_varint(to, zigzag);
    return HAN_OK;
}

static int write_float(writer *w, const level *up, lua_Number v)
{
    uint8_t *to;
    uint64_t bits;
    if (isnan(v)) return refuse(w, up, HAN_INVALID, " is not a plain value", "NaN");
    int status = take(w, up, 9, &to);
    if (!to) return status;
    memcpy(&bits, &v, sizeof bits);
    *to++ = 'd';
    for (int i = 0; i < 8; i++) *to++ = (uint8_t)(bits >> (8 * i));
    return HAN_OK;
}

static int write_string(writer *w, const level *up, const char *text, size_t len)
{
    uint8_t *to;
    int status = take(w, up, 1 + han__value_varint_bytes(len) + len, &to);
    if (!to) return status;
    *to++ = 's';
    to = put_varint(to, len);
    if (len > 0) memcpy(to, text, len);
    return HAN_OK;
}

static int write_counts(writer *w, const level *up, uint64_t array, uint64_t pairs)
{
    uint8_t *to;
    size_t len = 1 + han__value_varint_bytes(array) + han__value_varint_bytes(pairs);
    int status = take(w, up, len, &to);
    if (!to) return status;
    *to++ = 't';
    put_varint(put_varint(to, array), pairs);
    return HAN_OK;
}

/* ---- tables ---- */

static void keyset_release(writer *w, keyset *set)
{
    if (set->keys == set->small) return;
    void *ud;
    lua_Alloc alloc = lua_getallocf(w->L, &ud);
    alloc(ud, set->keys, set->cap * sizeof *set->keys, 0);
}

/* Twice the room. The allocator of the Lua state is asked directly: it gives NULL, where the state
 * would raise, and the memory counts towards the state's limit. */
static int keyset_grow(writer *w, keyset *set)
{
    void *ud;
    lua_Alloc alloc = lua_getallocf(w->L, &ud);
    bool first = set->keys == set->small;
    size_t cap = set->cap * 2; /* at most 2 * HAN__VALUE_NODES_MAX */
    han__key *keys = alloc(ud, first ? NULL : set->keys, first ? 0 : set->cap * sizeof *keys,
                           cap * sizeof *keys);
    if (!keys) return HAN_NOMEM;
    if (first) memcpy(keys, set->small, sizeof set->small);
    set->keys = keys;
    set->cap = cap;
    return HAN_OK;
}

/* The value below the top is in, its key below it: remember the key, leave both, put the key on top
 * again for lua_next. */
static int keyset_add(writer *w, keyset *set)
{
    if (set->n == set->cap && keyset_grow(w, set) != HAN_OK) return HAN_NOMEM;
    if (set->n % STACK_STEP == 0 && !lua_checkstack(w->L, 2 * STACK_STEP + 4)) return HAN_NOMEM;
    han__key *key = &set->keys[set->n];
    if (han__key_read(w->L, -2, key)) {
        key->slot = lua_gettop(w->L) - 1;
        set->n++;
        lua_pushvalue(w->L, -2);
        return HAN_OK;
    }
    int type = lua_type(w->L, -2);
    if (set->bad_type == LUA_TNONE || type < set->bad_type) set->bad_type = type;
    lua_pop(w->L, 1);
    return HAN_OK;
}

static bool in_array(lua_State *L, int idx, lua_Unsigned count)
{
    if (lua_type(L, idx) != LUA_TNUMBER || !lua_isinteger(L, idx)) return false;
    return (lua_Unsigned)lua_tointegerx(L, idx, NULL) - 1 < count;
}

/* Pushes every entry of the table at idx outside 1..count, and sorts their keys. */
static int keyset_fill(writer *w, keyset *set, int idx, lua_Unsigned count)
{
    size_t entries = 0;
    int status = HAN_OK;
    set->keys = set->small;
    set->cap = SMALL_KEYS;
    set->n = 0;
    set->bad_type = LUA_TNONE;
    lua_pushnil(w->L);
    while (status == HAN_OK && lua_next(w->L, idx)) {
        if (count > 0 && in_array(w->L, -2, count)) {
            lua_pop(w->L, 1);
            continue;
        }
        if (++entries * 2 > HAN__VALUE_NODES_MAX - w->nodes)
            status = HAN_LIMIT;
        else
            status = keyset_add(w, set);
    }
    if (status == HAN_OK) {
        w->nodes += 2 * entries;
        if (set->n > 1) han__key_sort(set->keys, set->n);
    }
    return status;
}

/* The largest n with 1..n all there. Unlike the length operator it does not depend on how the table
 * came to be. HAN_LIMIT when the nodes do not allow it. */
static int count_array(writer *w, int idx, lua_Unsigned *count)
{
    lua_Unsigned n = 0;
    while (lua_rawgeti(w->L, idx, (lua_Integer)n + 1) != LUA_TNIL) {
        lua_pop(w->L, 1);
        if (++n > HAN__VALUE_NODES_MAX - w->nodes) return HAN_LIMIT;
    }
    lua_pop(w->L, 1);
    w->nodes += n;
    *count = n;
    return HAN_OK;
}

static int write_key(writer *w, const level *at)
{
    const han__key *key = at->key;
    switch (key->kind) {
    case HAN__KEY_INTEGER:
        return write_integer(w, at, key->u.integer);
    case HAN__KEY_FLOAT:
        return write_float(w, at, key->u.number);
    case HAN__KEY_STRING:
        return write_string(w, at, key->u.string.text, key->u.string.len);
    default:
        return write_tag(w, at, key->kind == HAN__KEY_TRUE ? 'T' : 'F');
    }
}

static int write_array(writer *w, int idx, lua_Unsigned count, const level *up)
{
    han__key key = {.kind = HAN__KEY_INTEGER};
    level at = {up, &key};
    int status = HAN_OK;
    for (lua_Unsigned i = 1; i <= count && status == HAN_OK; i++) {
        key.u.integer = (lua_Integer)i;
        lua_rawgeti(w->L, idx, (lua_Integer)i);
        status = write_value(w, lua_gettop(w->L), &at);
        lua_pop(w->L, 1);
    }
    return status;
}

static int write_pairs(writer *w, const keyset *set, const level *up)
{
    int status = HAN_OK;
    for (size_t i = 0; i < set->n && status == HAN_OK; i++) {
        level at = {up, &set->keys[i]};
        status = write_key(w, &at);
        if (status == HAN_OK) status = write_value(w, set->keys[i].slot + 1, &at);
    }
    return status;
}

static int write_body(writer *w, int idx, lua_Unsigned count, const keyset *set, const level *up)
{
    if (set->bad_type != LUA_TNONE)
        return refuse(w, up, HAN_INVALID, " as a key is not a plain value", noun_of(set->bad_type));
    int status = write_counts(w, up, count, set->n);
    if (status == HAN_OK) status = write_array(w, idx, count, up);
    if (status == HAN_OK) status = write_pairs(w, set, up);
    return status;
}

static int write_table(writer *w, int idx, const level *up)
{
    keyset set;
    lua_Unsigned count = 0;
    int top = lua_gettop(w->L);
    if (w->depth == HAN__VALUE_DEPTH_MAX)
        return refuse(w, up, HAN_INVALID, "nested deeper than 64 tables; is there a cycle?", "");
    if (!lua_checkstack(w->L, 4)) return refuse(w, up, HAN_NOMEM, "out of memory", "");
    w->depth++;
    set.keys = set.small;
    int status = count_array(w, idx, &count);
    if (status == HAN_OK) status = keyset_fill(w, &set, idx, count);
    if (status == HAN_LIMIT)
        status = refuse(w, up, status, "a plain value has at most 100,000 nodes", "");
    else if (status == HAN_NOMEM)
        status = refuse(w, up, status, "out of memory", "");
    else
        status = write_body(w, idx, count, &set, up);
    lua_settop(w->L, top);
    keyset_release(w, &set);
    w->depth--;
    return status;
}

static int write_number(writer *w, int idx, const level *up)
{
    if (lua_isinteger(w->L, idx)) return write_integer(w, up, lua_tointegerx(w->L, idx, NULL));
    return write_float(w, up, lua_tonumberx(w->L, idx, NULL));
}

static int write_value(writer *w, int idx, const level *up)
{
    size_t len;
    const char *text;
    int type = lua_type(w->L, idx);
    switch (type) {
    case LUA_TNIL:
        return write_tag(w, up, 'N');
    case LUA_TBOOLEAN:
        return write_tag(w, up, lua_toboolean(w->L, idx) ? 'T' : 'F');
    case LUA_TNUMBER:
        return write_number(w, idx, up);
    case LUA_TSTRING:
        text = lua_tolstring(w->L, idx, &len);
        return write_string(w, up, text, len);
    case LUA_TTABLE:
        return write_table(w, idx, up);
    default:
        return refuse(w, up, HAN_INVALID, " is not a plain value", noun_of(type));
    }
}

static int walk(lua_State *L, int idx, const char *what, han__buf *buf, han_error *err)
{
    writer w = {.L = L, .buf = buf, .nodes = 1, .what = what, .err = err};
    int abs = lua_absindex(L, idx);
    size_t start = buf ? buf->len : 0;
    int status = lua_type(L, abs) == LUA_TNONE
                     ? han__error_set(err, HAN_INVALID, "%s: there is no value", what)
                     : write_value(&w, abs, NULL);
    if (status != HAN_OK && buf) buf->len = start;
    return status;
}

int han__value_encode(lua_State *L, int idx, const char *what, han__buf *buf, han_error *err)
{
    return walk(L, idx, what, buf, err);
}

int han__value_check(lua_State *L, int idx, const char *what, han_error *err)
{
    return walk(L, idx, what, NULL, err);
}
