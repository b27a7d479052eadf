/* Owns the pool of boxes and the runs in them: streams, limits that are held from outside, and the
 * verdict. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/exec.h"
#include "exec/exec_body.h"
#include "loop/stream.h"
#include "loop/timer.h"

#define BOXES_MAX   64 /* at once */
#define IDLE_MAX    4  /* kept for later */
#define INPUT_QUEUE (4u << 20)
#define COLLECT_MAX (16u << 20)
#define GRACE_MS    5000 /* how late the box may be with its own verdict on time */
#define TICK_MS     50   /* how often counters are looked at */
#define BOX_CPU_US  50000
/* Streams of a run that has ended are over when so many looks in turn found nothing new: a stall of
 * ours is one look, and what waits in them is read before the next. */
#define DRY_MS    50
#define DRY_LOOKS 2

/* Defaults. */
#define WALL_MS 10000u
#define OUTPUT  (1u << 20)
#define MEMORY  (256u << 20)
#define PROCS   32u
#define DISK    (64u << 20)
#define FILES   4096u

struct han__execs {
    han__loop *loop;
    han__mem *mem;
    char *program;
    han__launcher *launcher; /* knows what the machine offers */
    bool swept;
    bool counted;
    han__box *idle[IDLE_MAX]; /* the one used last at the end */
    size_t idle_len;
    size_t busy;
    uint64_t started;
};

struct han__exec {
    han__execs *execs;
    han__box *box;
    han__stream *streams[3]; /* stdin, stdout, stderr; NULL once closed */
    han__timer deadline, tick;
    han__exec_callbacks callbacks;
    han__exec_limits limits;
    han__box_end end;
    han_error lost;
    han__cgroup_events events;
    char name[80]; /* of the command, for messages */
    const char *held;
    int level;
    uint64_t came[3]; /* bytes on each stream */
    han__exec_output *outputs;
    size_t outputs_len, outputs_cap;
    uint64_t dry; /* bytes that had come when the streams of an ended run were looked at last */
    int quiet;    /* and how many looks ago */
    int why;      /* the class of what we ended it for; HAN__EXEC_PASS: nothing */
    bool ended;   /* the box has told the end, or is lost */
    bool told;    /* on_end was called */
};

const char *han__exec_class_name(int class)
{
    static const char *const names[] = {
#define CLASS_NAME(name, text) text,
        HAN__EXEC_CLASS_MAP(CLASS_NAME)
#undef CLASS_NAME
    };
    return class >= 0 && class < HAN__EXEC_CLASSES ? names[class] : "";
}

/* ---- the pool ---- */

int han__execs_open(han__execs **out, han__loop *loop, han__mem *mem, const char *program,
                    han__launcher *launcher, han_error *err)
{
    han__execs *e = han__mem_zalloc(mem, 1, sizeof *e);
    if (e) e->program = han__mem_strdup(mem, program);
    if (!e || !e->program) {
        han__mem_free(mem, e, e ? sizeof *e : 0);
        return han__error_set(err, HAN_NOMEM, "out of memory: sandboxes");
    }
    e->loop = loop;
    e->launcher = launcher;
    e->mem = mem;
    *out = e;
    return HAN_OK;
}

void han__execs_close(han__execs *e)
{
    if (!e) return;
    han__execs_drop(e);
    han__mem_strfree(e->mem, e->program);
    han__mem_free(e->mem, e, sizeof *e);
}

void han__execs_set_counted(han__execs *e, bool counted)
{
    e->counted = counted;
    han__execs_drop(e);
}

void han__execs_drop(han__execs *e)
{
    while (e->idle_len > 0) han__box_close(e->idle[--e->idle_len]);
}

uint64_t han__execs_started(const han__execs *e)
{
    return e->started;
}

static void take_idle(han__execs *e, size_t i)
{
    for (e->idle_len--; i < e->idle_len; i++) e->idle[i] = e->idle[i + 1];
}

/* An idle box of the profile, or NULL. */
static han__box *find_idle(han__execs *e, const han__box_profile *profile, int level)
{
    for (size_t i = e->idle_len; i-- > 0;) {
        han__box *box = e->idle[i];
        if (han__box_lost(box) || han__box_level(box) != level) {
            take_idle(e, i); /* lost, or of a level that nobody asks for any more */
            han__box_close(box);
        } else if (memcmp(han__box_profile_of(box), profile, sizeof *profile) == 0) {
            take_idle(e, i);
            return box;
        }
    }
    return NULL;
}

static int get_box(han__execs *e, const han__box_profile *profile, han__box **out, han_error *err)
{
    if (e->busy >= BOXES_MAX)
        return han__error_set(err, HAN_LIMIT, "%d sandboxed commands run already", BOXES_MAX);
    int level = han__launcher_level(e->launcher);
    *out = find_idle(e, profile, level);
    if (*out) return HAN_OK;
    const han__probes *probes = han__launcher_probes(e->launcher);
    int status = han__probes_require_commands(probes, level, err);
    if (status != HAN_OK) return status;
    if (!e->swept) han__cgroup_sweep();
    e->swept = true;
    han__box_options options = {.loop = e->loop,
                                .mem = e->mem,
                                .program = e->program,
                                .probes = probes,
                                .level = level,
                                .profile = *profile,
                                .counted = e->counted};
    status = han__box_open(out, &options, err);
    if (status == HAN_OK) e->started++;
    return status;
}

static void give_back(han__execs *e, han__box *box)
{
    if (!han__box_idle(box)) {
        han__box_close(box);
        return;
    }
    if (e->idle_len == IDLE_MAX) {
        han__box *oldest = e->idle[0];
        take_idle(e, 0);
        han__box_close(oldest);
    }
    e->idle[e->idle_len++] = box;
}

/* ---- the verdict ---- */

static int class_of_why(uint32_t why)
{
    static const int classes[] = {
        [HAN__BOX_WHY_NOT] = HAN__EXEC_PASS,      [HAN__BOX_WHY_ASKED] = HAN__EXEC_STOPPED,
        [HAN__BOX_WHY_TIME] = HAN__EXEC_TIME,     [HAN__BOX_WHY_CPU] = HAN__EXEC_CPU,
        [HAN__BOX_WHY_MEMORY] = HAN__EXEC_MEMORY, [HAN__BOX_WHY_PROCS] = HAN__EXEC_PROCS,
        [HAN__BOX_WHY_DISK] = HAN__EXEC_DISK};
    return why < HAN__COUNT(classes) ? classes[why] : HAN__EXEC_BROKEN;
}

/* A limit that was passed, from the facts, the surest first; HAN__EXEC_PASS: none. */
static int limit_of(const han__exec *x)
{
    const han__box_end *end = &x->end;
    const han__exec_limits *l = &x->limits;
    int why = class_of_why(end->why);
    if (x->events.oom > 0) return HAN__EXEC_MEMORY;
    if (x->events.procs > 0) return HAN__EXEC_PROCS;
    /* a stop that came too late changed nothing */
    if (x->why != HAN__EXEC_PASS && (x->why != HAN__EXEC_STOPPED || why == x->why)) return x->why;
    if (why != HAN__EXEC_PASS) return why;
    if (end->wall_us >= l->wall_ms * 1000) return HAN__EXEC_TIME;
    if (l->cpu_ms > 0 && end->cpu_us >= l->cpu_ms * 1000) return HAN__EXEC_CPU;
    if (end->full || end->signal == SIGXFSZ) return HAN__EXEC_DISK;
    return HAN__EXEC_PASS;
}

/* The command was not run, or not watched, to its end: whose fault is it? */
static int class_of_step(const han__box_end *end)
{
    if (end->step == HAN__BOX_STEP_EXEC || end->step == HAN__BOX_STEP_FOLDER) return HAN__EXEC_FAIL;
    if (end->step == HAN__BOX_STEP_UNPACK && end->number == ENOSPC) return HAN__EXEC_DISK;
    return HAN__EXEC_BROKEN;
}

static int class_of(const han__exec *x)
{
    const han__box_end *end = &x->end;
    int limit = limit_of(x);
    if (limit != HAN__EXEC_PASS) return limit;
    if (x->lost.code != 0) return HAN__EXEC_BROKEN;
    if (end->step != HAN__BOX_STEP_NONE) return class_of_step(end);
    if (end->signal != 0) return HAN__EXEC_CRASH;
    return end->code == 0 ? HAN__EXEC_PASS : HAN__EXEC_FAIL;
}

static void explain(const han__exec *x, han__exec_verdict *v)
{
    const han__box_end *end = &x->end;
    size_t cap = sizeof v->message;
    if (x->lost.code != 0)
        snprintf(v->message, cap, "%.280s", x->lost.message);
    else if (end->step == HAN__BOX_STEP_EXEC)
        snprintf(v->message, cap, "cannot execute %s in the box: %s", x->name,
                 strerror(end->number));
    else if (end->step != HAN__BOX_STEP_NONE)
        han__box_step_text(end->step, end->number, v->message, cap);
    else if (v->class == HAN__EXEC_CRASH)
        snprintf(v->message, cap, "ended by signal %d (%s)", end->signal, strsignal(end->signal));
}

static void tell(han__exec *x)
{
    bool failed = x->lost.code != 0 || x->end.step != HAN__BOX_STEP_NONE;
    han__exec_verdict v = {.class = class_of(x),
                           .code = failed || x->end.why ? -1 : x->end.code,
                           .signal = failed ? 0 : x->end.signal,
                           .wall_us = x->end.wall_us,
                           .cpu_us = x->end.cpu_us,
                           .rss = x->end.rss,
                           .out = x->came[1],
                           .err = x->came[2],
                           .held = x->held,
                           .level = x->level,
                           .outputs = x->outputs,
                           .outputs_len = x->outputs_len};
    if (v.class == HAN__EXEC_CPU && x->events.cpu_us > v.cpu_us) v.cpu_us = x->events.cpu_us;
    explain(x, &v);
    x->told = true;
    han__timer_stop(&x->deadline);
    han__timer_stop(&x->tick);
    x->execs->busy--;
    if (x->box) give_back(x->execs, x->box);
    x->box = NULL;
    x->callbacks.on_end(x->callbacks.ud, &v);
}

/* The end is told once the box has told it and both streams are dry; all who held them are dead by
 * then. */
static void tell_if_over(han__exec *x)
{
    if (x->ended && !x->streams[1] && !x->streams[2] && !x->told) tell(x);
}

/* ---- limits held from outside ---- */

static void end_for(han__exec *x, int why)
{
    if (x->ended || x->why != HAN__EXEC_PASS) return;
    x->why = why;
    han__box_stop(x->box);
}

/* Also of children that nobody waited for, which the box cannot count; with what the box itself has
 * used, to prepare others. */
static bool is_over_cpu(const han__exec *x, const han__cgroup_events *events)
{
    uint64_t limit = x->limits.cpu_ms * 1000;
    return limit > 0 && events->cpu_us >= limit + limit / 8 + BOX_CPU_US;
}

static void on_tick(void *ud, han__timer *timer)
{
    han__exec *x = ud;
    han__cgroup_events events;
    HAN__UNUSED(timer);
    if (x->ended) return;
    han__box_events(x->box, &events);
    if (events.oom > 0) end_for(x, HAN__EXEC_MEMORY);
    if (events.procs > 0) end_for(x, HAN__EXEC_PROCS);
    if (is_over_cpu(x, &events)) end_for(x, HAN__EXEC_CPU);
}

static void close_stream(han__exec *x, int i)
{
    han__stream_close(x->streams[i]);
    x->streams[i] = NULL;
}

static void lose(han__exec *x, const han_error *err)
{
    x->lost = *err;
    x->ended = true;
    for (int i = 0; i < 3; i++) close_stream(x, i);
    tell_if_over(x);
}

/* All processes of the run are dead, so all that they wrote is here or in the pipes. These may be
 * open still: an end that is in flight through a socket of theirs is closed when the kernel comes
 * to it, and no command can make that our fault. */
static void finish_streams(han__exec *x)
{
    uint64_t came = x->came[1] + x->came[2];
    x->quiet = came == x->dry ? x->quiet + 1 : 0;
    x->dry = came;
    if (x->quiet < DRY_LOOKS && han__timer_start(&x->deadline, HAN__MS(DRY_MS), 0) == HAN_OK)
        return;
    close_stream(x, 1);
    close_stream(x, 2);
    tell_if_over(x); /* whoever hears it may free x */
}

/* The box did not end the run in time: it is given up. */
static void on_deadline(void *ud, han__timer *timer)
{
    han__exec *x = ud;
    han_error err = {0};
    HAN__UNUSED(timer);
    if (x->ended) {
        finish_streams(x);
        return;
    }
    if (x->why == HAN__EXEC_PASS) x->why = HAN__EXEC_TIME;
    han__error_set(&err, HAN_TIMEOUT, "the sandbox did not answer in time and was ended");
    han__box_close(x->box);
    x->box = NULL;
    lose(x, &err);
}

/* ---- what comes from the box ---- */

static void on_box_end(void *ud, const han__box_end *end)
{
    han__exec *x = ud;
    x->end = *end;
    x->ended = true;
    han__box_events(x->box, &x->events);
    close_stream(x, 0);
    x->dry = UINT64_MAX; /* not looked at yet */
    if (x->streams[1] || x->streams[2])
        finish_streams(x);
    else
        tell_if_over(x);
}

static void on_box_lost(void *ud, const han_error *err)
{
    han__exec *x = ud;
    han__box_events(x->box, &x->events); /* it may be why */
    lose(ud, err);
}

static void on_file(void *ud, const han__box_file *file, const char *path, size_t len)
{
    han__exec *x = ud;
    han__mem *mem = x->execs->mem;
    void *list = x->outputs;
    if (len >= HAN__PATH_MAX || file->size > COLLECT_MAX ||
        han__mem_grow(mem, &list, &x->outputs_cap, x->outputs_len + 1, sizeof *x->outputs,
                      HAN__BOX_FILES_MAX + 1) != HAN_OK)
        return; /* its bytes find no place and are dropped */
    x->outputs = list;
    han__exec_output *o = &x->outputs[x->outputs_len];
    *o = (han__exec_output){.size = file->size, .mode = file->mode, .skip = file->skip};
    o->path = han__mem_alloc(mem, len + 1);
    if (o->path && !o->skip) o->bytes = han__mem_alloc(mem, (size_t)o->size);
    if (!o->path || (!o->skip && !o->bytes)) {
        han__mem_free(mem, o->path, len + 1);
        return;
    }
    memcpy(o->path, path, len);
    o->path[len] = '\0';
    x->outputs_len++;
}

static void on_data(void *ud, const uint8_t *bytes, size_t len)
{
    han__exec *x = ud;
    if (x->outputs_len == 0) return;
    han__exec_output *o = &x->outputs[x->outputs_len - 1];
    if (o->skip || len > o->size - o->have) return;
    memcpy(o->bytes + o->have, bytes, len);
    o->have += len;
}

static void on_stream(han__exec *x, int i, const uint8_t *bytes, size_t len)
{
    if (len == 0) {
        close_stream(x, i);
        tell_if_over(x);
        return;
    }
    uint64_t before = x->came[1] + x->came[2];
    uint64_t left = before < x->limits.output ? x->limits.output - before : 0;
    x->came[i] += len;
    if (len > left) end_for(x, HAN__EXEC_OUTPUT);
    size_t show = len < left ? len : (size_t)left;
    if (show > 0) x->callbacks.on_output(x->callbacks.ud, i, bytes, show);
}

static void on_out(void *ud, const uint8_t *bytes, size_t len, int status)
{
    HAN__UNUSED(status);
    on_stream(ud, 1, bytes, len);
}

static void on_err(void *ud, const uint8_t *bytes, size_t len, int status)
{
    HAN__UNUSED(status);
    on_stream(ud, 2, bytes, len);
}

/* ---- the start ---- */

static void fill_limits(han__exec_limits *l)
{
    if (!l->wall_ms) l->wall_ms = WALL_MS;
    if (!l->output) l->output = OUTPUT;
    if (!l->box.memory) l->box.memory = MEMORY;
    if (!l->box.procs) l->box.procs = PROCS;
    if (!l->box.disk) l->box.disk = DISK;
    if (!l->box.files) l->box.files = FILES;
}

/* Opens one stream as a pipe: the child's end goes to *theirs. */
static int open_stream(han__exec *x, int i, int *theirs, han_error *err)
{
    int pair[2];
    int mine = i == 0 ? 1 : 0;
    if (pipe2(pair, O_CLOEXEC) != 0) return han__error_sys(err, HAN_IO, errno, "no pipe");
    (void)fcntl(pair[mine], F_SETFL, O_NONBLOCK);
    int status = han__stream_open(&x->streams[i], x->execs->loop, pair[mine], INPUT_QUEUE, err);
    if (status != HAN_OK) {
        close(pair[0]);
        close(pair[1]);
        return status;
    }
    *theirs = pair[1 - mine];
    return i == 0 ? HAN_OK : han__stream_read_start(x->streams[i], i == 1 ? on_out : on_err, x);
}

static int open_streams(han__exec *x, const han__exec_request *r, int fds[3], han_error *err)
{
    int status = HAN_OK;
    if (r->interactive) {
        status = open_stream(x, 0, &fds[0], err);
    } else {
        fds[0] = han__exec_input_fd(r->input, r->input_len);
        if (fds[0] < 0) return han__error_sys(err, HAN_IO, errno, "cannot prepare the input");
    }
    for (int i = 1; i < 3 && status == HAN_OK; i++) status = open_stream(x, i, &fds[i], err);
    return status;
}

static int send_request(han__exec *x, const han__exec_request *r, const int fds[3], han_error *err)
{
    han__box_listener listener = {on_file, on_data, on_box_end, on_box_lost, x};
    han__box_run head = {.wall_ms = x->limits.wall_ms,
                         .cpu_ms = x->limits.cpu_ms,
                         .collect_bytes = r->collect_bytes ? r->collect_bytes : COLLECT_MAX};
    han__buf body;
    han__buf_init(&body, x->execs->mem, HAN__BOX_BODY_MAX);
    int status = han__exec_body(r, &head, &body, err);
    if (status == HAN_OK)
        status = han__box_send(x->box, &head, body.data, body.len, fds, &listener, err);
    han__buf_release(&body);
    return status;
}

static int start_timers(han__exec *x, han_error *err)
{
    han__timer_init(&x->deadline, x->execs->loop, on_deadline, x);
    han__timer_init(&x->tick, x->execs->loop, on_tick, x);
    int status = han__timer_start(&x->deadline, HAN__MS(x->limits.wall_ms + GRACE_MS), 0);
    if (status == HAN_OK) status = han__timer_start(&x->tick, HAN__MS(TICK_MS), HAN__MS(TICK_MS));
    return status == HAN_OK ? HAN_OK : han__error_set(err, status, "out of memory: timer");
}

static int start(han__exec *x, const han__exec_request *r, han_error *err)
{
    int fds[3] = {-1, -1, -1};
    int status = get_box(x->execs, &x->limits.box, &x->box, err);
    if (status != HAN_OK) return status;
    x->execs->busy++;
    x->held = han__box_held(x->box);
    x->level = han__box_level(x->box);
    status = start_timers(x, err);
    if (status == HAN_OK) status = open_streams(x, r, fds, err);
    if (status == HAN_OK) status = send_request(x, r, fds, err);
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0) close(fds[i]);
    return status;
}

int han__exec_start(han__exec **out, han__execs *execs, const han__exec_request *r, han_error *err)
{
    int status = han__exec_check(r, err);
    if (status != HAN_OK) return status;
    han__exec *x = han__mem_zalloc(execs->mem, 1, sizeof *x);
    if (!x) return han__error_set(err, HAN_NOMEM, "out of memory: run");
    x->execs = execs;
    x->callbacks = r->callbacks;
    x->limits = r->limits;
    snprintf(x->name, sizeof x->name, "%.79s", r->argv[0]);
    fill_limits(&x->limits);
    status = start(x, r, err);
    if (status != HAN_OK) {
        han__error_set(err, status, "cannot start a sandboxed run");
        han__exec_close(x);
        return status;
    }
    *out = x;
    return HAN_OK;
}

int han__exec_write(han__exec *x, const void *bytes, size_t len)
{
    return x->streams[0] ? han__stream_write(x->streams[0], bytes, len) : HAN_IO;
}

static void on_drained(void *ud, int status)
{
    HAN__UNUSED(status);
    close_stream(ud, 0);
}

void han__exec_end_input(han__exec *x)
{
    if (!x->streams[0]) return;
    han__stream_end(x->streams[0]);
    if (han__stream_queued(x->streams[0]) == 0)
        close_stream(x, 0);
    else
        han__stream_on_drain(x->streams[0], on_drained, x);
}

void han__exec_stop(han__exec *x)
{
    if (!x->told) end_for(x, HAN__EXEC_STOPPED);
}

void han__exec_close(han__exec *x)
{
    if (!x) return;
    han__mem *mem = x->execs->mem;
    for (int i = 0; i < 3; i++) close_stream(x, i);
    han__timer_stop(&x->deadline);
    han__timer_stop(&x->tick);
    if (!x->told && x->box) {
        x->execs->busy--;
        han__box_close(x->box); /* and the run with it */
    }
    for (size_t i = 0; i < x->outputs_len; i++) {
        han__mem_strfree(mem, x->outputs[i].path);
        han__mem_free(mem, x->outputs[i].bytes,
                      x->outputs[i].bytes ? (size_t)x->outputs[i].size : 0);
    }
    han__mem_free(mem, x->outputs, x->outputs_cap * sizeof *x->outputs);
    han__mem_free(mem, x, sizeof *x);
}
