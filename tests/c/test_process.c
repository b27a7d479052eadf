/* loop/process: what a child has and has not, how its end is told, and who ends with it. */
#include "base/config.h"

#include "children.h"

TEST(exit_codes_are_told_once)
{
    static const int codes[] = {0, 1, 7, 127, 255};
    for (size_t i = 0; i < HAN__COUNT(codes); i++) {
        fixture f;
        char code[8];
        const char *const argv[] = {"child", "exit", code, NULL};
        snprintf(code, sizeof code, "%d", codes[i]);
        open_fixture(&f);
        han__process_options options = options_of(&f, argv);
        start(&f, &options);
        assert_true(han__process_pid(f.process) > 0);
        assert_true(han__process_running(f.process));
        TURN_UNTIL(f.loop, f.exits == 1);
        assert_int_equal(f.result.code, codes[i]);
        assert_int_equal(f.result.signal, 0);
        assert_false(f.result.lost);
        assert_false(han__process_running(f.process));
        while (han__loop_run_once(f.loop, 0) > 0) continue;
        assert_int_equal(f.exits, 1);
        assert_int_equal(han__process_kill(f.process, SIGKILL), HAN_OK);
        close_fixture(&f);
    }
}

TEST(a_signal_is_told)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGUSR1};
    const char *const argv[] = {"child", "wait", NULL};
    for (size_t i = 0; i < HAN__COUNT(signals); i++) {
        fixture f;
        open_fixture(&f);
        han__process_options options = options_of(&f, argv);
        start(&f, &options);
        assert_int_equal(han__process_kill(f.process, signals[i]), HAN_OK);
        TURN_UNTIL(f.loop, f.exits == 1);
        assert_int_equal(f.result.signal, signals[i]);
        assert_int_equal(f.result.code, -1);
        close_fixture(&f);
    }
}

TEST(the_callback_may_close)
{
    fixture f;
    const char *const argv[] = {"child", "exit", "0", NULL};
    open_fixture(&f);
    f.close_on_exit = true;
    han__process_options options = options_of(&f, argv);
    start(&f, &options);
    TURN_UNTIL(f.loop, f.exits == 1);
    assert_null(f.process);
    TURN_UNTIL(f.loop, !han__loop_alive(f.loop));
    close_fixture(&f);
}

TEST(close_ends_a_living_child_and_calls_nobody)
{
    fixture f;
    const char *const argv[] = {"child", "wait", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    start(&f, &options);
    pid_t pid = han__process_pid(f.process);
    han__process_close(f.process);
    f.process = NULL;
    assert_false(han__loop_alive(f.loop));
    TURN_UNTIL(f.loop, kill(pid, 0) != 0); /* killed and reaped by the loop */
    assert_int_equal(f.exits, 0);
    close_fixture(&f);
}

TEST(closing_the_loop_waits_for_closed_children)
{
    fixture f;
    const char *const argv[] = {"child", "wait", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    start(&f, &options);
    close_fixture(&f); /* checks that no child is left, dead or alive */
    assert_int_equal(f.exits, 0);
}

TEST(only_the_named_descriptors)
{
    const char *const argv[] = {"child", "descriptors", NULL};
    int extra[40];
    for (size_t i = 0; i < HAN__COUNT(extra); i++) extra[i] = dup(0); /* without close-on-exec */
    for (int channel = 0; channel < 2; channel++) {
        fixture f;
        open_fixture(&f);
        han__process_options options = options_of(&f, argv);
        options.channel = channel;
        assert_string_equal(output_of(&f, options), channel ? "0 1 2 3 " : "0 1 2 ");
        close_fixture(&f);
    }
    for (size_t i = 0; i < HAN__COUNT(extra); i++) close(extra[i]);
}

/* Files come as 5 and following, whatever numbers they have here, and are what was opened. */
TEST(named_files_are_given)
{
    fixture f;
    const char *const argv[] = {"child", "descriptors", NULL};
    int files[HAN__PROCESS_FILES + 1];
    open_fixture(&f);
    for (size_t i = 0; i < HAN__COUNT(files); i++) files[i] = open("/dev/null", O_RDONLY);
    han__process_options options = options_of(&f, argv);
    options.files = files;
    options.files_len = HAN__PROCESS_FILES;
    assert_string_equal(output_of(&f, options), "0 1 2 5 6 7 8 9 ");
    close_fixture(&f);
    open_fixture(&f);
    options.files_len = HAN__PROCESS_FILES + 1;
    assert_int_equal(han__process_start(&f.process, f.loop, &options, NULL), HAN_INVALID);
    close_fixture(&f);
    for (size_t i = 0; i < HAN__COUNT(files); i++) close(files[i]);
}

/* Started by root, a child can become another user for good; its parent still ends it, also by
 * dying.
 */
TEST(root_can_give_its_rights_up)
{
    fixture f;
    const char *const argv[] = {"child", "user", NULL};
    if (geteuid() != 0) skip();
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.uid = 65534;
    options.gid = 65533;
    assert_string_equal(output_of(&f, options), "65534 65534 65533 65533 0 9 stays");
    close_fixture(&f);
}

TEST(only_the_named_environment)
{
    fixture f;
    const char *const argv[] = {"child", "environment", NULL};
    const char *const env[] = {"HAN_A=1", "B=two words", NULL};
    assert_int_equal(setenv("HAN_SECRET", "x", 1), 0);
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    assert_string_equal(output_of(&f, options), "");
    close_fixture(&f);
    open_fixture(&f);
    options = options_of(&f, argv);
    options.env = env;
    assert_string_equal(output_of(&f, options), "HAN_A=1;B=two words;");
    close_fixture(&f);
}

static void nothing(int number)
{
    HAN__UNUSED(number);
}

/* Signals that we block, ignore or catch are plain again in the child; ours stay as they were. */
TEST(signals_and_stdin_are_fresh)
{
    const char *const argv[] = {"child", "state", NULL};
    struct sigaction ignore, catch, saved_pipe, saved_usr, now;
    sigset_t some, before, after;
    memset(&ignore, 0, sizeof ignore);
    catch = ignore;
    ignore.sa_handler = SIG_IGN;
    catch.sa_handler = nothing;
    sigaction(SIGPIPE, &ignore, &saved_pipe);
    sigaction(SIGUSR1, &catch, &saved_usr);
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &some, &before);
    for (int session = 0; session < 2; session++) {
        fixture f;
        char want[100];
        open_fixture(&f);
        han__process_options options = options_of(&f, argv);
        options.session = session;
        snprintf(want, sizeof want, "signals 0 stdin 0 death %d leader %d", SIGKILL, session);
        assert_string_equal(output_of(&f, options), want);
        close_fixture(&f);
    }
    pthread_sigmask(SIG_SETMASK, &before, &after);
    assert_int_equal(sigismember(&after, SIGTERM), 1);
    assert_int_equal(sigismember(&after, SIGUSR2), 0);
    sigaction(SIGUSR1, &saved_usr, &now);
    assert_true(now.sa_handler == nothing);
    sigaction(SIGPIPE, &saved_pipe, NULL);
    sigaction(SIGCHLD, NULL, &now);
    assert_true(now.sa_handler == SIG_DFL); /* nobody has installed a handler */
}

TEST(a_folder_can_be_named)
{
    fixture f;
    const char *const argv[] = {"child", "folder", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.cwd = "/usr";
    assert_string_equal(output_of(&f, options), "/usr");
    close_fixture(&f);
}

TEST(outputs_are_captured_apart)
{
    const char *const argv[] = {"child", "noise", NULL};
    static const struct {
        int out, err, which;
        const char *want;
    } cases[] = {
        {HAN__STDIO_CAPTURE, HAN__STDIO_NULL, HAN__PROCESS_OUT, "to out"},
        {HAN__STDIO_NULL, HAN__STDIO_CAPTURE, HAN__PROCESS_ERR, "to err"},
        {HAN__STDIO_CAPTURE, HAN__STDIO_CAPTURE, HAN__PROCESS_ERR, "to err"},
    };
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        fixture f;
        open_fixture(&f);
        han__process_options options = options_of(&f, argv);
        options.out = cases[i].out;
        options.err = cases[i].err;
        start(&f, &options);
        listen_to(&f, cases[i].which);
        TURN_UNTIL(f.loop, f.exits == 1 && f.ends == 1);
        assert_string_equal(han__buf_cstr(&f.text), cases[i].want);
        assert_int_equal(han__process_take(f.process, HAN__PROCESS_CHANNEL), -1);
        close_fixture(&f);
    }
}

/* Inheriting a stream that we have closed gives /dev/null, not a stray descriptor. */
TEST(inheriting_nothing_is_null)
{
    fixture f;
    const char *const argv[] = {"child", "descriptors", NULL};
    open_fixture(&f);
    int saved = fcntl(2, F_DUPFD_CLOEXEC, 50);
    close(2);
    han__process_options options = options_of(&f, argv);
    const char *got = output_of(&f, options);
    assert_int_equal(dup2(saved, 2), 2);
    close(saved);
    assert_string_equal(got, "0 1 2 ");
    close_fixture(&f);
}

/* The descriptors we make land on the very numbers that the child arranges. */
TEST(low_descriptors_do_not_collide)
{
    fixture f;
    const char *const argv[] = {"child", "echo", NULL}, *const list[] = {"child", "descriptors",
                                                                         NULL};
    int saved = fcntl(0, F_DUPFD_CLOEXEC, 50);
    open_fixture(&f);
    close(0);
    han__process_options listing = options_of(&f, list);
    listing.channel = true;
    assert_string_equal(output_of(&f, listing), "0 1 2 3 ");
    assert_int_equal(dup2(saved, 0), 0);
    close_fixture(&f);
    open_fixture(&f);
    close(0);
    han__process_options options = options_of(&f, argv);
    options.channel = true;
    start(&f, &options);
    assert_int_equal(dup2(saved, 0), 0);
    close(saved);
    listen_to(&f, HAN__PROCESS_CHANNEL);
    assert_int_equal(han__stream_write(f.stream, "there and back", 14), 0);
    TURN_UNTIL(f.loop, f.text.len == 14);
    close_fixture(&f);
}

TEST(the_channel_is_duplex_and_its_end_ends_the_child)
{
    fixture f;
    const char *const argv[] = {"child", "echo", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.channel = true;
    start(&f, &options);
    listen_to(&f, HAN__PROCESS_CHANNEL);
    assert_int_equal(han__stream_write(f.stream, "frame", 5), 0);
    TURN_UNTIL(f.loop, f.text.len == 5);
    assert_memory_equal(f.text.data, "frame", 5);
    han__stream_close(f.stream);
    f.stream = NULL;
    TURN_UNTIL(f.loop, f.exits == 1);
    assert_int_equal(f.result.code, 0);
    close_fixture(&f);
}

TEST(a_dead_child_ends_the_channel)
{
    fixture f;
    const char *const argv[] = {"child", "echo", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.channel = true;
    start(&f, &options);
    listen_to(&f, HAN__PROCESS_CHANNEL);
    assert_int_equal(han__process_kill(f.process, SIGKILL), 0);
    TURN_UNTIL(f.loop, f.exits == 1 && f.ends == 1);
    assert_int_equal(f.result.signal, SIGKILL);
    close_fixture(&f);
}

/* A grandchild that holds stdout does not hold us, when the child has a session of its own. */
TEST(a_session_ends_with_its_leader)
{
    fixture f;
    const char *const argv[] = {"child", "leave", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.session = true;
    options.out = HAN__STDIO_CAPTURE;
    start(&f, &options);
    listen_to(&f, HAN__PROCESS_OUT);
    TURN_UNTIL(f.loop, f.exits == 1 && f.ends == 1);
    assert_int_equal(f.result.code, 0);
    close_fixture(&f);
}

TEST(processor_time_is_told)
{
    fixture f;
    const char *const argv[] = {"child", "work", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    start(&f, &options);
    TURN_UNTIL(f.loop, f.exits == 1);
    assert_in_range(f.result.cpu_ns, 1000000, 60000000000u);
    close_fixture(&f);
}

/* The parent in the middle is killed without a chance to clean up: its child goes with it. Both
 * hold the pipe, so its end says that both are gone. */
TEST(a_child_dies_with_its_parent)
{
    fixture f;
    const char *const argv[] = {"child", "parent", NULL};
    open_fixture(&f);
    han__process_options options = options_of(&f, argv);
    options.out = HAN__STDIO_CAPTURE;
    start(&f, &options);
    listen_to(&f, HAN__PROCESS_OUT);
    TURN_UNTIL(f.loop, f.text.len > 0 && f.text.data[f.text.len - 1] == '.');
    assert_true(strtol(han__buf_cstr(&f.text), NULL, 10) > 0);
    assert_int_equal(han__process_kill(f.process, SIGKILL), 0);
    TURN_UNTIL(f.loop, f.exits == 1 && f.ends == 1);
    close_fixture(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_codes_are_told_once),
        cmocka_unit_test(a_signal_is_told),
        cmocka_unit_test(the_callback_may_close),
        cmocka_unit_test(close_ends_a_living_child_and_calls_nobody),
        cmocka_unit_test(closing_the_loop_waits_for_closed_children),
        cmocka_unit_test(only_the_named_descriptors),
        cmocka_unit_test(named_files_are_given),
        cmocka_unit_test(root_can_give_its_rights_up),
        cmocka_unit_test(only_the_named_environment),
        cmocka_unit_test(signals_and_stdin_are_fresh),
        cmocka_unit_test(a_folder_can_be_named),
        cmocka_unit_test(outputs_are_captured_apart),
        cmocka_unit_test(inheriting_nothing_is_null),
        cmocka_unit_test(low_descriptors_do_not_collide),
        cmocka_unit_test(the_channel_is_duplex_and_its_end_ends_the_child),
        cmocka_unit_test(a_dead_child_ends_the_channel),
        cmocka_unit_test(a_session_ends_with_its_leader),
        cmocka_unit_test(processor_time_is_told),
        cmocka_unit_test(a_child_dies_with_its_parent),
    };
    if (argc > 1) return play(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
