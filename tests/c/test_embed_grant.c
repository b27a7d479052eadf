/* What a run does outside of the engine is its host's to allow: only han.h. */
#include <han.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_run_does_outside_is_the_hosts_to_say),
        cmocka_unit_test(without_a_host_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
