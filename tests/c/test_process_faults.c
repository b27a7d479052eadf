/* loop/process: failed starts, refused memory and descriptors, stolen children, and what they
 * leave. */
#include "base/config.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "children.h"

/* --- more roles --- */

static const struct {
    const char *name;
    int number;
    const char *want; /* the message of the failed start */
} calls[] = {
#ifndef __SANITIZE_THREAD__ /* which forks where we ask for vfork */
    {"vfork", SYS_vfork, "cannot fork for \"" SELF "\": Operation not permitted"},
#endif
    {"pidfd_open", SYS_pidfd_open, "cannot watch process #: Operation not permitted"},
    {"close_range", SYS_close_range,
     "cannot start \"" SELF "\": arranging descriptors: Operation not permitted"},
    /* as if the parent had died before the child asked to be told of it */
    {"getppid", SYS_getppid, "cannot start \"" SELF "\": the parent is gone: No such process"},
    {"waitid", SYS_waitid, "it ran"},
};

/* From here on this system call fails with EPERM, in this process and its children. */
static int refuse_call(int number)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {HAN__COUNT(rules), rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Prints the message of the failed start, the child's number as '#'. */
static void print_outcome(const char *message)
{
    const char *digits = strpbrk(message, "0123456789");
    if (!digits) {
        printf("%s", message);
        return;
    }
    printf("%.*s#%s", (int)(digits - message), message, digits + strspn(digits, "0123456789"));
}

/* Tries to start a child without one of the system calls it takes; says what came of it. */
static _Noreturn void role_without(const char *name)
{
    const char *const argv[] = {"child", "exit", "0", NULL};
    han__process_options options = {.path = SELF, .argv = argv, .channel = true};
    han_error err;
    han__mem mem;
    han__loop *loop = NULL;
    han__process *process = NULL;
    han__error_clear(&err);
    han__mem_init(&mem, NULL, NULL);
    if (han__loop_create(&loop, &mem, NULL, NULL) != HAN_OK) _exit(1);
    for (size_t i = 0; i < HAN__COUNT(calls); i++) {
        if (strcmp(calls[i].name, name) == 0 && refuse_call(calls[i].number) != 0) _exit(1);
    }
    int status = han__process_start(&process, loop, &options, &err);
    print_outcome(status == HAN_OK ? "it ran" : err.message);
    while (process && han__process_running(process)) {
        if (han__loop_run_once(loop, 500) < 0) _exit(1);
    }
    han__process_close(process);
    han__loop_close(loop);
    /* reaped, unless the call refused is the one that reaps */
    bool left = waitpid(-1, NULL, WNOHANG) != -1;
    fflush(stdout);
    /* no leak check at exit: it would wait for the system call that is refused */
    _exit(mem.live != 0 || left != (status == HAN_OK));
}

/* Closes a loop on which a stream is still open. */
static int role_leak(void)
{
    han__mem mem;
    han__loop *loop = NULL;
    han__stream *stream = NULL;
    int fds[2];
    han__mem_init(&mem, NULL, NULL);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) return 1;
    if (han__loop_create(&loop, &mem, NULL, NULL) != HAN_OK) return 1;
    if (han__stream_open(&stream, loop, fds[0], 100, NULL) != HAN_OK) return 1;
    han__loop_close(loop);
    return 0;
}

/* --- the tests --- */

/* The start fails at each step in turn and leaves nothing; a wait that is refused is a lost child.
 */
TEST(every_system_call_may_be_refused)
{
    for (size_t i = 0; i < HAN__COUNT(calls); i++) {
        fixture f;
        const char *const argv[] = {"child", "without", calls[i].name, NULL};
        open_fixture(&f);
        assert_string_equal(output_of(&f, options_of(&f, argv)), calls[i].want);
        close_fixture(&f);
    }
}

/* A debug build stops at a leak; a release build does not hang on it. */
TEST(a_leak_is_seen_when_the_loop_closes)
{
    fixture f;
    const char *const argv[] = {"child", "leak", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.err = HAN__STDIO_NULL;
    start(&f, &options);
    TURN_UNTIL(f.loop, f.exits == 1);
#ifdef NDEBUG
    assert_int_equal(f.result.code, 0);
#else
    assert_int_equal(f.result.signal, SIGABRT);
#endif
    close_fixture(&f);
}

static void check_refused(const char *path, const char *cwd, const char *want)
{
    fixture f;
    han_error err;
    const char *const argv[] = {"child", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.path = path;
    options.cwd = cwd;
    options.channel = true;
    han__error_clear(&err);
    assert_int_equal(han__process_start(&f.process, f.loop, &options, &err), HAN_ENVIRONMENT);
    assert_string_equal(err.message, want);
    assert_null(f.process);
    assert_int_equal(count_descriptors(), f.before);
    assert_false(han__loop_alive(f.loop));
    close_fixture(&f);
    assert_int_equal(f.exits, 0);
}

TEST(a_failed_exec_names_the_program)
{
    check_refused("/nowhere/han-job", NULL,
                  "cannot start \"/nowhere/han-job\": executing it: No such file or directory");
    check_refused("/etc", NULL, "cannot start \"/etc\": executing it: Permission denied");
    check_refused(SELF, "/nowhere",
                  "cannot start \"" SELF "\": entering its folder: No such file or directory");
}

TEST(bad_options_are_refused)
{
    fixture f;
    const char *const argv[] = {"child", NULL}, *const none[] = {NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.path = "";
    assert_int_equal(han__process_start(&f.process, f.loop, &options, NULL), HAN_INVALID);
    options.path = NULL;
    assert_int_equal(han__process_start(&f.process, f.loop, &options, NULL), HAN_INVALID);
    options = options_of(&f, none);
    assert_int_equal(han__process_start(&f.process, f.loop, &options, NULL), HAN_INVALID);
    options = options_of(&f, NULL);
    assert_int_equal(han__process_start(&f.process, f.loop, &options, NULL), HAN_INVALID);
    close_fixture(&f);
}

/* Somebody else in the process waits for our child: told as lost, and the loop goes on. */
TEST(a_stolen_child_is_lost)
{
    fixture f;
    const char *const argv[] = {"child", "exit", "5", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    start(&f, &options);
    assert_int_equal(waitpid(han__process_pid(f.process), NULL, 0), han__process_pid(f.process));
    TURN_UNTIL(f.loop, f.exits == 1);
    assert_true(f.result.lost);
    assert_int_equal(f.result.code, -1);
    close_fixture(&f);
}

/* A host that ignores SIGCHLD has the kernel reap its children: nothing hangs on that. */
TEST(a_host_may_ignore_its_children)
{
    fixture f;
    const char *const argv[] = {"child", "wait", NULL};
    struct sigaction ignore, saved;
    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    assert_int_equal(sigaction(SIGCHLD, &ignore, &saved), 0);
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    start(&f, &options);
    assert_int_equal(han__process_kill(f.process, SIGKILL), 0);
    TURN_UNTIL(f.loop, f.exits == 1);
    assert_true(f.result.lost);
    han__process_close(f.process);
    options.path = "/nowhere/han-job";
    assert_int_equal(han__process_start(&f.process, f.loop, &options, NULL), HAN_ENVIRONMENT);
    f.process = NULL;
    assert_int_equal(sigaction(SIGCHLD, &saved, NULL), 0);
    close_fixture(&f);
}

TEST(every_allocation_may_fail)
{
    fixture f;
    const char *const argv[] = {"child", "exit", "0", NULL};
    open_fixture(&f);
    size_t base = f.mem.live;
    int status = HAN_NOMEM, refused = 0;
    for (uint64_t nth = 1; status != HAN_OK; nth++) {
        han__process_options options = options_of(&f, argv);
        f.mem.calls = 0;
        f.mem.fail_at = nth;
        status = han__process_start(&f.process, f.loop, &options, NULL);
        f.mem.fail_at = 0;
        if (status == HAN_OK) break;
        assert_int_equal(status, HAN_NOMEM);
        assert_int_equal(f.mem.live, base);
        assert_int_equal(count_descriptors(), f.before);
        refused++;
    }
    assert_true(refused > 0);
    TURN_UNTIL(f.loop, f.exits == 1);
    close_fixture(&f);
}

/* With the n-th descriptor refused, the start fails with IO, no child is left and nothing leaks. */
TEST(every_descriptor_may_be_refused)
{
    fixture f;
    struct rlimit saved, low;
    const char *const argv[] = {"child", "exit", "0", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.out = options.err = HAN__STDIO_CAPTURE;
    options.channel = true;
    int status = HAN_IO, refused = 0;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
    for (rlim_t limit = 3; status != HAN_OK; limit++) {
        han_error err;
        han__error_clear(&err);
        low = saved;
        low.rlim_cur = limit;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        status = han__process_start(&f.process, f.loop, &options, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
        assert_true(limit < 100);
        if (status == HAN_OK) break;
        assert_int_equal(status, HAN_IO);
        assert_int_equal(err.code, HAN_IO);
        assert_int_equal(count_descriptors(), f.before);
        refused++;
    }
    assert_true(refused > 8);
    TURN_UNTIL(f.loop, f.exits == 1);
    close_fixture(&f);
}

TEST(two_hundred_children_leave_no_descriptor)
{
    fixture f;
    const char *const leaving[] = {"child", "exit", "0", NULL}, *const staying[] = {"child", "wait",
                                                                                    NULL};
    open_fixture(&f);
    for (int i = 0; i < 200; i++) {
        han__process_options options = options_of(&f, i % 2 ? leaving : staying);
        options.channel = true;
        options.out = HAN__STDIO_CAPTURE;
        f.exits = 0;
        start(&f, &options);
        if (i % 2) TURN_UNTIL(f.loop, f.exits == 1);
        pid_t pid = han__process_pid(f.process);
        han__process_close(f.process);
        f.process = NULL;
        TURN_UNTIL(f.loop, kill(pid, 0) != 0);
        TURN_UNTIL(f.loop, !han__loop_alive(f.loop));
        assert_int_equal(count_descriptors(), f.before);
    }
    close_fixture(&f);
}

/* Sixty-four at once, each told once. */
TEST(many_children_together)
{
    fixture f[64];
    const char *const argv[] = {"child", "exit", "3", NULL};
    open_fixture(&f[0]);
    for (size_t i = 0; i < HAN__COUNT(f); i++) {
        if (i > 0) memset(&f[i], 0, sizeof f[i]);
        f[i].loop = f[0].loop;
        han__process_options options = options_of(&f[i], argv);
        start(&f[i], &options);
    }
    for (size_t i = 0; i < HAN__COUNT(f); i++) TURN_UNTIL(f[0].loop, f[i].exits == 1);
    for (size_t i = 0; i < HAN__COUNT(f); i++) {
        assert_int_equal(f[i].exits, 1);
        assert_int_equal(f[i].result.code, 3);
        han__process_close(f[i].process);
        f[i].process = NULL;
    }
    close_fixture(&f[0]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_system_call_may_be_refused),
        cmocka_unit_test(a_leak_is_seen_when_the_loop_closes),
        cmocka_unit_test(a_failed_exec_names_the_program),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_stolen_child_is_lost),
        cmocka_unit_test(a_host_may_ignore_its_children),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_descriptor_may_be_refused),
        cmocka_unit_test(two_hundred_children_leave_no_descriptor),
        cmocka_unit_test(many_children_together),
    };
    if (argc > 2 && strcmp(argv[1], "without") == 0) role_without(argv[2]);
    if (argc > 1 && strcmp(argv[1], "leak") == 0) return role_leak();
    if (argc > 1) return play(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
