/* For tests of sandboxed commands: a loop with boxes on it, runs to their verdict, and what this
 * process has beneath it. */
#ifndef HAN_TESTS_EXEC_WORLD_H
#define HAN_TESTS_EXEC_WORLD_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "exec/exec.h"
#include "looping.h"

#define HAN_BOX HAN_TEST_BINARY_DIR "/libexec/han-box"

typedef struct exec_world {
    han__mem mem, own; /* own: of the buffers here, so that failures hit the engine only */
    han__loop *loop;
    han__launcher *launcher;
    han__execs *execs;
    han__exec *run; /* the last one, open until the next */
    han__buf out, err;
    han__exec_verdict verdict;
    int ends;
    uint64_t longest_ns; /* that more processes were seen than wanted, after a run */
} exec_world;

/* Leaves the case when this machine has no sandbox of level strong, or of that level, for commands,
 * loudly. */
#define NEEDS_BOXES() NEEDS_LEVEL(HAN__LEVEL_STRONG)
#define NEEDS_LEVEL(level)                                                                         \
    do {                                                                                           \
        han__probes probes;                                                                        \
        han_error lack = {0};                                                                      \
        han__probes_run(&probes, NULL);                                                            \
        if (han__probes_require_commands(&probes, level, &lack) != HAN_OK) {                       \
            print_message("NOT TESTED: %s\n", lack.message);                                       \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/* All runs from now on are at that level, which the machine must have. */
static inline void set_level(exec_world *w, int level)
{
    han_error err = {0};
    if (han__launcher_set(w->launcher, level, &err) != HAN_OK) fail_msg("%s", err.message);
}

static inline void open_exec_world(exec_world *w, const char *program)
{
    memset(w, 0, sizeof *w);
    han__mem_init(&w->mem, NULL, NULL);
    han__mem_init(&w->own, NULL, NULL);
    assert_int_equal(han__loop_create(&w->loop, &w->mem, NULL, NULL), 0);
    assert_int_equal(han__launcher_open(&w->launcher, w->loop, &w->mem, "/none", NULL), 0);
    assert_int_equal(han__execs_open(&w->execs, w->loop, &w->mem, program, w->launcher, NULL), 0);
    han__buf_init(&w->out, &w->own, 64u << 20);
    han__buf_init(&w->err, &w->own, 64u << 20);
}

/* Everything that was allocated must have been given back. */
static inline void close_exec_world(exec_world *w)
{
    han__exec_close(w->run);
    han__execs_close(w->execs);
    han__launcher_close(w->launcher);
    han__buf_release(&w->out);
    han__buf_release(&w->err);
    han__loop_close(w->loop);
    assert_int_equal(w->mem.live, 0);
}

/* The callbacks of every run here. */
static inline void keep_output(void *ud, int stream, const uint8_t *bytes, size_t len)
{
    exec_world *w = ud;
    assert_int_equal(han__buf_append(stream == 1 ? &w->out : &w->err, bytes, len), 0);
}

/* Its texts live until the next run is started. */
static inline void keep_verdict(void *ud, const han__exec_verdict *verdict)
{
    exec_world *w = ud;
    w->verdict = *verdict;
    w->ends++;
}

/* Starts a run; its callbacks are filled in. */
static inline int try_run(exec_world *w, han__exec_request *request, han_error *err)
{
    han__exec_close(w->run);
    w->run = NULL;
    w->ends = 0;
    han__buf_reset(&w->out);
    han__buf_reset(&w->err);
    request->callbacks = (han__exec_callbacks){keep_output, keep_verdict, w};
    return han__exec_start(&w->run, w->execs, request, err);
}

static inline void start_run(exec_world *w, han__exec_request *request)
{
    han_error err = {0};
    if (try_run(w, request, &err) != HAN_OK) fail_msg("%s", err.message);
}

/* Runs to the verdict; gives its class. */
static inline const char *run_request(exec_world *w, han__exec_request *request)
{
    start_run(w, request);
    TURN_UNTIL(w->loop, w->ends == 1);
    return han__exec_class_name(w->verdict.class);
}

/* A shell command to its verdict. */
static inline const char *run_shell(exec_world *w, const char *text)
{
    const char *const argv[] = {"sh", "-c", text, NULL};
    han__exec_request request = {.argv = argv};
    return run_request(w, &request);
}

/* What the last run wrote to stdout. */
static inline const char *out_of(exec_world *w)
{
    const char *text = han__buf_cstr(&w->out);
    return text ? text : "";
}

/* ---- the process table ---- */

/* Who is whose child on this machine. */
typedef struct table {
    pid_t pid[4096], parent[4096];
    size_t len;
} table;

/* As it is now. */
static inline void read_table(table *t)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    t->len = 0;
    while (dir && t->len < 4096 && (entry = readdir(dir))) {
        char path[300], line[512];
        int parent = 0;
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *f = fopen(path, "r");
        if (f && fgets(line, sizeof line, f)) {
            const char *at = strrchr(line, ')');
            if (at && sscanf(at + 1, " %*c %d", &parent) == 1) {
                t->pid[t->len] = (pid_t)strtol(entry->d_name, NULL, 10);
                t->parent[t->len++] = parent;
            }
        }
        if (f) fclose(f);
    }
    if (dir) closedir(dir);
}

/* Processes beneath this one, however deep. */
static inline int count_beneath(void)
{
    static table t;
    int count = 0;
    read_table(&t);
    for (size_t i = 0; i < t.len; i++) {
        pid_t at = t.parent[i];
        for (int depth = 0; at > 1 && at != getpid() && depth < 64; depth++) {
            pid_t next = 0;
            for (size_t j = 0; j < t.len && !next; j++)
                if (t.pid[j] == at) next = t.parent[j];
            at = next;
        }
        count += at == getpid();
    }
    return count;
}

/* bubblewrap, the zygote, and the two runs that are prepared; no bubblewrap at other levels. */
#define IDLE_PROCESSES 4
#define IDLE_PLAIN     3

/* Turns the loop until so many processes are beneath us, within some 20 seconds: what is over takes
 * milliseconds, also to prepare the next, but a machine may have much else to do. Without any
 * nothing is prepared any more. */
static inline int settle_beneath(exec_world *w, int wanted)
{
    han__clock real;
    han__clock_init(&real);
    uint64_t from = han__clock_mono_ns(&real);
    int count = count_beneath();
    for (int turns = 0; count != wanted && count != 0 && turns < 2000; turns++) {
        uint64_t now = han__clock_mono_ns(&real);
        if (count > wanted && now - from > w->longest_ns) w->longest_ns = now - from;
        assert_true(han__loop_run_once(w->loop, 10) >= 0);
        count = count_beneath();
    }
    return count;
}

#endif
