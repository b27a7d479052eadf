/* A host with frames of its own: each frame lends the engine one millisecond, draws, and waits for
 * the next. The engine never blocks the frame; a run that is not wanted any more is cancelled. */
#include <han.h>

#include <poll.h>
#include <stdio.h>

#define FRAMES   600
#define SLICE_US 1000

static const char thinker[] = "local task, scope = ...\n"
                              "local n = 0\n"
                              "for i = 1, 20000 do n = (n * 31 + i) % 1000003 end\n"
                              "return { name = task.name, thought = n }\n";
static const char dreamer[] = "while true do end\n";

static void say(void *ud, int level, const char *text)
{
    (void)ud;
    (void)level;
    fprintf(stderr, "han: %s\n", text);
}

static han_run *start(han_engine *engine, const char *name, const char *source, const char *task)
{
    han_run *run = NULL;
    han_error err = {0};
    han_program program = {.size = sizeof(program),
                           .name = name,
                           .source = source,
                           .task = task,
                           .max_steps = 1u << 30};
    if (han_start(engine, &program, &run, &err) != HAN_OK) fprintf(stderr, "%s\n", err.message);
    return run;
}

/* One frame: the engine's slice, then the host's own work, then the rest of the frame is slept away
 * unless the engine has something to do. */
static void frame(han_engine *engine)
{
    int more = han_step(engine, SLICE_US);
    struct pollfd fd = {.fd = han_fd(engine), .events = POLLIN};
    int wait = more ? 0 : han_timeout(engine);
    poll(&fd, 1, wait < 0 || wait > 16 ? 16 : wait);
}

static int report(const char *name, han_run *run)
{
    han_result result;
    han_get_result(run, &result);
    printf("%s: %s\n", name,
           result.status == HAN_OK ? result.json : han_status_name(result.status));
    return result.status;
}

int main(void)
{
    han_engine *engine = NULL;
    han_error err = {0};
    han_options options = {.size = sizeof(options), .log = say, .log_level = HAN_LOG_WARN};
    if (han_open(&options, &engine, &err) != HAN_OK) return 1;
    han_run *thinks = start(engine, "thinker.lua", thinker, "{\"name\": \"ada\"}");
    han_run *dreams = start(engine, "dreamer.lua", dreamer, NULL);
    if (!thinks || !dreams) return 1;
    for (int i = 0; i < FRAMES && !(han_done(thinks) && han_done(dreams)); i++) {
        frame(engine);
        if (i == 20) han_cancel(dreams);
    }
    int status = han_done(thinks) && han_done(dreams) ? HAN_OK : HAN_TIMEOUT;
    if (status == HAN_OK) status = report("thinker", thinks);
    if (status == HAN_OK && report("dreamer", dreams) != HAN_CANCELLED) status = HAN_INTERNAL;
    han_close(engine);
    return status == HAN_OK ? 0 : 1;
}
