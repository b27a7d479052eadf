/* For tests of child processes: the children are the test program itself, started with the name of
 * a role, and a fixture holds one of them with what it wrote and how it ended. */
#ifndef HAN_TESTS_CHILDREN_H
#define HAN_TESTS_CHILDREN_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "loop/process.h"
#include "loop/stream.h"
#include "looping.h"

#define SELF "/proc/self/exe"

/* --- the roles --- */

/* Each open descriptor but the one that lists, in order, as "0 1 2 3". */
static inline int role_descriptors(void)
{
    for (int fd = 0; fd < 4096; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) printf("%d ", fd);
    }
    return 0;
}

static inline int role_environment(void)
{
    extern char **environ;
    for (char **at = environ; *at; at++) printf("%s;", *at);
    return 0;
}

/* Blocked, ignored and caught signals, and what stdin is. */
static inline int role_state(void)
{
    sigset_t blocked;
    struct sigaction action;
    int changed = 0, death = 0;
    char byte;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int number = 1; number < 32; number++) {
        if (number == SIGKILL || number == SIGSTOP) continue;
        changed += sigismember(&blocked, number);
        /* a sanitizer takes SIGSEGV and its like for itself */
        if (number == SIGSEGV || number == SIGBUS || number == SIGFPE) continue;
        changed += sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL;
    }
    prctl(PR_GET_PDEATHSIG, &death);
    printf("signals %d stdin %d death %d leader %d", changed, (int)read(0, &byte, 1), death,
           getsid(0) == getpid());
    return 0;
}

/* Who it is, how many groups it has, what its parent's death sends, and whether it can go back. */
static inline int role_user(void)
{
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    printf("%u %u %u %u %d %d %s", (unsigned)getuid(), (unsigned)geteuid(), (unsigned)getgid(),
           (unsigned)getegid(), getgroups(0, NULL), death, setuid(0) == 0 ? "returns" : "stays");
    return 0;
}

static inline int role_folder(void)
{
    char path[4096];
    printf("%s", getcwd(path, sizeof path) ? path : "?");
    return 0;
}

/* Gives back on descriptor 3 what comes there, until the end. */
static inline int role_echo(void)
{
    char bytes[4096];
    for (;;) {
        ssize_t n = read(3, bytes, sizeof bytes);
        if (n <= 0) return n == 0 ? 0 : 1;
        if (write(3, bytes, (size_t)n) != n) return 1;
    }
}

/* Lives until a signal ends it. */
static inline _Noreturn int role_wait(void)
{
    for (;;) pause();
}

/* Leaves a grandchild of its own group behind, which holds stdout. */
static inline int role_leave(void)
{
    pid_t pid = fork();
    if (pid == 0) role_wait();
    return pid < 0;
}

/* Burns some processor time. */
static inline int role_work(void)
{
    volatile unsigned sum = 0;
    for (unsigned i = 0; i < 20000000u; i++) sum += i;
    return sum == 1;
}

/* A parent that starts a waiting child, says its number on stdout (which both hold), and waits. */
static inline int role_parent(void)
{
    const char *const argv[] = {"child", "wait", NULL};
    han__process_options options = {.path = SELF, .argv = argv, .out = HAN__STDIO_INHERIT};
    han__mem mem;
    han__loop *loop = NULL;
    han__process *process = NULL;
    han__mem_init(&mem, NULL, NULL);
    if (han__loop_create(&loop, &mem, NULL, NULL) != HAN_OK) return 1;
    if (han__process_start(&process, loop, &options, NULL) != HAN_OK) return 1;
    printf("%ld.", (long)han__process_pid(process));
    fflush(stdout);
    role_wait();
}

static inline int play(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*fn)(void);
    } roles[] = {
        {"descriptors", role_descriptors},
        {"environment", role_environment},
        {"state", role_state},
        {"user", role_user},
        {"folder", role_folder},
        {"echo", role_echo},
        {"wait", role_wait},
        {"leave", role_leave},
        {"work", role_work},
        {"parent", role_parent},
    };
    if (strcmp(argv[1], "exit") == 0 && argc > 2) return (int)strtol(argv[2], NULL, 10);
    if (strcmp(argv[1], "noise") == 0) {
        printf("to out");
        fprintf(stderr, "to err");
        return 0;
    }
    for (size_t i = 0; i < HAN__COUNT(roles); i++) {
        if (strcmp(argv[1], roles[i].name) == 0) return roles[i].fn();
    }
    return 2;
}

/* --- the tests --- */

/* One child on a loop: what it wrote, how often its end was told. */
typedef struct fixture {
    han__mem mem;
    han__loop *loop;
    han__process *process;
    han__stream *stream;
    han__buf text;
    han__process_exit result;
    int exits, ends, before;
    bool close_on_exit;
} fixture;

/* The exit callback of every child of a fixture. */
static inline void on_exit_of(void *ud, const han__process_exit *result)
{
    fixture *f = ud;
    f->result = *result;
    f->exits++;
    if (!f->close_on_exit) return;
    han__process_close(f->process);
    f->process = NULL;
}

/* Gathers what a stream brings. */
static inline void on_text(void *ud, const uint8_t *bytes, size_t len, int status)
{
    fixture *f = ud;
    f->ends += len == 0;
    HAN__UNUSED(status);
    assert_int_equal(han__buf_append(&f->text, bytes, len), 0);
}

/* An empty fixture with a loop on the real clock. */
static inline void open_fixture(fixture *f)
{
    memset(f, 0, sizeof *f);
    han__mem_init(&f->mem, NULL, NULL);
    assert_int_equal(han__loop_create(&f->loop, &f->mem, NULL, NULL), 0);
    han__buf_init(&f->text, &f->mem, 1u << 20);
    f->before = count_descriptors();
}

static inline void close_fixture(fixture *f)
{
    han__stream_close(f->stream);
    han__process_close(f->process);
    han__buf_release(&f->text);
    han__loop_close(f->loop);
    assert_int_equal(f->mem.live, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, not even a dead one */
    assert_int_equal(errno, ECHILD);
}

/* This program with these arguments, reporting to the fixture. */
static inline han__process_options options_of(fixture *f, const char *const *argv)
{
    han__process_options options = {
        .path = SELF, .argv = argv, .err = HAN__STDIO_INHERIT, .on_exit = on_exit_of, .ud = f};
    return options;
}

static inline void start(fixture *f, const han__process_options *options)
{
    han_error err;
    han__error_clear(&err);
    int status = han__process_start(&f->process, f->loop, options, &err);
    if (status != HAN_OK) fail_msg("%s", err.message);
}

/* Reads one of its ends into text. */
static inline void listen_to(fixture *f, int which)
{
    int fd = han__process_take(f->process, which);
    assert_true(fd >= 0);
    assert_int_equal(han__process_take(f->process, which), -1);
    assert_int_equal(han__stream_open(&f->stream, f->loop, fd, 1u << 20, NULL), 0);
    assert_int_equal(han__stream_read_start(f->stream, on_text, f), 0);
}

/* Runs a role to its end with its stdout captured. */
static inline const char *output_of(fixture *f, han__process_options options)
{
    options.out = HAN__STDIO_CAPTURE;
    start(f, &options);
    listen_to(f, HAN__PROCESS_OUT);
    TURN_UNTIL(f->loop, f->exits == 1 && f->ends == 1);
    assert_int_equal(f->result.code, 0);
    return han__buf_cstr(&f->text);
}

#endif
