/* A journaled run of 200 nodes whose process dies at every write of SQLite, again while it is
 * resumed, and by power cuts: it always ends with the journal, result and spend of a run that
 * nobody disturbed. All points with HAN_FULL=1, every few of them else. */
#include "base/config.h"

#include "crash_vfs.h"
#include "fixed_run.h"

#include <sys/mman.h>
#include <sys/wait.h>

/* Shared with the children. */
typedef struct shared {
    atomic_int shown, changes;
} shared;
static shared *world;

static uint8_t wanted[HAN__SHA256_BYTES]; /* of the undisturbed run */
static int wanted_rows;

static bool is_full(void)
{
    return getenv("HAN_FULL") != NULL;
}

/* A child that goes on until it dies at change `at` (0: never) or ends; true when it died there. */
static bool run_child(fixture *f, int how, int at, uint64_t seed)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fixed_process p = {.shown = &world->shown};
        han_error err = {0};
        crash_how = how;
        crash_seed = seed;
        fault_set(at, 0);
        int rc = fixed_open(&p, f, &err);
        if (rc == HAN_OK) rc = fixed_carry_out(&p, &err);
        if (rc == HAN_OK) rc = fixed_leave(&p);
        atomic_store(&world->changes, atomic_load(&fault_calls));
        if (rc != HAN_OK) fprintf(stderr, "child: %s\n", err.message);
        _exit(rc == HAN_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != CRASH_STATUS)
        fail_msg("how %d, change %d: the child ended with %d", how, at, WEXITSTATUS(status));
    if (how == CRASH_POWER) unlink(beside(f, "-shm")); /* memory, which a power cut takes along */
    return WEXITSTATUS(status) == CRASH_STATUS;
}

/* What was shown to the run is in the journal. */
static void check_shown(fixture *f, int how, int at)
{
    int shown = atomic_load(&world->shown);
    if (shown == 0) return;
    assert_int_equal(store_open(f), HAN_OK);
    int rows = (int)number(f, "SELECT count(*) FROM journal");
    if (rows < shown) fail_msg("how %d, change %d: %d shown, %d there", how, at, shown, rows);
    assert_int_equal(store_close(f), HAN_OK);
}

/* In this process: goes on to the end; the digest and the rows. */
static void go_on(fixture *f, uint8_t digest[HAN__SHA256_BYTES], int *rows)
{
    fixed_process p = {.run = NULL};
    han_error err = {0};
    assert_int_equal(fixed_open(&p, f, &err), HAN_OK);
    if (fixed_carry_out(&p, &err) != HAN_OK) fail_msg("%s", err.message);
    fixed_digest(&p, digest, rows);
    fixed_close(&p);
}

static void begin(fixture *f, bool full_sync)
{
    fixture_open(f);
    f->options.vfs = "fault";
    f->options.full_sync = full_sync;
    atomic_store(&world->shown, 0);
}

/* Dies at change `at`, and once more at change `again` of going on (0: not); then goes on. */
static bool crash_once(int how, int at, int again, uint64_t seed)
{
    fixture f;
    int rows = 0;
    uint8_t digest[HAN__SHA256_BYTES];
    begin(&f, how == CRASH_POWER);
    bool died = run_child(&f, how, at, seed);
    check_shown(&f, how, at);
    if (again > 0) run_child(&f, how, again, seed + 1);
    if (again > 0) check_shown(&f, how, at);
    fault_set(0, 0);
    go_on(&f, digest, &rows);
    assert_int_equal(rows, wanted_rows);
    if (memcmp(digest, wanted, sizeof digest) != 0)
        fail_msg("how %d, change %d, again %d: another journal, result or spend", how, at, again);
    fixture_close(&f);
    return died;
}

static int reference(void **state)
{
    fixture f;
    (void)state;
    begin(&f, false);
    go_on(&f, wanted, &wanted_rows);
    fixture_close(&f);
    return 0;
}

/* Changes of a whole run; how many a run makes depends a little on the writer's thread. */
static int count_changes(void)
{
    fixture f;
    begin(&f, false);
    assert_false(run_child(&f, CRASH_KILLED, 0, 0));
    fixture_close(&f);
    return atomic_load(&world->changes);
}

TEST(the_run_is_what_it_says)
{
    fixture f;
    int rows = 0;
    uint8_t digest[HAN__SHA256_BYTES];
    begin(&f, false);
    for (int i = 0; i < 2; i++) { /* the second time it is met whole */
        go_on(&f, digest, &rows);
        assert_memory_equal(digest, wanted, sizeof digest);
        assert_int_equal(rows, wanted_rows);
    }
    assert_true(rows > 600);
    fixture_close(&f);
}

/* The last points lie behind the end of the run: those children end by themselves. */
static void sweep(int how)
{
    int changes = count_changes(), step = is_full() ? 1 : changes / 20, died = 0, points = 0;
    assert_true(changes > 100);
    for (int at = 1; at <= changes + changes / 4; at += step, points++) {
        bool dead = crash_once(how, at, 0, 0);
        died += dead;
        if (!dead && at > changes) break;
    }
    printf("# %d changes in the run; died at %d of %d points\n", changes, died, points);
    assert_true(died >= points * 9 / 10);
}

TEST(dies_at_every_change)
{
    sweep(CRASH_KILLED);
}

TEST(dies_in_the_middle_of_every_change)
{
    sweep(CRASH_TORN);
}

TEST(dies_again_while_it_recovers)
{
    int changes = count_changes(), points = is_full() ? 240 : 12, died = 0;
    for (int i = 0; i < points; i++)
        died +=
            crash_once(i % 2 ? CRASH_KILLED : CRASH_TORN, 1 + i * 53 % changes, 1 + i * 17 % 97, 0);
    printf("# died at %d of %d points, and once more\n", died, points);
    assert_true(died >= points * 9 / 10);
}

TEST(power_cuts)
{
    int changes = count_changes(), points = is_full() ? 500 : 24, died = 0;
    for (int i = 0; i < points; i++)
        died += crash_once(CRASH_POWER, 1 + i * 37 % changes, i % 3 == 2 ? 1 + i % 71 : 0,
                           (uint64_t)i * 1000003);
    printf("# power was cut %d times in %d runs\n", died, points);
    assert_true(died >= points * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_run_is_what_it_says),
        cmocka_unit_test(dies_at_every_change),
        cmocka_unit_test(dies_in_the_middle_of_every_change),
        cmocka_unit_test(dies_again_while_it_recovers),
        cmocka_unit_test(power_cuts),
    };
    crash_register();
    world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return cmocka_run_group_tests(tests, reference, NULL);
}
