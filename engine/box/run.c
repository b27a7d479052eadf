/* Owns the life of one run, as the first process of its pid namespace: takes the request, starts
 * the command, watches its limits, ends everything that is left, collects, tells. It holds no
 * capability and runs under the same filter as the command. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "box/box.h"

#define TICK_MS  20
#define REAP_MAX 256 /* at a time */
/* of the same user: the zygote, this process, those of the next two runs, one that ends */
#define OWN_PROCS   5
#define SLACK_PROCS 64

typedef struct run {
    box *b;
    request request;
    han__box_end end;
    char program[HAN__PATH_MAX];
    char home[PLACE_MAX + 16],
        tmp[PLACE_MAX + 16]; /* variables that name folders, where these are not as ever */
    pid_t pid;
    int work;            /* the work folder, whatever becomes of its name */
    uint64_t from;       /* start of the command, ns */
    volatile int step;   /* what failed between vfork and exec */
    volatile int number; /* and its errno */
    uint64_t look_at;    /* without namespaces: not measured again before; ns */
    uint64_t others;     /* threads of our user that are none of the run's */
    bool over;           /* the command has ended */
} run;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- the request ---- */

static size_t take_fds(struct msghdr *message, int fds[HAN__BOX_FDS])
{
    size_t n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (n > HAN__BOX_FDS) n = HAN__BOX_FDS;
        memcpy(fds, CMSG_DATA(c), n * sizeof(int));
    }
    return n;
}

/* Waits for the next request; ends when the engine is gone. What is no request is an order for a
 * run that is over. */
static void receive(run *r)
{
    static uint8_t packet[HAN__BOX_PACKET_MAX];
    for (;;) {
        union {
            char bytes[CMSG_SPACE(sizeof(int) * HAN__BOX_FDS)];
            struct cmsghdr align;
        } control;
        struct iovec part = {packet, sizeof packet};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof control.bytes};
        int fds[HAN__BOX_FDS];
        ssize_t n = recvmsg(HAN__BOX_CHANNEL, &message, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) _exit(EXIT_FINE);
        size_t count = take_fds(&message, fds);
        han__box_head head = {0, 0};
        if ((size_t)n >= sizeof head) memcpy(&head, packet, sizeof head);
        if (head.type != HAN__BOX_RUN) continue;
        r->end.head = (han__box_head){HAN__BOX_END, head.run};
        if (!request_read(&r->request, packet, (size_t)n, fds, count))
            r->step = HAN__BOX_STEP_REQUEST;
        return;
    }
}

/* ---- starting the command ---- */

/* Where a name without a slash is found. */
static void find_program(run *r)
{
    static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin",
                                          "/sbin"};
    const char *name = r->request.argv[0];
    snprintf(r->program, sizeof r->program, "%s", name);
    if (strchr(name, '/')) return;
    for (size_t i = 0; i < HAN__COUNT(folders); i++) {
        char path[HAN__PATH_MAX];
        int n = snprintf(path, sizeof path, "%s/%s", folders[i], name);
        if (n < 0 || (size_t)n >= sizeof path || access(path, X_OK) != 0) continue;
        memcpy(r->program, path, (size_t)n + 1);
        return;
    }
}

static bool is_plain(const run *r)
{
    return r->b->level != HAN__LEVEL_STRONG;
}

static _Noreturn void give_up(run *r, int step)
{
    r->number = errno;
    r->step = step;
    _exit(127);
}

/* Between vfork and exec: shares our memory. */
static _Noreturn void command_main(run *r)
{
    const request *q = &r->request;
    sigset_t none;
    /* a cgroup counts what it refuses: let it come first */
    rlim_t most = r->b->procs + OWN_PROCS + r->others + (r->b->counted ? 0 : SLACK_PROCS);
    struct rlimit procs = {most, most};
    rlim_t seconds = q->head.cpu_ms / 1000 + 2;
    struct rlimit cpu = {seconds, seconds + 1};
    bool ok = setsid() >= 0 && setrlimit(RLIMIT_NPROC, &procs) == 0;
    if (ok && q->head.cpu_ms) ok = setrlimit(RLIMIT_CPU, &cpu) == 0;
    for (int i = 0; ok && i < 3; i++) ok = dup2(q->fds[i], i) == i;
    if (!ok) give_up(r, HAN__BOX_STEP_FORK);
    if (fchdir(r->work) != 0 || (q->folder[0] && chdir(q->folder) != 0))
        give_up(r, HAN__BOX_STEP_FOLDER);
    if (is_plain(r) && !plain_confine(r->b)) give_up(r, HAN__BOX_STEP_FILTER);
    if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0) give_up(r, HAN__BOX_STEP_FORK);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(r->program, q->argv, q->env);
    give_up(r, HAN__BOX_STEP_EXEC);
}

/* A function of its own, so that no local of the caller lives across the second return. */
static __attribute__((noinline)) pid_t fork_command(run *r)
{
    pid_t pid = vfork();
    if (pid == 0) command_main(r);
    return pid;
}

static void fail(run *r, int step)
{
    r->number = errno;
    r->step = step;
}

/* Folders that are called otherwise here; and what nobody bounds but we. */
static bool prepare_plain(run *r)
{
    stored in;
    snprintf(r->home, sizeof r->home, "HOME=%s/work", r->b->place);
    snprintf(r->tmp, sizeof r->tmp, "TMPDIR=%s/tmp", r->b->place);
    for (char **at = r->request.env; *at; at++) {
        if (strcmp(*at, "HOME=" HAN__BOX_WORK) == 0) *at = r->home;
        if (strcmp(*at, "TMPDIR=/tmp") == 0) *at = r->tmp;
    }
    r->others = tree_user_threads() + SLACK_PROCS;
    plain_measure(r->b, &in);
    errno = ENOSPC;
    return in.bytes <= r->b->disk && in.files <= r->b->files;
}

static void start(run *r)
{
    char work[sizeof r->b->place + 8];
    snprintf(work, sizeof work, "%s/work", r->b->place);
    r->work = open(work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->work < 0 || !request_unpack(&r->request, r->work) ||
        (is_plain(r) && !prepare_plain(r))) {
        fail(r, HAN__BOX_STEP_UNPACK);
        return;
    }
    /* from here on there is something to be ended when the zygote has: its end only wakes us */
    if (is_plain(r) && prctl(PR_SET_PDEATHSIG, SIGCHLD) != 0) {
        fail(r, HAN__BOX_STEP_FORK);
        return;
    }
    find_program(r);
    r->from = now_ns();
    r->pid = fork_command(r);
    if (r->pid < 0) fail(r, HAN__BOX_STEP_FORK);
    for (int i = 0; i < HAN__BOX_FDS; i++)
        if (r->request.fds[i] >= 0) close(r->request.fds[i]);
}

/* ---- watching it ---- */

static void note_end(run *r, int status)
{
    r->over = true;
    r->end.wall_us = (now_ns() - r->from) / 1000;
    r->end.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    r->end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Waits for what has ended; orphans of the run come to us. Not for ever: they may come as fast as
 * they are waited for. False: there may be more. */
static bool reap(run *r, int flags)
{
    for (int i = 0; i < REAP_MAX; i++) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL | flags);
        if (pid < 0 && errno == EINTR) continue;
        if (pid <= 0) return true;
        if (pid == r->pid && (WIFEXITED(status) || WIFSIGNALED(status))) note_end(r, status);
    }
    return false;
}

static bool is_over_disk(const run *r)
{
    stored in;
    if (!is_plain(r)) return false; /* its disk is as large as it may be */
    plain_measure(r->b, &in);
    return in.deep || in.bytes > r->b->disk || in.files > r->b->files;
}

/* CPU time of ours so far, ns. */
static uint64_t own_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What has to be looked for: 0, or why the run is over its limits. */
static uint32_t over_counted(const run *r)
{
    const han__box_run *q = &r->request.head;
    usage used;
    if (is_over_disk(r)) return HAN__BOX_WHY_DISK;
    if (!q->cpu_ms && !r->b->counted) return 0;
    count_usage(r->b, &used, r->b->counted);
    if (q->cpu_ms && used.cpu_ms >= q->cpu_ms) return HAN__BOX_WHY_CPU;
    if (r->b->counted && used.memory > r->b->memory) return HAN__BOX_WHY_MEMORY;
    if (r->b->counted && used.procs >= r->b->procs) return HAN__BOX_WHY_PROCS;
    return 0;
}

/* 0, or why the run is over its limits. Without namespaces the table of all processes is read,
 * which is dear: not at the end of every orphan, and not for more than a tenth of a processor. */
static uint32_t over_limits(run *r)
{
    const han__box_run *q = &r->request.head;
    uint64_t now = now_ns(), cpu = own_cpu_ns();
    if (q->wall_ms && now - r->from >= q->wall_ms * 1000000u) return HAN__BOX_WHY_TIME;
    if (now < r->look_at) return 0;
    uint32_t why = over_counted(r);
    uint64_t rest = 10 * (own_cpu_ns() - cpu);
    if (is_plain(r)) r->look_at = now + (rest > TICK_MS * 1000000u ? rest : TICK_MS * 1000000u);
    return why;
}

/* Milliseconds until limits are to be looked at. */
static int patience(const run *r)
{
    const han__box_run *q = &r->request.head;
    uint64_t used = (now_ns() - r->from) / 1000000u;
    uint64_t left = q->wall_ms > used ? q->wall_ms - used : 0;
    if (!q->wall_ms) left = 60000;
    if ((q->cpu_ms || r->b->counted || is_plain(r)) && left > TICK_MS) left = TICK_MS;
    return left > 60000 ? 60000 : (int)left;
}

/* An order of the engine, or its end. */
static void obey(run *r)
{
    han__box_head head;
    ssize_t n = recv(HAN__BOX_CHANNEL, &head, sizeof head, MSG_DONTWAIT | MSG_TRUNC);
    if (n == 0 && !is_plain(r)) _exit(EXIT_FINE); /* and everything here ends with us */
    if (n == 0) r->end.why = HAN__BOX_WHY_ASKED;  /* here nothing does */
    if (n >= (ssize_t)sizeof head && head.type == HAN__BOX_KILL && head.run == r->end.head.run)
        r->end.why = HAN__BOX_WHY_ASKED;
}

static void watch(run *r)
{
    struct signalfd_siginfo info[8];
    bool more = false;
    while (!r->over && !r->end.why) {
        struct pollfd fds[] = {{r->b->signals, POLLIN, 0}, {HAN__BOX_CHANNEL, POLLIN, 0}};
        int ready = poll(fds, HAN__COUNT(fds), more ? 0 : patience(r));
        if (more || (ready > 0 && fds[0].revents)) {
            /* once: they may come as fast as they are read */
            ssize_t n = read(r->b->signals, info, sizeof info);
            HAN__UNUSED(n);
            more = !reap(r, WNOHANG);
        }
        if (!r->over && ready > 0 && fds[1].revents) obey(r);
        if (!r->over && !r->end.why) r->end.why = over_limits(r);
        /* without the zygote nobody takes care of what we leave; the command is not to blame */
        if (is_plain(r) && getppid() != r->b->zygote) {
            r->over = true;
            r->step = HAN__BOX_STEP_LOST;
        }
    }
}

/* ---- the end ---- */

/* Every orphan beneath us becomes our child: when there is none any more, there is nobody. */
static void end_tree(run *r)
{
    const struct timespec pause = {0, 500000};
    siginfo_t info;
    for (;;) {
        (void)tree_kill(getpid(), NULL, 0);
        (void)reap(r, WNOHANG);
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0 && errno == ECHILD)
            return;
        nanosleep(&pause, NULL);
    }
}

/* After this no process but ours is in the namespace: the kernel lets none be made behind the back
 * of a SIGKILL to all, and as the first process we are the parent of every orphan. */
static void end_all(run *r)
{
    if (is_plain(r)) {
        end_tree(r);
        return;
    }
    (void)kill(-1, SIGKILL);
    while (!reap(r, 0)) continue; /* nothing is left that could make more */
}

static void sum_up(run *r)
{
    struct rusage used;
    struct statvfs disk;
    if (getrusage(RUSAGE_CHILDREN, &used) == 0) {
        r->end.cpu_us = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000u +
                        (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
        r->end.rss = (uint64_t)used.ru_maxrss * 1024u;
        r->end.faults = (uint64_t)used.ru_minflt;
    }
    if (is_plain(r))
        r->end.full = is_over_disk(r) ? 1u : 0u;
    else if (statvfs(HAN__BOX_ROOT, &disk) == 0)
        r->end.full = (disk.f_bfree == 0 ? 1u : 0u) | (disk.f_ffree == 0 ? 2u : 0u);
    r->end.step = (uint32_t)r->step;
    r->end.number = r->number;
}

/* Of a box that does not hold no request is read. */
static void tell_ready(const box *b)
{
    uint32_t breaches = b->level == HAN__LEVEL_STRONG ? prove(b) : plain_prove(b);
    han__box_head ready = {HAN__BOX_READY, 0};
    han__box_failed failed = {{HAN__BOX_FAILED, 0}, HAN__BOX_STEP_PROOF, (int32_t)breaches};
    if (breaches == 0 && packet_send(&ready, sizeof ready)) return;
    if (breaches != 0) (void)packet_send(&failed, sizeof failed);
    _exit(EXIT_ENVIRONMENT);
}

_Noreturn void run_main(box *b, slot *own)
{
    static run r;
    char turn = TURN_PROVED;
    r.b = b;
    r.work = -1;
    while (read(b->turn[0], &turn, 1) != 1)
        if (errno != EINTR) _exit(EXIT_SOFTWARE);
    if (turn == TURN_UNPROVED) tell_ready(b);
    turn = TURN_PROVED;
    receive(&r);
    own->run = r.end.head.run;
    own->state = SLOT_TAKEN;
    uint64_t one = 1;
    if (!r.step) start(&r);
    /* not before: who is woken by it takes time from the start */
    if (write(b->taken, &one, sizeof one) != sizeof one) _exit(EXIT_SOFTWARE);
    if (!r.step) watch(&r);
    end_all(&r);
    sum_up(&r);
    if (!r.step && !r.end.why) (void)collect(&r.request, r.work);
    if (is_plain(&r)) folder_remove(b->place);
    own->state = SLOT_ENDED;
    /* in this order: the engine is heard sooner, and what it sends waits for the next run */
    (void)packet_send(&r.end, sizeof r.end);
    if (write(b->turn[1], &turn, 1) != 1) _exit(EXIT_SOFTWARE);
    _exit(EXIT_FINE);
}
