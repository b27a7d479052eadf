/* Owns the order of table keys. Small sets, by far the most frequent, are sorted by insertion;
 * large ones by a heap, whose cost has no bad case a script could provoke. */
#include "base/config.h"

#include "value/order.h"

#include <string.h>

#define INSERTION_MAX 24

bool han__key_read(lua_State *L, int idx, han__key *key)
{
    switch (lua_type(L, idx)) {
    case LUA_TSTRING: /* a string already: tolstring converts nothing and allocates nothing */
        key->kind = HAN__KEY_STRING;
        key->u.string.text = lua_tolstring(L, idx, &key->u.string.len);
        return true;
    case LUA_TNUMBER:
        if (lua_isinteger(L, idx)) {
            key->kind = HAN__KEY_INTEGER;
            key->u.integer = lua_tointegerx(L, idx, NULL);
        } else {
            key->kind = HAN__KEY_FLOAT;
            key->u.number = lua_tonumberx(L, idx, NULL);
        }
        return true;
    case LUA_TBOOLEAN:
        key->kind = lua_toboolean(L, idx) ? HAN__KEY_TRUE : HAN__KEY_FALSE;
        return true;
    default:
        return false;
    }
}

static int compare_strings(const han__key *a, const han__key *b)
{
    size_t la = a->u.string.len;
    size_t lb = b->u.string.len;
    size_t least = la < lb ? la : lb;
    int order = least > 0 ? memcmp(a->u.string.text, b->u.string.text, least) : 0;
    if (order != 0) return order;
    return (la > lb) - (la < lb);
}

int han__key_compare(const han__key *a, const han__key *b)
{
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case HAN__KEY_INTEGER:
        return (a->u.integer > b->u.integer) - (a->u.integer < b->u.integer);
    case HAN__KEY_FLOAT: /* a key is never NaN */
        return (a->u.number > b->u.number) - (a->u.number < b->u.number);
    case HAN__KEY_STRING:
        return compare_strings(a, b);
    case HAN__KEY_OBJECT:
        return (a->u.ordinal > b->u.ordinal) - (a->u.ordinal < b->u.ordinal);
    default:
        return 0;
    }
}

static void sort_by_insertion(han__key *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (han__key_compare(&keys[i - 1], &keys[i]) <= 0) continue;
        han__key key = keys[i];
        size_t j = i;
        do {
            keys[j] = keys[j - 1];
            j--;
        } while (j > 0 && han__key_compare(&keys[j - 1], &key) > 0);
        keys[j] = key;
    }
}

static void sift_down(han__key *keys, size_t root, size_t n)
{
    han__key key = keys[root];
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= n) break;
        if (child + 1 < n && han__key_compare(&keys[child], &keys[child + 1]) < 0) child++;
        if (han__key_compare(&key, &keys[child]) >= 0) break;
        keys[root] = keys[child];
        root = child;
    }
    keys[root] = key;
}

static void sort_by_heap(han__key *keys, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) sift_down(keys, i, n);
    for (size_t last = n - 1; last > 0; last--) {
        han__key top = keys[0];
        keys[0] = keys[last];
        keys[last] = top;
        sift_down(keys, 0, last);
    }
}

void han__key_sort(han__key *keys, size_t n)
{
    if (n <= INSERTION_MAX)
        sort_by_insertion(keys, n);
    else
        sort_by_heap(keys, n);
}
