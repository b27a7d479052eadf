/* A process that runs whole cells for an engine. It has a loop, an evaluation service and a harness
 * state like the engine, but no store and no keys; it speaks frames on descriptor 3 and ends when
 * that closes. What it does with them is Lua: han.job. */
#include "base/config.h"
#include "han.h"

#include "exec/eval.h"
#include "exec/exec.h"
#include "exec/programs.h"
#include "loop/loop.h"
#include "script/host.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct job {
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    bool ended;
    int code;
};

static void log_line(void *ud, int level, const char *text)
{
    HAN__UNUSED(ud);
    HAN__UNUSED(level);
    fprintf(stderr, "%s\n", text);
}

static void on_end(han__fiber *fiber, lua_State *co, int status, int results)
{
    struct job *job = fiber->owner;
    job->ended = true;
    job->code = status == LUA_OK ? 0 : 70;
    if (status != LUA_OK)
        fprintf(stderr, "han-job: %s\n",
                lua_type(co, -1) == LUA_TSTRING ? lua_tostring(co, -1) : "internal error");
    HAN__UNUSED(results);
}

static int start(lua_State *L)
{
    struct job *job = lua_touserdata(L, 1);
    luaL_loadstring(L, "return require('han.job').main()");
    han__fiber *fiber = han__fiber_new(job->host.harness, L, 0, on_end, job);
    if (!fiber) return luaL_error(L, "no memory");
    han__fiber_ready(fiber);
    return 0;
}

static bool going(void *ud)
{
    return !((struct job *)ud)->ended;
}

static int open_job(struct job *job, const char *const *argv, han_error *err)
{
    char runner[HAN__PATH_MAX];
    int folders = 0;
    han__mem_init(&job->mem, NULL, NULL);
    han__clock_init(&job->clock);
    han__log_init(&job->log, log_line, NULL, HAN__LOG_INFO);
    job->host = (han__host){.mem = &job->mem, .clock = &job->clock, .log = &job->log};
    job->host.libexec = argv[1];
    for (const char *const *folder = argv + 2; *folder && folders < 7; folder++)
        job->host.scripts[folders++] = *folder;
    snprintf(runner, sizeof(runner), "%s/han-runner", argv[1]);
    int rc = han__loop_create(&job->host.loop, &job->mem, &job->clock, err);
    if (rc == HAN_OK)
        rc = han__launcher_open(&job->host.launcher, job->host.loop, &job->mem, runner, err);
    if (rc == HAN_OK)
        rc = han__eval_open(&job->host.eval, job->host.loop, &job->mem, job->host.launcher, err);
    snprintf(runner, sizeof(runner), "%s/han-box", argv[1]);
    if (rc == HAN_OK)
        rc = han__execs_open(&job->host.execs, job->host.loop, &job->mem, runner,
                             job->host.launcher, err);
    if (rc == HAN_OK)
        rc = han__programs_open(&job->host.programs, job->host.loop, &job->mem, job->host.launcher,
                                err);
    if (rc == HAN_OK) rc = han__state_open_harness(&job->host, &job->host.harness, err);
    if (rc != HAN_OK) return rc;
    lua_pushcfunction(job->host.harness->L, start);
    lua_pushlightuserdata(job->host.harness->L, job);
    if (lua_pcall(job->host.harness->L, 1, 0, 0) == LUA_OK) return HAN_OK;
    return han__state_error(job->host.harness->L, HAN_INTERNAL, err);
}

int han_job_main(int argc, const char *const *argv)
{
    struct job job = {0};
    han_error err = {0};
    if (argc < 2) {
        fprintf(stderr, "han-job is started by han; see `han bench --help`\n");
        return 2;
    }
    signal(SIGINT, SIG_IGN); /* Ctrl-C is for the engine, which tells its jobs */
    signal(SIGPIPE, SIG_IGN);
    if (open_job(&job, argv, &err) != HAN_OK) {
        fprintf(stderr, "han-job: %s\n", err.message);
        return 70;
    }
    han__host_drive(&job.host, going, &job);
    while (job.host.runs) han__run_close(job.host.runs);
    han__state_close(job.host.harness);
    han__programs_close(job.host.programs);
    han__eval_close(job.host.eval);
    han__execs_close(job.host.execs);
    han__launcher_close(job.host.launcher);
    han__loop_close(job.host.loop);
    return job.code;
}
