/* For tests of plain values: a Lua state with a buffer, and Lua expressions as test data. */
#ifndef HAN_TESTS_VALUE_FIXTURE_H
#define HAN_TESTS_VALUE_FIXTURE_H

#include <lauxlib.h>
#include <lualib.h>

#include "value/value.h"
#include "testing.h"

/* Open to close; every test has its own. */
typedef struct fixture {
    han__mem mem;
    han__buf buf;
    han_error err;
    lua_State *L;
} fixture;

/* Empty, with all standard libraries. */
static inline void open_fixture(fixture *f)
{
    memset(f, 0, sizeof *f);
    han__mem_init(&f->mem, NULL, NULL);
    han__buf_init(&f->buf, &f->mem, 16u << 20);
    f->L = luaL_newstate();
    assert_non_null(f->L);
    luaL_openlibs(f->L);
}

/* Nothing may be left on the stack or held. */
static inline void close_fixture(fixture *f)
{
    assert_int_equal(lua_gettop(f->L), 0);
    lua_close(f->L);
    han__buf_release(&f->buf);
    assert_int_equal(f->mem.live, 0);
}

/* Pushes the value of a Lua expression. */
static inline void push(lua_State *L, const char *expression)
{
    lua_pushfstring(L, "return %s", expression);
    if (luaL_dostring(L, lua_tostring(L, -1))) fail_msg("%s", lua_tostring(L, -1));
    lua_remove(L, -2);
}

/* Encodes the value of an expression into f->buf. */
static inline int encode(fixture *f, const char *expression)
{
    han__buf_reset(&f->buf);
    memset(&f->err, 0, sizeof f->err);
    push(f->L, expression);
    int top = lua_gettop(f->L);
    int status = han__value_encode(f->L, -1, "v", &f->buf, &f->err);
    assert_int_equal(lua_gettop(f->L), top);
    lua_pop(f->L, 1);
    return status;
}

#endif
