/* Models in the runs of a host: what grant and secret are asked, what is paid, and what goes wrong,
 * against the endpoint of tests/endpoint. Only han.h. */
#include "base/config.h"

#include <han.h>

#include "endpoint.h"
#include "failing_alloc.h"

#define KEY "key-of-the-host-0123456789"

struct world {
    han_engine *engine;
    endpoint endpoint;
    bool refuse;        /* grant does */
    bool starved;       /* an allocation may fail */
    const char *limits; /* of a shot; NULL: without dollars */
    int granted, secrets, checked;
    char seen[400];
    char result[600];
    han_result last;
};

/* A host without memory says so. */
static void answer(struct world *w, han_call call, const char *json)
{
    int status = han_answer(w->engine, call, json, NULL);
    if (status == HAN_NOMEM && w->starved)
        (void)han_refuse(w->engine, call, HAN_NOMEM, "no memory");
    else
        assert_int_equal(status, HAN_OK);
}

static void grant(void *ud, han_call call, const char *effect, const char *json)
{
    struct world *w = ud;
    w->granted++;
    snprintf(w->seen, sizeof(w->seen), "%s %s", effect, json);
    if (w->refuse)
        han_refuse(w->engine, call, HAN_INVALID, "no money for models");
    else
        answer(w, call, "true");
}

static void check(void *ud, han_call call, const char *artifact)
{
    struct world *w = ud;
    w->checked++;
    snprintf(w->seen, sizeof(w->seen), "%s", artifact);
    answer(w, call, "{\"pass\":true,\"correct\":1}");
}

static size_t secret(void *ud, const char *name, char *out, size_t size)
{
    struct world *w = ud;
    w->secrets++;
    assert_string_equal(name, "GAME_KEY");
    assert_true(size > sizeof(KEY));
    memcpy(out, KEY, sizeof(KEY) - 1);
    return sizeof(KEY) - 1;
}

static void open_world(struct world *w, const char *option, const char *value)
{
    han_options options = {.size = sizeof(options), .secret = secret, .secret_ud = w};
    memset(w, 0, sizeof(*w));
    endpoint_start(&w->endpoint, option, value);
    assert_int_equal(han_open(&options, &w->engine, NULL), HAN_OK);
}

static void close_world(struct world *w)
{
    han_close(w->engine);
    endpoint_stop(&w->endpoint);
}

static han_environment environment_of(struct world *w, const char *model, char *name, size_t size)
{
    snprintf(name, size, "%s/v1#%s", w->endpoint.base, model);
    return (han_environment){
        .size = sizeof(han_environment), .ud = w, .grant = grant, .model = name, .check = check};
}

static han_program program_of(const struct world *w, const han_environment *environment,
                              const char *budget)
{
    static const char source[] =
        "local t, s = ... local id, why, code = s:spawn({ backend = 'model', limits = t }, { "
        "prompt = 'write' }) "
        "if not id then return { code } end local c = s:next() "
        "return { c.kind, c.out or c.reason or 'none', c.verdict and c.verdict.pass or false }";
    return (han_program){.size = sizeof(han_program),
                         .name = "host.lua",
                         .source = source,
                         .task =
                             w->limits ? w->limits : "{\"shots\":1,\"turns\":1,\"tokens\":20000}",
                         .budget = budget,
                         .environment = environment};
}

/* One shot of a model; what the program got of it, and in w->last what was paid. */
static const char *ask(struct world *w, const han_environment *environment, const char *budget)
{
    han_program program = program_of(w, environment, budget);
    han_run *run = NULL;
    han_error err = {0};
    if (han_start(w->engine, &program, &run, &err) != HAN_OK) fail_msg("%s", err.message);
    while (!han_done(run)) han_wait(w->engine, 3600000);
    if (han_get_result(run, &w->last) != HAN_OK) fail_msg("%s", w->last.error.message);
    snprintf(w->result, sizeof(w->result), "%s",
             w->last.status == HAN_OK ? w->last.json : w->last.error.message);
    return w->result;
}

/* A folder with one reply of a model, for file-program. */
static void write_reply(char *folder)
{
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/program", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("Here it is.\n```lua\nreturn 7\n```\n", file);
    fclose(file);
}

static void remove_reply(const char *folder)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/program", folder);
    unlink(path);
    rmdir(folder);
}

TEST(a_run_asks_the_hosts_model)
{
    struct world w;
    char name[128], folder[] = "/tmp/han-replies-XXXXXX";
    write_reply(folder);
    open_world(&w, "--replies", folder);
    han_environment environment = environment_of(&w, "file-program", name, sizeof(name));
    assert_string_equal(ask(&w, &environment, "shots=2,turns=2,tokens=40000"),
                        "[\"done\",\"return 7\\n\",true]");
    assert_int_equal(w.granted, 1);
    assert_int_equal(w.checked, 1);
    assert_string_equal(w.seen, "\"return 7\\n\"");
    assert_int_equal(w.last.shots, 1);
    assert_int_equal(w.last.turns, 1);
    assert_int_equal(w.last.tokens, 19); /* what the endpoint says */
    assert_int_equal(w.secrets, 0);      /* this endpoint needs no key */
    close_world(&w);
    remove_reply(folder);
}

TEST(the_host_is_asked_before_anything_goes_out)
{
    struct world w;
    char name[128];
    open_world(&w, NULL, NULL);
    han_environment environment = environment_of(&w, "ok", name, sizeof(name));
    w.refuse = true;
    assert_string_equal(ask(&w, &environment, NULL), "[\"down\",\"no money for models\",false]");
    assert_non_null(strstr(w.seen, "model {"));
    assert_non_null(strstr(w.seen, "\"task\":{\"prompt\":\"write\"}"));
    assert_non_null(strstr(w.seen, name));
    assert_int_equal(w.last.tokens, 0);
    environment.grant = NULL;
    assert_non_null(strstr(ask(&w, &environment, NULL), "han_environment.grant"));
    environment.grant = grant;
    environment.model = NULL;
    assert_string_equal(ask(&w, &environment, NULL), "[\"UNKNOWN_AGENT\"]");
    assert_int_equal(w.granted, 1);
    close_world(&w);
}

TEST(the_key_is_the_hosts)
{
    struct world w;
    char name[128];
    open_world(&w, "--key", KEY);
    han_environment environment = environment_of(&w, "ok", name, sizeof(name));
    environment.key = "env:GAME_KEY";
    environment.check = NULL;
    /* it answered, so it knew the key; what it wrote is no program */
    assert_string_equal(ask(&w, &environment, NULL), "[\"done\",\"none\",false]");
    assert_int_equal(w.secrets, 1);
    assert_int_equal(w.last.tokens, 19);
    assert_string_equal(ask(&w, &environment, NULL), "[\"done\",\"none\",false]");
    environment.key = NULL;
    assert_non_null(strstr(ask(&w, &environment, NULL), "401"));
    close_world(&w);
}

TEST(what_cannot_be_paid_is_not_asked)
{
    struct world w;
    char name[128];
    open_world(&w, NULL, NULL);
    han_environment environment = environment_of(&w, "ok", name, sizeof(name));
    assert_string_equal(ask(&w, &environment, "shots=2,turns=2,tokens=300"),
                        "[\"BUDGET_EXHAUSTED\"]");
    assert_int_equal(w.granted, 0);
    assert_non_null(strstr(ask(&w, &environment, "shots=2,turns=2,tokens=40000,nano_usd=900000000"),
                           "no price is known"));
    environment.price = "3,15";
    w.limits = "{\"shots\":1,\"turns\":1,\"tokens\":20000,\"nano_usd\":800000000}";
    assert_string_equal(ask(&w, &environment, "shots=2,turns=2,tokens=40000,nano_usd=900000000"),
                        "[\"done\",\"none\",false]");
    assert_int_equal(w.last.nano_usd, 12 * 3000 + 7 * 15000);
    close_world(&w);
}

TEST(a_model_that_is_none_is_refused_at_the_start)
{
    struct world w;
    han_run *run = NULL;
    han_error err = {0};
    open_world(&w, NULL, NULL);
    han_environment environment = {.size = sizeof(environment), .model = "gpt"};
    han_program program = {
        .size = sizeof(program), .name = "x", .source = "return 1", .environment = &environment};
    assert_int_equal(han_start(w.engine, &program, &run, &err), HAN_INVALID);
    assert_non_null(strstr(err.message, "'gpt' names no model"));
    environment.model = "openai:x";
    environment.price = "cheap";
    assert_int_equal(han_start(w.engine, &program, &run, &err), HAN_INVALID);
    assert_non_null(strstr(err.message, "price: "));
    close_world(&w);
}

/* The run is cancelled, or its engine closed, while the model writes: nothing is left behind. */
TEST(a_run_may_end_while_its_model_writes)
{
    static const char source[] =
        "local t, s = ... s:spawn({ backend = 'model', limits = { shots = "
        "1, turns = 1, tokens = 20000 } }, { prompt = 'write' }) return s:next()";
    for (int how = 0; how < 2; how++) {
        struct world w;
        char name[128];
        han_run *run = NULL;
        han_result result;
        open_world(&w, NULL, NULL);
        han_environment environment = environment_of(&w, "never", name, sizeof(name));
        han_program program = {.size = sizeof(program),
                               .name = "host.lua",
                               .source = source,
                               .environment = &environment};
        assert_int_equal(han_start(w.engine, &program, &run, NULL), HAN_OK);
        while (!w.granted) han_wait(w.engine, 1000);
        for (int i = 0; i < 20; i++) han_step(w.engine, 1000);
        assert_false(han_done(run));
        if (how == 0) {
            han_cancel(run);
            while (!han_done(run)) han_wait(w.engine, 1000);
            assert_int_equal(han_get_result(run, &result), HAN_OK);
            assert_int_equal(result.status, HAN_CANCELLED);
        }
        close_world(&w);
    }
}

/* One life of an engine with a call of a model, its n-th allocation failing: an error or a result.
 * False when that one was not reached. */
static bool live_with_failure(struct world *w, long n)
{
    char name[128];
    han_run *run = NULL;
    han_error err = {0};
    struct counting c = {.fail_after = n, .once = true};
    han_options options = {.size = sizeof(options),
                           .secret = secret,
                           .secret_ud = w,
                           .alloc = counting_alloc,
                           .alloc_ud = &c};
    han_environment environment = environment_of(w, "file-program", name, sizeof(name));
    han_program program = program_of(w, &environment, "shots=2,turns=2,tokens=40000");
    environment.key = "env:GAME_KEY";
    w->engine = NULL;
    int status = han_open(&options, &w->engine, &err);
    if (status == HAN_OK) status = han_start(w->engine, &program, &run, &err);
    if (status != HAN_OK) assert_true(err.code != 0);
    for (int i = 0; status == HAN_OK && !han_done(run) && i < 10000; i++) han_wait(w->engine, 100);
    if (status == HAN_OK) assert_true(han_done(run));
    if (status == HAN_OK && han_get_result(run, &w->last) == HAN_OK)
        assert_true(w->last.status == HAN_OK ? w->last.json[0] == '[' : w->last.error.code != 0);
    c.fail_after = -1;
    han_close(w->engine);
    assert_int_equal(c.live, 0);
    return c.reached;
}

TEST(allocation_failures_are_clean)
{
    struct world w = {.starved = true};
    char folder[] = "/tmp/han-replies-XXXXXX";
    long n = 0;
    write_reply(folder);
    endpoint_start(&w.endpoint, "--replies", folder);
    while (n < 100000 && live_with_failure(&w, n)) n = next_failure(n);
    endpoint_stop(&w.endpoint);
    remove_reply(folder);
    assert_true(n < 100000);
    assert_true(w.checked > 1); /* not all of them fail */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_asks_the_hosts_model),
        cmocka_unit_test(the_host_is_asked_before_anything_goes_out),
        cmocka_unit_test(the_key_is_the_hosts),
        cmocka_unit_test(what_cannot_be_paid_is_not_asked),
        cmocka_unit_test(a_model_that_is_none_is_refused_at_the_start),
        cmocka_unit_test(a_run_may_end_while_its_model_writes),
        cmocka_unit_test(allocation_failures_are_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
