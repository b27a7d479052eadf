/* Runs: small Lua programs through the whole of floors 2 and 4, without any harness. */
#include "base/config.h"
#include "script/run.h"

#include "loop/loop.h"
#include "script/host.h"
#include "value/value.h"

#include <lauxlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

struct world {
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    han__run *run;
    char out[2000];
};

static bool going(void *ud)
{
    return !((han__run *)ud)->told_end;
}

static void open_world(struct world *w)
{
    han_error err = {0};
    memset(w, 0, sizeof(*w));
    han__mem_init(&w->mem, NULL, NULL);
    han__clock_init(&w->clock);
    han__log_init(&w->log, NULL, NULL, 0);
    w->host = (han__host){.mem = &w->mem, .clock = &w->clock, .log = &w->log};
    assert_int_equal(han__loop_create(&w->host.loop, &w->mem, &w->clock, &err), HAN_OK);
}

static void close_world(struct world *w)
{
    if (w->run) han__run_close(w->run);
    han__loop_close(w->host.loop);
    assert_int_equal(w->mem.live, 0);
}

/* What the run gave, as text: its result when that is a string or number, else the reason. */
static const char *outcome_of(struct world *w)
{
    const han__node *root = han__tree_root(w->run->tree);
    han_error err = {0};
    size_t used;
    if (root->outcome == HAN__DOWN) {
        snprintf(w->out, sizeof(w->out), "%s|%s|%s", han_status_name(root->code),
                 root->where ? root->where : "", root->reason ? root->reason : "");
        return w->out;
    }
    if (w->run->result.len == 0) return "nothing";
    lua_State *L = w->run->state->L;
    assert_int_equal(han__value_decode(L, w->run->result.data, w->run->result.len, &used, &err), 0);
    snprintf(w->out, sizeof(w->out), "%s", luaL_tolstring(L, -1, NULL));
    lua_pop(L, 2);
    return w->out;
}

static const char *run_with(struct world *w, const char *source, han__run_options options)
{
    han_error err = {0};
    options.source = source;
    options.source_len = strlen(source);
    options.name = "t.lua";
    options.services = LUA_NOREF;
    if (w->run) han__run_close(w->run);
    w->run = NULL;
    if (han__run_open(&w->host, &options, &w->run, &err)) {
        snprintf(w->out, sizeof(w->out), "%s|%s|%s", han_status_name(err.code), err.where,
                 err.message);
        return w->out;
    }
    han__host_drive(&w->host, going, w->run);
    return outcome_of(w);
}

static const char *run_text(struct world *w, const char *source)
{
    return run_with(w, source, (han__run_options){.undeclared = 0xff});
}

static void expect(const char *source, const char *wanted)
{
    struct world w;
    open_world(&w);
    assert_string_equal(run_text(&w, source), wanted);
    close_world(&w);
}

static void expect_part(const char *source, const char *wanted)
{
    struct world w;
    open_world(&w);
    const char *got = run_text(&w, source);
    if (!strstr(got, wanted)) fail_msg("got: %s\nwanted: %s", got, wanted);
    close_world(&w);
}

static void spawns_and_drains(void **state)
{
    (void)state;
    expect("local task, scope = ...\n"
           "for i = 1, 3 do scope:spawn(function(t) return t.n * t.n end, { n = i }) end\n"
           "local sum = 0\n"
           "for settled in scope:each() do sum = sum + settled.out end\n"
           "return sum",
           "14");
    expect("return nil", "nothing");
    expect("local t, scope = ... return scope:next() == nil and select('#', scope:next())", "1");
}

static void delivers_in_logical_order(void **state)
{
    (void)state;
    expect("local task, scope = ...\n"
           "local function depth(n) return function(_, s)\n"
           "  if n > 0 then s:spawn(depth(n - 1)); s:next() end return n end end\n"
           "for i = 3, 0, -1 do scope:spawn(depth(i), nil, { label = 'd' .. i }) end\n"
           "local order = {}\n"
           "for s in scope:each() do order[#order + 1] = s.label .. s.node end\n"
           "return table.concat(order, ' ')",
           "d0root/4 d1root/3 d2root/2 d3root/1");
}

static void errors_name_the_line(void **state)
{
    (void)state;
    expect("local x = nil\nreturn x.y",
           "SCRIPT|t.lua:2|t.lua:2: attempt to index a nil value (local 'x')");
    expect_part("return (", "SYNTAX|t.lua:1|");
    expect_part("local t, s = ...\ns:spawn(42)", "SCRIPT|t.lua:2|");
    expect_part("local t, s = ...\ns:spawn(print, {}, { nope = 1 })", "spawn has no option 'nope'");
    expect_part("error({})", "SCRIPT|t.lua:1|error with a value that is not a string");
    expect("local t, s = ...\n"
           "s:spawn(function() error('boom') end)\n"
           "local d = s:next()\n"
           "return d.kind .. ' ' .. d.reason .. ' ' .. d.where .. ' ' .. d.code",
           "down t.lua:2: boom t.lua:2 SCRIPT");
}

static void loops_are_stopped(void **state)
{
    (void)state;
    struct world w;
    han__run_options few = {.undeclared = 0xff, .max_steps = 200000};
    open_world(&w);
    assert_non_null(
        strstr(run_with(&w, "local n = 0\nwhile true do\n n = n + 1 end", few), "LIMIT|t.lua:"));
    assert_non_null(
        strstr(run_with(&w, "while true do pcall(function() while true do end end) end", few),
               "LIMIT|t.lua:1"));
    assert_non_null(strstr(run_with(&w,
                                    "local f = coroutine.wrap(function() while true do end end)\n"
                                    "while true do pcall(f) end",
                                    few),
                           "LIMIT|"));
    static const char *const verbs[] = {
        "local t, s = ... while true do s:next() end",
        "local t, s = ... while true do s:spawn('nobody') end",
        "local t, s = ... while true do s:spawn(print, {}, { budget = { shots = -0 } }) s:next() "
        "end",
        "local t, s = ... while true do s:budget() s:best() end",
        "local t, s = ... while true do s:choose('p', { 1, 2 }) end",
        "local t, s = ... s:spawn(function(_, c) local x <close> = setmetatable({}, { __close = "
        "function()"
        " while true do c:next() end end }) c:next{ kinds = { 'message' } } end) s:next{ timeout = "
        "1 }"
        " while true do s:next{ timeout = 1 } end",
    };
    for (size_t i = 0; i < HAN__COUNT(verbs); i++)
        if (!strstr(run_with(&w, verbs[i], few), "LIMIT|t.lua:1"))
            fail_msg("%s gave %s", verbs[i], w.out);
    assert_non_null(strstr(run_with(&w, "coroutine.yield(1)", few), "coroutine.yield outside"));
    assert_string_equal(run_text(&w, "return 1 + 1"), "2");
    close_world(&w);
}

static void verbs_work_inside_coroutines(void **state)
{
    (void)state;
    expect("local t, s = ...\n"
           "local co = coroutine.wrap(function(a)\n"
           "  local b = coroutine.yield(a + 1)\n"
           "  s:spawn(function() return 10 end)\n"
           "  local got = s:next()\n"
           "  return got.out + b end)\n"
           "local first = co(1)\n"
           "return first * 100 + co(5)",
           "215");
    expect("local t, s = ...\n"
           "local co = coroutine.create(function() s:spawn(function() return 1 end) s:next() "
           "error('x', 0) end)\n"
           "local ok, why = coroutine.resume(co)\n"
           "return tostring(ok) .. why .. coroutine.status(co)",
           "falsexdead");
}

static void budgets_refuse(void **state)
{
    (void)state;
    struct world w;
    han__run_options four = {.ceiling = {{[HAN__SHOTS] = 4}},
                             .undeclared = (uint8_t) ~(1u << HAN__SHOTS)};
    open_world(&w);
    assert_string_equal(
        run_with(&w,
                 "local t, s = ...\n"
                 "local id, why, code = s:spawn(function() end, {}, { budget = { shots = 5 } })\n"
                 "return tostring(id) .. code .. why",
                 four),
        "nilBUDGET_EXHAUSTEDshots: 5 asked, 4 left of 4");
    assert_string_equal(
        run_with(&w,
                 "local t, s = ...\n"
                 "local _, _, code = s:spawn(print, {}, { budget = { nano_usd = 5 } })\n"
                 "return code",
                 four),
        "USD_UNBUDGETED");
    const char *nested = run_with(&w,
                                  "local t, s = ...\n"
                                  "s:spawn(function(_, c) local _, why, code = c:spawn(print, {}, "
                                  "{ budget = { shots = 1 } })\n"
                                  "  return code .. why end)\n"
                                  "return s:next().out",
                                  four);
    assert_non_null(strstr(nested, "give this child budget="));
    assert_string_equal(run_with(&w,
                                 "local t, s = ...\n"
                                 "s:spawn(print, {}, { budget = { shots = 3 } })\n"
                                 "local before = s:budget().shots.left\n"
                                 "s:next()\n"
                                 "return before .. ' ' .. s:budget().shots.left",
                                 four),
                        "1 4");
    close_world(&w);
}

static void refusals_have_codes(void **state)
{
    (void)state;
    struct world w;
    han__run_options small = {.undeclared = 0xff, .max_depth = 2, .max_live = 3};
    open_world(&w);
    assert_string_equal(run_with(&w,
                                 "local function down(_, s) local id, _, code = s:spawn(down)\n"
                                 "  if code then return code end\n"
                                 "  return s:next().out end\n"
                                 "return down(...)",
                                 small),
                        "DEPTH_EXCEEDED");
    assert_string_equal(
        run_with(&w,
                 "local t, s = ... local code\n"
                 "for i = 1, 5 do local _, _, c = s:spawn(print) code = code or c end\n"
                 "return code",
                 small),
        "MAX_LIVE");
    assert_string_equal(run_text(&w, "local t, s = ... local _, _, c = s:spawn('nobody') return c"),
                        "UNKNOWN_AGENT");
    assert_string_equal(run_text(&w, "local t, s = ...\n"
                                     "local f = function(t) return t.n end\n"
                                     "s:spawn(f, { n = 1 }, { key = 'k' })\n"
                                     "local _, _, live = s:spawn(f, { n = 1 }, { key = 'k' })\n"
                                     "s:next()\n"
                                     "local _, _, other = s:spawn(f, { n = 2 }, { key = 'k' })\n"
                                     "s:spawn(f, { n = 1 }, { key = 'k' })\n"
                                     "return live .. ' ' .. other .. ' ' .. s:next().out"),
                        "DUPLICATE_KEY KEY_CONFLICT 1");
    assert_string_equal(run_text(&w, "local t, s = ... local kept\n"
                                     "s:spawn(function(_, c) kept = c end)\n"
                                     "s:next()\n"
                                     "local _, _, code = kept:spawn(print)\n"
                                     "return code"),
                        "SCOPE_CLOSED");
    close_world(&w);
}

static void messages_and_questions(void **state)
{
    (void)state;
    expect("local t, s = ...\n"
           "local id = s:spawn(function(_, c) local m = c:next{ kinds = {'message'} } return "
           "m.message.x end)\n"
           "s:send(id, { x = 7 })\n"
           "return s:next().out",
           "7");
    expect("local t, s = ...\n"
           "s:spawn(function(_, c) return c:ask({ q = 'prod or staging?' }) end)\n"
           "local e = s:next{ kinds = {'question', 'settled'} }\n"
           "s:send(e.node, e.question.q .. ' prod')\n"
           "return s:next().out",
           "prod or staging? prod");
    expect("local t, s = ...\n"
           "s:spawn(function(_, c) local a, why, code = c:ask('?') return code end)\n"
           "return s:next().out",
           "TIMEOUT");
    expect("local t, s = ...\n"
           "s:spawn(function(_, c) c:notify({ text = 'hm' }) end)\n"
           "local e = s:next{ kinds = {'finding'} }\n"
           "return e.kind .. e.finding.text .. s:next().kind",
           "findinghmdone");
    expect("local t, s = ...\n"
           "s:spawn(function(_, c) c:next{ kinds = {'message'} } end)\n"
           "local x, why, code = s:next{ timeout = 5 }\n"
           "return tostring(x) .. code",
           "nilTIMEOUT");
    expect("local t, s = ...\n"
           "local id = s:spawn(function(_, c) c:next{ kinds = {'message'} } end)\n"
           "s:stop(id)\n"
           "local d = s:next()\n"
           "return d.kind .. ' ' .. d.code",
           "down CANCELLED");
}

static void join_barrier_drains(void **state)
{
    (void)state;
    expect("local t, s = ...\n"
           "s:spawn(function(_, c)\n"
           "  for i = 1, 10 do c:spawn(function(_, d) d:spawn(print) d:next() end) end\n"
           "  error('own reason') end)\n"
           "local d = s:next()\n"
           "return d.reason",
           "t.lua:4: own reason");
}

static void a_million_spawns_stay_flat(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    const char *got = run_text(
        &w, "local t, s = ...\n"
            "for i = 1, 1000000 do s:spawn(function(t) return t.n end, { n = i }) s:next() end\n"
            "return 'ok'");
    assert_string_equal(got, "ok");
    assert_true(w.mem.peak < 4u << 20);
    close_world(&w);
}

static void spawning_without_end_is_refused(void **state)
{
    (void)state;
    expect("local t, s = ... local n, code = 0\n"
           "for i = 1, 1000000 do local id, _, c = s:spawn(print) if id then n = n + 1 else code = "
           "c end end\n"
           "return n .. code",
           "131071MAX_LIVE");
}

static void randomness_is_the_runs(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    const char *program = "local t, s = ... local a = {}\n"
                          "for i = 1, 5 do a[i] = s:random(1000) + math.random(1000) end\n"
                          "s:spawn(function(_, c) return c:random(1000000) end)\n"
                          "return table.concat(a, ' ') .. ' ' .. s:next().out";
    char first[200];
    snprintf(first, sizeof(first), "%s",
             run_with(&w, program, (han__run_options){.undeclared = 0xff, .seed = 7}));
    assert_string_equal(run_with(&w, program, (han__run_options){.undeclared = 0xff, .seed = 7}),
                        first);
    assert_string_not_equal(
        run_with(&w, program, (han__run_options){.undeclared = 0xff, .seed = 8}), first);
    close_world(&w);
}

static void the_environment_is_an_allow_list(void **state)
{
    (void)state;
    expect("local bad = {}\n"
           "for _, name in "
           "ipairs{'os','io','debug','package','dofile','loadfile','collectgarbage','warn'} do\n"
           "  if _G[name] ~= nil then bad[#bad + 1] = name end end\n"
           "if string.dump then bad[#bad + 1] = 'dump' end\n"
           "return #bad == 0 and 'none' or table.concat(bad, ' ')",
           "none");
    expect_part("setmetatable({}, { __gc = function() end })", "__gc is not available here");
    expect_part("return load('\\27Lua')", "nothing");
    expect("return load('return 3')()", "3");
    expect_part("require('socket')", "no module 'socket' in a run");
    expect("return tostring({}):find('0x') == nil and 'no address'", "no address");
    expect("return pcall(require, 'han.fiber') and 'open' or 'closed'", "closed");
}

static void memory_is_capped(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    const char *got = run_with(&w, "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end",
                               (han__run_options){.undeclared = 0xff, .max_bytes = 8 << 20});
    if (!strstr(got, "LIMIT|")) fail_msg("%s", got);
    assert_string_equal(run_text(&w, "return 'next run is fine'"), "next run is fine");
    close_world(&w);
}

static void choices_are_weighted(void **state)
{
    (void)state;
    expect("local t, s = ... local hits = { a = 0, b = 0 }\n"
           "for i = 1, 1000 do local v, i, p = s:choose('p', {'a', 'b'}, nil, {3, 1}) hits[v] = "
           "hits[v] + 1\n"
           "  assert(p == (v == 'a' and 0.75 or 0.25)) end\n"
           "return hits.a > 700 and hits.a < 800 and 'as weighted'",
           "as weighted");
    expect_part("local t, s = ... s:choose('p', {})", "1 to 10,000 options");
    expect_part("local t, s = ... s:choose('p', {1}, nil, {0/0})", "weight 1 is not");
}

static void allocation_failures_are_clean(void **state)
{
    static const char source[] =
        "local t, s = ...\n"
        "for i = 1, 5 do s:spawn(function(t, c) c:spawn(print) c:next() return t end,"
        " { n = { i } }, { label = 'x' .. i }) end\n"
        "local n = 0 for d in s:each() do n = n + 1 end return n";
    (void)state;
    for (uint64_t n = 1; n < 6000; n++) {
        struct world w;
        open_world(&w);
        han_error err = {0};
        han__run_options options = {.undeclared = 0xff,
                                    .source = source,
                                    .source_len = sizeof(source) - 1,
                                    .name = "t.lua",
                                    .services = LUA_NOREF};
        w.mem.fail_at = w.mem.calls + n;
        bool failed = han__run_open(&w.host, &options, &w.run, &err) != HAN_OK;
        for (int i = 0; !failed && i < 1000 && !w.run->told_end; i++) han__host_step(&w.host, 1000);
        bool reached = w.mem.calls >= w.mem.fail_at;
        if (!failed) assert_true(w.run->told_end);
        w.mem.fail_at = 0;
        close_world(&w);
        if (!reached) return;
    }
    fail_msg("the sweep did not reach its end");
}

/* What was given to a node that ends before its turn goes with it: the world is empty at the end.
 */
static void an_answer_that_is_not_read(void **state)
{
    (void)state;
    expect("local t, scope = ...\n"
           "scope:spawn(function(t, s) return s:ask('why?') end, {})\n"
           "local asked = scope:next { kinds = { 'question' } }\n"
           "scope:send(asked.node, 'because')\n"
           "scope:stop(asked.node)\n"
           "return scope:next().kind",
           "down");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spawns_and_drains),
        cmocka_unit_test(delivers_in_logical_order),
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(loops_are_stopped),
        cmocka_unit_test(verbs_work_inside_coroutines),
        cmocka_unit_test(budgets_refuse),
        cmocka_unit_test(refusals_have_codes),
        cmocka_unit_test(messages_and_questions),
        cmocka_unit_test(join_barrier_drains),
        cmocka_unit_test(a_million_spawns_stay_flat),
        cmocka_unit_test(spawning_without_end_is_refused),
        cmocka_unit_test(randomness_is_the_runs),
        cmocka_unit_test(the_environment_is_an_allow_list),
        cmocka_unit_test(memory_is_capped),
        cmocka_unit_test(choices_are_weighted),
        cmocka_unit_test(allocation_failures_are_clean),
        cmocka_unit_test(an_answer_that_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
