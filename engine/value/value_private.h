/* What the encoder, the decoder and the copy of plain values share. */
#ifndef HAN_SCRIPT_VALUE_PRIVATE_H
#define HAN_SCRIPT_VALUE_PRIVATE_H

#include "base/error.h"

#include <lua.h>

/* Signed to unsigned, small magnitudes to small numbers. */
static inline uint64_t han__value_zigzag(lua_Integer v)
{
    return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

/* ... and back. */
static inline lua_Integer han__value_unzigzag(uint64_t v)
{
    return (lua_Integer)((v >> 1) ^ ((v & 1) ? UINT64_MAX : 0));
}

/* Bytes of v as a varint: 1..10. */
static inline size_t han__value_varint_bytes(uint64_t v)
{
    size_t n = 1;
    while (v >= 0x80) {
        v >>= 7;
        n++;
    }
    return n;
}

/* What han__value_encode would answer, without bytes. */
int han__value_check(lua_State *L, int idx, const char *what, han_error *err);

#endif
