/* value/value: allocations of the state and of the buffer that fail one by one. */
#include "base/config.h"

#include "value_fixture.h"

static void *lua_memory(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    han__mem *mem = ud;
    if (new_size == 0) {
        if (ptr) han__mem_free(mem, ptr, old_size);
        return NULL;
    }
    return ptr ? han__mem_resize(mem, ptr, old_size, new_size) : han__mem_alloc(mem, new_size);
}

#define BIG_VALUE                                                                                  \
    "(function() local t={} for i=1,40 do t['k'..i]={i,tostring(i):rep(50)} end "                  \
    "local d={} for i=1,50 do d={d,x=i} end t.deep=d return t end)()"

enum { DO_ENCODE, DO_DECODE, DO_COPY, DO_COUNT };

/* With the n-th allocation in the Lua state refused: NOMEM and an unchanged stack, or success; the
 * state works afterwards. */
TEST(allocation_failures_in_the_state)
{
    fixture f;
    open_fixture(&f);
    assert_int_equal(encode(&f, BIG_VALUE), HAN_OK);
    for (int what = 0; what < DO_COUNT; what++) {
        uint64_t refused = 0;
        for (uint64_t nth = 1;; nth++) {
            han__mem mem;
            han__buf out;
            han__mem_init(&mem, NULL, NULL);
            han__buf_init(&out, &f.mem, 1 << 20);
            lua_State *L = lua_newstate(lua_memory, &mem);
            assert_non_null(L);
            luaL_requiref(L, "_G", luaopen_base, 0);
            luaL_requiref(L, "string", luaopen_string, 1);
            lua_pop(L, 2);
            push(L, BIG_VALUE);
            mem.calls = 0;
            mem.fail_at = nth;
            int status = what == DO_ENCODE ? han__value_encode(L, 1, "v", &out, NULL)
                         : what == DO_DECODE
                             ? han__value_decode(L, f.buf.data, f.buf.len, NULL, NULL)
                             : han__value_copy(L, 1, "v", L, NULL);
            bool done = mem.calls < nth;
            mem.fail_at = 0;
            assert_int_equal(lua_gettop(L), 1 + (status == HAN_OK && what != DO_ENCODE));
            if (done) assert_int_equal(status, HAN_OK);
            if (status != HAN_OK) {
                refused++;
                assert_int_equal(status, HAN_NOMEM);
                assert_int_equal(out.len, 0);
            }
            han__buf_reset(&out);
            assert_int_equal(han__value_encode(L, 1, "v", &out, NULL), HAN_OK);
            assert_int_equal(out.len, f.buf.len);
            han__buf_release(&out);
            lua_close(L);
            assert_int_equal(mem.live, 0);
            if (done) break;
        }
        assert_true(refused > 0);
    }
    close_fixture(&f);
}

TEST(allocation_failures_of_the_buffer)
{
    fixture f;
    open_fixture(&f);
    push(f.L, BIG_VALUE);
    han__buf_release(&f.buf);
    for (uint64_t nth = 1;; nth++) {
        f.mem.calls = 0;
        f.mem.fail_at = nth;
        int status = han__value_encode(f.L, 1, "v", &f.buf, NULL);
        bool done = f.mem.calls < nth;
        f.mem.fail_at = 0;
        assert_int_equal(status, done ? HAN_OK : HAN_NOMEM);
        if (!done) assert_int_equal(f.buf.len, 0);
        han__buf_release(&f.buf);
        if (done) break;
    }
    lua_pop(f.L, 1);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocation_failures_in_the_state),
        cmocka_unit_test(allocation_failures_of_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
