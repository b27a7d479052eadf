/* Runs of commands in boxes: what goes in and comes out, sessions, their end in every way, boxes
 * that are used again or lost, boxes that do not hold, and allocations that fail. Hostile commands
 * have their own program. */
#include "base/config.h"

#include <signal.h>
#include <sys/stat.h>

#include "exec_world.h"
#include "shell.h"

/* ---- what goes in and comes out ---- */

TEST(a_command_gets_what_it_was_given)
{
    exec_world w;
    NEEDS_BOXES();
    open_exec_world(&w, HAN_BOX);
    const char *const argv[] = {"sh", "-c", "cat ../x; cat; echo $A; pwd; echo e >&2; exit 7",
                                NULL};
    const char *const env[] = {"A=b", NULL};
    const han__exec_file files[] = {{"x", "file\n", 5, 0600}, {"sub/y", "", 0, 0644}};
    han__exec_request request = {.argv = argv,
                                 .env = env,
                                 .files = files,
                                 .files_len = 2,
                                 .folder = "sub",
                                 .input = "typed\n",
                                 .input_len = 6};
    assert_string_equal(run_request(&w, &request), "fail");
    assert_int_equal(w.verdict.code, 7);
    assert_string_equal(out_of(&w), "file\ntyped\nb\n/box/work/sub\n");
    assert_string_equal(han__buf_cstr(&w.err), "e\n");
    assert_int_equal(w.verdict.out, 27);
    assert_int_equal(w.verdict.err, 2);
    close_exec_world(&w);
}

/* Larger than a packet, so that they go by a descriptor. */
TEST(large_files_go_in_and_come_out)
{
    enum { SIZE = 3 << 20 };
    exec_world w;
    NEEDS_BOXES();
    open_exec_world(&w, HAN_BOX);
    char *bytes = han__mem_alloc(&w.mem, SIZE);
    for (int i = 0; i < SIZE; i++) bytes[i] = (char)(i * 7 % 251);
    const char *const argv[] = {"cp", "in", "out", NULL}, *const collect[] = {"out", NULL};
    const han__exec_file file = {"in", bytes, SIZE, 0644};
    han__exec_request request = {.argv = argv, .files = &file, .files_len = 1, .collect = collect};
    assert_string_equal(run_request(&w, &request), "pass");
    assert_int_equal(w.verdict.outputs_len, 1);
    assert_int_equal(w.verdict.outputs[0].have, SIZE);
    assert_memory_equal(w.verdict.outputs[0].bytes, bytes, SIZE);
    request.collect_bytes = SIZE - 1;
    assert_string_equal(run_request(&w, &request), "pass");
    assert_int_equal(w.verdict.outputs[0].skip, HAN__BOX_SKIP_SIZE);
    request.limits.box.disk = 1 << 20;
    assert_string_equal(run_request(&w, &request), "limit:disk"); /* what goes in counts */
    han__mem_free(&w.mem, bytes, SIZE);
    close_exec_world(&w);
}

TEST(requests_that_make_no_sense)
{
    static const char *const empty[] = {NULL}, *const argv[] = {"true", NULL};
    static const char *const paths[] = {"/x", "../x", "a/../x", "", "a//b", "./a", "a/."};
    exec_world w;
    open_exec_world(&w, HAN_BOX);
    for (size_t i = 0; i < HAN__COUNT(paths); i++) {
        han__exec_file file = {paths[i], "", 0, 0644};
        han__exec_request request = {.argv = argv, .files = &file, .files_len = 1};
        assert_int_equal(try_run(&w, &request, NULL), HAN_INVALID);
        request = (han__exec_request){.argv = argv, .folder = paths[i]};
        if (paths[i][0]) assert_int_equal(try_run(&w, &request, NULL), HAN_INVALID);
    }
    han__exec_request wrong[] = {{.argv = empty},
                                 {.argv = NULL},
                                 {.argv = argv, .limits = {.wall_ms = 3600001}},
                                 {.argv = argv, .limits = {.box = {.memory = 1}}},
                                 {.argv = argv, .limits = {.output = 1u << 30}},
                                 {.argv = argv, .collect_bytes = 1u << 30}};
    for (size_t i = 0; i < HAN__COUNT(wrong); i++)
        assert_int_equal(try_run(&w, &wrong[i], NULL), HAN_INVALID);
    assert_int_equal(han__execs_started(w.execs), 0);
    close_exec_world(&w);
}

/* ---- sessions and ends ---- */

TEST(a_session_is_written_to_and_ends)
{
    exec_world w;
    NEEDS_BOXES();
    open_exec_world(&w, HAN_BOX);
    const char *const argv[] = {"sh", "-c", "while read -r x; do echo \"<$x>\"; done", NULL};
    han__exec_request request = {.argv = argv, .interactive = true};
    start_run(&w, &request);
    assert_int_equal(han__exec_write(w.run, "one\n", 4), HAN_OK);
    TURN_UNTIL(w.loop, w.out.len == 6);
    assert_int_equal(han__exec_write(w.run, "two\n", 4), HAN_OK);
    han__exec_end_input(w.run);
    TURN_UNTIL(w.loop, w.ends == 1);
    assert_string_equal(out_of(&w), "<one>\n<two>\n");
    assert_int_equal(w.verdict.class, HAN__EXEC_PASS);
    close_exec_world(&w);
}

TEST(a_run_is_stopped_or_closed)
{
    exec_world w;
    NEEDS_BOXES();
    open_exec_world(&w, HAN_BOX);
    const char *const argv[] = {"sh", "-c", "echo go; sleep 1000", NULL};
    han__exec_request request = {.argv = argv};
    start_run(&w, &request);
    TURN_UNTIL(w.loop, w.out.len == 3);
    han__exec_stop(w.run);
    TURN_UNTIL(w.loop, w.ends == 1);
    assert_int_equal(w.verdict.class, HAN__EXEC_STOPPED);
    start_run(&w, &request);
    TURN_UNTIL(w.loop, w.out.len == 3);
    han__exec_close(w.run); /* in its middle: the box goes with it */
    w.run = NULL;
    assert_int_equal(settle_beneath(&w, 0), 0);
    assert_int_equal(w.ends, 0);
    assert_string_equal(run_shell(&w, "true"), "pass");
    assert_int_equal(han__execs_started(w.execs), 2);
    close_exec_world(&w);
}

/* A box is kept for its limits; others get their own. */
TEST(boxes_are_used_again)
{
    exec_world w;
    NEEDS_BOXES();
    open_exec_world(&w, HAN_BOX);
    for (int i = 0; i < 20; i++) assert_string_equal(run_shell(&w, "echo x > y; ls"), "pass");
    assert_string_equal(out_of(&w), "y\n");
    assert_int_equal(han__execs_started(w.execs), 1);
    const char *const argv[] = {"true", NULL};
    for (uint64_t procs = 10; procs < 16; procs++) {
        han__exec_request request = {.argv = argv, .limits = {.box = {.procs = procs}}};
        assert_string_equal(run_request(&w, &request), "pass");
    }
    assert_int_equal(han__execs_started(w.execs), 7);
    assert_int_equal(settle_beneath(&w, 4 * IDLE_PROCESSES), 4 * IDLE_PROCESSES);
    close_exec_world(&w);
    assert_int_equal(count_beneath(), 0);
}

static pid_t child_of(pid_t parent)
{
    static table t;
    read_table(&t);
    for (size_t i = 0; i < t.len; i++)
        if (t.parent[i] == parent) return t.pid[i];
    return 0;
}

/* A process that has ended may wait for its parent for ever: it counts as gone. */
static bool is_running(pid_t pid)
{
    char path[48], line[512] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *f = fopen(path, "r");
    const char *at = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    if (f) fclose(f);
    return at && strncmp(at, ") Z", 3) != 0 && strncmp(at, ") X", 3) != 0;
}

/* Processes beneath one, however deep, and itself; how many. */
static size_t list_tree(pid_t root, pid_t *out, size_t cap)
{
    static table t;
    size_t len = 0;
    read_table(&t);
    out[len++] = root;
    for (size_t at = 0; at < len; at++)
        for (size_t i = 0; i < t.len && len < cap; i++)
            if (t.parent[i] == out[at]) out[len++] = t.pid[i];
    return len;
}

/* Of a box without namespaces: the folder of the one in which the last run said `pwd`. */
static void root_of(exec_world *w, char out[300])
{
    int n = snprintf(out, 300, "%.290s", out_of(w));
    for (int slashes = 0; n > 0 && slashes < 2; n--) slashes += out[n] == '/';
    out[n + 1] = '\0';
    assert_non_null(strstr(out, "/han-box-"));
}

/* Nobody's fault: the command is not blamed, nothing of it goes on, and the next run has another
 * box. What the killed process is: bubblewrap, or the zygote itself. */
static void kill_a_box(int level)
{
    exec_world w;
    pid_t tree[64];
    char root[300] = "";
    open_exec_world(&w, HAN_BOX);
    set_level(&w, level);
    const char *const argv[] = {"sh", "-c", "setsid sleep 1000 & pwd; sleep 1000", NULL};
    han__exec_request request = {.argv = argv};
    start_run(&w, &request);
    TURN_UNTIL(w.loop, w.out.len > 3);
    pid_t first = child_of(getpid());
    assert_true(first > 0);
    size_t len = list_tree(first, tree, HAN__COUNT(tree));
    assert_true(len >= 4); /* with its run's first process, the shell, and one of the sleepers */
    assert_int_equal(kill(first, SIGKILL), 0);
    TURN_UNTIL(w.loop, w.ends == 1);
    assert_int_equal(w.verdict.class, HAN__EXEC_BROKEN);
    assert_int_equal(w.verdict.level, level);
    assert_non_null(strstr(w.verdict.message, level == HAN__LEVEL_STRONG ? "the sandbox ended"
                                                                         : "process of the box"));
    for (int turns = 0; turns < 2000 && len > 0; turns++) {
        assert_true(han__loop_run_once(w.loop, 10) >= 0);
        while (len > 0 && !is_running(tree[len - 1])) len--;
    }
    assert_int_equal(len, 0);
    assert_int_equal(settle_beneath(&w, 0), 0);
    if (level != HAN__LEVEL_STRONG) root_of(&w, root);
    if (level != HAN__LEVEL_STRONG) assert_int_equal(access(root, F_OK), 0);
    assert_string_equal(run_shell(&w, "true"), "pass");
    if (level != HAN__LEVEL_STRONG) assert_int_equal(access(root, F_OK), -1);
    close_exec_world(&w);
}

TEST(a_box_that_dies_under_a_run)
{
    NEEDS_BOXES();
    kill_a_box(HAN__LEVEL_STRONG);
}

TEST(a_box_that_dies_at_level_landlock)
{
    NEEDS_LEVEL(HAN__LEVEL_LANDLOCK);
    kill_a_box(HAN__LEVEL_LANDLOCK);
}

TEST(a_box_that_dies_at_level_none)
{
    NEEDS_LEVEL(HAN__LEVEL_NONE);
    kill_a_box(HAN__LEVEL_NONE);
}

/* ---- folders on the machine ---- */

/* One that nobody lives in is removed by the next box, with all that lies in it; no other is. */
TEST(folders_that_were_left_behind)
{
    static const char leave[] =
        "cd $TMPDIR && mkdir -p han-box-111111/a/b/c other/d && echo x > han-box-111111/a/b/c/f &&"
        "ln -s ../other han-box-111111/link && chmod 0 han-box-111111/a/b && if [ $(id -u) = 0 ];"
        "then chown -hR 1900000001:1900000001 han-box-111111; fi";
    static const char look[] = "cd $TMPDIR && [ ! -e han-box-111111 ] && [ -e other/d ]";
    exec_world live, w;
    char place[] = "/tmp/han-test-place-XXXXXX", root[300];
    NEEDS_LEVEL(HAN__LEVEL_NONE);
    assert_non_null(mkdtemp(place));
    assert_int_equal(chmod(place, 01777), 0); /* as root the box has another user */
    setenv("TMPDIR", place, 1);
    open_exec_world(&live, HAN_BOX);
    set_level(&live, HAN__LEVEL_NONE);
    assert_string_equal(run_shell(&live, "pwd"), "pass");
    root_of(&live, root);
    assert_memory_equal(root, place, strlen(place)); /* where TMPDIR says */
    assert_int_equal(shell(leave), 0);
    open_exec_world(&w, HAN_BOX);
    set_level(&w, HAN__LEVEL_NONE);
    assert_string_equal(run_shell(&w, "true"), "pass");
    assert_int_equal(shell(look), 0);
    assert_int_equal(access(root, F_OK), 0);
    close_exec_world(&w);
    close_exec_world(&live);
    assert_int_equal(access(root, F_OK), -1); /* a box takes its own away */
    assert_int_equal(shell("rm -r $TMPDIR"), 0);
    open_exec_world(&w, HAN_BOX); /* TMPDIR is of no use: where everybody may */
    set_level(&w, HAN__LEVEL_NONE);
    assert_string_equal(run_shell(&w, "pwd"), "pass");
    assert_memory_equal(out_of(&w), "/tmp/han-box-", 13);
    close_exec_world(&w);
    unsetenv("TMPDIR");
}

/* ---- signals without a namespace of processes ---- */

/* Signal 0 asks only whether it may. One of ours outside stands for the machine; as root the user
 * of the command may signal nobody anyway, so the command's own child has to stand for it where
 * landlock keeps nothing. */
TEST(signals_where_landlock_keeps_none)
{
    static const char text[] =
        "may() { kill -0 $1 2> /dev/null && echo \"$2 yes\" || echo \"$2 no\"; }\n"
        "sleep 1000 & may $$ self; may 0 group; may $! child; may $PPID first; may -1 all\n"
        "may $A engine; sh -c 'kill -0 $$ 2> /dev/null; echo $?; kill -TERM 0'; sleep 1000";
    char engine[32];
    exec_world w;
    NEEDS_LEVEL(HAN__LEVEL_LANDLOCK);
    setenv("HAN_PROBE_FAIL", "landlock=5", 1);
    open_exec_world(&w, HAN_BOX);
    set_level(&w, HAN__LEVEL_LANDLOCK);
    unsetenv("HAN_PROBE_FAIL");
    assert_true(han__launcher_probes(w.launcher)->landlock <= 5);
    snprintf(engine, sizeof engine, "A=%ld", (long)getpid());
    const char *const argv[] = {"sh", "-c", text, NULL}, *const env[] = {engine, NULL};
    han__exec_request request = {.argv = argv, .env = env};
    assert_string_equal(run_request(&w, &request), "crash"); /* by its own signal to all of them */
    assert_int_equal(w.verdict.signal, SIGTERM);
    assert_string_equal(out_of(&w), "self yes\ngroup yes\nchild no\nfirst no\nall no\n"
                                    "engine no\n1\n");
    close_exec_world(&w);
}

/* ---- boxes that do not hold ---- */

/* A program in the place of han-box, which changes what bubblewrap is told. */
static void write_program(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", text);
    assert_int_equal(fchmod(fd, 0755), 0);
    assert_int_equal(fclose(f), 0);
}

#define CHANGING(change)                                                                           \
    "n=$#\nwhile [ $n -gt 0 ]; do\n  a=$1; shift; n=$((n - 1))\n  case $a in\n  " change           \
    "\n  *) set -- \"$@\" \"$a\" ;;\n  esac\ndone\nexec " HAN_BOX " \"$@\""

TEST(boxes_that_do_not_hold)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {CHANGING("--unshare-all) set -- \"$@\" --unshare-pid --unshare-ipc --unshare-uts ;;"),
         "sockets of the host can be reached"},
        {CHANGING("--symlink) if [ \"$2\" = /tmp ]; then shift 2; n=$((n - 2)); set -- \"$@\" "
                  "--ro-bind /tmp /tmp; else set -- \"$@\" --symlink; fi ;;"),
         "host files can be read"},
        {CHANGING("--remount-ro) shift; n=$((n - 1)) ;;"), "the root of the box can be written"},
        {"printf 12345678 >&3; exec sleep 1000", "an attempt could not be made"},
        {"exit 0", "the sandbox ended"},
        {"echo some words >&2; exit 3", "some words"},
    };
    NEEDS_BOXES();
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        exec_world w;
        char path[] = "/tmp/han-test-box-XXXXXX";
        write_program(path, cases[i].text);
        open_exec_world(&w, path);
        const char *const argv[] = {"sh", "-c", "echo it ran", NULL};
        han__exec_request request = {.argv = argv};
        han_error err = {0}; /* it may have ended already */
        bool refused = try_run(&w, &request, &err) != HAN_OK;
        if (!refused) TURN_UNTIL(w.loop, w.ends == 1);
        if (!refused) assert_int_equal(w.verdict.class, HAN__EXEC_BROKEN);
        const char *why = refused ? err.message : w.verdict.message;
        if (!strstr(why, cases[i].why) && !(refused && strstr(why, "cannot reach")))
            fail_msg("case %zu: '%s', not '%s'", i, why, cases[i].why);
        assert_int_equal(w.out.len, 0);
        assert_int_equal(settle_beneath(&w, 0), 0);
        close_exec_world(&w);
        unlink(path);
    }
}

/* ---- faults ---- */

/* The n-th allocation fails: the run is refused, or told to be broken, or passes; nothing leaks. */
static void fail_allocations(int level)
{
    const char *const argv[] = {"sh", "-c", "echo x > o; echo y", NULL}, *const collect[] = {"o",
                                                                                             NULL};
    int refused = 0, passed = 0, descriptors = 0;
    for (uint64_t n = 1; n < 400 && passed < 3; n += n < 60 ? 1 : 7) {
        exec_world w;
        open_exec_world(&w, HAN_BOX);
        set_level(&w, level);
        han__exec_request request = {.argv = argv, .collect = collect};
        han_error err = {0};
        w.mem.fail_at = w.mem.calls + n;
        w.mem.fail_once = true;
        int status = try_run(&w, &request, &err);
        if (status == HAN_OK) TURN_UNTIL(w.loop, w.ends == 1);
        w.mem.fail_at = 0;
        if (status != HAN_OK) {
            assert_true(err.code != 0 && err.message[0]);
            refused++;
        } else {
            passed += w.verdict.class == HAN__EXEC_PASS && w.verdict.outputs_len == 1;
        }
        close_exec_world(&w);
        if (descriptors == 0)
            descriptors = count_descriptors(); /* libuv keeps some from the first */
        if (count_descriptors() != descriptors)
            fail_msg("allocation %d: descriptors are left open", (int)n);
    }
    assert_true(refused > 5);
    assert_true(passed >= 1);
    assert_int_equal(count_beneath(), 0);
}

TEST(allocation_failures)
{
    NEEDS_BOXES();
    fail_allocations(HAN__LEVEL_STRONG);
}

TEST(allocation_failures_at_level_landlock)
{
    NEEDS_LEVEL(HAN__LEVEL_LANDLOCK);
    fail_allocations(HAN__LEVEL_LANDLOCK);
}

TEST(allocation_failures_at_level_none)
{
    NEEDS_LEVEL(HAN__LEVEL_NONE);
    fail_allocations(HAN__LEVEL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_gets_what_it_was_given),
        cmocka_unit_test(large_files_go_in_and_come_out),
        cmocka_unit_test(requests_that_make_no_sense),
        cmocka_unit_test(a_session_is_written_to_and_ends),
        cmocka_unit_test(a_run_is_stopped_or_closed),
        cmocka_unit_test(boxes_are_used_again),
        cmocka_unit_test(a_box_that_dies_under_a_run),
        cmocka_unit_test(a_box_that_dies_at_level_landlock),
        cmocka_unit_test(a_box_that_dies_at_level_none),
        cmocka_unit_test(folders_that_were_left_behind),
        cmocka_unit_test(signals_where_landlock_keeps_none),
        cmocka_unit_test(boxes_that_do_not_hold),
        cmocka_unit_test(allocation_failures),
        cmocka_unit_test(allocation_failures_at_level_landlock),
        cmocka_unit_test(allocation_failures_at_level_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
