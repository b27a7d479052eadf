/* Owns the life of a child: its limits, the watchdog, and what its end means. A class comes from
 * what we know to have happened (it reported its end, we killed it, its signal), never from an exit
 * status alone. */
#include "base/config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "runner/child.h"
#include "runner/confine.h"
#include "runner/evaluate.h"

#define EXIT_UNFILTERED 71
#define REPORT_BYTES    (HAN__FRAME_BYTES_MAX - 4096u)
#define REPORT_KEPT     (1u << 20) /* of its pages, between requests */
#define ADDRESS_BYTES   ((uint64_t)HAN__EVAL_MEMORY_MAX + REPORT_BYTES + (64u << 20))

int han__children_open(han__children *c, han__sandbox *box, int channel, han_error *err)
{
    void *at = mmap(NULL, REPORT_BYTES, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return han__error_sys(err, HAN_NOMEM, errno, "cannot map the report");
    c->box = box;
    c->report = at;
    c->channel = channel;
    c->filter = false;
    return HAN_OK;
}

/* ---- inside the child ---- */

static void be_child(han__children *c, pid_t parent, uint32_t wall_ms, const uint8_t *request,
                     size_t len)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1); /* it died before that */
    if (!han__confine(wall_ms, ADDRESS_BYTES) && c->filter) _exit(EXIT_UNFILTERED);
    han__evaluate(c->box, request, len, c->report);
    _exit(0);
}

/* ---- inside the runner ---- */

typedef struct ended {
    int status;     /* of wait4 */
    bool timed_out; /* we killed it for its wall limit */
    bool peer_gone; /* we killed it because nobody wants the answer */
    uint64_t cpu_ms;
} ended;

static uint64_t milliseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_usec / 1000;
}

/* Waits for input on pidfd, or the hangup of the channel, or the deadline. */
static void watch(const han__children *c, int pidfd, uint64_t deadline_ns, ended *e)
{
    han__clock clock;
    han__clock_init(&clock);
    for (;;) {
        struct pollfd fds[2] = {{pidfd, POLLIN, 0}, {c->channel, POLLRDHUP, 0}};
        uint64_t now = han__clock_mono_ns(&clock);
        uint64_t left_ms = now < deadline_ns ? (deadline_ns - now + 999999) / 1000000 : 0;
        int n = poll(fds, 2, (int)left_ms);
        if (n < 0 && errno == EINTR) continue;
        if (n > 0 && fds[0].revents != 0) return;
        e->peer_gone = n > 0;
        e->timed_out = n <= 0;
        return;
    }
}

static void reap(const han__children *c, pid_t pid, int pidfd, uint64_t deadline_ns, ended *e)
{
    struct rusage usage;
    memset(e, 0, sizeof *e);
    watch(c, pidfd, deadline_ns, e);
    if (e->timed_out || e->peer_gone) kill(pid, SIGKILL);
    while (wait4(pid, &e->status, 0, &usage) < 0 && errno == EINTR) {
    }
    e->cpu_ms = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

static int classify(const han__report *r, const ended *e, uint32_t wall_ms, char *why, size_t cap)
{
    int signal = WIFSIGNALED(e->status) ? WTERMSIG(e->status) : 0;
    why[0] = '\0';
    if (r->done == r->nonce && !e->timed_out) return (int)r->class;
    if (e->timed_out) {
        snprintf(why, cap, "more than %u ms", wall_ms);
        return HAN__CLASS_TIME;
    }
    if (signal == SIGXCPU || (signal == SIGKILL && e->cpu_ms >= wall_ms + 1000)) {
        snprintf(why, cap, "more than %u ms of CPU time", wall_ms);
        return HAN__CLASS_TIME;
    }
    if (signal != 0)
        snprintf(why, cap, "the process was ended by signal %d", signal);
    else
        snprintf(why, cap, "the process ended early with status %d", WEXITSTATUS(e->status));
    return HAN__CLASS_CRASH;
}

/* A last record that says why, when the child could not. */
static void add_reason(han__report *r, int class, const char *why)
{
    if (why[0] == '\0') return;
    if (han__report_begin(r, HAN__EVAL_RECORD_LOAD) && han__report_u8(r, (uint8_t) class) &&
        han__report_u32(r, 0) && han__report_text(r, why, strlen(why)) &&
        han__report_trace(r, NULL))
        han__report_end(r);
}

static int append_reply(han__children *c, const ended *e, uint32_t wall_ms, han__buf *out)
{
    char why[80];
    han__report *r = c->report;
    int class = classify(r, e, wall_ms, why, sizeof why);
    r->cap = REPORT_BYTES - sizeof *r; /* the child could write here */
    if (r->len > r->cap || class < 0 || class >= HAN__CLASSES) {
        class = HAN__CLASS_CRASH;
        r->len = 0;
    }
    add_reason(r, class, why);
    int status = han__buf_u8(out, (uint8_t) class);
    if (status == HAN_OK) status = han__buf_append(out, r->bytes, r->len);
    if (r->len > REPORT_KEPT) madvise(r, REPORT_BYTES, MADV_REMOVE);
    return status;
}

static int prepare_report(han__report *r, han_error *err)
{
    memset(r, 0, sizeof *r);
    r->cap = REPORT_BYTES - sizeof *r;
    while (r->nonce == 0)
        if (getrandom(&r->nonce, sizeof r->nonce, 0) != (ssize_t)sizeof r->nonce)
            return han__error_sys(err, HAN_IO, errno, "no random numbers");
    return HAN_OK;
}

static int fork_child(han__children *c, uint32_t wall_ms, const uint8_t *request, size_t len,
                      pid_t *pid, int *pidfd, han_error *err)
{
    pid_t parent = getpid();
    *pid = fork();
    if (*pid == 0) be_child(c, parent, wall_ms, request, len);
    if (*pid < 0) return han__error_sys(err, HAN_IO, errno, "cannot fork");
    *pidfd = (int)syscall(SYS_pidfd_open, *pid, 0);
    if (*pidfd >= 0) return HAN_OK;
    int number = errno;
    kill(*pid, SIGKILL);
    waitpid(*pid, NULL, 0);
    return han__error_sys(err, HAN_IO, number, "cannot watch a child");
}

int han__children_run(han__children *c, const uint8_t *payload, size_t len, han__buf *out,
                      han_error *err)
{
    han__clock clock;
    ended end;
    pid_t pid;
    int pidfd = -1;
    uint32_t wall_ms = 0;
    if (len < 5) return han__error_set(err, HAN_INVALID, "the request is too short");
    for (int i = 0; i < 4; i++) wall_ms |= (uint32_t)payload[i] << (8 * i);
    if (wall_ms > HAN__EVAL_WALL_MS_MAX) wall_ms = HAN__EVAL_WALL_MS_MAX;
    int status = prepare_report(c->report, err);
    if (status != HAN_OK) return status;
    han__clock_init(&clock);
    uint64_t deadline = han__clock_mono_ns(&clock) + (uint64_t)wall_ms * 1000000;
    status = fork_child(c, wall_ms, payload + 4, len - 4, &pid, &pidfd, err);
    if (status != HAN_OK) return status;
    reap(c, pid, pidfd, deadline, &end);
    close(pidfd);
    if (end.peer_gone) return han__error_set(err, HAN_CANCELLED, "the engine is gone");
    if (append_reply(c, &end, wall_ms, out) != HAN_OK)
        return han__error_set(err, HAN_NOMEM, "out of memory");
    return HAN_OK;
}
