/* What a run does outside of the engine is its host's to allow, what it uses is told, and keys may
 * be the host's: only han.h. */
#include "base/config.h"

#define _GNU_SOURCE 1
#include <han.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct world {
    han_engine *engine;
    int asked;
    char seen[256];
    char result[400];
};

static void grant(void *ud, han_call call, const char *effect, const char *json)
{
    struct world *w = ud;
    han_error err = {0};
    w->asked++;
    snprintf(w->seen, sizeof(w->seen), "%s %s", effect, json);
    if (strstr(json, "\"rm\""))
        han_refuse(w->engine, call, HAN_INVALID, "not that one");
    else if (han_answer(w->engine, call, strstr(json, "\"ls\"") ? "true" : "1", &err) != HAN_OK)
        fail_msg("%s", err.message);
}

/* What a run is told when it asks for a command, and what it paid for that. */
static const char *try_command(struct world *w, const han_environment *environment,
                               const char *command)
{
    char source[256];
    snprintf(source, sizeof(source),
             "local t, s = ... local v, why, code = s:exec { argv = { '%s' } } "
             "return { code or v.class, 2 - s:budget().evals.left }",
             command);
    han_program program = {.size = sizeof(program),
                           .name = "host.lua",
                           .source = source,
                           .budget = "evals=2",
                           .environment = environment};
    han_run *run = NULL;
    han_error err = {0};
    han_result result;
    if (han_start(w->engine, &program, &run, &err) != HAN_OK) fail_msg("%s", err.message);
    while (!han_done(run)) han_wait(w->engine, 3600000);
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    snprintf(w->result, sizeof(w->result), "%s",
             result.status == HAN_OK ? result.json : result.error.message);
    return w->result;
}

static void what_a_run_does_outside_is_the_hosts_to_say(void **state)
{
    struct world w = {0};
    han_environment environment = {.size = sizeof(environment), .ud = &w};
    han_options options = {.size = sizeof(options)};
    (void)state;
    assert_int_equal(han_open(&options, &w.engine, NULL), HAN_OK);
    assert_string_equal(try_command(&w, &environment, "ls"), "[\"ENVIRONMENT\",0]");
    assert_int_equal(w.asked, 0);
    environment.grant = grant;
    assert_string_equal(try_command(&w, &environment, "rm"), "[\"INVALID\",0]");
    assert_string_equal(w.seen, "exec {\"argv\":[\"rm\"]}");
    assert_string_equal(try_command(&w, &environment, "cat"), "[\"ENVIRONMENT\",0]");
    /* allowed, and paid: but this engine has no programs to run a command with */
    assert_string_equal(try_command(&w, &environment, "ls"), "[\"ENVIRONMENT\",1]");
    han_close(w.engine);
}

static void wait_for_host(void *ud, han_call call, const char *name, const char *args)
{
    (void)name;
    (void)args;
    *(han_call *)ud = call;
}

/* Usage is there while the run lives, and is the result's after its end. */
static void usage_is_told_at_any_time(void **state)
{
    static const char *const tools[] = {"wait", NULL};
    static const char source[] = "local t, s = ... "
                                 "local id = s:spawn(function(t, s) s:tool('wait') return 1 end, "
                                 "{}, { budget = { evals = 5 } }) s:next() return 2";
    han_call open = 0;
    han_environment environment = {
        .size = sizeof(environment), .ud = &open, .tools = tools, .tool = wait_for_host};
    han_options options = {.size = sizeof(options)};
    han_program program = {.size = sizeof(program),
                           .name = "host.lua",
                           .source = source,
                           .budget = "evals=9",
                           .environment = &environment};
    han_engine *engine = NULL;
    han_run *run = NULL;
    han_usage usage;
    (void)state;
    assert_int_equal(han_open(&options, &engine, NULL), HAN_OK);
    assert_int_equal(han_start(engine, &program, &run, NULL), HAN_OK);
    while (!open) han_step(engine, 1000);
    assert_int_equal(han_charge(engine, open, "evals=3", NULL), HAN_OK);
    assert_int_equal(han_get_usage(run, &usage), HAN_OK);
    assert_int_equal(usage.live, 2);
    assert_int_equal(han_answer(engine, open, NULL, NULL), HAN_OK);
    while (!han_done(run)) han_step(engine, 1000);
    assert_int_equal(han_get_usage(run, &usage), HAN_OK);
    assert_int_equal(usage.evals, 3);
    assert_int_equal(usage.live, 0);
    han_release(run);
    assert_int_equal(han_get_usage(run, &usage), HAN_MISUSE);
    han_close(engine);
}

/* A command in a run without a host's environment is refused, too. */
static void without_a_host_nothing_is_allowed(void **state)
{
    struct world w = {0};
    han_options options = {.size = sizeof(options)};
    (void)state;
    assert_int_equal(han_open(&options, &w.engine, NULL), HAN_OK);
    const char *told = try_command(&w, NULL, "ls");
    if (!strstr(told, "ENVIRONMENT") && !strstr(told, "UNKNOWN")) fail_msg("%s", told);
    han_close(w.engine);
}

struct bench {
    han_call calls[3];
    int asked;
};

static void make_later(void *ud, han_call call, const char *name, const char *json)
{
    struct bench *b = ud;
    (void)name;
    (void)json;
    b->calls[b->asked++] = call;
}

/* Workers of the host are at work side by side, and come back in the order of its answers. */
static void workers_of_the_host_work_side_by_side(void **state)
{
    static const char *const backends[] = {"mine", NULL};
    static const char source[] =
        "local t, s = ... for i = 1, 3 do "
        "s:spawn({ backend = 'mine', limits = { shots = 1 } }, { i = i }) end "
        "local r = {} for c in s:each() do r[#r + 1] = c.out end return r";
    struct bench b = {.asked = 0};
    han_environment environment = {
        .size = sizeof(environment), .ud = &b, .backends = backends, .work = make_later};
    han_options options = {.size = sizeof(options)};
    han_program program = {.size = sizeof(program),
                           .name = "host.lua",
                           .source = source,
                           .budget = "shots=3",
                           .environment = &environment};
    han_engine *engine = NULL;
    han_run *run = NULL;
    han_result result;
    (void)state;
    assert_int_equal(han_open(&options, &engine, NULL), HAN_OK);
    assert_int_equal(han_start(engine, &program, &run, NULL), HAN_OK);
    for (int i = 0; i < 100 && b.asked < 3; i++) han_step(engine, 1000);
    assert_int_equal(b.asked, 3);
    static const int order[] = {1, 2, 0};
    for (int i = 0; i < 3; i++) {
        const char *const text = i == 0 ? "\"first\"" : i == 1 ? "\"second\"" : "\"third\"";
        assert_int_equal(han_answer(engine, b.calls[order[i]], text, NULL), HAN_OK);
        for (int k = 0; k < 20; k++) han_step(engine, 1000);
    }
    assert_true(han_done(run));
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    assert_string_equal(result.json, "[\"first\",\"second\",\"third\"]");
    assert_int_equal(result.shots, 3);
    han_close(engine);
}

static size_t keeper(void *ud, const char *name, char *out, size_t size)
{
    snprintf(ud, 64, "%s %zu", name, size);
    memcpy(out, "short", 5);
    return 5;
}

/* The host is asked for a key before the environment; this one is refused, so nothing is called. */
static void keys_may_be_the_hosts(void **state)
{
    static const char *const argv[] = {"doctor", "--model"};
    char asked[64] = "";
    han_options options = {.size = sizeof(options), .secret = keeper, .secret_ud = asked};
    han_engine *engine = NULL;
    han_run *run = NULL;
    han_result result;
    (void)state;
    setenv("HAN_MODEL", "anthropic:some", 1);
    setenv("ANTHROPIC_API_KEY", "sk-of-the-environment", 1);
    assert_int_equal(han_open(&options, &engine, NULL), HAN_OK);
    assert_int_equal(han_command(engine, 2, argv, &run, NULL), HAN_OK);
    while (!han_done(run)) han_wait(engine, 1000);
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    assert_string_equal(asked, "ANTHROPIC_API_KEY 4096");
    assert_int_not_equal(result.exit_code, 0);
    assert_string_equal(getenv("ANTHROPIC_API_KEY"), "sk-of-the-environment");
    han_close(engine);
    unsetenv("HAN_MODEL");
    unsetenv("ANTHROPIC_API_KEY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_run_does_outside_is_the_hosts_to_say),
        cmocka_unit_test(usage_is_told_at_any_time),
        cmocka_unit_test(workers_of_the_host_work_side_by_side),
        cmocka_unit_test(keys_may_be_the_hosts),
        cmocka_unit_test(without_a_host_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
