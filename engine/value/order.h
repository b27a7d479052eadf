/* The one order of table keys: integers ascending, then floats ascending, then strings bytewise,
 * then false, then true, then objects (tables, functions, userdata, threads) by an ordinal that the
 * caller supplies. The codec writes keys in this order and `pairs` visits them in it, so neither
 * depends on hash seeds or addresses. */
#ifndef HAN_SCRIPT_ORDER_H
#define HAN_SCRIPT_ORDER_H

#include "base/config.h"

#include <lua.h>

enum {
    HAN__KEY_INTEGER,
    HAN__KEY_FLOAT,
    HAN__KEY_STRING,
    HAN__KEY_FALSE,
    HAN__KEY_TRUE,
    HAN__KEY_OBJECT /* never made by han__key_read */
};

typedef struct han__key {
    int kind;
    int slot; /* free for the caller: where the key lies */
    union {
        lua_Integer integer;
        lua_Number number;
        uint64_t ordinal;
        struct {
            const char *text; /* inside the Lua string: valid while that is reachable */
            size_t len;
        } string;
    } u;
} han__key;

/* Reads the key at idx. False when its type has no order of its own (an object, nil); key is then
 * unset. Never raises, allocates nothing, leaves the stack alone. */
bool han__key_read(lua_State *L, int idx, han__key *key);

/* Negative, 0 or positive. 0 only for keys that Lua holds equal. */
int han__key_compare(const han__key *a, const han__key *b);

/* Sorts in place without memory of its own, at most in the order of n log n steps. */
void han__key_sort(han__key *keys, size_t n);

#endif
