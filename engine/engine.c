/* Wiring: one engine's memory, clock, loop, evaluation service and harness state. No logic of its
 * own. */
#include "base/config.h"
#include "engine.h"

#include "exec/eval.h"
#include "exec/exec.h"
#include "exec/programs.h"
#include "loop/loop.h"
#include "model/http.h"
#include "script/bind_environment.h"

#include <stdio.h>

static int copy_folders(han_engine *e, const char *list, han_error *err)
{
    for (int i = 0; list && *list; i++) {
        size_t len = strcspn(list, ":");
        if (i == HAN__SCRIPT_FOLDERS)
            return han__error_set(err, HAN_INVALID, "more than %d script folders",
                                  HAN__SCRIPT_FOLDERS);
        char *folder = han__mem_alloc(&e->mem, len + 1);
        if (!folder) return HAN_NOMEM;
        memcpy(folder, list, len);
        folder[len] = '\0';
        e->folders[i] = folder;
        e->host.scripts[i] = folder;
        list += len + (list[len] == ':');
    }
    return HAN_OK;
}

static int copy_option(han_engine *e, const char *text, char **out)
{
    if (!text) return HAN_OK;
    *out = han__mem_strdup(&e->mem, text);
    return *out ? HAN_OK : HAN_NOMEM;
}

static int open_services(han_engine *e, han_error *err)
{
    int rc = han__loop_create(&e->host.loop, &e->mem, &e->clock, err);
    if (rc == HAN_OK && e->libexec) {
        char runner[HAN__PATH_MAX];
        snprintf(runner, sizeof(runner), "%s/han-runner", e->libexec);
        rc = han__launcher_open(&e->host.launcher, e->host.loop, &e->mem, runner, err);
        if (rc == HAN_OK)
            rc = han__eval_open(&e->host.eval, e->host.loop, &e->mem, e->host.launcher, err);
        snprintf(runner, sizeof(runner), "%s/han-box", e->libexec);
        if (rc == HAN_OK)
            rc = han__execs_open(&e->host.execs, e->host.loop, &e->mem, runner, e->host.launcher,
                                 err);
        if (rc == HAN_OK)
            rc =
                han__programs_open(&e->host.programs, e->host.loop, &e->mem, e->host.launcher, err);
    }
    if (rc == HAN_OK) rc = han__state_open_harness(&e->host, &e->host.harness, err);
    return rc;
}

static void wire_host(han_engine *e)
{
    e->host.mem = &e->mem;
    e->host.clock = &e->clock;
    e->host.log = &e->log;
    e->host.libexec = e->libexec;
    e->host.data = e->data;
    e->host.interrupted = &e->interrupted;
    e->host.calls_models = true;
}

int han__engine_open(const han_options *o, han_engine **out, han_error *err)
{
    han__mem mem;
    han__mem_init(&mem, o->alloc, o->alloc_ud);
    han_engine *e = han__mem_zalloc(&mem, 1, sizeof(*e));
    if (!e) return han__error_set(err, HAN_NOMEM, "no memory for an engine");
    e->mem = mem;
    e->owner = pthread_self();
    e->event = o->event;
    e->event_ud = o->event_ud;
    han__clock_init(&e->clock);
    han__log_init(&e->log, o->log, o->log_ud, o->log_level);
    int rc = copy_folders(e, o->scripts, err);
    if (rc == HAN_OK) rc = copy_option(e, o->libexec, &e->libexec);
    if (rc == HAN_OK) rc = copy_option(e, o->data, &e->data);
    wire_host(e);
    e->host.secret = o->secret;
    e->host.secret_ud = o->secret_ud;
    if (rc == HAN_OK) rc = open_services(e, err);
    if (rc != HAN_OK) {
        han__error_set(err, rc, "no memory for an engine");
        han__engine_close(e);
        return rc;
    }
    *out = e;
    return HAN_OK;
}

void han__engine_close(han_engine *e)
{
    while (e->runs) han_release(e->runs);
    e->stepping = true; /* what the host is told now, it may not answer by calls of its own */
    while (e->host.runs) han__run_close(e->host.runs);
    if (e->host.harness) han__state_close(e->host.harness);
    han__environment_release(&e->host);
    han__http_close(e->host.http);
    han__programs_close(e->host.programs);
    han__eval_close(e->host.eval);
    han__execs_close(e->host.execs);
    han__launcher_close(e->host.launcher);
    if (e->host.loop) han__loop_close(e->host.loop);
    for (int i = 0; e->folders[i]; i++) han__mem_strfree(&e->mem, e->folders[i]);
    han__mem_strfree(&e->mem, e->libexec);
    han__mem_strfree(&e->mem, e->data);
    for (size_t i = 0; i < HAN__RELEASED_KEPT; i++)
        han__mem_free(&e->mem, e->released[i], sizeof(*e->released[i]));
    han__mem mem = e->mem;
    han__mem_free(&mem, e, sizeof(*e));
}

void han__engine_attend(han_engine *e)
{
    for (struct han_run *run = e->runs; run; run = run->next) {
        if (!run->cancel) continue;
        if (run->run) run->run->cancel = true;
        if (run->command.text && !run->command.ended) {
            han__command_stop(&run->command);
            run->command.ended = true;
            han__error_set(&run->command.error, HAN_CANCELLED, "cancelled");
        }
        if (run->is_command && !run->command.text && e->interrupted != run->cancel) {
            e->interrupted = run->cancel;
            for (han__run *r = e->host.runs; r; r = r->next)
                r->cancel = true; /* the command's own */
        }
    }
}
