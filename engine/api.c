/* The public face: argument checks, and the life of public runs. */
#include "base/config.h"
#include "engine.h"

#include "loop/loop.h"
#include "script/bind_environment.h"
#include "script/host.h"

#define WAIT_SLICE_US 5000

int han_open(const han_options *options, han_engine **out, han_error *err)
{
    han__error_clear(err);
    if (!options || options->size != sizeof(*options) || !out)
        return han__error_set(err, HAN_INVALID, "han_options.size must be sizeof(han_options)");
    return han__engine_open(options, out, err);
}

/* Calls that must come from the engine's thread, and not from a function that the engine called. */
static int check_call(const han_engine *engine, han_error *err)
{
    if (!engine) return han__error_set(err, HAN_INVALID, "no engine");
    if (!pthread_equal(engine->owner, pthread_self()))
        return han__error_set(err, HAN_MISUSE,
                              "called from another thread than the one that opened the engine; "
                              "only han_cancel and han_wakeup may be");
    if (engine->stepping)
        return han__error_set(err, HAN_MISUSE,
                              "called from inside a function that the engine "
                              "called; do it after han_step has returned");
    return HAN_OK;
}

/* For calls that have no way to say so. */
static bool refuse_call(han_engine *engine, const char *name)
{
    han_error err = {0};
    if (check_call(engine, &err) == HAN_OK) return false;
    han__log_write(&engine->log, HAN__LOG_ERROR, "%s: %s", name, err.message);
    return true;
}

void han_close(han_engine *engine)
{
    if (engine && !refuse_call(engine, "han_close")) han__engine_close(engine);
}

/* ---- starting a program ---- */

static struct han_run *new_run(han_engine *engine)
{
    struct han_run *run = han__mem_zalloc(&engine->mem, 1, sizeof(*run));
    if (!run) return NULL;
    run->engine = engine;
    han__buf_init(&run->json, &engine->mem, HAN__FRAME_BYTES_MAX);
    run->next = engine->runs;
    engine->runs = run;
    return run;
}

static int check_program(const han_program *program, han_error *err)
{
    if (!program || program->size != sizeof(*program))
        return han__error_set(err, HAN_INVALID, "han_program.size must be sizeof(han_program)");
    if (!program->source || !program->name)
        return han__error_set(err, HAN_INVALID, "a program needs source and name");
    if (!(program->wall >= 0 && program->wall < 1e9))
        return han__error_set(err, HAN_INVALID, "wall must be seconds, 0 or more");
    return HAN_OK;
}

static void tell_event(void *ud, const han__row *row)
{
    char node[512];
    struct han_run *run = ud;
    han_event event = {.kind = han__row_name(row->kind),
                       .node = node,
                       .label = row->node->label,
                       .text = row->text,
                       .status = row->code};
    han__node_id(row->node, node, sizeof(node));
    run->engine->event(run->engine->event_ud, run, &event);
}

int han_start(han_engine *engine, const han_program *program, han_run **out, han_error *err)
{
    han__error_clear(err);
    if (!out) return han__error_set(err, HAN_INVALID, "no place for the run");
    int rc = check_call(engine, err);
    if (rc == HAN_OK) rc = check_program(program, err);
    if (rc != HAN_OK) return rc;
    struct han_run *run = new_run(engine);
    if (!run) return han__error_set(err, HAN_NOMEM, "no memory for a run");
    rc = han__program_open(&engine->host, program, &run->run, err);
    if (rc != HAN_OK) {
        han_release(run);
        return rc;
    }
    if (engine->event) {
        run->hook = (han__hook){.fn = tell_event, .ud = run};
        han__hooks_add(han__tree_hooks(run->run->tree), &run->hook);
    }
    *out = run;
    return HAN_OK;
}

/* ---- commands and benches ---- */

/* A run for a command: there may be one at a time. */
static int new_command(han_engine *engine, struct han_run **out, han_error *err)
{
    int rc = check_call(engine, err);
    if (rc != HAN_OK) return rc;
    for (struct han_run *r = engine->runs; r; r = r->next)
        if (r->command.fiber)
            return han__error_set(err, HAN_MISUSE, "a command or a bench runs already");
    *out = new_run(engine);
    if (!*out) return han__error_set(err, HAN_NOMEM, "no memory for a command");
    (*out)->is_command = true;
    return HAN_OK;
}

/* *out is the run that was started; one that was not is released. */
static int started(struct han_run *run, int rc, han_run **out)
{
    if (rc == HAN_OK)
        *out = run;
    else
        han_release(run);
    return rc;
}

int han_command(han_engine *engine, int argc, const char *const *argv, han_run **out,
                han_error *err)
{
    struct han_run *run;
    han__error_clear(err);
    if (!out || argc < 0) return han__error_set(err, HAN_INVALID, "no place for the run");
    int rc = new_command(engine, &run, err);
    if (rc != HAN_OK) return rc;
    return started(run, han__command_start(&engine->host, argc, argv, &run->command, err), out);
}

static int check_family(const han_family *family, han_error *err)
{
    if (!family || family->size != sizeof(*family))
        return han__error_set(err, HAN_INVALID, "han_family.size must be sizeof(han_family)");
    if (!family->name || !family->tasks || !family->worker || !family->arms)
        return han__error_set(err, HAN_INVALID, "a family needs name, tasks, worker and arms");
    if (!family->environment || !family->environment->check)
        return han__error_set(err, HAN_INVALID, "a family needs an environment with a check");
    if (!(family->wall >= 0 && family->wall < 1e9))
        return han__error_set(err, HAN_INVALID, "wall must be seconds, 0 or more");
    return HAN_OK;
}

int han_bench(han_engine *engine, const han_family *family, han_run **out, han_error *err)
{
    struct han_run *run;
    han__error_clear(err);
    if (!out) return han__error_set(err, HAN_INVALID, "no place for the run");
    int rc = check_family(family, err);
    if (rc == HAN_OK) rc = new_command(engine, &run, err);
    if (rc != HAN_OK) return rc;
    run->command.text = &run->json;
    return started(run, han__bench_start(&engine->host, family, &run->family, &run->command, err),
                   out);
}

/* ---- turning ---- */

int han_step(han_engine *engine, uint64_t max_us)
{
    if (check_call(engine, NULL) != HAN_OK) return HAN_MISUSE;
    engine->stepping = true;
    han__engine_attend(engine);
    int rc = han__host_step(&engine->host, max_us);
    engine->stepping = false;
    return rc;
}

static size_t ended_runs(const han_engine *engine)
{
    size_t n = 0;
    for (const struct han_run *run = engine->runs; run; run = run->next) n += han_done(run) != 0;
    return n;
}

int han_wait(han_engine *engine, uint32_t timeout_ms)
{
    if (check_call(engine, NULL) != HAN_OK) return HAN_MISUSE;
    size_t ended = ended_runs(engine);
    int rc = han_step(engine, WAIT_SLICE_US);
    if (rc != 0) return rc;
    if (ended_runs(engine) != ended) return 1; /* what the host waits for may have happened */
    int limit = han__host_timeout_ms(&engine->host);
    if (limit >= 0 && (uint32_t)limit < timeout_ms) timeout_ms = (uint32_t)limit;
    engine->stepping = true;
    rc = han__loop_run_once(engine->host.loop, timeout_ms);
    engine->stepping = false;
    return rc < 0 ? rc : 1;
}

int han_fd(const han_engine *engine)
{
    return han__loop_fd(engine->host.loop);
}
int han_timeout(const han_engine *engine)
{
    return han__host_timeout_ms(&engine->host);
}
void han_wakeup(han_engine *engine)
{
    han__loop_wakeup(engine->host.loop);
}

/* ---- results ---- */

int han_done(const han_run *run)
{
    if (run->released) return 1;
    return run->run ? run->run->told_end : run->command.ended;
}

static int render_result(struct han_run *run)
{
    if (run->json.len > 0) return HAN_OK;
    if (!run->run) return han__buf_text(&run->json, "null");
    return han__program_result(run->run, &run->json, &run->error);
}

static void fill_spend(han_result *result, const han__node *root)
{
    han__amount spend = han__node_spend(root);
    result->tokens = spend.v[HAN__TOKENS];
    result->nano_usd = spend.v[HAN__NANO_USD];
    result->shots = spend.v[HAN__SHOTS];
    result->turns = spend.v[HAN__TURNS];
    result->evals = spend.v[HAN__EVALS];
    result->over = root->over;
}

int han_get_result(han_run *run, han_result *result)
{
    memset(result, 0, sizeof(*result));
    if (run->released || !han_done(run)) return result->status = HAN_MISUSE;
    int rc = render_result(run);
    result->json = han__buf_cstr(&run->json);
    if (!result->json) rc = HAN_NOMEM;
    result->exit_code = run->command.exit_code;
    if (run->is_command) run->error = run->command.error;
    if (run->run) {
        const han__node *root = han__tree_root(run->run->tree);
        fill_spend(result, root);
        if (root->outcome == HAN__DOWN)
            han__error_at(&run->error, root->code, root->where, "%s",
                          root->reason ? root->reason : han_status_text(root->code));
    }
    result->error = run->error;
    result->status = run->error.code;
    return rc;
}

int han_get_usage(const han_run *run, han_usage *usage)
{
    memset(usage, 0, sizeof(*usage));
    if (run->released) return HAN_MISUSE;
    if (!run->run) return HAN_OK;
    han__tree *tree = run->run->tree;
    han__amount spend = han__node_spend(han__tree_root(tree));
    usage->tokens = spend.v[HAN__TOKENS];
    usage->nano_usd = spend.v[HAN__NANO_USD];
    usage->shots = spend.v[HAN__SHOTS];
    usage->turns = spend.v[HAN__TURNS];
    usage->evals = spend.v[HAN__EVALS];
    usage->live = han__tree_live(tree);
    return HAN_OK;
}

void han_cancel(han_run *run)
{
    if (run->released) return;
    run->cancel++;
    han_wakeup(run->engine);
}

/* It is kept for a while, so that a host that uses it again is told. */
static void keep_released(han_engine *engine, struct han_run *run)
{
    struct han_run **place = &engine->released[engine->releases++ % HAN__RELEASED_KEPT];
    han__mem_free(&engine->mem, *place, sizeof(**place));
    run->released = true;
    run->next = NULL;
    *place = run;
}

void han_release(han_run *run)
{
    if (!run || run->released || refuse_call(run->engine, "han_release")) return;
    han_engine *engine = run->engine;
    for (struct han_run **link = &engine->runs; *link; link = &(*link)->next)
        if (*link == run) {
            *link = run->next;
            break;
        }
    engine->stepping = true; /* functions of the host may be called: it is told of open calls */
    han__command_stop(&run->command);
    if (run->run) han__run_close(run->run);
    engine->stepping = false;
    run->run = NULL;
    han__buf_release(&run->json);
    keep_released(engine, run);
}

/* ---- answers to calls of a run ---- */

static int check_answer(const han_engine *engine, han_error *err)
{
    han__error_clear(err);
    if (!engine) return han__error_set(err, HAN_INVALID, "no engine");
    if (pthread_equal(engine->owner, pthread_self())) return HAN_OK;
    return han__error_set(err, HAN_MISUSE, "called from another thread than the engine's");
}

int han_answer(han_engine *engine, han_call call, const char *json, han_error *err)
{
    int rc = check_answer(engine, err);
    return rc == HAN_OK ? han__environment_answer(&engine->host, call, json, err) : rc;
}

int han_refuse(han_engine *engine, han_call call, int status, const char *message)
{
    int rc = check_answer(engine, NULL);
    if (rc != HAN_OK) return rc;
    if (status >= 0) return HAN_INVALID;
    return han__environment_refuse(&engine->host, call, status, message);
}

int han_charge(han_engine *engine, han_call call, const char *spend, han_error *err)
{
    int rc = check_answer(engine, err);
    return rc == HAN_OK ? han__environment_charge(&engine->host, call, spend, err) : rc;
}
