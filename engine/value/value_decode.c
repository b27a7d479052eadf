/* Owns the decoder of plain values. The bytes may come from a hostile process: every count is held
 * against the bytes that are left and against the node limit before anything is allocated for it,
 * and only the canonical form of a value is taken. */
#include "base/config.h"

#include <lauxlib.h>
#include <math.h>

#include "value/order.h"
#include "value/value.h"
#include "value/value_private.h"

typedef struct reader {
    lua_State *L;
    const uint8_t *bytes;
    size_t len;
    size_t at;
    size_t nodes;
    int depth;
    int status;
    const char *why;
} reader;

static bool read_value(reader *r);

static bool stop(reader *r, const char *why)
{
    r->status = HAN_CORRUPT;
    r->why = why;
    return false;
}

static bool claim(reader *r, uint64_t nodes)
{
    if (nodes > HAN__VALUE_NODES_MAX - r->nodes) return stop(r, "more than 100,000 nodes");
    r->nodes += (size_t)nodes;
    return true;
}

static bool read_varint(reader *r, uint64_t *v)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (r->at == r->len) return stop(r, "cut off inside a number");
        uint8_t byte = r->bytes[r->at++];
        if (shift == 63 && byte > 1) return stop(r, "a number of more than 64 bits");
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80) continue;
        if (byte == 0 && shift > 0) return stop(r, "a number longer than needed");
        *v = value;
        return true;
    }
    return stop(r, "a number of more than 64 bits");
}

static bool read_float(reader *r, lua_Number *v)
{
    uint64_t bits = 0;
    if (r->len - r->at < 8) return stop(r, "cut off inside a float");
    for (int i = 0; i < 8; i++) bits |= (uint64_t)r->bytes[r->at++] << (8 * i);
    memcpy(v, &bits, sizeof bits);
    if (isnan(*v)) return stop(r, "NaN");
    return true;
}

static bool read_string(reader *r, const char **text, size_t *len)
{
    uint64_t n;
    if (!read_varint(r, &n)) return false;
    if (n > r->len - r->at) return stop(r, "cut off inside a string");
    *text = (const char *)r->bytes + r->at;
    *len = (size_t)n;
    r->at += (size_t)n;
    return true;
}

static bool read_float_key(reader *r, han__key *key)
{
    key->kind = HAN__KEY_FLOAT;
    if (!read_float(r, &key->u.number)) return false;
    lua_Number v = key->u.number;
    /* Lua stores such a key as an integer */
    if (v >= -0x1p63 && v < 0x1p63 && floor(v) == v) return stop(r, "an integer key as a float");
    lua_pushnumber(r->L, v);
    return true;
}

static bool read_integer_key(reader *r, uint64_t count, han__key *key)
{
    uint64_t v;
    if (!read_varint(r, &v)) return false;
    key->kind = HAN__KEY_INTEGER;
    key->u.integer = han__value_unzigzag(v);
    if ((uint64_t)key->u.integer - 1 <= count) return stop(r, "a key that belongs to the array");
    lua_pushinteger(r->L, key->u.integer);
    return true;
}

/* Reads a key behind an array of count values, pushes it and fills key. */
static bool read_key(reader *r, uint64_t count, han__key *key)
{
    if (r->at == r->len) return stop(r, "cut off inside a table");
    uint8_t tag = r->bytes[r->at++];
    switch (tag) {
    case 'i':
        return read_integer_key(r, count, key);
    case 'd':
        return read_float_key(r, key);
    case 's':
        key->kind = HAN__KEY_STRING;
        if (!read_string(r, &key->u.string.text, &key->u.string.len)) return false;
        lua_pushlstring(r->L, key->u.string.text, key->u.string.len);
        return true;
    case 'F':
    case 'T':
        key->kind = tag == 'T' ? HAN__KEY_TRUE : HAN__KEY_FALSE;
        lua_pushboolean(r->L, tag == 'T');
        return true;
    default:
        return stop(r, "an unknown kind of key");
    }
}

static bool read_element(reader *r)
{
    if (r->at < r->len && r->bytes[r->at] == 'N') return stop(r, "nil inside a table");
    return read_value(r);
}

static bool read_array(reader *r, int table, uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        if (!read_element(r)) return false;
        lua_rawseti(r->L, table, (lua_Integer)i);
    }
    return true;
}

static bool read_pairs(reader *r, int table, uint64_t count, uint64_t pairs)
{
    han__key last = {.kind = -1};
    han__key key;
    for (uint64_t i = 0; i < pairs; i++) {
        if (!read_key(r, count, &key)) return false;
        if (i > 0 && han__key_compare(&last, &key) >= 0) return stop(r, "keys out of order");
        last = key; /* its text lies in the bytes */
        if (!read_element(r)) return false;
        lua_rawset(r->L, table);
    }
    return true;
}

static bool read_table(reader *r)
{
    uint64_t count;
    uint64_t pairs;
    if (r->depth == HAN__VALUE_DEPTH_MAX) return stop(r, "nested deeper than 64 tables");
    if (!read_varint(r, &count) || !read_varint(r, &pairs)) return false;
    if (count > r->len - r->at || pairs > (r->len - r->at - count) / 2)
        return stop(r, "more entries than bytes");
    if (!claim(r, count) || !claim(r, 2 * pairs)) return false;
    if (!lua_checkstack(r->L, 8)) {
        r->status = HAN_NOMEM;
        return false;
    }
    r->depth++;
    lua_createtable(r->L, (int)count, (int)pairs);
    int table = lua_gettop(r->L);
    if (!read_array(r, table, count) || !read_pairs(r, table, count, pairs)) return false;
    r->depth--;
    return true;
}

static bool read_number(reader *r, uint8_t tag)
{
    uint64_t integer;
    lua_Number number;
    if (tag == 'i') {
        if (!read_varint(r, &integer)) return false;
        lua_pushinteger(r->L, han__value_unzigzag(integer));
    } else {
        if (!read_float(r, &number)) return false;
        lua_pushnumber(r->L, number);
    }
    return true;
}

static bool read_value(reader *r)
{
    const char *text;
    size_t len;
    if (r->at == r->len) return stop(r, "cut off before a value");
    uint8_t tag = r->bytes[r->at++];
    switch (tag) {
    case 'N':
        lua_pushnil(r->L);
        return true;
    case 'F':
    case 'T':
        lua_pushboolean(r->L, tag == 'T');
        return true;
    case 'i':
    case 'd':
        return read_number(r, tag);
    case 's':
        if (!read_string(r, &text, &len)) return false;
        lua_pushlstring(r->L, text, len);
        return true;
    case 't':
        return read_table(r);
    default:
        return stop(r, "an unknown kind of value");
    }
}

/* Runs protected; argument 1 is the reader. */
static int read_protected(lua_State *L)
{
    reader *r = lua_touserdata(L, 1);
    return read_value(r) ? 1 : 0;
}

static int explain(const reader *r, int raised, han_error *err)
{
    if (raised == LUA_ERRMEM || (raised == LUA_OK && r->status == HAN_NOMEM))
        return han__error_set(err, HAN_NOMEM, "value: out of memory");
    if (raised != LUA_OK)
        return han__error_set(err, HAN_LIMIT, "value: nested too deep in calls of C");
    return han__error_set(err, r->status, "value: damaged at byte %zu: %s", r->at, r->why);
}

int han__value_decode(lua_State *L, const void *bytes, size_t len, size_t *used, han_error *err)
{
    reader r = {.L = L, .bytes = bytes, .len = len, .nodes = 1};
    int top = lua_gettop(L);
    int raised = LUA_ERRMEM;
    if (r.len > HAN__VALUE_BYTES_MAX) r.len = HAN__VALUE_BYTES_MAX;
    if (lua_checkstack(L, 4)) {
        lua_pushcfunction(L, read_protected);
        lua_pushlightuserdata(L, &r);
        raised = lua_pcall(L, 1, 1, 0);
    }
    if (raised != LUA_OK || r.status != HAN_OK) {
        lua_settop(L, top);
        return explain(&r, raised, err);
    }
    if (used) *used = r.at;
    return HAN_OK;
}
