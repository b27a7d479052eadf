/* value/value: round trips, the one canonical form, every refusal with its path, hostile bytes,
 * copies within and between states. Faults: test_value_faults.c. */
#include "base/config.h"

#include "base/rng.h"
#include "value_fixture.h"

static void assert_bytes(fixture *f, const char *expression, const char *bytes, size_t len)
{
    assert_int_equal(encode(f, expression), HAN_OK);
    assert_int_equal(f->buf.len, len);
    assert_memory_equal(f->buf.data, bytes, len);
}
#define ASSERT_BYTES(f, expression, literal)                                                       \
    assert_bytes(f, expression, literal, sizeof(literal) - 1)

/* encode -> decode -> encode gives the same bytes; leaves the decoded value on the stack. */
static void round_trip(fixture *f, const char *expression)
{
    han__buf again;
    size_t used = 0;
    assert_int_equal(encode(f, expression), HAN_OK);
    assert_int_equal(han__value_decode(f->L, f->buf.data, f->buf.len, &used, &f->err), HAN_OK);
    assert_int_equal(used, f->buf.len);
    han__buf_init(&again, &f->mem, 16u << 20);
    assert_int_equal(han__value_encode(f->L, -1, "v", &again, &f->err), HAN_OK);
    assert_int_equal(again.len, f->buf.len);
    assert_memory_equal(again.data, f->buf.data, again.len);
    han__buf_release(&again);
}

static void assert_refused(fixture *f, const char *expression, int status, const char *message)
{
    assert_int_equal(encode(f, expression), status);
    assert_string_equal(f->err.message, message);
    assert_int_equal(f->buf.len, 0);
    memset(&f->err, 0, sizeof f->err);
    push(f->L, expression);
    assert_int_equal(han__value_copy(f->L, -1, "v", f->L, &f->err), status);
    assert_string_equal(f->err.message, message);
    memset(&f->err, 0, sizeof f->err);
    assert_int_equal(han__value_copy_here(f->L, -1, "v", &f->err), status);
    assert_string_equal(f->err.message, message);
    lua_pop(f->L, 1);
}

TEST(bytes_of_scalars)
{
    fixture f;
    open_fixture(&f);
    ASSERT_BYTES(&f, "nil", "N");
    ASSERT_BYTES(&f, "false", "F");
    ASSERT_BYTES(&f, "true", "T");
    ASSERT_BYTES(&f, "0", "i\x00");
    ASSERT_BYTES(&f, "-1", "i\x01");
    ASSERT_BYTES(&f, "64", "i\x80\x01");
    ASSERT_BYTES(&f, "math.maxinteger", "i\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    ASSERT_BYTES(&f, "math.mininteger", "i\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    ASSERT_BYTES(&f, "1.0", "d\0\0\0\0\0\0\xf0\x3f");
    ASSERT_BYTES(&f, "-0.0", "d\0\0\0\0\0\0\0\x80");
    ASSERT_BYTES(&f, "1/0", "d\0\0\0\0\0\0\xf0\x7f");
    ASSERT_BYTES(&f, "''", "s\0");
    ASSERT_BYTES(&f, "'a\\0b'", "s\x03\x61\0b");
    close_fixture(&f);
}

TEST(bytes_of_tables)
{
    fixture f;
    open_fixture(&f);
    ASSERT_BYTES(&f, "{}", "t\0\0");
    ASSERT_BYTES(&f, "{n=1}", "t\0\1s\1ni\2");
    ASSERT_BYTES(&f, "{7, nil, 9}", "t\1\1i\x0ei\6i\x12");
    ASSERT_BYTES(&f,
                 "{[true]=1, [false]=1, b=1, a=1, ab=1, [2.5]=1, [-0.5]=1, [-3]=1, [0]=1, "
                 "[10]=1, 'x'}",
                 "t\1\x0as\1xi\5i\2i\0i\2i\x14i\2d\0\0\0\0\0\0\xe0\xbfi\2d\0\0\0\0\0\0\4\x40i\2"
                 "s\1ai\2s\2abi\2s\1bi\2Fi\2Ti\2");
    close_fixture(&f);
}

TEST(round_trips)
{
    static const char *const expressions[] = {
        "nil",
        "true",
        "-0.0",
        "1/0",
        "-1/0",
        "5e-324",
        "1.5",
        "math.mininteger",
        "'x'",
        "('y'):rep(100000)",
        "{{},{{}},{a={b={c=1}}}}",
        "{nil,2}",
        "{1,nil,3,[100]=4}",
        "{[1.5]=2,[2^53]=3,[2^63]=4,[1/0]=5,[-1/0]=6}",
        "{[math.maxinteger]=1,[math.mininteger]=2}",
        "(function() local t={} for i=1,1000 do t[i]=i t['k'..i]={i} end return t end)()"};
    fixture f;
    open_fixture(&f);
    for (size_t i = 0; i < HAN__COUNT(expressions); i++) {
        round_trip(&f, expressions[i]);
        lua_pop(f.L, 1);
    }
    close_fixture(&f);
}

TEST(types_survive)
{
    fixture f;
    open_fixture(&f);
    round_trip(&f, "{1, 1.0, -0.0, '1', [0]='zero', [2^53]='float', ['2']='s', t=true, f=false}");
    lua_setglobal(f.L, "v");
    push(f.L, "math.type(v[1])=='integer' and math.type(v[2])=='float' and 1/v[3]==-1/0 and "
              "v[4]=='1' and v[0]=='zero' and v[2^53]=='float' and v['2']=='s' and v.t==true and "
              "v.f==false and #v==4");
    assert_true(lua_toboolean(f.L, -1));
    lua_pop(f.L, 1);
    close_fixture(&f);
}

/* One table, built in many orders and with entries that came and went, has one encoding. */
TEST(canonical_whatever_the_history)
{
    fixture f;
    char first[4096];
    size_t first_len = 0;
    open_fixture(&f);
    push(f.L, "function(seed) math.randomseed(seed) local keys={} "
              "for i=1,20 do keys[i]=i keys[20+i]='k'..i keys[40+i]=i+0.5 end "
              "keys[61]=true keys[62]=false "
              "for i=#keys,2,-1 do local j=math.random(i) keys[i],keys[j]=keys[j],keys[i] end "
              "local t={} for i=1,50 do t['gone'..i]=1 t[100+i]=1 end "
              "for _,k in ipairs(keys) do t[k]=tostring(k) end "
              "for i=1,50 do t['gone'..i]=nil t[100+i]=nil end return t end");
    for (int seed = 1; seed <= 50; seed++) {
        lua_pushvalue(f.L, -1);
        lua_pushinteger(f.L, seed);
        lua_call(f.L, 1, 1);
        han__buf_reset(&f.buf);
        assert_int_equal(han__value_encode(f.L, -1, "v", &f.buf, NULL), HAN_OK);
        if (seed == 1) {
            first_len = f.buf.len;
            assert_true(first_len < sizeof first);
            memcpy(first, f.buf.data, first_len);
        }
        assert_int_equal(f.buf.len, first_len);
        assert_memory_equal(f.buf.data, first, first_len);
        lua_pop(f.L, 1);
    }
    lua_pop(f.L, 1);
    close_fixture(&f);
}

TEST(depth_and_cycles)
{
    fixture f;
    open_fixture(&f);
    luaL_dostring(f.L, "function nest(n) local t={} for i=2,n do t={t} end return t end "
                       "cycle={a={}} cycle.a.b=cycle");
    round_trip(&f, "nest(64)");
    assert_int_equal(han__value_copy(f.L, -1, "v", f.L, &f.err), HAN_OK);
    lua_pop(f.L, 2);
    assert_int_equal(encode(&f, "nest(65)"), HAN_INVALID);
    assert_non_null(strstr(f.err.message, "v[1][1]"));
    assert_non_null(strstr(f.err.message, "nested deeper than 64 tables"));
    assert_int_equal(encode(&f, "cycle"), HAN_INVALID);
    assert_non_null(strstr(f.err.message, "v.a.b.a.b"));
    push(f.L, "cycle");
    assert_int_equal(han__value_copy(f.L, -1, "v", f.L, NULL), HAN_INVALID);
    lua_pop(f.L, 1);
    close_fixture(&f);
}

TEST(refusals_name_the_path)
{
    fixture f;
    open_fixture(&f);
    assert_refused(&f, "print", HAN_INVALID, "v: a function is not a plain value");
    assert_refused(&f, "{items={1,2,{cb=print}}}", HAN_INVALID,
                   "v.items[3].cb: a function is not a plain value");
    assert_refused(&f, "{['a b']={[2.5]={[true]=coroutine.create(print)}}}", HAN_INVALID,
                   "v[\"a b\"][2.5][true]: a coroutine is not a plain value");
    assert_refused(&f, "{io.stdout}", HAN_INVALID, "v[1]: a userdata is not a plain value");
    assert_refused(&f, "{x={[{}]=1}}", HAN_INVALID, "v.x: a table as a key is not a plain value");
    assert_refused(&f, "{0/0}", HAN_INVALID, "v[1]: NaN is not a plain value");
    /* of several offences the first in canonical order is named */
    assert_refused(&f, "{z=print, b=0/0, a={c=print, b=print}, [2]=1}", HAN_INVALID,
                   "v.a.b: a function is not a plain value");
    assert_refused(&f, "{['x\\n\27']=print}", HAN_INVALID,
                   "v[\"x\?\?\"]: a function is not a plain value");
    close_fixture(&f);
}

TEST(limits_of_size)
{
    fixture f;
    open_fixture(&f);
    luaL_dostring(f.L, "function list(n) local t={} for i=1,n do t[i]=true end return t end "
                       "function map(n) local t={} for i=1,n do t['k'..i]=true end return t end "
                       "function dag(n) local t={} for i=1,n do t={t,t} end return t end");
    round_trip(&f, "list(99999)");
    lua_pop(f.L, 1);
    assert_refused(&f, "list(100000)", HAN_LIMIT, "v: a plain value has at most 100,000 nodes");
    round_trip(&f, "map(49999)");
    lua_pop(f.L, 1);
    assert_refused(&f, "map(50000)", HAN_LIMIT, "v: a plain value has at most 100,000 nodes");
    assert_int_equal(encode(&f, "dag(40)"), HAN_LIMIT);
    round_trip(&f, "('x'):rep(4*1024*1024-5)");
    lua_pop(f.L, 1);
    assert_refused(&f, "('x'):rep(4*1024*1024-4)", HAN_LIMIT, "v: a plain value has at most 4 MiB");
    close_fixture(&f);
}

/* The copy visits tables as they lie and counts a little differently: it must still agree with the
 * encoder exactly at the limits. */
TEST(copy_agrees_at_the_limits)
{
    fixture f;
    open_fixture(&f);
    luaL_dostring(f.L, "function back(n) local t={} for i=n,1,-1 do t[i]=true end return t end "
                       "function fat(n) local t={} for i=1,1000 do t[i]=('x'):rep(4189) end "
                       "t[1001]=('x'):rep(n) return t end");
    push(f.L, "back(99999)");
    assert_int_equal(han__value_copy(f.L, -1, "v", f.L, &f.err), HAN_OK);
    assert_int_equal(lua_rawlen(f.L, -1), 99999);
    lua_pop(f.L, 2);
    for (int n = 2200; n < 2400; n++) {
        lua_getglobal(f.L, "fat");
        lua_pushinteger(f.L, n);
        lua_call(f.L, 1, 1);
        han__buf_reset(&f.buf);
        int encoded = han__value_encode(f.L, -1, "v", &f.buf, NULL);
        int copied = han__value_copy(f.L, 1, "v", f.L, NULL);
        assert_int_equal(encoded, han__value_copy_here(f.L, 1, "v", NULL));
        assert_int_equal(encoded, copied);
        lua_settop(f.L, 0);
    }
    close_fixture(&f);
}

TEST(buffer_limits_and_neighbours)
{
    fixture f;
    han__buf small;
    open_fixture(&f);
    han__buf_init(&small, &f.mem, 16);
    assert_int_equal(han__buf_text(&small, "head"), HAN_OK);
    push(f.L, "{1,2,3,4,5,6,7,8,9}");
    assert_int_equal(han__value_encode(f.L, -1, "v", &small, &f.err), HAN_LIMIT);
    assert_int_equal(small.len, 4);
    push(f.L, "{1}");
    assert_int_equal(han__value_encode(f.L, -1, "v", &small, NULL), HAN_OK);
    assert_int_equal(small.len, 9);
    assert_memory_equal(small.data, "headt\1\0i\2", 9);
    lua_settop(f.L, 0);
    han__buf_release(&small);
    close_fixture(&f);
}

static int no_metamethods(lua_State *L)
{
    return luaL_error(L, "a metamethod ran");
}

TEST(metatables_are_ignored)
{
    fixture f;
    open_fixture(&f);
    lua_pushcfunction(f.L, no_metamethods);
    lua_setglobal(f.L, "boom");
    luaL_dostring(f.L, "function guard(t) return setmetatable(t, {__index=boom,__len=boom,"
                       "__pairs=boom,__newindex=boom,__eq=boom,__metatable='locked'}) end");
    ASSERT_BYTES(&f, "guard{1,n=guard{}}", "t\1\1i\2s\1nt\0\0");
    push(f.L, "guard{1,n=guard{}}");
    assert_int_equal(han__value_copy(f.L, -1, "v", f.L, NULL), HAN_OK);
    assert_false(lua_getmetatable(f.L, -1));
    lua_pop(f.L, 2);
    close_fixture(&f);
}

TEST(copies_between_states)
{
    fixture f;
    open_fixture(&f);
    lua_State *other = luaL_newstate();
    lua_State *thread = lua_newthread(f.L);
    han__buf again;
    han__buf_init(&again, &f.mem, 1 << 20);
    push(f.L, "{1,2.5,{a='x',[true]=false},nil,5,n=-0.0}");
    lua_State *targets[] = {f.L, thread, other};
    for (size_t i = 0; i < HAN__COUNT(targets); i++) {
        int before = lua_gettop(targets[i]);
        assert_int_equal(han__value_copy(f.L, 2, "v", targets[i], &f.err), HAN_OK);
        assert_int_equal(lua_gettop(targets[i]), before + 1);
        han__buf_reset(&again);
        han__buf_reset(&f.buf);
        assert_int_equal(han__value_encode(targets[i], -1, "v", &again, NULL), HAN_OK);
        assert_int_equal(han__value_encode(f.L, 2, "v", &f.buf, NULL), HAN_OK);
        assert_int_equal(again.len, f.buf.len);
        assert_memory_equal(again.data, f.buf.data, again.len);
        assert_int_equal(han__value_copy(f.L, 2, "v", targets[i], NULL), HAN_OK);
        lua_pop(targets[i], 2);
    }
    assert_int_equal(han__value_copy_here(f.L, 2, "v", NULL), HAN_OK);
    han__buf_reset(&again);
    assert_int_equal(han__value_encode(f.L, -1, "v", &again, NULL), HAN_OK);
    assert_int_equal(again.len, f.buf.len);
    assert_memory_equal(again.data, f.buf.data, again.len);
    lua_pop(f.L, 1);
    assert_int_equal(han__value_copy(f.L, -1, "v", f.L, NULL), HAN_OK); /* a relative index */
    assert_true(lua_istable(f.L, -1));
    assert_false(lua_rawequal(f.L, -1, -2));
    lua_settop(f.L, 0);
    lua_close(other);
    han__buf_release(&again);
    close_fixture(&f);
}

static int decode(fixture *f, const void *bytes, size_t len)
{
    memset(&f->err, 0, sizeof f->err);
    int top = lua_gettop(f->L);
    int status = han__value_decode(f->L, bytes, len, NULL, &f->err);
    assert_int_equal(lua_gettop(f->L), top + (status == HAN_OK));
    if (status == HAN_OK) lua_pop(f->L, 1);
    return status;
}
#define DECODE(f, literal) decode(f, literal, sizeof(literal) - 1)
TEST(only_canonical_bytes_decode)
{
    fixture f;
    open_fixture(&f);
    assert_int_equal(DECODE(&f, "i\x80\x00"), HAN_CORRUPT); /* long number */
    assert_int_equal(DECODE(&f, "i\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "i\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "d\0\0\0\0\0\0\xf8\x7f"), HAN_CORRUPT); /* NaN */
    assert_int_equal(DECODE(&f, "t\1\0N"), HAN_CORRUPT);                /* nil in an array */
    assert_int_equal(DECODE(&f, "t\0\1s\1aN"), HAN_CORRUPT);            /* nil in a map */
    assert_int_equal(DECODE(&f, "t\0\1i\2T"), HAN_CORRUPT);             /* [1] outside the array */
    assert_int_equal(DECODE(&f, "t\1\1Ti\2T"), HAN_CORRUPT);            /* [1] twice */
    assert_int_equal(DECODE(&f, "t\1\1Ti\4T"), HAN_CORRUPT);            /* [2] continues it */
    assert_int_equal(DECODE(&f, "t\1\1Ti\6T"), HAN_OK);                 /* [3] does not */
    assert_int_equal(DECODE(&f, "t\0\2s\1bTs\1aT"), HAN_CORRUPT);       /* order */
    assert_int_equal(DECODE(&f, "t\0\2s\1aTs\1aT"), HAN_CORRUPT);       /* twice */
    assert_int_equal(DECODE(&f, "t\0\2TTFT"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "t\0\2FTTT"), HAN_OK);
    assert_int_equal(DECODE(&f, "t\0\1d\0\0\0\0\0\0\xf0\x3fT"), HAN_CORRUPT); /* [1.0] */
    assert_int_equal(DECODE(&f, "t\0\1NT"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "t\0\1t\0\0T"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "x"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, ""), HAN_CORRUPT);
    assert_string_equal(f.err.message, "value: damaged at byte 0: cut off before a value");
    close_fixture(&f);
}

TEST(huge_counts_with_few_bytes)
{
    fixture f;
    open_fixture(&f);
    int before = lua_gc(f.L, LUA_GCCOUNT);
    assert_int_equal(DECODE(&f, "t\xff\xff\xff\xff\x0f\0T"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "t\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01T"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "s\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"), HAN_CORRUPT);
    assert_int_equal(DECODE(&f, "t\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xff\xff\xff\xff\xff\xff"
                                "\xff\xff\xff\x01T"),
                     HAN_CORRUPT);
    /* 1,000 tables, each claiming all the bytes behind it, would be quadratic without the nodes */
    static uint8_t claims[200000];
    for (size_t i = 0; i + 5 <= sizeof claims; i += 5) memcpy(claims + i, "t\xd0\x86\x03\0", 5);
    assert_int_equal(decode(&f, claims, sizeof claims), HAN_CORRUPT);
    assert_true(lua_gc(f.L, LUA_GCCOUNT) - before < 8000);
    char deep[4 * 65];
    for (size_t i = 0; i < 64; i++) memcpy(deep + 3 * i, "t\1\0", 3);
    memcpy(deep + 3 * 64, "T", 1);
    assert_int_equal(decode(&f, deep, 3 * 64 + 1), HAN_OK);
    memcpy(deep + 3 * 64, "t\0\0", 3);
    assert_int_equal(decode(&f, deep, 3 * 65), HAN_CORRUPT);
    close_fixture(&f);
}

TEST(cut_at_every_length_and_random_bytes)
{
    fixture f;
    han__rng rng;
    uint8_t noise[64];
    size_t accepted = 0;
    open_fixture(&f);
    assert_int_equal(encode(&f, "{1,-2.5,'three',{a=true,b={}},[100]=1,[1.5]=2,z=false}"), HAN_OK);
    for (size_t len = 0; len < f.buf.len; len++)
        assert_int_equal(decode(&f, f.buf.data, len), HAN_CORRUPT);
    /* whatever decodes must encode to the very bytes that were read */
    han__rng_init(&rng, 7, 1);
    for (int i = 0; i < 200000; i++) {
        size_t used = 0;
        size_t len = 1 + han__rng_below(&rng, sizeof noise);
        static const uint8_t tags[] = "NFTidst\0\1\2\3\4";
        for (size_t j = 0; j < len; j++)
            noise[j] =
                (uint8_t)(han__rng_below(&rng, 4) > 0 ? (uint64_t)tags[han__rng_below(&rng, 12)]
                                                      : han__rng_below(&rng, 256));
        if (han__value_decode(f.L, noise, len, &used, NULL) != HAN_OK) continue;
        accepted++;
        han__buf_reset(&f.buf);
        assert_int_equal(han__value_encode(f.L, -1, "v", &f.buf, NULL), HAN_OK);
        assert_int_equal(f.buf.len, used);
        assert_memory_equal(f.buf.data, noise, used);
        lua_pop(f.L, 1);
    }
    assert_true(accepted > 1000);
    close_fixture(&f);
}

/* Every single byte of a good encoding changed in every way: decodes to something whose encoding is
 * those bytes, or is refused. */
TEST(every_byte_flip)
{
    fixture f;
    uint8_t bytes[128];
    open_fixture(&f);
    assert_int_equal(encode(&f, "{1,-2.5,'three',{a=true,b={}},[100]=1,[1.5]=2,z=false}"), HAN_OK);
    size_t len = f.buf.len;
    assert_true(len <= sizeof bytes);
    memcpy(bytes, f.buf.data, len);
    for (size_t i = 0; i < len * 256; i++) {
        uint8_t kept = bytes[i / 256];
        size_t used = 0;
        bytes[i / 256] = (uint8_t)i;
        if (han__value_decode(f.L, bytes, len, &used, NULL) == HAN_OK) {
            han__buf_reset(&f.buf);
            assert_int_equal(han__value_encode(f.L, -1, "v", &f.buf, NULL), HAN_OK);
            assert_int_equal(f.buf.len, used);
            assert_memory_equal(f.buf.data, bytes, used);
            lua_pop(f.L, 1);
        }
        bytes[i / 256] = kept;
    }
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_of_scalars),
        cmocka_unit_test(bytes_of_tables),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(types_survive),
        cmocka_unit_test(canonical_whatever_the_history),
        cmocka_unit_test(depth_and_cycles),
        cmocka_unit_test(refusals_name_the_path),
        cmocka_unit_test(limits_of_size),
        cmocka_unit_test(copy_agrees_at_the_limits),
        cmocka_unit_test(buffer_limits_and_neighbours),
        cmocka_unit_test(metatables_are_ignored),
        cmocka_unit_test(copies_between_states),
        cmocka_unit_test(only_canonical_bytes_decode),
        cmocka_unit_test(huge_counts_with_few_bytes),
        cmocka_unit_test(cut_at_every_length_and_random_bytes),
        cmocka_unit_test(every_byte_flip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
