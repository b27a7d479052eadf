/* What a host lends to its runs, and what it may do wrong: only han.h. */
#include <han.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <pthread.h>
#include <cmocka.h>

#include "failing_alloc.h"

#define CALLS 12000

/* A host that notes what it was asked and answers by rule. */
struct world {
    han_engine *engine;
    han_call calls[CALLS];
    size_t asked, cancelled;
    bool later; /* leave the calls open */
    int nested; /* what han_step gave inside a function */
    int nested_start;
    char seen[512];
    char result[512];
    char events[2048];
    size_t told;
};

static void note(struct world *w, han_call call, const char *what, const char *name,
                 const char *json)
{
    if (w->asked < CALLS) w->calls[w->asked] = call;
    w->asked++;
    snprintf(w->seen, sizeof(w->seen), "%s %s %s", what, name, json);
}

static void answer(struct world *w, han_call call, const char *json)
{
    han_error err = {0};
    if (w->later) return;
    if (han_answer(w->engine, call, json, &err) != HAN_OK) fail_msg("%s", err.message);
}

static void tool(void *ud, han_call call, const char *name, const char *args)
{
    struct world *w = ud;
    note(w, call, "tool", name, args);
    if (strcmp(name, "add") == 0) {
        int a = 0, b = 0;
        char out[32];
        sscanf(args, "[%d,%d]", &a, &b);
        snprintf(out, sizeof(out), "{\"sum\":%d}", a + b);
        answer(w, call, out);
    } else if (strcmp(name, "locked") == 0) {
        han_refuse(w->engine, call, HAN_UNKNOWN, "the door is locked");
    } else if (strcmp(name, "paid") == 0) {
        han_error err = {0};
        int rc = han_charge(w->engine, call, "evals=3", &err);
        if (rc == HAN_OK)
            answer(w, call, "true");
        else
            han_refuse(w->engine, call, rc, err.message);
    } else if (strcmp(name, "nested") == 0) {
        han_run *run = NULL;
        han_program program = {.size = sizeof(program), .name = "x", .source = "return 1"};
        w->nested = han_step(w->engine, 100);
        w->nested_start = han_start(w->engine, &program, &run, NULL);
        han_close(w->engine); /* does nothing */
        answer(w, call, NULL);
    }
}

static void work(void *ud, han_call call, const char *backend, const char *json)
{
    struct world *w = ud;
    note(w, call, "work", backend, json);
    if (strcmp(backend, "lazy") == 0)
        han_refuse(w->engine, call, HAN_PEER, "not today");
    else
        answer(w, call, strstr(json, "\"from\":\"good\"") ? "\"best\"" : "\"good\"");
}

static void check(void *ud, han_call call, const char *artifact)
{
    struct world *w = ud;
    note(w, call, "check", "", artifact);
    if (strcmp(artifact, "\"nonsense\"") == 0)
        answer(w, call, "{\"pass\":1}");
    else if (strcmp(artifact, "\"best\"") == 0)
        answer(w, call, "{\"pass\":true,\"correct\":1}");
    else
        answer(w, call, "{\"pass\":false,\"correct\":0.5}");
}

static void observe(void *ud, han_call call, const char *settled)
{
    struct world *w = ud;
    note(w, call, "observe", "", settled);
    answer(w, call, "[{\"text\":\"it limps\",\"origin\":\"judge\"}]");
}

static void cancelled(void *ud, han_call call)
{
    struct world *w = ud;
    w->cancelled++;
    assert_int_equal(han_answer(w->engine, call, "1", NULL), HAN_SETTLED);
}

static void event(void *ud, han_run *run, const han_event *e)
{
    struct world *w = ud;
    static const char *const shown[] = {"spawned", "finished", "delivered", "ended", "refused"};
    bool show = false;
    (void)run;
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        if (strcmp(e->kind, shown[i]) == 0) show = true;
    if (!show) return;
    int n = snprintf(w->events + w->told, sizeof(w->events) - w->told, "%s:%s ", e->kind, e->node);
    if (n > 0 && w->told + (size_t)n < sizeof(w->events)) w->told += (size_t)n;
}

static const char *const tools[] = {"add", "locked", "paid", "nested", "wait", NULL};
static const char *const backends[] = {"mine", "lazy", NULL};

static han_environment environment_of(struct world *w)
{
    return (han_environment){.size = sizeof(han_environment),
                             .ud = w,
                             .tools = tools,
                             .backends = backends,
                             .tool = tool,
                             .work = work,
                             .check = check,
                             .observe = observe,
                             .cancelled = cancelled};
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof(*w));
    han_options options = {.size = sizeof(options), .event = event, .event_ud = w};
    han_error err = {0};
    if (han_open(&options, &w->engine, &err) != HAN_OK) fail_msg("%s", err.message);
}

static han_run *start(struct world *w, const char *source, const char *budget)
{
    han_environment environment = environment_of(w);
    han_program program = {.size = sizeof(program),
                           .name = "host.lua",
                           .source = source,
                           .budget = budget,
                           .environment = &environment};
    han_run *run = NULL;
    han_error err = {0};
    if (han_start(w->engine, &program, &run, &err) != HAN_OK) fail_msg("%s", err.message);
    return run;
}

static const char *run_text(struct world *w, const char *source, const char *budget)
{
    han_result result;
    han_run *run = start(w, source, budget);
    while (!han_done(run)) han_wait(w->engine, 3600000);
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    snprintf(w->result, sizeof(w->result), "%s",
             result.status == HAN_OK ? result.json : result.error.message);
    return w->result;
}

static void a_tool_is_a_function_of_the_host(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    assert_string_equal(run_text(&w, "local t, s = ... return s:tool('add', {2, 3}).sum", NULL),
                        "5");
    assert_string_equal(w.seen, "tool add [2,3]");
    assert_string_equal(run_text(&w,
                                 "local t, s = ... return { s:tool('locked', {}) == nil, "
                                 "select(2, s:tool('locked')), select(3, s:tool('locked')) }",
                                 NULL),
                        "[true,\"the door is locked\",\"UNKNOWN\"]");
    assert_string_equal(run_text(&w, "local t, s = ... return (select(2, s:tool('fly', 1)))", NULL),
                        "\"no tool 'fly'; this host has add, locked, nested, paid, wait\"");
    assert_non_null(strstr(run_text(&w, "local t, s = ... s:tool('add', print)", NULL),
                           "host.lua:1: argument: a function is not a plain value"));
    assert_non_null(strstr(run_text(&w, "local t, s = ... s:tool(3)", NULL), "host.lua:1: "));
    han_close(w.engine);
}

static void without_a_host_there_are_no_tools(void **state)
{
    struct world w;
    han_run *run;
    han_result result;
    han_program program = {.size = sizeof(program),
                           .name = "host.lua",
                           .source = "local t, s = ... return (select(3, s:tool('add', {})))"};
    (void)state;
    open_world(&w);
    assert_int_equal(han_start(w.engine, &program, &run, NULL), HAN_OK);
    while (!han_done(run)) han_wait(w.engine, 3600000);
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    assert_string_equal(result.json, "\"UNKNOWN\"");
    han_close(w.engine);
}

static void answers_may_come_later_and_in_any_order(void **state)
{
    struct world w;
    han_result result;
    (void)state;
    open_world(&w);
    w.later = true;
    han_run *run = start(&w,
                         "local t, s = ... for i = 1, 3 do s:spawn(function(n, sc) return "
                         "sc:tool('wait', n) end, i) end local r = {} "
                         "for c in s:each() do r[#r + 1] = c.out end return r",
                         NULL);
    for (int i = 0; i < 50; i++) han_step(w.engine, 1000);
    assert_int_equal(w.asked, 1); /* one node acts at a time: the order is that of logical time */
    while (!han_done(run)) {
        char json[16];
        snprintf(json, sizeof(json), "%zu", w.asked * 10);
        assert_int_equal(han_answer(w.engine, w.calls[w.asked - 1], "{", NULL), HAN_SYNTAX);
        assert_int_equal(han_answer(w.engine, w.calls[w.asked - 1], json, NULL), HAN_OK);
        assert_int_equal(han_answer(w.engine, w.calls[w.asked - 1], json, NULL), HAN_SETTLED);
        for (int i = 0; i < 50 && !han_done(run); i++) han_step(w.engine, 1000);
    }
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    assert_string_equal(result.json, "[10,20,30]");
    assert_int_equal(han_answer(w.engine, 12345, "1", NULL), HAN_SETTLED);
    assert_int_equal(han_refuse(w.engine, w.calls[0], 0, NULL), HAN_INVALID);
    han_close(w.engine);
}

static void calls_are_charged_to_the_node_that_made_them(void **state)
{
    struct world w;
    han_result result;
    (void)state;
    open_world(&w);
    han_run *run = start(&w,
                         "local t, s = ... local a = s:tool('paid', 1) local b, why, code = "
                         "s:tool('paid', 2) return { a, b == nil, code }",
                         "evals=5");
    while (!han_done(run)) han_wait(w.engine, 3600000);
    assert_int_equal(han_get_result(run, &result), HAN_OK);
    assert_string_equal(result.json, "[true,true,\"BUDGET_EXHAUSTED\"]");
    assert_int_equal(result.evals, 3);
    han_close(w.engine);
}

static void a_worker_may_be_the_hosts_own(void **state)
{
    struct world w;
    const char *source =
        "local t, s = ... local p = { backend = 'mine', limits = { shots = 1 } }\n"
        "s:spawn(p, { goal = 1 }) local one = s:next()\n"
        "local found = s:observe(one)\n"
        "s:spawn(p, { goal = 1 }, { from = s:best(), steer = found }) local two = s:next()\n"
        "local third, why, code = s:spawn(p, {})\n"
        "return { one.out, one.verdict.pass, found[1].origin, two.out, two.verdict.correct, "
        "s:best(), two.spend.shots, code }";
    (void)state;
    open_world(&w);
    assert_string_equal(run_text(&w, source, "shots=2"),
                        "[\"good\",false,\"trace\",\"best\",1,\"best\",1,\"BUDGET_EXHAUSTED\"]");
    assert_string_equal(run_text(&w,
                                 "local t, s = ... s:spawn({ backend = 'lazy', limits = "
                                 "{ shots = 1 } }, {}) local e = s:next() "
                                 "return { e.kind, e.reason, e.infra }",
                                 "shots=2"),
                        "[\"down\",\"not today\",true]");
    assert_string_equal(run_text(&w,
                                 "local t, s = ... return (select(3, s:spawn({ backend = 'no' }, "
                                 "{})))",
                                 NULL),
                        "\"UNKNOWN_AGENT\"");
    assert_string_equal(run_text(&w, "local t, s = ... return s:submit('best').pass", NULL),
                        "true");
    assert_non_null(strstr(run_text(&w, "local t, s = ... s:submit('nonsense')", NULL),
                           "verdict.pass must be true or false"));
    han_close(w.engine);
}

static void a_cancelled_run_lets_go_of_its_calls(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    w.later = true;
    han_run *run = start(&w, "local t, s = ... return s:tool('wait', 1)", NULL);
    for (int i = 0; i < 20; i++) han_step(w.engine, 1000);
    assert_int_equal(w.asked, 1);
    han_cancel(run);
    while (!han_done(run)) han_wait(w.engine, 3600000);
    assert_int_equal(w.cancelled, 1);
    assert_int_equal(han_answer(w.engine, w.calls[0], "1", NULL), HAN_SETTLED);
    start(&w, "local t, s = ... return s:tool('wait', 1)", NULL);
    for (int i = 0; i < 20; i++) han_step(w.engine, 1000);
    han_close(w.engine); /* with a call open */
    assert_int_equal(w.cancelled, 2);
}

/* Numbers are not used again, however many calls come and go or are open at once. */
static void thousands_of_calls_are_open_at_once(void **state)
{
    static struct world w;
    size_t runs = CALLS / 2;
    han_run **all = calloc(runs, sizeof(*all));
    (void)state;
    open_world(&w);
    w.later = true;
    for (size_t i = 0; i < 1000; i++)
        all[i] = start(&w, "local t, s = ... return s:tool('wait', 1)", NULL);
    while (w.asked < 1000) han_step(w.engine, 10000);
    for (size_t i = 0; i < 1000; i += 2)
        assert_int_equal(han_answer(w.engine, w.calls[i], "1", NULL), HAN_OK);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(han_answer(w.engine, w.calls[i], "1", NULL), i % 2 ? HAN_OK : HAN_SETTLED);
    for (size_t i = 0; i < 1000; i++) {
        while (!han_done(all[i])) han_step(w.engine, 10000);
        for (size_t k = i + 1; k < i + 3 && k < 1000; k++) assert_true(w.calls[i] != w.calls[k]);
        han_release(all[i]);
    }
    free(all);
    han_close(w.engine);
}

static void events_tell_the_run_in_order(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    run_text(&w, "local t, s = ... s:spawn(function() return 1 end) return s:next().out", NULL);
    assert_string_equal(w.events, "spawned:root/1 finished:root/1 delivered:root/1 "
                                  "finished:root ended:root ");
    han_close(w.engine);
}

static void environments_are_checked(void **state)
{
    struct world w;
    han_run *run = NULL;
    han_error err = {0};
    (void)state;
    open_world(&w);
    han_environment wrong = environment_of(&w);
    han_program program = {
        .size = sizeof(program), .name = "x", .source = "return 1", .environment = &wrong};
    wrong.size = 8;
    assert_int_equal(han_start(w.engine, &program, &run, &err), HAN_INVALID);
    wrong = environment_of(&w);
    wrong.tool = NULL;
    assert_int_equal(han_start(w.engine, &program, &run, &err), HAN_INVALID);
    assert_string_equal(err.message, "tools and tool go together");
    wrong = environment_of(&w);
    wrong.backends = NULL;
    assert_int_equal(han_start(w.engine, &program, &run, &err), HAN_INVALID);
    assert_null(run);
    han_close(w.engine);
}

/* ---- misuse ---- */

static void stepping_inside_a_function_is_misuse(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    assert_string_equal(run_text(&w, "local t, s = ... s:tool('nested') return 7", NULL), "7");
    assert_int_equal(w.nested, HAN_MISUSE);
    assert_int_equal(w.nested_start, HAN_MISUSE);
    han_close(w.engine);
}

static void a_released_run_is_known_as_such(void **state)
{
    struct world w;
    han_result result;
    (void)state;
    open_world(&w);
    han_run *run = start(&w, "return 1", NULL);
    han_release(run);
    assert_int_equal(han_get_result(run, &result), HAN_MISUSE);
    assert_int_equal(result.status, HAN_MISUSE);
    assert_true(han_done(run)); /* so that a loop over it ends */
    han_cancel(run);
    han_release(run);
    for (int i = 0; i < 1000; i++) han_release(start(&w, "return 1", NULL));
    han_close(w.engine);
}

struct stranger {
    han_engine *engine;
    han_run *run;
    int step, wait, start, answer;
    han_error err;
};

static void *call_from_elsewhere(void *ud)
{
    struct stranger *s = ud;
    han_run *run = NULL;
    han_program program = {.size = sizeof(program), .name = "x", .source = "return 1"};
    s->step = han_step(s->engine, 100);
    s->wait = han_wait(s->engine, 0);
    s->start = han_start(s->engine, &program, &run, &s->err);
    s->answer = han_answer(s->engine, 1, "1", NULL);
    han_release(s->run);
    han_close(s->engine);
    return NULL;
}

static void another_thread_is_misuse(void **state)
{
    struct world w;
    han_result result;
    pthread_t thread;
    (void)state;
    open_world(&w);
    struct stranger s = {.engine = w.engine, .run = start(&w, "return 1", NULL)};
    assert_int_equal(pthread_create(&thread, NULL, call_from_elsewhere, &s), 0);
    pthread_join(thread, NULL);
    assert_int_equal(s.step, HAN_MISUSE);
    assert_int_equal(s.wait, HAN_MISUSE);
    assert_int_equal(s.start, HAN_MISUSE);
    assert_int_equal(s.answer, HAN_MISUSE);
    assert_non_null(strstr(s.err.message, "another thread"));
    while (!han_done(s.run)) han_wait(w.engine, 3600000);
    assert_int_equal(han_get_result(s.run, &result), HAN_OK);
    han_close(w.engine);
}

/* ---- many engines ---- */

static void *live_a_life(void *ud)
{
    struct world *w = ud;
    open_world(w);
    for (int i = 0; i < 50; i++)
        run_text(w,
                 "local t, s = ... local n = 0 for i = 1, 20 do s:spawn(function(x, sc) return "
                 "sc:tool('add', { x, 1 }).sum end, i) end for c in s:each() do n = n + c.out "
                 "end return n",
                 NULL);
    han_close(w->engine);
    return NULL;
}

static void two_engines_live_in_two_threads(void **state)
{
    static struct world worlds[2];
    pthread_t threads[2];
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, live_a_life, &worlds[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(worlds[i].asked, 1000);
    }
}

static int descriptors(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir)) n++;
    closedir(dir);
    return n;
}

static void a_thousand_lives_leave_nothing(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    run_text(&w, "return 1", NULL);
    han_close(w.engine);
    int before = descriptors();
    for (int i = 0; i < 1000; i++) {
        open_world(&w);
        if (i % 10 == 0) run_text(&w, "local t, s = ... return s:tool('add', { 1, 2 }).sum", NULL);
        han_close(w.engine);
    }
    assert_int_equal(descriptors(), before);
}

/* ---- faults ---- */

/* Answers whatever is open, as a host does that got no memory either. */
static void answer_all(struct world *w)
{
    for (size_t i = 0; i < w->asked && i < CALLS; i++)
        if (han_answer(w->engine, w->calls[i], "[1]", NULL) == HAN_NOMEM)
            han_refuse(w->engine, w->calls[i], HAN_NOMEM, NULL);
}

/* One life with the n-th allocation failing; false when that one was not reached. */
static bool live_with_failure(long n)
{
    static struct world w;
    struct counting c = {.fail_after = n};
    han_run *run = NULL;
    han_options options = {.size = sizeof(options), .alloc = counting_alloc, .alloc_ud = &c};
    han_error err = {0};
    memset(&w, 0, sizeof(w));
    w.later = true;
    han_environment environment = environment_of(&w);
    han_program program = {
        .size = sizeof(program),
        .name = "host.lua",
        .source = "local t, s = ... s:spawn({ backend = 'mine', limits = { shots = 1 } }, {}) "
                  "local e = s:next() s:tool('wait', { e.out }) s:submit('x') return s:best()",
        .environment = &environment};
    int rc = han_open(&options, &w.engine, &err);
    if (rc == HAN_OK) rc = han_start(w.engine, &program, &run, &err);
    for (int i = 0; rc == HAN_OK && !han_done(run) && i < 1000; i++) {
        han_step(w.engine, 1000);
        answer_all(&w);
    }
    if (rc == HAN_OK) assert_true(han_done(run));
    if (rc != HAN_OK) assert_true(err.code != 0);
    c.fail_after = -1;
    han_close(w.engine);
    assert_int_equal(c.live, 0);
    return c.reached;
}

static void allocation_failures_are_clean(void **state)
{
    (void)state;
    for (long n = 0; n < 20000; n++)
        if (!live_with_failure(n)) return;
    fail_msg("the sweep did not reach its end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tool_is_a_function_of_the_host),
        cmocka_unit_test(without_a_host_there_are_no_tools),
        cmocka_unit_test(answers_may_come_later_and_in_any_order),
        cmocka_unit_test(calls_are_charged_to_the_node_that_made_them),
        cmocka_unit_test(a_worker_may_be_the_hosts_own),
        cmocka_unit_test(a_cancelled_run_lets_go_of_its_calls),
        cmocka_unit_test(thousands_of_calls_are_open_at_once),
        cmocka_unit_test(events_tell_the_run_in_order),
        cmocka_unit_test(environments_are_checked),
        cmocka_unit_test(stepping_inside_a_function_is_misuse),
        cmocka_unit_test(a_released_run_is_known_as_such),
        cmocka_unit_test(another_thread_is_misuse),
        cmocka_unit_test(two_engines_live_in_two_threads),
        cmocka_unit_test(a_thousand_lives_leave_nothing),
        cmocka_unit_test(allocation_failures_are_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
