/* exec/probe: each entry of the table can be made to fail by name, and then the levels that need it
 * are refused with one line; exec/boxing: the arguments of bubblewrap. */
#include "base/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "exec/boxing.h"
#include "exec/probe.h"
#include "testing.h"

static const char *const names[] = {
#define PROBE_NAME(name, text, level) text,
    HAN__PROBE_MAP(PROBE_NAME)
#undef PROBE_NAME
};

TEST(levels_have_names)
{
    assert_string_equal(han__level_name(HAN__LEVEL_NONE), "none");
    assert_string_equal(han__level_name(HAN__LEVEL_LANDLOCK), "landlock");
    assert_string_equal(han__level_name(HAN__LEVEL_STRONG), "strong");
    assert_null(han__level_name(HAN__LEVELS));
    assert_null(han__level_name(-1));
    for (int level = 0; level < HAN__LEVELS; level++)
        assert_int_equal(han__level_of(han__level_name(level)), level);
    assert_int_equal(han__level_of("stron"), -1);
    assert_int_equal(han__level_of(NULL), -1);
}

/* Whatever this machine offers: a result is a finding, or a lack with its fix. */
TEST(every_probe_says_something)
{
    han__probes probes;
    han__probes_run(&probes, NULL);
    for (int i = 0; i < HAN__PROBES; i++) {
        const han__probe_result *r = &probes.results[i];
        print_message("%s: %s %s %s\n", r->name, r->ok ? "ok" : "missing", r->text, r->fix);
        assert_string_equal(r->name, names[i]);
        assert_true(r->text[0] != '\0');
        assert_int_equal(r->ok, r->fix[0] == '\0');
    }
    assert_true(!probes.results[HAN__PROBE_UID_DROP].ok || (geteuid() == 0) == (probes.uid != 0));
}

/* The levels that need it are gone, one line says why, and the others are as before. */
TEST(each_probe_can_be_made_to_fail)
{
    static const char mends[] = "unset HAN_PROBE_FAIL";
    for (int i = 0; i < HAN__PROBES; i++) {
        han__probes probes;
        han__probes_run(&probes, names[i]);
        assert_false(probes.results[i].ok);
        bool strong =
            i != HAN__PROBE_LANDLOCK && i != HAN__PROBE_PROC_MOUNT && i != HAN__PROBE_CGROUP;
        if (strong || i == HAN__PROBE_PROC_MOUNT) {
            han_error err = {0};
            assert_int_equal(han__probes_require_commands(&probes, HAN__LEVEL_STRONG, &err),
                             HAN_ENVIRONMENT);
            assert_null(strchr(err.message, '\n'));
        }
        bool landlock = i <= HAN__PROBE_LANDLOCK;
        const han__probe_result *r = han__probes_missing(&probes, HAN__LEVEL_STRONG);
        if (strong) {
            han_error err = {0};
            assert_non_null(r);
            assert_true(han__probes_level(&probes) < HAN__LEVEL_STRONG);
            assert_int_equal(han__probes_require(&probes, HAN__LEVEL_STRONG, &err),
                             HAN_ENVIRONMENT);
            assert_non_null(strstr(err.message, r->name));
            assert_null(strchr(err.message, '\n'));
            if (strcmp(r->name, names[i]) == 0) assert_non_null(strstr(err.message, mends));
        } else {
            assert_true(!r || strcmp(r->name, names[i]) != 0);
        }
        if (landlock) assert_non_null(han__probes_missing(&probes, HAN__LEVEL_LANDLOCK));
        if (landlock || i == HAN__PROBE_UID_DROP)
            assert_non_null(han__probes_missing_for_commands(&probes, HAN__LEVEL_LANDLOCK));
        if (i <= HAN__PROBE_SECCOMP || i == HAN__PROBE_UID_DROP)
            assert_non_null(han__probes_missing_for_commands(&probes, HAN__LEVEL_NONE));
        assert_null(han__probes_missing(&probes, HAN__LEVEL_NONE));
    }
}

TEST(the_environment_can_only_make_them_fail)
{
    han__probes before, after;
    han__probes_run(&before, NULL);
    setenv("HAN_PROBE_FAIL", "seccomp,pid-namespaces,nothing-of-ours", 1);
    han__probes_run(&after, "cgroup");
    unsetenv("HAN_PROBE_FAIL");
    for (int i = 0; i < HAN__PROBES; i++) {
        bool made = i == HAN__PROBE_SECCOMP || i == HAN__PROBE_PID_NS || i == HAN__PROBE_CGROUP;
        assert_int_equal(after.results[i].ok, !made && before.results[i].ok);
    }
    assert_int_equal(han__probes_level(&after), HAN__LEVEL_NONE);
}

/* Which is how the filter for older systems is tried on a newer one. */
TEST(landlock_can_be_made_older)
{
    han__probes now, probes;
    han__probes_run(&now, NULL);
    han__probes_run(&probes, "landlock=99,cgroup");
    assert_int_equal(probes.landlock, now.landlock); /* never newer */
    if (now.landlock < 5) skip();
    han__probes_run(&probes, "cgroup,landlock=5");
    assert_int_equal(probes.landlock, 5);
    assert_string_equal(probes.results[HAN__PROBE_LANDLOCK].text, "ABI 5");
    assert_null(han__probes_missing(&probes, HAN__LEVEL_LANDLOCK));
    setenv("HAN_PROBE_FAIL", "landlock=3", 1);
    han__probes_run(&probes, "landlock=4");
    unsetenv("HAN_PROBE_FAIL");
    assert_int_equal(probes.landlock, 3);
    assert_non_null(strstr(probes.results[HAN__PROBE_LANDLOCK].text, "4 is the least"));
    assert_non_null(han__probes_missing(&probes, HAN__LEVEL_LANDLOCK));
}

/* ---- boxing ---- */

static const han__mount mounts[] = {
    {.kind = HAN__MOUNT_READ, .to = "/usr", .from = "/usr"},
    {.kind = HAN__MOUNT_READ_IF, .to = "/lib", .from = "/lib"},
    {.kind = HAN__MOUNT_WRITE, .to = "/box", .from = "/srv/box"},
    {.kind = HAN__MOUNT_FILE, .to = "/x", .fd = 5},
    {.kind = HAN__MOUNT_LINK, .to = "/bin", .from = "usr/bin"},
    {.kind = HAN__MOUNT_FOLDER, .to = "/empty"},
    {.kind = HAN__MOUNT_TMPFS, .to = "/tmp", .bytes = 65536},
    {.kind = HAN__MOUNT_PROC, .to = "/proc"},
    {.kind = HAN__MOUNT_DEV, .to = "/dev"},
};
static const char *const command[] = {"/x", "--flag", NULL};

static void join(const han__args *args, char *out, size_t cap)
{
    size_t at = 0;
    for (size_t i = 0; i < args->len && at < cap; i++)
        at += (size_t)snprintf(out + at, cap - at, "%s%s", i ? " " : "", args->items[i]);
}

TEST(a_box_is_described)
{
    static const char want[] =
        "/b --unshare-user --unshare-all --die-with-parent --new-session --as-pid-1 --hostname box "
        "--cap-drop ALL --uid 65534 --gid 65534 --disable-userns --ro-bind /usr /usr --ro-bind-try "
        "/lib /lib "
        "--bind /srv/box /box --perms 0555 --file 5 /x --symlink usr/bin /bin --dir /empty "
        "--size 65536 --tmpfs /tmp --proc /proc --dev /dev --remount-ro / --chdir / -- /x --flag";
    han__mem mem;
    han__args args;
    char text[1000];
    han__mem_init(&mem, NULL, NULL);
    han__boxing boxing = {
        .bwrap = "/b", .mounts = mounts, .mounts_len = HAN__COUNT(mounts), .command = command};
    assert_int_equal(han__boxing_args(&boxing, &mem, &args, NULL), HAN_OK);
    join(&args, text, sizeof text);
    assert_string_equal(text, want);
    assert_null(args.items[args.len]);
    han__args_release(&args);
    assert_int_equal(mem.live, 0);
}

/* With a capability inside, further user namespaces are not ruled out. */
TEST(a_box_may_keep_capabilities)
{
    static const char *const caps[] = {"CAP_SYS_ADMIN", NULL};
    han__mem mem;
    han__args args;
    char text[1000];
    han__mem_init(&mem, NULL, NULL);
    han__boxing boxing = {.bwrap = "/b", .caps = caps, .folder = "/box", .command = command};
    assert_int_equal(han__boxing_args(&boxing, &mem, &args, NULL), HAN_OK);
    join(&args, text, sizeof text);
    assert_non_null(strstr(text, "--cap-drop ALL "));
    assert_non_null(strstr(text, "--cap-add CAP_SYS_ADMIN"));
    assert_null(strstr(text, "--disable-userns"));
    assert_non_null(strstr(text, "--chdir /box -- /x"));
    han__args_release(&args);
}

TEST(a_box_without_memory_or_without_end)
{
    han__mem mem;
    han__mount many[HAN__ARGS_MAX];
    han__args args;
    han_error err = {0};
    han__boxing boxing = {
        .bwrap = "/b", .mounts = mounts, .mounts_len = HAN__COUNT(mounts), .command = command};
    han__mem_init(&mem, NULL, NULL);
#define ALLOCATE                                                                                   \
    ({                                                                                             \
        bool good = han__boxing_args(&boxing, &mem, &args, NULL) == HAN_OK;                        \
        han__args_release(&args);                                                                  \
        good;                                                                                      \
    })
    SWEEP_ALLOCATIONS(&mem, ALLOCATE);
    for (size_t i = 0; i < HAN__COUNT(many); i++)
        many[i] = (han__mount){.kind = HAN__MOUNT_PROC, .to = "/p"};
    boxing.mounts = many;
    boxing.mounts_len = HAN__COUNT(many);
    assert_int_equal(han__boxing_args(&boxing, &mem, &args, &err), HAN_LIMIT);
    han__args_release(&args);
    assert_int_equal(mem.live, 0);
}

TEST(the_environment_of_a_box_has_four_entries)
{
    size_t n = 0;
    while (han__boxing_env[n]) n++;
    assert_int_equal(n, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(every_probe_says_something),
        cmocka_unit_test(each_probe_can_be_made_to_fail),
        cmocka_unit_test(the_environment_can_only_make_them_fail),
        cmocka_unit_test(landlock_can_be_made_older),
        cmocka_unit_test(a_box_is_described),
        cmocka_unit_test(a_box_may_keep_capabilities),
        cmocka_unit_test(a_box_without_memory_or_without_end),
        cmocka_unit_test(the_environment_of_a_box_has_four_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
