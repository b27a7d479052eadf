/* The evaluation client and the runner when something fails: killed, missing, silent and lying
 * runners, children that die, cancelled requests, refused allocations; and the module han.value. */
#include "base/config.h"

#include <signal.h>

#include "eval_world.h"
#include "exec/eval_wire.h"

/* ---- when the runner fails ---- */

/* The first child of a process, 0 while it has none. */
static pid_t child_of(int64_t pid)
{
    char path[80];
    int child = 0;
    snprintf(path, sizeof path, "/proc/%lld/task/%lld/children", (long long)pid, (long long)pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    if (fscanf(f, "%d", &child) != 1) child = 0;
    fclose(f);
    return child;
}

/* Ticks of CPU time that a process has used in its own code. */
static unsigned long ticks_of(pid_t pid)
{
    char path[40];
    char line[512] = "";
    unsigned long ticks = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    if (!fgets(line, sizeof line, f)) line[0] = '\0';
    fclose(f);
    const char *at = strrchr(line, ')');
    if (at) sscanf(at + 1, " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu", &ticks);
    return ticks;
}

/* Ended; whoever inherited it may not have reaped it yet (a container's first process never does).
 */
static bool is_ended(pid_t pid)
{
    char path[40];
    char line[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (!f) return true;
    if (!fgets(line, sizeof line, f)) line[0] = '\0';
    fclose(f);
    const char *at = strrchr(line, ')');
    return !at || at[2] == 'Z' || at[2] == 'X';
}

#define LOOP                                                                                       \
    "eval.lua{ code = module('while true do end'), limits = { wall = 60, instructions = "          \
    "1000000000 }, calls = {{ fn = 'alive' }, { fn = 'f' }} }\n"

/* Turns the host until the candidate of LOOP is in its loop; gives the child that runs it. */
static pid_t wait_for_loop(world *w)
{
    pid_t child = 0;
    for (int turns = 0; turns < 6000; turns++) {
        han__host_step(&w->host, 1000);
        assert_true(han__loop_run_once(w->host.loop, 10) >= 0);
        child = han__eval_pid(w->host.eval) ? child_of(han__eval_pid(w->host.eval)) : 0;
        if (child != 0 && ticks_of(child) > 2) return child;
    }
    fail_msg("no child came to its loop");
    return 0;
}

/* The child goes with the runner, and the next evaluation gets another one. */
TEST(a_killed_runner_is_infra_and_replaced)
{
    world w;
    open_world(&w, RUNNER);
    start(&w, prelude,
          "local r, why, code = " LOOP "same(r, nil) same(code, 'PEER') has(why, 'the runner')\n"
          "same(class('ok', 'return 1').values, {1})");
    pid_t child = wait_for_loop(&w);
    kill((pid_t)han__eval_pid(w.host.eval), SIGKILL);
    finish(&w);
    assert_int_equal(han__eval_starts(w.host.eval), 2);
    for (int turns = 0; turns < 6000 && !is_ended(child); turns++)
        assert_true(han__loop_run_once(w.host.loop, 10) >= 0);
    assert_true(is_ended(child));
    close_world(&w);
}

/* A child that somebody else ends is a crash of that evaluation, and of nothing else. */
TEST(a_child_that_dies)
{
    static const int signals[] = {SIGSEGV, SIGKILL, SIGXCPU};
    static const char *const classes[] = {"crash", "crash", "limit:time"};
    for (size_t i = 0; i < HAN__COUNT(signals); i++) {
        world w;
        char code[500];
        open_world(&w, RUNNER);
        snprintf(code, sizeof code,
                 "local r = " LOOP
                 "same(r.class, '%s') same(r.calls[1].values, {7}) same(#r.calls, 1)\n"
                 "same(class('ok', 'return 1').values, {1})",
                 classes[i]);
        start(&w, prelude, code);
        kill(wait_for_loop(&w), signals[i]);
        finish(&w);
        assert_int_equal(han__eval_starts(w.host.eval), 1);
        close_world(&w);
    }
}

TEST(a_missing_runner)
{
    world w;
    open_world(&w, "/nonexistent/han-runner");
    start(&w, "local eval = require 'han.eval'\n",
          "local r, why, code = eval.lua{ code = '', calls = {} }\n"
          "assert(r == nil and code == 'PEER' and why:find('/nonexistent/han-runner', 1, true), "
          "why)");
    finish(&w);
    close_world(&w);
}

/* A program that reads nothing and says nothing. */
TEST(a_silent_runner)
{
    world w;
    open_world(&w, HAN_TEST_SOURCE_DIR "/tests/data/silent_runner.sh");
    han__eval_set_grace(w.host.eval, 50);
    start(
        &w, "local eval = require 'han.eval'\n",
        "local r, why, code = eval.lua{ code = '', calls = {}, limits = { wall = 0.01 } }\n"
        "assert(r == nil and code == 'PEER' and why:find('did not answer in time', 1, true), why)\n"
        "r, why, code = eval.lua{ code = '', calls = {}, limits = { wall = 0.01 } }\n"
        "assert(code == 'PEER')");
    finish(&w);
    assert_int_equal(han__eval_starts(w.host.eval), 2);
    close_world(&w);
}

/* A program that answers with bytes that are no frames, and one that ends at once. */
TEST(a_runner_that_speaks_nonsense)
{
    static const char *const programs[] = {"nonsense_runner.sh", "ending_runner.sh"};
    for (size_t i = 0; i < HAN__COUNT(programs); i++) {
        world w;
        char path[1024];
        snprintf(path, sizeof path, "%s/tests/data/%s", HAN_TEST_SOURCE_DIR, programs[i]);
        open_world(&w, path);
        start(&w, "local eval = require 'han.eval'\n",
              "for i = 1, 3 do local r, why, code = eval.lua{ code = '', calls = {} }\n"
              "assert(r == nil and code == 'PEER', why) end");
        finish(&w);
        close_world(&w);
    }
}

TEST(killed_fibers_and_closing)
{
    world w;
    open_world(&w, RUNNER);
    const char *loop = "eval.lua{ code = module('while true do end'), limits = { wall = 60, "
                       "instructions = 1000000000 }, calls = {{ fn = 'f' }} } error('never')";
    han__fiber *first = start(&w, prelude, loop);
    start(&w, prelude, "same(class('ok', 'return 1').values, {1})");
    han__fiber *third = start(&w, prelude, loop);
    for (int i = 0; i < 100; i++) {
        han__host_step(&w.host, 1000);
        assert_true(han__loop_run_once(w.host.loop, 5) >= 0);
    }
    han__fiber_kill(third);
    han__fiber_kill(first);
    close_world(&w); /* with one evaluation under way and one fiber waiting */
    assert_string_equal(w.problem, "");
}

typedef struct answer {
    int calls;
    int status;
    size_t len;
} answer;

static void take_answer(void *ud, int status, const uint8_t *reply, size_t len,
                        const han_error *err)
{
    answer *a = ud;
    a->calls++;
    a->status = status;
    a->len = len;
    assert_true((status == HAN_OK) == (reply != NULL));
    assert_true((status == HAN_OK) == (err == NULL));
}

/* A request that is not a plain value: refused by the child, not by the client. */
static const uint8_t nonsense[] = {'t', 0xff, 0xff, 'x'};

/* The client with its n-th allocation refused, and all later ones. */
TEST(allocation_failures_of_the_client)
{
    bool done = false;
    for (uint64_t nth = 1; !done; nth++) {
        han__mem mem;
        han__loop *loop;
        han__launcher *launcher = NULL;
        han__eval *eval = NULL;
        answer a = {0};
        uint64_t ticket;
        assert_true(nth < 500);
        han__mem_init(&mem, NULL, NULL);
        assert_int_equal(han__loop_create(&loop, &mem, NULL, NULL), HAN_OK);
        uint64_t before = mem.calls;
        mem.fail_at = before + nth;
        int status = han__launcher_open(&launcher, loop, &mem, RUNNER, NULL);
        if (status == HAN_OK) status = han__launcher_set(launcher, HAN__LEVEL_NONE, NULL);
        if (status == HAN_OK) status = han__eval_open(&eval, loop, &mem, launcher, NULL);
        if (status == HAN_OK)
            status = han__eval_send(eval, nonsense, sizeof nonsense, 5000, take_answer, &a, &ticket,
                                    NULL);
        if (status == HAN_OK) {
            while (a.calls == 0) assert_true(han__loop_run_once(loop, 1000) >= 0);
            assert_true(a.status == HAN_OK || a.status == HAN_PEER);
        } else {
            assert_true(status == HAN_NOMEM || status == HAN_PEER);
        }
        done = mem.calls < before + nth;
        if (done) assert_int_equal(a.status, HAN_OK);
        han__eval_close(eval);
        han__launcher_close(launcher);
        han__loop_close(loop);
        assert_int_equal(a.calls <= 1, 1);
        assert_int_equal(mem.live, 0);
    }
}

/* Cancelled requests are not answered, queued or sent; the others are, in order. */
TEST(cancelling)
{
    world w;
    answer a[5] = {{0}};
    uint64_t tickets[5];
    open_world(&w, RUNNER);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(han__eval_send(w.host.eval, nonsense, sizeof nonsense, 5000, take_answer,
                                        &a[i], &tickets[i], NULL),
                         HAN_OK);
    han__eval_cancel(w.host.eval, tickets[0]);
    han__eval_cancel(w.host.eval, tickets[3]);
    han__eval_cancel(w.host.eval, tickets[3]);
    han__eval_cancel(w.host.eval, 12345);
    while (a[4].calls == 0) assert_true(han__loop_run_once(w.host.loop, 1000) >= 0);
    assert_int_equal(a[0].calls, 0);
    assert_int_equal(a[1].calls, 1);
    assert_int_equal(a[2].calls, 1);
    assert_int_equal(a[3].calls, 0);
    assert_int_equal(a[4].status, HAN_OK);
    close_world(&w);
}

TEST(requests_larger_than_a_frame)
{
    world w;
    answer a = {0};
    uint64_t ticket;
    han_error err = {0};
    open_world(&w, RUNNER);
    uint8_t *bytes = han__mem_zalloc(&w.mem, 1, HAN__FRAME_BYTES_MAX);
    assert_int_equal(han__eval_send(w.host.eval, bytes, HAN__FRAME_BYTES_MAX, 1000, take_answer, &a,
                                    &ticket, &err),
                     HAN_LIMIT);
    han__mem_free(&w.mem, bytes, HAN__FRAME_BYTES_MAX);
    assert_int_equal(a.calls, 0);
    close_world(&w);
}

/* ---- han.value ---- */

TEST(value_module)
{
    run("local value = require 'han.value'\n"
        "same(value.encode(1), 'i\\2') same(value.decode('i\\2'), 1)\n"
        "local v, why, code = value.decode('x') same(v, nil) same(code, 'CORRUPT')\n"
        "v, why, code = value.decode('i\\2i\\2') same(code, 'CORRUPT')\n"
        "same(value.equal(1, 1.0), false) same(value.equal({a = {1}}, {a = {1}}), true)\n"
        "same(value.equal(nil, nil), true) same(value.equal(0.0, -0.0), false)\n"
        "same(value.digest(nil), "
        "'8ce86a6ae65d3692e7305e2c58ac62eebd97d3d943e093f577da25c36988246b')\n"
        "local t = {1, {2}} local c = value.copy(t) same(c, t) same(c[2] ~= t[2], true)\n"
        "fails('value.f: a function is not a plain value', value.encode, {f = print})\n"
        "fails('value[1]: NaN', value.copy, {0/0}) fails('value expected', value.digest)\n"
        "same(#value.encode(('x'):rep(1000000)), 1000004)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_runner_is_infra_and_replaced),
        cmocka_unit_test(a_child_that_dies),
        cmocka_unit_test(a_missing_runner),
        cmocka_unit_test(a_silent_runner),
        cmocka_unit_test(a_runner_that_speaks_nonsense),
        cmocka_unit_test(killed_fibers_and_closing),
        cmocka_unit_test(allocation_failures_of_the_client),
        cmocka_unit_test(cancelling),
        cmocka_unit_test(requests_larger_than_a_frame),
        cmocka_unit_test(value_module),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
