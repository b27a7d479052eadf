/* Runners at level strong: what a box has and has not, the canary proof and runners that fail it,
 * and a machine on which a probe fails. Where there are no boxes, the cases that need one are
 * skipped, and it is said why. */
#include "base/config.h"

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "eval_world.h"
#include "exec/canary.h"
#include "runner/prove.h"

/* ---- a world at a level ---- */

static void open_at(world *w, const char *runner, int level)
{
    han_error err = {0};
    open_world(w, runner);
    if (han__launcher_set(w->host.launcher, level, &err) != HAN_OK) fail_msg("%s", err.message);
}

/* Leaves the case when this machine has no boxes of that level, loudly. */
#define NEEDS(level)                                                                               \
    do {                                                                                           \
        han__probes probes;                                                                        \
        han_error lack = {0};                                                                      \
        han__probes_run(&probes, NULL);                                                            \
        if (han__probes_require(&probes, (level), &lack) != HAN_OK) {                              \
            print_message("NOT TESTED: %s\n", lack.message);                                       \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/* The same for boxes that have a /proc. */
#define NEEDS_PROC()                                                                               \
    do {                                                                                           \
        han__probes probes;                                                                        \
        han_error lack = {0};                                                                      \
        han__probes_run(&probes, NULL);                                                            \
        if (han__probes_require_commands(&probes, HAN__LEVEL_STRONG, &lack) != HAN_OK) {           \
            print_message("NOT TESTED: %s\n", lack.message);                                       \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

static const char evaluates[] =
    "local r = assert(eval.lua{ code = module('return 1 + ...'), calls = {{ fn = 'f', args = {2} }}"
    " }) same(r.calls[1].values, {3}) same(r.sandbox, eval.sandbox())\n";

TEST(evaluations_at_each_level)
{
    for (int level = 0; level < HAN__LEVELS; level++) {
        world w;
        han__probes probes;
        han__probes_run(&probes, NULL);
        if (han__probes_missing(&probes, level)) continue;
        open_at(&w, RUNNER, level);
        start(&w, prelude, evaluates);
        finish(&w);
        assert_int_equal(han__eval_level(w.host.eval), level);
        assert_int_equal(han__eval_starts(w.host.eval), 1);
        close_world(&w);
    }
}

/* ---- what a box has ---- */

/* The child of bubblewrap: the runner, first in its process namespace. */
static pid_t child_of(pid_t pid)
{
    char path[80];
    int child = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%d", &child) != 1) child = 0;
    if (f) fclose(f);
    assert_true(child > 0);
    return child;
}

static size_t read_proc(pid_t pid, const char *name, char *out, size_t cap)
{
    char path[80];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(out, 1, cap - 1, f);
    fclose(f);
    out[n] = '\0';
    return n;
}

/* Also after an exec of whatever, and also outside of the box. */
static void it_has_no_rights(pid_t pid, bool boxed)
{
    char text[4096];
    unsigned uid = 0, gid = 0;
    read_proc(pid, "status", text, sizeof text);
    assert_int_equal(sscanf(strstr(text, "\nUid:"), "\nUid:\t%u", &uid), 1);
    assert_int_equal(sscanf(strstr(text, "\nGid:"), "\nGid:\t%u", &gid), 1);
    assert_true(uid != 0 && gid != 0);
    assert_non_null(strstr(text, "\nCapEff:\t0000000000000000"));
    if (boxed) assert_non_null(strstr(text, "\nCapBnd:\t0000000000000000"));
    assert_non_null(strstr(text, "\nNoNewPrivs:\t1"));
}

static void namespaces_are_its_own(pid_t pid)
{
    static const char *const names[] = {"user", "pid", "ipc", "mnt", "net", "uts"};
    for (size_t i = 0; i < HAN__COUNT(names); i++) {
        char path[80], ours[64] = "", theirs[64] = "";
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        assert_true(readlink(path, ours, sizeof ours - 1) > 0);
        snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, names[i]);
        assert_true(readlink(path, theirs, sizeof theirs - 1) > 0);
        assert_string_not_equal(ours, theirs);
    }
}

static void only_the_wire_is_open(pid_t pid)
{
    char path[80];
    char text[200] = "";
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.') {
            size_t len = strlen(text);
            snprintf(text + len, sizeof text - len, "%.8s ", entry->d_name);
        }
    closedir(folder);
#ifdef HAN__SANITIZED
    assert_string_equal(text, "0 1 2 3 "); /* its reports go to stderr */
#else
    assert_string_equal(text, "3 ");
#endif
}

/* Four entries and what bubblewrap adds; nothing of ours. */
static void environment_is_clean(pid_t pid)
{
    char text[2000];
    size_t len = read_proc(pid, "environ", text, sizeof text);
    size_t entries = 0;
    for (size_t i = 0; i < len; i++) entries += text[i] == '\0';
    assert_true(entries == 4 || entries == 5);
    for (size_t at = 0; at < len; at += strlen(text + at) + 1)
        assert_true(strncmp(text + at, "HAN_TEST_SECRET", 15) != 0);
}

/* Our own root is not the box's: it holds the program, and cannot be written. */
static void root_is_empty(pid_t pid)
{
    char path[80];
    size_t n = 0;
    snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) n += entry->d_name[0] != '.';
    closedir(folder);
#ifdef HAN__SANITIZED
    assert_true(n <= 6); /* with /proc, for the sanitizer */
#else
    static const char *const none[] = {"proc", "bin", "usr/bin", "etc", "dev", "tmp", "home"};
    assert_true(n <= 4); /* it, and the folders of the C library's files */
    for (size_t i = 0; i < HAN__COUNT(none); i++) {
        snprintf(path, sizeof path, "/proc/%d/root/%s", (int)pid, none[i]);
        assert_int_equal(access(path, F_OK), -1);
    }
#endif
}

TEST(what_a_box_has)
{
    world w;
    NEEDS(HAN__LEVEL_STRONG);
    setenv("HAN_TEST_SECRET", "not for candidates", 1);
    int leak = dup(0); /* without close-on-exec */
    open_at(&w, RUNNER, HAN__LEVEL_STRONG);
    start(&w, prelude, evaluates);
    finish(&w);
    pid_t bwrap = (pid_t)han__eval_pid(w.host.eval);
    pid_t runner = child_of(bwrap);
    it_has_no_rights(runner, true);
    it_has_no_rights(bwrap, false);
    namespaces_are_its_own(runner);
    only_the_wire_is_open(runner);
    environment_is_clean(runner);
    environment_is_clean(bwrap);
    if (geteuid() == 0) root_is_empty(runner);
    struct pollfd end = {(int)syscall(SYS_pidfd_open, runner, 0u), POLLIN, 0};
    assert_true(end.fd >= 0);
    close_world(&w);
    assert_int_equal(poll(&end, 1, 10000), 1); /* it goes with bubblewrap */
    close(end.fd);
    close(leak);
    unsetenv("HAN_TEST_SECRET");
}

/* ---- the proof ---- */

static size_t payload_of(const han__canary *c, uint32_t pid, uint8_t *out, size_t cap)
{
    han__mem mem;
    han__buf buf;
    han__mem_init(&mem, NULL, NULL);
    han__buf_init(&buf, &mem, cap);
    assert_int_equal(han__canary_payload(c, pid, &buf), HAN_OK);
    size_t len = buf.len;
    memcpy(out, buf.data, len);
    han__buf_release(&buf);
    return len;
}

/* Without a box everything of the host is reached but what the filter keeps. */
TEST(the_proof_finds_that_there_is_no_box)
{
    han__canary canary;
    uint8_t payload[400];
    assert_int_equal(han__canary_open(&canary, NULL), HAN_OK);
    size_t len = payload_of(&canary, (uint32_t)getppid(), payload, sizeof payload);
    assert_int_equal(han__prove(payload, len),
                     HAN__BREACH_FILE | HAN__BREACH_SOCKET | HAN__BREACH_SIGNAL);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(han__prove(payload, cut), HAN__BREACH_UNTRIED);
    han__canary_close(&canary);
    han__canary_close(&canary); /* once more does nothing */
}

TEST(a_canary_leaves_nothing_behind)
{
    han__canary canary;
    char path[sizeof canary.path];
    assert_int_equal(han__canary_open(&canary, NULL), HAN_OK);
    memcpy(path, canary.path, sizeof path);
    assert_int_equal(access(path, R_OK), 0);
    han__canary_close(&canary);
    assert_int_equal(access(path, F_OK), -1);
}

/* An engine that was killed during its proof leaves a file, which a later one takes away. */
TEST(a_stale_canary_is_taken_away)
{
    static const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    han__canary canary;
    char stale[] = "/tmp/han-canary-XXXXXX", fresh[] = "/tmp/han-canary-XXXXXX";
    int fd = mkstemp(stale), other = mkstemp(fresh);
    assert_true(fd >= 0 && other >= 0);
    assert_int_equal(futimens(fd, long_ago), 0);
    close(fd);
    close(other);
    assert_int_equal(han__canary_open(&canary, NULL), HAN_OK);
    han__canary_close(&canary);
    assert_int_equal(access(stale, F_OK), -1);
    assert_int_equal(access(fresh, F_OK), 0);
    unlink(fresh);
}

TEST(each_breach_is_told)
{
    static const struct {
        uint32_t bit;
        const char *text;
        bool landlock; /* matters there too */
    } cases[] = {
        {HAN__BREACH_FILE, "host files", true},
        {HAN__BREACH_SOCKET, "sockets of the host", false},
        {HAN__BREACH_SIGNAL, "processes of the host", false},
        {HAN__BREACH_PLAIN_FILE, "filter lets files", true},
        {HAN__BREACH_PLAIN_SOCKET, "filter lets sockets", true},
        {HAN__BREACH_PLAIN_SIGNAL, "filter lets signals", true},
        {HAN__BREACH_UNTRIED, "could not be made", true},
        {1u << 20, "made no sense", true},
    };
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        han_error err = {0};
        assert_int_equal(han__canary_judge(cases[i].bit, HAN__LEVEL_STRONG, &err), HAN_ENVIRONMENT);
        assert_non_null(strstr(err.message, cases[i].text));
        assert_int_equal(han__canary_judge(cases[i].bit, HAN__LEVEL_LANDLOCK, NULL) != HAN_OK,
                         cases[i].landlock);
    }
    assert_int_equal(han__canary_judge(0, HAN__LEVEL_STRONG, NULL), HAN_OK);
}

/* A runner that says it reached a file, one that says nothing of the kind, one that ends: nothing
 * is evaluated, and the message is that of a missing sandbox. */
TEST(runners_that_fail_the_proof)
{
    static const struct {
        const char *runner, *why;
    } cases[] = {
        {"/tests/data/open_runner.sh", "host files can be read"},
        {"/tests/data/nonsense_runner.sh", "nonsense"},
        {"/tests/data/ending_runner.sh", "before its canary proof"},
        {"/tests/data/silent_runner.sh", "did not answer in time"},
    };
    NEEDS(HAN__LEVEL_STRONG);
    NEEDS_PROC(); /* they are scripts */
    for (size_t i = 0; i < HAN__COUNT(cases); i++) {
        world w;
        char code[400], path[300];
        snprintf(path, sizeof path, "%s%s", HAN_TEST_SOURCE_DIR, cases[i].runner);
        open_at(&w, path, HAN__LEVEL_STRONG);
        han__eval_set_grace(w.host.eval, i == 3 ? 50 : 20000);
        snprintf(
            code, sizeof code,
            "local r, why, code = eval.lua{ code = '', calls = {}, limits = { wall = 0.01 } }\n"
            "same(r, nil) same(code, 'ENVIRONMENT') has(why, '%s') has(why, 'level strong')",
            cases[i].why);
        start(&w, prelude, code);
        finish(&w);
        close_world(&w);
    }
}

/* ---- when something is missing ---- */

TEST(a_machine_without_boxes)
{
    world w;
    open_world(&w, RUNNER);
    setenv("HAN_PROBE_FAIL", "user-namespaces", 1);
    start(&w, prelude,
          "local r, why, code = eval.sandbox('strong') same(r, nil) same(code, 'ENVIRONMENT')\n"
          "has(why, 'no sandbox of level strong here: ')\n"
          "same(eval.sandbox(), 'none')\n" /* as it was, and never anything in between */
          "fails('strong, landlock or none', eval.sandbox, 'weak')\n"
          "local m = eval.machine() assert(m.level ~= 'strong') local seen\n"
          "for _, p in ipairs(m.probes) do if p.name == 'user-namespaces' then seen = p end end\n"
          "same(seen.ok, false) assert(#seen.text > 0 and #seen.fix > 0)\n");
    finish(&w);
    unsetenv("HAN_PROBE_FAIL");
    close_world(&w);
}

/* A launcher that nobody told a level starts nothing below strong. */
TEST(strong_is_what_nobody_has_to_name)
{
    han__mem mem;
    han__loop *loop;
    han__launcher *launcher;
    han__process *process = NULL;
    han_error err = {0};
    han__mem_init(&mem, NULL, NULL);
    assert_int_equal(han__loop_create(&loop, &mem, NULL, NULL), HAN_OK);
    assert_int_equal(han__launcher_open(&launcher, loop, &mem, RUNNER, NULL), HAN_OK);
    assert_int_equal(han__launcher_level(launcher), HAN__LEVEL_STRONG);
    setenv("HAN_PROBE_FAIL", "seccomp", 1);
    assert_int_equal(han__launcher_start(launcher, "eval", NULL, NULL, &process, &err),
                     HAN_ENVIRONMENT);
    unsetenv("HAN_PROBE_FAIL");
    assert_null(process);
    assert_non_null(strstr(err.message, "seccomp"));
    han__launcher_close(launcher);
    han__loop_close(loop);
    assert_int_equal(mem.live, 0);
}

/* The client in a box with its n-th allocation refused, and all later ones. */
TEST(allocation_failures_in_a_box)
{
    NEEDS(HAN__LEVEL_STRONG);
    bool done = false;
    for (uint64_t nth = 1; !done; nth += 3) {
        world w;
        open_world(&w, RUNNER);
        w.mem.calls = 0;
        w.mem.fail_at = nth;
        han__process *process = NULL;
        int status = han__launcher_set(w.host.launcher, HAN__LEVEL_STRONG, NULL);
        assert_int_equal(status, HAN_OK);
        status = han__launcher_start(w.host.launcher, "eval", NULL, NULL, &process, NULL);
        assert_true(status == HAN_OK || status == HAN_NOMEM);
        done = w.mem.calls < nth;
        if (done) assert_int_equal(status, HAN_OK);
        w.mem.fail_at = 0;
        han__process_close(process);
        close_world(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluations_at_each_level),
        cmocka_unit_test(what_a_box_has),
        cmocka_unit_test(the_proof_finds_that_there_is_no_box),
        cmocka_unit_test(a_canary_leaves_nothing_behind),
        cmocka_unit_test(a_stale_canary_is_taken_away),
        cmocka_unit_test(each_breach_is_told),
        cmocka_unit_test(runners_that_fail_the_proof),
        cmocka_unit_test(a_machine_without_boxes),
        cmocka_unit_test(strong_is_what_nobody_has_to_name),
        cmocka_unit_test(allocation_failures_in_a_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
