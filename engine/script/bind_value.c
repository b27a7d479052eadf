/* Module han.value: plain values for scripts. The bytes are built in buffers that belong to a
 * userdata, an upvalue of every function, so that an error in Lua leaks nothing. */
#include "base/config.h"
#include "script/state.h"

#include <lauxlib.h>

#include "base/hash.h"
#include "script/bind_eval.h"
#include "script/push.h"
#include "value/value.h"

#define KEPT_BYTES 65536u

typedef struct buffers {
    han__mem mem;
    han__buf a, b;
} buffers;

static buffers *buffers_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

static void shrink(han__buf *buf)
{
    if (buf->cap > KEPT_BYTES) han__buf_release(buf);
}

static int release(lua_State *L)
{
    buffers *both = lua_touserdata(L, 1);
    han__buf_release(&both->a);
    han__buf_release(&both->b);
    return 0;
}

static void encode_into(lua_State *L, int idx, han__buf *buf)
{
    han_error err = {0};
    luaL_checkany(L, idx);
    han__buf_reset(buf);
    if (han__value_encode(L, idx, "value", buf, &err) != HAN_OK) {
        shrink(buf);
        han__throw(L, &err);
    }
}

static int value_encode(lua_State *L)
{
    han__buf *buf = &buffers_of(L)->a;
    encode_into(L, 1, buf);
    lua_pushlstring(L, (const char *)buf->data, buf->len);
    shrink(buf);
    return 1;
}

static int value_decode(lua_State *L)
{
    size_t len;
    size_t used = 0;
    han_error err = {0};
    const char *bytes = luaL_checklstring(L, 1, &len);
    int status = han__value_decode(L, bytes, len, &used, &err);
    if (status == HAN_OK && used != len)
        status = han__error_set(&err, HAN_CORRUPT, "value: %zu bytes too many", len - used);
    if (status == HAN_NOMEM) return han__throw(L, &err);
    return status == HAN_OK ? 1 : han__fail(L, &err);
}

static int value_digest(lua_State *L)
{
    uint8_t digest[HAN__SHA256_BYTES];
    char hex[HAN__SHA256_HEX];
    han__buf *buf = &buffers_of(L)->a;
    encode_into(L, 1, buf);
    han__sha256_of(buf->data, buf->len, digest);
    shrink(buf);
    han__sha256_hex(digest, hex);
    lua_pushstring(L, hex);
    return 1;
}

static int value_equal(lua_State *L)
{
    buffers *both = buffers_of(L);
    encode_into(L, 1, &both->a);
    encode_into(L, 2, &both->b);
    bool equal = both->a.len == both->b.len && memcmp(both->a.data, both->b.data, both->a.len) == 0;
    shrink(&both->a);
    shrink(&both->b);
    lua_pushboolean(L, equal);
    return 1;
}

static int value_copy(lua_State *L)
{
    han_error err = {0};
    luaL_checkany(L, 1);
    if (han__value_copy_here(L, 1, "value", &err) != HAN_OK) return han__throw(L, &err);
    return 1;
}

int han__open_value(lua_State *L)
{
    static const luaL_Reg functions[] = {{"encode", value_encode}, {"decode", value_decode},
                                         {"digest", value_digest}, {"equal", value_equal},
                                         {"copy", value_copy},     {NULL, NULL}};
    luaL_newlibtable(L, functions);
    buffers *both = lua_newuserdatauv(L, sizeof *both, 0);
    han__push_mem(L, &both->mem);
    han__buf_init(&both->a, &both->mem, HAN__VALUE_BYTES_MAX);
    han__buf_init(&both->b, &both->mem, HAN__VALUE_BYTES_MAX);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, release);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    luaL_setfuncs(L, functions, 1);
    return 1;
}
