/* The public face: argument checks, and the life of public runs. */
#include "base/config.h"
#include "engine.h"

#include "loop/loop.h"
#include "script/host.h"

#define WAIT_SLICE_US 5000

int han_open(const han_options *options, han_engine **out, han_error *err)
{
    han__error_clear(err);
    if (!options || options->size != sizeof(*options) || !out)
        return han__error_set(err, HAN_INVALID, "han_options.size must be sizeof(han_options)");
    return han__engine_open(options, out, err);
}

void han_close(han_engine *engine)
{
    if (engine && !engine->stepping) han__engine_close(engine);
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

int han_start(han_engine *engine, const han_program *program, han_run **out, han_error *err)
{
    han__error_clear(err);
    if (!engine || !out) return han__error_set(err, HAN_INVALID, "no engine");
    int rc = check_program(program, err);
    if (rc != HAN_OK) return rc;
    struct han_run *run = new_run(engine);
    if (!run) return han__error_set(err, HAN_NOMEM, "no memory for a run");
    rc = han__program_open(&engine->host, program, &run->run, err);
    if (rc != HAN_OK) {
        han_release(run);
        return rc;
    }
    *out = run;
    return HAN_OK;
}

/* ---- commands ---- */

int han_command(han_engine *engine, int argc, const char *const *argv, han_run **out,
                han_error *err)
{
    han__error_clear(err);
    if (!engine || !out || argc < 0) return han__error_set(err, HAN_INVALID, "no engine");
    for (struct han_run *r = engine->runs; r; r = r->next)
        if (r->command.fiber) return han__error_set(err, HAN_MISUSE, "a command runs already");
    struct han_run *run = new_run(engine);
    if (!run) return han__error_set(err, HAN_NOMEM, "no memory for a command");
    run->is_command = true;
    int rc = han__command_start(&engine->host, argc, argv, &run->command, err);
    if (rc != HAN_OK) {
        han_release(run);
        return rc;
    }
    *out = run;
    return HAN_OK;
}

/* ---- turning ---- */

int han_step(han_engine *engine, uint64_t max_us)
{
    if (!engine || engine->stepping) return HAN_MISUSE;
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
    if (!han_done(run)) return HAN_MISUSE;
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

void han_cancel(han_run *run)
{
    run->cancel++;
    han_wakeup(run->engine);
}

void han_release(han_run *run)
{
    if (!run || run->engine->stepping) return;
    han_engine *engine = run->engine;
    for (struct han_run **link = &engine->runs; *link; link = &(*link)->next)
        if (*link == run) {
            *link = run->next;
            break;
        }
    han__command_stop(&run->command);
    if (run->run) han__run_close(run->run);
    han__buf_release(&run->json);
    han__mem_free(&engine->mem, run, sizeof(*run));
}
