/* Owns how lines are found in a growing text without looking at a byte twice, and when the bytes
 * that were taken are given up. */
#include "base/config.h"

#include <lua.h>
#include <string.h>

#include "base/mem.h"
#include "script/lines.h"

#define COMPACT 65536u

void han__lines_init(han__lines *lines, han__mem *mem)
{
    *lines = (han__lines){0};
    han__buf_init(&lines->text, mem, SIZE_MAX / 2);
}

void han__lines_release(han__lines *lines)
{
    han__buf_release(&lines->text);
    lines->taken = lines->scanned = 0;
}

/* The length of the next line, or -1. */
static ptrdiff_t find(han__lines *lines)
{
    const uint8_t *from = lines->text.data ? lines->text.data + lines->taken : NULL;
    size_t len = lines->text.len - lines->taken;
    const uint8_t *at =
        len > lines->scanned ? memchr(from + lines->scanned, '\n', len - lines->scanned) : NULL;
    if (at) return at - from;
    lines->scanned = len;
    return -1;
}

bool han__lines_ready(han__lines *lines)
{
    return find(lines) >= 0;
}

bool han__lines_push(lua_State *L, han__lines *lines)
{
    ptrdiff_t len = find(lines);
    if (len < 0) return false;
    lua_pushlstring(L, (const char *)lines->text.data + lines->taken, (size_t)len);
    lines->taken += (size_t)len + 1;
    lines->scanned = 0;
    if (lines->taken >= COMPACT && lines->taken >= lines->text.len / 2) {
        han__buf_consume(&lines->text, lines->taken);
        lines->taken = 0;
    }
    return true;
}
