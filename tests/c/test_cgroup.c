/* Cgroups of boxes against hierarchies of both versions that lie in a folder of the test: what the
 * kernel does when a cgroup is made or removed is done here in its place, and its two tables are
 * files of ours. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shell.h"

#define PATH_BYTES (HAN__PATH_MAX + 128)

static char top[64];          /* the folder */
static const char *leave_out; /* a file that this kernel does not have */

static void put(const char *folder, const char *name, const char *text)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static const char *get(const char *folder, const char *name)
{
    static char text[256];
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    if (f) fclose(f);
    return text;
}

static const char *const files[] = {"cgroup.procs",
                                    "memory.max",
                                    "memory.swap.max",
                                    "memory.limit_in_bytes",
                                    "pids.max",
                                    "pids.events",
                                    "memory.memsw.limit_in_bytes",
                                    "memory.events",
                                    "cpu.stat",
                                    "cpuacct.usage",
                                    "memory.oom_control"};

static int kernel_mkdir(const char *path, mode_t mode)
{
    if (mkdir(path, mode) != 0) return -1;
    for (size_t i = 0; i < HAN__COUNT(files); i++)
        if (!leave_out || strcmp(files[i], leave_out) != 0) put(path, files[i], "");
    return 0;
}

static int kernel_rmdir(const char *path)
{
    for (size_t i = 0; i < HAN__COUNT(files); i++) {
        char file[PATH_BYTES];
        snprintf(file, sizeof file, "%s/%s", path, files[i]);
        (void)unlink(file);
    }
    return rmdir(path);
}

static FILE *kernel_fopen(const char *path, const char *mode)
{
    char own[128];
    snprintf(own, sizeof own, "%s%s", top, strrchr(path, '/'));
    return fopen(own, mode);
}

#define mkdir kernel_mkdir
#define rmdir kernel_rmdir
#define fopen kernel_fopen
#include "exec/cgroup.c"
#undef mkdir
#undef rmdir
#undef fopen

/* ---- the two versions ---- */

static void begin(void)
{
    snprintf(top, sizeof top, "/tmp/han-test-cgroup-XXXXXX");
    assert_non_null(mkdtemp(top));
    leave_out = NULL;
}

static void finish(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", top);
    assert_int_equal(shell(command), 0);
}

static void folder_of(const char *name, char *out, size_t cap)
{
    snprintf(out, cap, "%s/%s", top, name);
}

static void make(const char *name)
{
    char path[256];
    folder_of(name, path, sizeof path);
    assert_int_equal(mkdir(path, 0755), 0);
}

/* Version 2 mounted at TOP/two, of which a part below /machine is shown. */
static void version_2(void)
{
    char mounts[256];
    begin();
    make("two");
    make("two/job");
    snprintf(mounts, sizeof mounts,
             "21 1 0:20 / /proc rw - proc proc rw\n"
             "30 1 0:26 /machine %s/two rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
             top);
    put(top, "mountinfo", mounts);
    put(top, "cgroup", "0::/machine/job\n");
    char job[128];
    folder_of("two/job", job, sizeof job);
    put(job, "cgroup.subtree_control", "");
}

/* Version 1: memory and pids each with a hierarchy, CPU time together with cpu. */
static void version_1(void)
{
    char mounts[512];
    begin();
    make("memory");
    make("pids");
    make("cpu");
    snprintf(mounts, sizeof mounts,
             "31 1 0:27 / %s/memory rw - cgroup cgroup rw,memory\n"
             "32 1 0:28 / %s/pids rw - cgroup cgroup rw,pids\n"
             "33 1 0:29 / %s/cpu rw - cgroup cgroup rw,cpu,cpuacct\n",
             top, top, top);
    put(top, "mountinfo", mounts);
    put(top, "cgroup", "9:name=systemd:/\n8:pids:/\n4:memory:/\n3:cpu,cpuacct:/\n");
}

static han__mem mem;

static han__cgroup *open_one(void)
{
    han__cgroup *c = NULL;
    han_error err = {0};
    han__mem_init(&mem, NULL, NULL);
    if (han__cgroup_open(&c, &mem, 64u << 20, 20, &err) != HAN_OK) fail_msg("%s", err.message);
    return c;
}

static void close_one(han__cgroup *c, const char *folder)
{
    char own[PATH_BYTES];
    snprintf(own, sizeof own, "%s", folder);
    han__cgroup_close(c);
    assert_int_not_equal(access(own, F_OK), 0);
    assert_int_equal(mem.live, 0);
}

static void expect_counts(const han__cgroup *c, uint64_t oom, uint64_t procs, uint64_t cpu_us)
{
    han__cgroup_events e;
    han__cgroup_read(c, &e);
    assert_int_equal(e.oom, oom);
    assert_int_equal(e.procs, procs);
    assert_int_equal(e.cpu_us, cpu_us);
}

/* The files that a process is put in by: as many as there are hierarchies. */
static void expect_hierarchies(const han__cgroup *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_non_null(han__cgroup_procs(c, i));
        assert_int_equal(access(han__cgroup_procs(c, i), W_OK), 0);
    }
    assert_null(han__cgroup_procs(c, n));
}

TEST(version_2_bounds_and_counts)
{
    char job[128];
    version_2();
    folder_of("two/job", job, sizeof job);
    han__cgroup *c = open_one();
    assert_string_equal(han__cgroup_kind(c), "cgroup2");
    assert_int_equal(strncmp(c->folder[MEMORY], job, strlen(job)), 0);
    assert_string_equal(get(job, "cgroup.subtree_control"), "+memory +pids");
    assert_string_equal(get(c->folder[MEMORY], "memory.max"), "67108864");
    assert_string_equal(get(c->folder[MEMORY], "memory.swap.max"), "0");
    assert_string_equal(get(c->folder[MEMORY], "pids.max"), "20");
    expect_hierarchies(c, 1);
    expect_counts(c, 0, 0, 0);
    put(c->folder[MEMORY], "memory.events",
        "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 7\n");
    put(c->folder[PIDS], "pids.events", "max 5\n");
    put(c->folder[CPU], "cpu.stat", "usage_usec 123456\nuser_usec 100000\nsystem_usec 23456\n");
    expect_counts(c, 2, 5, 123456);
    close_one(c, c->folder[MEMORY]);
    finish();
}

TEST(version_1_bounds_and_counts)
{
    char own[3][PATH_BYTES];
    version_1();
    han__cgroup *c = open_one();
    assert_string_equal(han__cgroup_kind(c), "cgroup1");
    assert_string_equal(get(c->folder[MEMORY], "memory.limit_in_bytes"), "67108864");
    assert_string_equal(get(c->folder[MEMORY], "memory.memsw.limit_in_bytes"), "67108864");
    assert_string_equal(get(c->folder[PIDS], "pids.max"), "20");
    expect_hierarchies(c, 3);
    put(c->folder[MEMORY], "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
    put(c->folder[PIDS], "pids.events", "max 1\n");
    put(c->folder[CPU], "cpuacct.usage", "7000000\n");
    expect_counts(c, 4, 1, 7000);
    for (int i = 0; i < KINDS; i++) snprintf(own[i], sizeof own[i], "%s", c->folder[i]);
    close_one(c, c->folder[MEMORY]);
    for (int i = 0; i < KINDS; i++) assert_int_not_equal(access(own[i], F_OK), 0);
    finish();
}

/* Of version 1 without one of the two that bound; of none at all; where files are missing. */
TEST(what_does_not_bound_is_not_taken)
{
    static const char *const needed[] = {"pids.max", "memory.max", "memory.events", "pids.events"};
    han__cgroup *c = NULL;
    for (size_t i = 0; i < HAN__COUNT(needed); i++) {
        char job[128];
        han_error err = {0};
        version_2();
        folder_of("two/job", job, sizeof job);
        leave_out = needed[i];
        han__mem_init(&mem, NULL, NULL);
        assert_int_equal(han__cgroup_open(&c, &mem, 1u << 20, 20, &err), HAN_ENVIRONMENT);
        assert_true(err.message[0] != '\0');
        assert_int_equal(mem.live, 0);
        char path[256];
        snprintf(path, sizeof path, "%s/cgroup.subtree_control", job);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(job), 0); /* nothing was left in it */
        finish();
    }
    version_1();
    put(top, "cgroup", "9:name=systemd:/\n4:memory:/\n3:cpu,cpuacct:/\n");
    assert_int_equal(han__cgroup_open(&c, &mem, 1u << 20, 20, NULL), HAN_ENVIRONMENT);
    finish();
    begin(); /* no tables at all */
    assert_int_equal(han__cgroup_open(&c, &mem, 1u << 20, 20, NULL), HAN_ENVIRONMENT);
    finish();
}

/* CPU time is told where it can be had. */
TEST(version_1_without_cpu_time)
{
    version_1();
    put(top, "cgroup", "8:pids:/\n4:memory:/\n");
    han__cgroup *c = open_one();
    expect_hierarchies(c, 2);
    expect_counts(c, 0, 0, 0);
    close_one(c, c->folder[MEMORY]);
    finish();
}

/* Leftovers of engines that are no more go; those of the living stay. */
TEST(leftovers_are_swept)
{
    char gone[256], ours[256], other[256];
    version_2();
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    snprintf(gone, sizeof gone, "%s/two/job/" NAME_PREFIX "%ld-1", top, (long)pid);
    snprintf(ours, sizeof ours, "%s/two/job/" NAME_PREFIX "%ld-77", top, (long)getpid());
    snprintf(other, sizeof other, "%s/two/job/somebody", top);
    assert_int_equal(mkdir(gone, 0755) | mkdir(ours, 0755) | mkdir(other, 0755), 0);
    han__cgroup_sweep();
    assert_int_not_equal(access(gone, F_OK), 0);
    assert_int_equal(access(ours, F_OK), 0);
    assert_int_equal(access(other, F_OK), 0);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_2_bounds_and_counts),
        cmocka_unit_test(version_1_bounds_and_counts),
        cmocka_unit_test(what_does_not_bound_is_not_taken),
        cmocka_unit_test(version_1_without_cpu_time),
        cmocka_unit_test(leftovers_are_swept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
