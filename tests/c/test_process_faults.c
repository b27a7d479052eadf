/* loop/process: failed starts, refused memory and descriptors, stolen children, and what they
 * leave. */
#include "base/config.h"

#include <sys/resource.h>

#include "children.h"

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
        cmocka_unit_test(a_failed_exec_names_the_program),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_stolen_child_is_lost),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_descriptor_may_be_refused),
        cmocka_unit_test(two_hundred_children_leave_no_descriptor),
        cmocka_unit_test(many_children_together),
    };
    if (argc > 1) return play(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
