/* The public C API as a host sees it: only han.h. */
#include <han.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <pthread.h>
#include <cmocka.h>

#include "failing_alloc.h"

static han_engine *open_engine(const han_options *given)
{
    han_options options = {.size = sizeof(options)};
    han_engine *engine = NULL;
    han_error err = {0};
    if (han_open(given ? given : &options, &engine, &err) != HAN_OK) fail_msg("%s", err.message);
    return engine;
}

static han_program program_of(const char *source)
{
    return (han_program){.size = sizeof(han_program), .name = "host.lua", .source = source};
}

static han_result finish(han_engine *engine, han_run *run)
{
    han_result result;
    while (!han_done(run)) han_wait(engine, 3600000); /* comes back when a run ends by its step */
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    return result;
}

static han_result run_text(han_engine *engine, const char *source, han_run **run)
{
    han_program program = program_of(source);
    han_error err = {0};
    if (han_start(engine, &program, run, &err) != HAN_OK) fail_msg("%s", err.message);
    return finish(engine, *run);
}

static void a_task_goes_in_and_json_comes_out(void **state)
{
    han_engine *engine = open_engine(NULL);
    han_run *run;
    han_error err = {0};
    han_program program = program_of("local t = ... t.list[#t.list + 1] = t.name return t");
    (void)state;
    program.task = "{\"name\": \"x\", \"list\": [1, 2.5, true]}";
    assert_int_equal(han_start(engine, &program, &run, &err), HAN_OK);
    han_result result = finish(engine, run);
    assert_int_equal(result.status, HAN_OK);
    assert_string_equal(result.json, "{\"list\":[1,2.5,true,\"x\"],\"name\":\"x\"}");
    assert_string_equal(run_text(engine, "return nil", &run).json, "null");
    han_close(engine);
}

static void errors_carry_the_scripts_line(void **state)
{
    han_engine *engine = open_engine(NULL);
    han_run *run = NULL;
    han_error err = {0};
    (void)state;
    han_result result = run_text(engine, "local x = 1\nerror('no')", &run);
    assert_int_equal(result.status, HAN_SCRIPT);
    assert_string_equal(result.error.where, "host.lua:2");
    assert_string_equal(result.error.message, "host.lua:2: no");
    assert_string_equal(result.json, "null");
    han_program broken = program_of("x = = 1");
    run = NULL;
    assert_int_equal(han_start(engine, &broken, &run, &err), HAN_SYNTAX);
    assert_null(run);
    assert_string_equal(err.where, "host.lua:1");
    han_close(engine);
}

static void budgets_are_declared_in_text(void **state)
{
    static const char *const wrong[] = {
        "shots", "shots=", "shots=-1", "nope=1", "shots=1x", "=4", "shots=99999999999999999999"};
    han_engine *engine = open_engine(NULL);
    han_run *run;
    han_error err = {0};
    han_program program = program_of("local t, s = ... return s:budget()");
    (void)state;
    program.budget = "shots=4,evals=1000";
    assert_int_equal(han_start(engine, &program, &run, &err), HAN_OK);
    assert_string_equal(
        finish(engine, run).json,
        "{\"evals\":{\"left\":1000,\"total\":1000},\"shots\":{\"left\":4,\"total\":4}}");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        program.budget = wrong[i];
        memset(&err, 0, sizeof(err));
        assert_int_equal(han_start(engine, &program, &run, &err), HAN_INVALID);
        assert_true(err.message[0] != '\0');
    }
    han_close(engine);
}

static void misuse_is_a_status(void **state)
{
    han_options small = {.size = 4};
    han_engine *engine = NULL;
    han_error err = {0};
    han_run *run = NULL;
    han_result result;
    (void)state;
    assert_int_equal(han_open(&small, &engine, &err), HAN_INVALID);
    assert_int_equal(han_open(NULL, &engine, NULL), HAN_INVALID);
    engine = open_engine(NULL);
    han_program nothing = {.size = sizeof(nothing)};
    assert_int_equal(han_start(engine, &nothing, &run, &err), HAN_INVALID);
    han_program task = program_of("return 1");
    task.task = "{not json";
    assert_int_equal(han_start(engine, &task, &run, &err), HAN_SYNTAX);
    task.task = NULL;
    assert_int_equal(han_start(engine, &task, &run, &err), HAN_OK);
    assert_int_equal(han_get_result(run, &result), HAN_MISUSE);
    han_release(NULL);
    han_close(engine);
    han_close(NULL);
}

static void *cancel_later(void *run)
{
    han_cancel(run);
    return NULL;
}

static void cancel_comes_from_any_thread(void **state)
{
    han_engine *engine = open_engine(NULL);
    han_run *run = NULL;
    han_error err = {0};
    pthread_t thread;
    han_program endless = program_of("while true do end");
    (void)state;
    endless.max_steps = (uint64_t)1 << 50;
    assert_int_equal(han_start(engine, &endless, &run, &err), HAN_OK);
    for (int i = 0; i < 5; i++) assert_int_equal(han_step(engine, 1000), 1);
    assert_false(han_done(run));
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, run), 0);
    han_result result = finish(engine, run);
    pthread_join(thread, NULL);
    assert_int_equal(result.status, HAN_CANCELLED);
    han_close(engine);
}

static void a_wall_limit_ends_a_run(void **state)
{
    han_engine *engine = open_engine(NULL);
    han_run *run = NULL;
    han_error err = {0};
    han_program endless = program_of("while true do end");
    (void)state;
    endless.max_steps = (uint64_t)1 << 50;
    endless.wall = 0.02;
    assert_int_equal(han_start(engine, &endless, &run, &err), HAN_OK);
    han_result result = finish(engine, run);
    assert_int_equal(result.status, HAN_LIMIT);
    assert_non_null(strstr(result.error.message, "limit:wall"));
    han_close(engine);
}

static void a_slice_gives_the_frame_back(void **state)
{
    han_engine *engine = open_engine(NULL);
    han_run *first = NULL, *second = NULL;
    han_error err = {0};
    han_program endless = program_of("while true do end"), quick = program_of("return 'done'");
    (void)state;
    endless.max_steps = (uint64_t)1 << 50;
    assert_int_equal(han_start(engine, &endless, &first, &err), HAN_OK);
    assert_int_equal(han_start(engine, &quick, &second, &err), HAN_OK);
    for (int i = 0; i < 100 && !han_done(second); i++) han_step(engine, 500);
    assert_true(han_done(second)); /* an endless neighbour does not starve it */
    assert_false(han_done(first));
    han_close(engine);
}

static void two_engines_share_nothing(void **state)
{
    han_engine *a = open_engine(NULL), *b = open_engine(NULL);
    han_run *x, *y;
    (void)state;
    assert_string_equal(run_text(a, "shared = 1 return shared", &x).json, "1");
    assert_string_equal(run_text(b, "return shared == nil", &y).json, "true");
    han_close(a);
    assert_string_equal(run_text(b, "return 2", &y).json, "2");
    han_close(b);
}

static void the_descriptor_tells_when_to_step(void **state)
{
    han_engine *engine = open_engine(NULL);
    struct pollfd fd = {.fd = han_fd(engine), .events = POLLIN};
    (void)state;
    while (han_step(engine, 1000) > 0) {
    }
    assert_int_equal(poll(&fd, 1, 0), 0);
    han_wakeup(engine);
    assert_int_equal(poll(&fd, 1, 1000), 1);
    while (han_step(engine, 1000) > 0) {
    }
    assert_int_equal(poll(&fd, 1, 0), 0);
    han_close(engine);
}

/* Every allocation of open, start, step, close fails in turn: an error or success, never a leak. */
static void allocation_failures_are_clean(void **state)
{
    (void)state;
    for (long n = 0; n < 20000; n++) {
        struct counting c = {.fail_after = n};
        han_options options = {.size = sizeof(options), .alloc = counting_alloc, .alloc_ud = &c};
        han_engine *engine = NULL;
        han_run *run = NULL;
        han_error err = {0};
        han_program program =
            program_of("local t, s = ... s:spawn(function() return { 1 } end) return s:next().out");
        int rc = han_open(&options, &engine, &err);
        if (rc == HAN_OK) rc = han_start(engine, &program, &run, &err);
        for (int i = 0; rc == HAN_OK && !han_done(run) && i < 1000; i++) han_step(engine, 1000);
        if (rc == HAN_OK) assert_true(han_done(run));
        if (rc != HAN_OK) assert_true(err.code != 0);
        c.fail_after = -1;
        han_close(engine);
        assert_int_equal(c.live, 0);
        if (!c.reached) return;
    }
    fail_msg("the sweep did not reach its end");
}

static void statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(han_status_name(HAN_BUDGET_EXHAUSTED), "BUDGET_EXHAUSTED");
    assert_string_equal(han_version(), HAN_VERSION_STRING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_goes_in_and_json_comes_out),
        cmocka_unit_test(errors_carry_the_scripts_line),
        cmocka_unit_test(budgets_are_declared_in_text),
        cmocka_unit_test(misuse_is_a_status),
        cmocka_unit_test(cancel_comes_from_any_thread),
        cmocka_unit_test(a_wall_limit_ends_a_run),
        cmocka_unit_test(a_slice_gives_the_frame_back),
        cmocka_unit_test(two_engines_share_nothing),
        cmocka_unit_test(the_descriptor_tells_when_to_step),
        cmocka_unit_test(allocation_failures_are_clean),
        cmocka_unit_test(statuses_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
