/* A bench of a host's own family: tasks, worlds, tools, workers, checks and a judge that are all
 * functions of the host. Only han.h. */
#include "base/config.h"

#include <han.h>

#include <stdbool.h>
#include <stdlib.h>

#include "failing_alloc.h"
#include "testing.h"

#define SCRIPTS HAN_TEST_SOURCE_DIR "/scripts"

/* A door with a hidden number; who guesses it has solved the task. A worker guesses upwards. */
typedef struct door {
    struct host *host;
    int number, guess, pushed;
} door;

typedef struct host {
    han_engine *engine;
    int entered, left, worked, checked, judged, observed, granted, cancelled;
    int live, live_most; /* worlds at once */
    int nested;          /* what han_step gave inside enter */
    bool silent;         /* workers are not answered */
    bool refuse;         /* ... but refused, as a fault of the machine */
    bool no_world;
    bool starved;    /* an allocation may fail */
    char first[400]; /* what the first enter was told */
    char result[20000];
    han_result last;
} host;

static void *enter(void *ud, const char *json)
{
    host *h = ud;
    if (h->entered++ == 0) snprintf(h->first, sizeof(h->first), "%s", json);
    h->nested = han_step(h->engine, 100);
    if (h->no_world) return NULL;
    door *d = calloc(1, sizeof(*d)); // NOLINT: the host's own memory
    assert_non_null(d);
    d->host = h;
    d->number = (int)strtol(strstr(json, "\"id\":\"door") + 10, NULL, 10);
    if (++h->live > h->live_most) h->live_most = h->live;
    return d;
}

static void leave(void *world)
{
    door *d = world;
    d->host->left++;
    d->host->live--;
    free(d);
}

/* A host without memory says so. */
static void answer(host *h, han_call call, const char *json)
{
    han_error err = {0};
    int status = han_answer(h->engine, call, json, &err);
    if (status == HAN_NOMEM && h->starved)
        (void)han_refuse(h->engine, call, HAN_NOMEM, "no memory");
    else if (status != HAN_OK)
        fail_msg("%s", err.message);
}

static void work(void *world, han_call call, const char *backend, const char *json)
{
    char text[32];
    door *d = world;
    (void)backend;
    d->host->worked++;
    if (d->host->silent) return;
    if (d->host->refuse) {
        han_refuse(d->host->engine, call, HAN_PEER, "the game has crashed");
        return;
    }
    const char *from = strstr(json, "\"from\":");
    int n = from ? (int)strtol(from + 7, NULL, 10) : 0;
    assert_int_equal(han_charge(d->host->engine, call, "evals=1", NULL), HAN_OK);
    snprintf(text, sizeof(text), "%d", n + 1);
    answer(d->host, call, text);
}

static void judge_number(door *d, han_call call, const char *artifact)
{
    char text[64];
    int n = (int)strtol(artifact, NULL, 10);
    snprintf(text, sizeof(text), "{\"pass\":%s,\"correct\":%.3f}",
             n == d->number ? "true" : "false", n >= d->number ? 1.0 : n / (double)d->number);
    answer(d->host, call, text);
}

static void check(void *world, han_call call, const char *artifact)
{
    door *d = world;
    d->host->checked++;
    assert_int_equal(han_charge(d->host->engine, call, "evals=1", NULL), HAN_INVALID);
    judge_number(d, call, artifact);
}

static void judge(void *world, han_call call, const char *artifact)
{
    door *d = world;
    d->host->judged++;
    judge_number(d, call, artifact);
}

static void observe(void *world, han_call call, const char *settled)
{
    door *d = world;
    (void)settled;
    d->host->observed++;
    answer(d->host, call, "[{\"text\":\"higher\"}]");
}

static void tool(void *world, han_call call, const char *name, const char *args)
{
    char text[32];
    door *d = world;
    (void)args;
    assert_string_equal(name, "push");
    snprintf(text, sizeof(text), "%d", ++d->pushed);
    answer(d->host, call, text);
}

static void cancelled(void *world, han_call call)
{
    door *d = world;
    (void)call;
    d->host->cancelled++;
    assert_int_equal(han_step(d->host->engine, 100), HAN_MISUSE);
}

static const char *const tools[] = {"push", NULL};
static const char *const backends[] = {"mine", NULL};

static han_environment environment_of(void)
{
    return (han_environment){.size = sizeof(han_environment),
                             .tools = tools,
                             .tool = tool,
                             .backends = backends,
                             .work = work,
                             .check = check,
                             .observe = observe,
                             .cancelled = cancelled};
}

static const char tasks[] =
    "[{\"id\":\"door1\",\"public\":{\"artifact\":0}},{\"id\":\"door2\",\"public\":{\"artifact\":0}}"
    ","
    "{\"id\":\"door3\",\"group\":\"far\",\"public\":{\"artifact\":0},\"private\":{\"key\":3}}]";

static han_family family_of(host *h, const han_environment *environment)
{
    return (han_family){.size = sizeof(han_family),
                        .name = "doors",
                        .tasks = tasks,
                        .worker = "{\"backend\":\"mine\",\"limits\":{\"shots\":1,\"evals\":1}}",
                        .arms = "sample,refine",
                        .budget = "shots=3,evals=3",
                        .seed = 7,
                        .ud = h,
                        .enter = enter,
                        .leave = leave,
                        .judge = judge,
                        .environment = environment};
}

static void open_host(host *h)
{
    han_options options = {.size = sizeof(options), .scripts = SCRIPTS};
    memset(h, 0, sizeof(*h));
    assert_int_equal(han_open(&options, &h->engine, NULL), HAN_OK);
}

static const char *run(host *h, const han_family *family)
{
    han_run *bench = NULL;
    han_error err = {0};
    if (han_bench(h->engine, family, &bench, &err) != HAN_OK) fail_msg("%s", err.message);
    while (!han_done(bench)) han_wait(h->engine, 3600000);
    assert_int_equal(han_get_result(bench, &h->last), HAN_OK);
    snprintf(h->result, sizeof(h->result), "%s",
             h->last.status == HAN_OK ? h->last.json : h->last.error.message);
    han_release(bench);
    return h->result;
}

/* The arm's row of the report, from its name on. */
static const char *row(const char *report, const char *arm)
{
    char name[64];
    snprintf(name, sizeof(name), "\"name\":\"%s\"", arm);
    const char *at = strstr(report, name);
    if (!at) fail_msg("no %s in %s", name, report);
    return at;
}

/* How many tasks it solved. */
static int solved(const char *report, const char *arm)
{
    const char *at = strstr(row(report, arm), "\"solved\":");
    return at ? (int)strtol(at + 9, NULL, 10) : -1;
}

TEST(strategies_are_compared_on_a_hosts_tasks)
{
    host h;
    han_environment environment = environment_of();
    open_host(&h);
    han_family family = family_of(&h, &environment);
    const char *report = run(&h, &family);
    assert_int_equal(h.last.status, HAN_OK);
    assert_int_equal(h.entered, 9); /* three tasks by sample, refine and the control's replicate */
    assert_int_equal(h.left, 9);
    assert_int_equal(h.live_most, 1);
    assert_int_equal(h.nested, HAN_MISUSE);
    assert_int_equal(h.judged, 18); /* each chosen output twice: the noise floor */
    assert_true(h.observed > 0);
    assert_string_equal(h.first, "{\"arm\":\"sample\",\"cell\":\"doors/door1/sample/0\",\"group\":"
                                 "\"door1\",\"id\":\"door1\",\"public\":{\"artifact\":0}}");
    assert_int_equal(solved(report, "sample"), 1);
    assert_int_equal(solved(report, "refine"), 3);
    assert_int_equal(solved(report, "sample#aa"), 1);
    assert_non_null(strstr(report, "\"sandbox\":\"none\""));
    assert_non_null(strstr(report, "\"trust\":\"weak\""));
    han_close(h.engine);
}

/* Programs of the host's own as arms, with its tools; cells side by side give the same report. */
TEST(programs_may_be_the_hosts_own)
{
    host h;
    static char first[20000];
    han_environment environment = environment_of();
    open_host(&h);
    han_family family = family_of(&h, &environment);
    family.judge = NULL; /* the check judges */
    family.arms = "[\"sample\",{\"name\":\"pusher\",\"source\":\"return (require 'han').strategy { "
                  "name = 'pusher', act = function(task, scope) local n for i = 1, 3 do n = "
                  "scope:tool('push', i) scope:submit(n) end return n end }\"}]";
    snprintf(first, sizeof(first), "%s", run(&h, &family));
    assert_int_equal(h.last.status, HAN_OK);
    assert_int_equal(h.judged, 0);
    assert_non_null(strstr(first, "\"arm\":\"pusher\",\"correct\":1.0,\"output\":2,\"pass\":true"));
    assert_int_equal(solved(first, "pusher"), 3); /* one of what it submits is right */
    family.side = 9;
    assert_string_equal(run(&h, &family), first);
    assert_int_equal(h.entered, 18);
    assert_int_equal(h.left, 18);
    han_close(h.engine);
}

TEST(cells_are_at_work_side_by_side)
{
    for (int how = 0; how < 3; how++) {
        host h;
        han_run *bench = NULL;
        han_environment environment = environment_of();
        open_host(&h);
        han_family family = family_of(&h, &environment);
        family.side = 4;
        h.silent = true;
        assert_int_equal(han_bench(h.engine, &family, &bench, NULL), HAN_OK);
        while (h.worked < 4) han_step(h.engine, 1000);
        assert_int_equal(h.live, 4);
        assert_false(han_done(bench));
        if (how == 0) {
            han_cancel(bench);
            while (!han_done(bench)) han_wait(h.engine, 1000);
            assert_int_equal(han_get_result(bench, &h.last), HAN_OK);
            assert_int_equal(h.last.status, HAN_CANCELLED);
        } else if (how == 1) {
            han_release(bench);
        }
        if (how < 2) { /* every world is left, and the engine goes on */
            assert_int_equal(h.left, h.entered);
            h.silent = false;
            assert_int_equal(solved(run(&h, &family), "refine"), 3);
        }
        han_close(h.engine);
        assert_true(h.cancelled >= 4);
        assert_int_equal(h.left, h.entered);
    }
}

TEST(what_the_machine_did_is_no_score)
{
    host h;
    han_environment environment = environment_of();
    open_host(&h);
    han_family family = family_of(&h, &environment);
    h.refuse = true;
    const char *report = run(&h, &family);
    assert_int_equal(h.last.status, HAN_OK);
    assert_int_equal(solved(report, "refine"), 0);
    assert_non_null(strstr(report, "\"reason\":\"the game has crashed\""));
    h.no_world = true;
    assert_non_null(strstr(run(&h, &family), "made no world"));
    assert_int_equal(h.last.status, HAN_PEER);
    han_close(h.engine);
}

TEST(a_bench_that_is_none_is_refused)
{
    static const struct {
        const char *tasks, *worker, *arms, *budget, *says;
        int status;
    } wrong[] = {
        {"[]", NULL, NULL, NULL, "at least one task", HAN_INVALID},
        {"[{", NULL, NULL, NULL, "tasks: ", HAN_SYNTAX},
        {"[{\"id\":1}]", NULL, NULL, NULL, "tasks[1]", HAN_INVALID},
        {NULL, "7", NULL, NULL, "worker must be a profile", HAN_INVALID},
        {NULL, NULL, "nobody", NULL, "no strategy is called 'nobody'", HAN_UNKNOWN},
        {NULL, NULL, "refine,refine", NULL, "two arms", HAN_INVALID},
        {NULL, NULL, NULL, "shots", "budget: ", HAN_INVALID},
    };
    host h;
    han_run *bench = NULL;
    han_error err = {0};
    han_environment environment = environment_of();
    open_host(&h);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        han_family family = family_of(&h, &environment);
        if (wrong[i].tasks) family.tasks = wrong[i].tasks;
        if (wrong[i].worker) family.worker = wrong[i].worker;
        if (wrong[i].arms) family.arms = wrong[i].arms;
        if (wrong[i].budget) family.budget = wrong[i].budget;
        int status = han_bench(h.engine, &family, &bench, &err);
        if (status != wrong[i].status || !strstr(err.message, wrong[i].says))
            fail_msg("case %zu: %d %s", i, status, err.message);
        assert_null(bench);
    }
    han_family family = family_of(&h, &environment);
    environment.check = NULL;
    assert_int_equal(han_bench(h.engine, &family, &bench, NULL), HAN_INVALID);
    environment.check = check;
    family.size = 8;
    assert_int_equal(han_bench(h.engine, &family, &bench, NULL), HAN_INVALID);
    family.size = sizeof(family);
    assert_int_equal(han_bench(h.engine, &family, &bench, NULL), HAN_OK);
    han_run *second = NULL;
    assert_int_equal(han_bench(h.engine, &family, &second, &err), HAN_MISUSE);
    han_close(h.engine);
}

/* One life of an engine with a bench, its n-th allocation failing: an error or a report. False when
 * that one was not reached. */
static bool live_with_failure(long n)
{
    host h = {.starved = true};
    han_run *bench = NULL;
    han_error err = {0};
    struct counting c = {.fail_after = n, .once = true};
    han_options options = {
        .size = sizeof(options), .scripts = SCRIPTS, .alloc = counting_alloc, .alloc_ud = &c};
    han_environment environment = environment_of();
    han_family family = family_of(&h, &environment);
    family.side = 2;
    family.tasks = "[{\"id\":\"door1\",\"public\":{\"artifact\":0}}]";
    int status = han_open(&options, &h.engine, &err);
    if (status == HAN_OK) status = han_bench(h.engine, &family, &bench, &err);
    if (status != HAN_OK) assert_true(err.code != 0);
    for (int i = 0; status == HAN_OK && !han_done(bench) && i < 10000; i++) han_wait(h.engine, 100);
    if (status == HAN_OK) assert_true(han_done(bench));
    if (status == HAN_OK && han_get_result(bench, &h.last) == HAN_OK)
        assert_true(h.last.status == HAN_OK ? h.last.json[0] == '{' : h.last.error.code != 0);
    c.fail_after = -1;
    han_close(h.engine);
    assert_int_equal(h.left, h.entered);
    assert_int_equal(c.live, 0);
    return c.reached;
}

TEST(allocation_failures_are_clean)
{
    for (long n = 0; n < 100000; n = next_failure(n))
        if (!live_with_failure(n)) return;
    fail_msg("the sweep did not reach its end");
}

int main(void)
{
    const struct CMUnitTest tests_of_benches[] = {
        cmocka_unit_test(strategies_are_compared_on_a_hosts_tasks),
        cmocka_unit_test(programs_may_be_the_hosts_own),
        cmocka_unit_test(cells_are_at_work_side_by_side),
        cmocka_unit_test(what_the_machine_did_is_no_score),
        cmocka_unit_test(a_bench_that_is_none_is_refused),
        cmocka_unit_test(allocation_failures_are_clean),
    };
    return cmocka_run_group_tests(tests_of_benches, NULL, NULL);
}
