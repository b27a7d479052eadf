/* Owns the children of an engine: the start between vfork and exec, the pidfd that tells their end,
 * and their one reaping. */
#include "base/config.h"

#include <uv.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/process.h"

#define FIRST_FREE_FD 10 /* our descriptors stay clear of those that the child arranges */
#define REPORT_FD     4  /* in the child: where a failure is told; closed by a good exec */
#define FAILED_EXIT   127

struct han__process {
    uv_poll_t poll;
    han__loop *loop;
    han__process_exit_fn on_exit;
    void *ud;
    pid_t pid;
    int pidfd;
    int ends[HAN__PROCESS_ENDS];
    bool session;
    bool running;
    bool orphan;    /* closed by its owner while it ran */
    bool closed;    /* closed by its owner */
    bool unwatched; /* libuv has let go of the handle */
};

enum { STEP_PARENT, STEP_FILES, STEP_USER, STEP_FOLDER, STEP_EXEC };
static const char *const step_names[] = {"the parent is gone", "arranging descriptors",
                                         "becoming another user", "entering its folder",
                                         "executing it"};

typedef struct failure {
    int step;
    int number; /* errno */
} failure;

/* All that the child needs, made before the fork: it may only make system calls. */
typedef struct plan {
    const han__process_options *options;
    int null;   /* /dev/null, read and write */
    int out[2]; /* read end (ours), write end (the child's); -1 where not used */
    int err[2];
    int channel[2];
    int report[2];
    int files[HAN__PROCESS_FILES];
    pid_t parent;
    char *const *argv;
    char *const *env;
} plan;

/* --- in the child, between vfork and exec: shares our memory, so it writes none that we read ---
 */

static _Noreturn void give_up(int step)
{
    failure f = {step, errno};
    /* the pipe is empty and this is far below PIPE_BUF: it is written whole or not at all */
    ssize_t n = write(REPORT_FD, &f, sizeof f);
    HAN__UNUSED(n);
    _exit(FAILED_EXIT);
}

/* Handlers would run in our memory, and ignored signals would be inherited. */
static void default_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
}

static int child_stdio(int target, int how, int null, int pipe_end)
{
    if (how == HAN__STDIO_CAPTURE) return dup2(pipe_end, target);
    if (how == HAN__STDIO_INHERIT && fcntl(target, F_SETFD, 0) == 0) return target;
    return dup2(null, target); /* also when we have none to inherit */
}

static void child_files(const plan *p)
{
    const han__process_options *o = p->options;
    if (dup3(p->report[1], REPORT_FD, O_CLOEXEC) < 0) _exit(FAILED_EXIT);
    bool ok = dup2(p->null, 0) >= 0 && child_stdio(1, o->out, p->null, p->out[1]) >= 0 &&
              child_stdio(2, o->err, p->null, p->err[1]) >= 0;
    if (o->channel) {
        ok = ok && dup2(p->channel[1], 3) >= 0;
    } else {
        close(3);
    }
    unsigned first = HAN__PROCESS_FILE_FIRST;
    for (unsigned i = 0; ok && i < o->files_len; i++) ok = dup2(p->files[i], (int)(first + i)) >= 0;
    if (!ok || syscall(SYS_close_range, first + o->files_len, ~0u, 0u) != 0) give_up(STEP_FILES);
}

/* The raw calls: those of the C library change all threads of a process, and this one still shares
 * the memory in which it keeps their list. */
static void child_user(const han__process_options *o)
{
    if (o->uid == 0) return;
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, o->gid, o->gid, o->gid) ||
        syscall(SYS_setresuid, o->uid, o->uid, o->uid))
        give_up(STEP_USER);
}

static _Noreturn void child_main(const plan *p)
{
    sigset_t none;
    default_signals();
    child_files(p);
    if (p->options->session) setsid();
    child_user(p->options); /* before the prctl, which it would undo */
    /* the parent may have died before the prctl: then its death is not told any more */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != p->parent) {
        errno = ESRCH;
        give_up(STEP_PARENT);
    }
    if (p->options->cwd && chdir(p->options->cwd) != 0) give_up(STEP_FOLDER);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(p->options->path, p->argv, p->env);
    give_up(STEP_EXEC);
}

/* A function of its own, so that no local of the caller lives across the second return. */
static __attribute__((noinline)) pid_t fork_child(const plan *p)
{
    pid_t pid = vfork();
    if (pid == 0) child_main(p);
    return pid;
}

/* --- in the parent --- */

static pid_t fork_quietly(const plan *p)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler runs in the child */
    pid_t pid = fork_child(p);
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return pid;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void close_pair(int pair[2])
{
    close_fd(&pair[0]);
    close_fd(&pair[1]);
}

/* Moves a descriptor to a number that the child does not arrange. */
static int lift(int *fd)
{
    if (*fd < 0) return -1;
    if (*fd >= FIRST_FREE_FD) return 0;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    if (moved < 0) return -1;
    close(*fd);
    *fd = moved;
    return 0;
}

static int open_pipe(int pair[2])
{
    int made[2];
    if (pipe2(made, O_CLOEXEC) != 0) return -1;
    memcpy(pair, made, sizeof made);
    return lift(&pair[0]) != 0 || lift(&pair[1]) != 0 ? -1 : 0;
}

static int open_channel(int pair[2], int type)
{
    int made[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, made) != 0) return -1;
    memcpy(pair, made, sizeof made);
    return lift(&pair[0]) != 0 || lift(&pair[1]) != 0 ? -1 : 0;
}

/* Copies of the caller's, so that none has a number that the child arranges. */
static int copy_files(plan *p, const han__process_options *options)
{
    for (unsigned i = 0; i < options->files_len; i++) {
        p->files[i] = fcntl(options->files[i], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
        if (p->files[i] < 0) return -1;
    }
    return 0;
}

static void plan_release(plan *p)
{
    for (unsigned i = 0; i < HAN__PROCESS_FILES; i++) close_fd(&p->files[i]);
    close_fd(&p->null);
    close_pair(p->out);
    close_pair(p->err);
    close_pair(p->channel);
    close_pair(p->report);
}

static int plan_open(plan *p, const han__process_options *options)
{
    static char *const nothing[] = {NULL};
    memset(p, -1, sizeof *p);
    p->options = options;
    p->parent = getpid();
    /* execve takes char *const * for historical reasons and writes nothing */
    p->argv = (char *const *)(uintptr_t)options->argv;
    p->env = options->env ? (char *const *)(uintptr_t)options->env : nothing;
    p->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (lift(&p->null) != 0 || open_pipe(p->report) != 0) return -1;
    if (copy_files(p, options) != 0) return -1;
    if (options->out == HAN__STDIO_CAPTURE && open_pipe(p->out) != 0) return -1;
    if (options->err == HAN__STDIO_CAPTURE && open_pipe(p->err) != 0) return -1;
    int type = options->packets ? SOCK_SEQPACKET : SOCK_STREAM;
    return options->channel ? open_channel(p->channel, type) : 0;
}

static void wait_pid(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

/* What the child told before its exec; false when the exec has happened. */
static bool read_failure(int fd, failure *f)
{
    ssize_t n;
    do n = read(fd, f, sizeof *f);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *f;
}

/* Forks and sees the exec happen; the pid, or a status. */
static pid_t launch(plan *p, han_error *err)
{
    failure f;
    const char *path = p->options->path;
    pid_t pid = fork_quietly(p);
    if (pid < 0) return han__error_sys(err, HAN_IO, errno, "cannot fork for \"%s\"", path);
    close_fd(&p->report[1]);
    if (!read_failure(p->report[0], &f)) return pid;
    wait_pid(pid);
    return han__error_sys(err, HAN_ENVIRONMENT, f.number, "cannot start \"%s\": %s", path,
                          step_names[f.step]);
}

/* Frees what both the owner and libuv have let go. */
static void free_if_done(han__process *process)
{
    han__loop *loop = process->loop;
    if (!process->closed || !process->unwatched) return;
    bool orphan = process->orphan;
    han__mem_free(han__loop_mem(loop), process, sizeof *process);
    if (orphan) {
        han__loop_orphaned(loop, -1);
    } else {
        han__loop_closed(loop);
    }
}

static void on_unwatched(uv_handle_t *handle)
{
    han__process *process = handle->data;
    process->unwatched = true;
    free_if_done(process);
}

/* Asks for the end of the child: 1 it has ended, 0 it lives, -1 somebody else has reaped it. The
 * raw call, since only it also gives the usage. */
static int await_end(int pidfd, int flags, siginfo_t *info, struct rusage *usage)
{
    long got;
    memset(info, 0, sizeof *info);
    memset(usage, 0, sizeof *usage);
    do got = syscall(SYS_waitid, P_PIDFD, pidfd, info, WEXITED | WNOHANG | flags, usage);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -1 : info->si_pid != 0;
}

static uint64_t ns_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static han__process_exit result_of(const siginfo_t *info, const struct rusage *usage)
{
    han__process_exit result = {-1, 0, false, ns_of(usage->ru_utime) + ns_of(usage->ru_stime)};
    if (info->si_code == CLD_EXITED) {
        result.code = info->si_status;
    } else {
        result.signal = info->si_status;
    }
    return result;
}

/* Reaps the child if it has ended: 1, 0 or -1 as above. The rest of its session's group goes first:
 * until the leader is reaped, its number cannot name another group. */
static int finish(const han__process *process, han__process_exit *result)
{
    siginfo_t info;
    struct rusage usage;
    int ended = await_end(process->pidfd, WNOWAIT, &info, &usage);
    if (ended == 1 && process->session) kill(-process->pid, SIGKILL);
    if (ended == 1) ended = await_end(process->pidfd, 0, &info, &usage);
    if (ended == 1) *result = result_of(&info, &usage);
    return ended;
}

static void on_pidfd(uv_poll_t *poll, int status, int events)
{
    han__process *process = poll->data;
    han__process_exit result = {-1, 0, true, 0};
    HAN__UNUSED(events);
    HAN__UNUSED(status);
    han__loop_touch(process->loop);
    if (finish(process, &result) == 0) return; /* an early wake */
    process->running = false;
    uv_close((uv_handle_t *)&process->poll, on_unwatched);
    close_fd(&process->pidfd);
    if (!process->closed && process->on_exit) process->on_exit(process->ud, &result);
}

/* 0 or errno. A host may close and reuse the numbers of stdio, so the pidfd stays clear of them. */
static int watch_end(han__process *process)
{
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0u);
    if (lift(&process->pidfd) != 0) return errno;
    int failed = uv_poll_init(han__loop_uv(process->loop), &process->poll, process->pidfd);
    if (failed) return -failed;
    process->poll.data = process;
    uv_poll_start(&process->poll, UV_READABLE, on_pidfd); /* cannot fail once it is initialised */
    return 0;
}

/* Watches the child that was just started; on failure it is ended and reaped. */
static int watch(han__process *process, han_error *err)
{
    int failed = watch_end(process);
    if (!failed) return HAN_OK;
    if (failed != ESRCH) kill(process->pid, SIGKILL); /* else gone: its number may be another's */
    wait_pid(process->pid);
    close_fd(&process->pidfd);
    return han__error_sys(err, HAN_IO, failed, "cannot watch process %ld", (long)process->pid);
}

static void keep_ends(han__process *process, plan *p)
{
    process->ends[HAN__PROCESS_OUT] = p->out[0];
    process->ends[HAN__PROCESS_ERR] = p->err[0];
    process->ends[HAN__PROCESS_CHANNEL] = p->channel[0];
    p->out[0] = p->err[0] = p->channel[0] = -1;
}

int han__process_start(han__process **out, han__loop *loop, const han__process_options *options,
                       han_error *err)
{
    han__mem *mem = han__loop_mem(loop);
    plan p;
    if (!options->path || !options->path[0] || !options->argv || !options->argv[0]) {
        return han__error_set(err, HAN_INVALID, "a process needs a path and arguments");
    }
    if (options->files_len > HAN__PROCESS_FILES)
        return han__error_set(err, HAN_INVALID, "more than %u files for a process",
                              HAN__PROCESS_FILES);
    han__process *process = han__mem_zalloc(mem, 1, sizeof *process);
    if (!process) return han__error_set(err, HAN_NOMEM, "out of memory: process");
    process->loop = loop;
    process->on_exit = options->on_exit;
    process->ud = options->ud;
    process->session = options->session;
    int status = HAN_OK;
    if (plan_open(&p, options) != 0) {
        status = han__error_sys(err, HAN_IO, errno, "no descriptors for \"%s\"", options->path);
    }
    if (status == HAN_OK) {
        process->pid = launch(&p, err);
        status = process->pid < 0 ? process->pid : watch(process, err);
    }
    if (status == HAN_OK) keep_ends(process, &p);
    plan_release(&p);
    if (status != HAN_OK) {
        han__mem_free(mem, process, sizeof *process);
        return status;
    }
    process->running = true;
    han__loop_opened(loop);
    *out = process;
    return HAN_OK;
}

int han__process_take(han__process *process, int which)
{
    int fd = process->ends[which];
    process->ends[which] = -1;
    return fd;
}

pid_t han__process_pid(const han__process *process)
{
    return process->pid;
}

bool han__process_running(const han__process *process)
{
    return process->running;
}

static int send_signal(const han__process *process, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, process->pidfd, signal, NULL, 0u);
}

int han__process_kill(han__process *process, int signal)
{
    if (!process->running) return HAN_OK;
    /* a group can only be named by number: see first that the number is still its own */
    int failed = send_signal(process, process->session ? 0 : signal);
    if (!failed && process->session) failed = kill(-process->pid, signal);
    return !failed || errno == ESRCH ? HAN_OK : HAN_IO;
}

void han__process_close(han__process *process)
{
    if (!process || process->closed) return;
    process->closed = true;
    for (int i = 0; i < HAN__PROCESS_ENDS; i++) close_fd(&process->ends[i]);
    if (process->running) {
        (void)han__process_kill(process, SIGKILL);
        process->orphan = true;
        han__loop_orphaned(process->loop, 1);
        han__loop_closed(process->loop);
        return;
    }
    free_if_done(process);
}
