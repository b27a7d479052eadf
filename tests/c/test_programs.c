/* exec/programs and the runner in mode "program": processes come with a channel, and end with it.
 */
#include "base/config.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "exec/programs.h"
#include "loop/loop.h"
#include "testing.h"

#define RUNNER HAN_TEST_BINARY_DIR "/libexec/han-runner"

/* What another process does is not told to the loop: asked for every few milliseconds. */
#define SOON(loop, condition)                                                                      \
    do {                                                                                           \
        int turns = 0;                                                                             \
        while (!(condition)) {                                                                     \
            assert_true(han__loop_run_once((loop), 5) >= 0);                                       \
            if (++turns > 12000) fail_msg("never came: %s", #condition);                           \
        }                                                                                          \
    } while (0)

typedef struct place {
    han__mem mem;
    han__loop *loop;
    han__launcher *launcher;
    han__programs *programs;
} place;

static void open_place(place *p, const char *runner, int level)
{
    han__mem_init(&p->mem, NULL, NULL);
    assert_int_equal(han__loop_create(&p->loop, &p->mem, NULL, NULL), HAN_OK);
    assert_int_equal(han__launcher_open(&p->launcher, p->loop, &p->mem, runner, NULL), HAN_OK);
    assert_int_equal(han__launcher_set(p->launcher, level, NULL), HAN_OK);
    assert_int_equal(han__programs_open(&p->programs, p->loop, &p->mem, p->launcher, NULL), HAN_OK);
}

static void close_place(place *p)
{
    han__programs_close(p->programs);
    han__launcher_close(p->launcher);
    han__loop_close(p->loop);
    assert_int_equal(p->mem.live, 0);
}

static bool has_strong(void)
{
    han__probes probes;
    han_error lack = {0};
    han__probes_run(&probes, NULL);
    if (han__probes_require(&probes, HAN__LEVEL_STRONG, &lack) == HAN_OK) return true;
    print_message("NOT TESTED: %s\n", lack.message);
    return false;
}

static int start(place *p)
{
    int fd = -1;
    han_error err = {0};
    if (han__programs_start(p->programs, &fd, &err) != HAN_OK) fail_msg("%s", err.message);
    return fd;
}

/* The children of a process; *first is one of them. */
static int children_of(int64_t pid, int64_t *first)
{
    char path[80];
    long long child;
    int n = 0;
    snprintf(path, sizeof path, "/proc/%lld/task/%lld/children", (long long)pid, (long long)pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    for (; fscanf(f, "%lld", &child) == 1; n++) *first = child;
    fclose(f);
    return n;
}

static int count_programs(const place *p)
{
    int64_t pid = han__programs_pid(p->programs), child = 0;
    if (han__launcher_level(p->launcher) == HAN__LEVEL_STRONG && children_of(pid, &child) == 1)
        pid = child;
    return children_of(pid, &child);
}

/* Whether the other end of the channel is gone, waited for while the loop turns. */
static bool ends(place *p, int fd)
{
    for (int turns = 0; turns < 6000; turns++) {
        struct pollfd end = {fd, POLLRDHUP, 0};
        if (poll(&end, 1, 0) == 1) return true;
        assert_true(han__loop_run_once(p->loop, 10) >= 0);
    }
    return false;
}

TEST(a_process_for_each_program)
{
    for (int level = HAN__LEVEL_NONE; level <= HAN__LEVEL_STRONG; level += HAN__LEVEL_STRONG) {
        place p;
        int fds[5];
        if (level == HAN__LEVEL_STRONG && !has_strong()) continue;
        open_place(&p, RUNNER, level);
        for (size_t i = 0; i < HAN__COUNT(fds); i++) fds[i] = start(&p); /* before the proof */
        SOON(p.loop, count_programs(&p) == 5);
        close(fds[1]); /* nobody wants this one any more */
        SOON(p.loop, count_programs(&p) == 4);
        fds[1] = start(&p); /* behind it */
        SOON(p.loop, count_programs(&p) == 5);
        assert_int_equal(write(fds[0], "nonsense", 8), 8);
        assert_int_equal(write(fds[0], "nonsense", 8), 8);
        assert_true(ends(&p, fds[0])); /* it ended itself, and that is seen */
        SOON(p.loop, count_programs(&p) == 4);
        assert_int_equal(han__programs_starts(p.programs), 1);
        assert_string_equal(han__programs_why(p.programs), "");
        close_place(&p);
        for (size_t i = 0; i < HAN__COUNT(fds); i++) {
            struct pollfd end = {fds[i], POLLRDHUP, 0};
            assert_int_equal(poll(&end, 1, 10000), 1); /* all go with the runner */
            close(fds[i]);
        }
    }
}

TEST(more_than_there_may_be)
{
    enum { MORE = 260 };
    static int fds[MORE];
    place p;
    int ended = 0;
    open_place(&p, RUNNER, HAN__LEVEL_NONE);
    for (int i = 0; i < MORE; i++) fds[i] = start(&p);
    for (int i = MORE - 1; i >= 256; i--) ended += ends(&p, fds[i]);
    assert_int_equal(ended, MORE - 256);
    SOON(p.loop, count_programs(&p) == 256);
    for (int i = 0; i < MORE; i++) close(fds[i]);
    SOON(p.loop, count_programs(&p) == 0);
    close_place(&p);
}

/* The runner dies: its programs end, and the next has another runner. */
TEST(a_lost_runner)
{
    place p;
    open_place(&p, RUNNER, HAN__LEVEL_NONE);
    int first = start(&p);
    SOON(p.loop, count_programs(&p) == 1);
    kill((pid_t)han__programs_pid(p.programs), SIGKILL);
    assert_true(ends(&p, first));
    SOON(p.loop, han__programs_pid(p.programs) == 0);
    assert_non_null(strstr(han__programs_why(p.programs), "runner of programs ended"));
    int second = start(&p);
    SOON(p.loop, count_programs(&p) == 1);
    assert_int_equal(han__programs_starts(p.programs), 2);
    close_place(&p);
    close(first);
    close(second);
}

static bool has_proc(void)
{
    han__probes probes;
    han_error err = {0};
    han__probes_run(&probes, NULL);
    if (han__probes_require_commands(&probes, HAN__LEVEL_STRONG, &err) == HAN_OK) return true;
    print_message("NOT TESTED: %s\n", err.message);
    return false;
}

TEST(runners_that_prove_nothing)
{
    static const struct {
        const char *runner, *why;
    } cases[] = {
        {"/tests/data/open_runner.sh", "host files can be read"},
        {"/tests/data/nonsense_runner.sh", "spoke nonsense"},
        {"/tests/data/ending_runner.sh", "before its canary proof"},
    };
    if (!has_proc()) skip(); /* they are scripts */
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        place p;
        char path[300];
        snprintf(path, sizeof path, "%s%s", HAN_TEST_SOURCE_DIR, cases[i].runner);
        open_place(&p, path, HAN__LEVEL_STRONG);
        int fd = start(&p);
        assert_true(ends(&p, fd));
        if (!strstr(han__programs_why(p.programs), cases[i].why))
            fail_msg("%s", han__programs_why(p.programs));
        assert_non_null(strstr(han__programs_why(p.programs), "level strong"));
        close(fd);
        close_place(&p);
    }
}

TEST(refused_allocations)
{
    bool done = false;
    for (uint64_t nth = 1; !done; nth++) {
        place p;
        int fd = -1;
        open_place(&p, RUNNER, HAN__LEVEL_NONE);
        p.mem.calls = 0;
        p.mem.fail_at = nth;
        int status = han__programs_start(p.programs, &fd, NULL);
        done = p.mem.calls < nth;
        p.mem.fail_at = 0;
        if (done) assert_int_equal(status, HAN_OK);
        if (status == HAN_OK)
            close(fd);
        else
            assert_int_equal(status, HAN_NOMEM);
        close_place(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_for_each_program),
        cmocka_unit_test(more_than_there_may_be),
        cmocka_unit_test(a_lost_runner),
        cmocka_unit_test(runners_that_prove_nothing),
        cmocka_unit_test(refused_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
