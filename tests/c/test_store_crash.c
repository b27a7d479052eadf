/* store: the process dies at every change of a file, or the power is cut, and the store is opened
 * again; what was reported as committed is there and whole, and going on ends where a run that
 * nobody disturbed ends. All points with HAN_FULL=1, every few of them else. */
#include "base/config.h"

#include "crash_vfs.h"
#include "store/ledger.h"
#include "store_fixture.h"

#include <sys/mman.h>
#include <sys/wait.h>

#define CELLS  12
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Shared with the children: cells reported as committed, and changes of files. */
typedef struct shared {
    atomic_int acked, changes;
} shared;
static shared *world;

/* ---- the workload: a small bench with its rule, splits, spend, cells and contents ---- */

static int put(fixture *f, han__batch *batch, int status)
{
    if (status == HAN_OK) status = han__store_put(f->store, batch, NULL, NULL, &f->err);
    if (status != HAN_OK) han__batch_free(batch);
    return status == HAN_OK ? flush(f) : status;
}

static int put_begin(fixture *f)
{
    han__batch *batch = NULL;
    han__bytes groups[] = {text("g1"), text("g2")};
    han__experiment_row rule = {.id = text("b"),
                                .adapter = text("toy"),
                                .primary = text("correct"),
                                .arms = text("[\"a\"]"),
                                .family = 1,
                                .control = text("bh"),
                                .alpha = {true, 0.05},
                                .n = 2,
                                .holdout = text("gate"),
                                .rule = text("{}"),
                                .digest = text(DIGEST)};
    han__spend_row spend = {.line = text("one"),
                            .adapter = text("toy"),
                            .slice = text("s"),
                            .split = text("gate"),
                            .digest = text(DIGEST),
                            .bench_id = text("b"),
                            .kind = text("bench")};
    han__bench_row bench = small_bench("b");
    bench.experiment = text("b");
    int status = han__batch_new(f->store, &batch, &f->err);
    if (status == HAN_OK) status = han__ledger_add_experiment(batch, &rule, &f->err);
    if (status == HAN_OK) status = han__corpus_add_bench(batch, &bench, &f->err);
    for (size_t i = 0; status == HAN_OK && i < 2; i++) {
        han__split_row row = {
            .adapter = text("toy"), .group = groups[i], .split = text("gate"), .assigned_ms = 1};
        status = han__ledger_add_split(batch, &row, &f->err);
    }
    if (status == HAN_OK) status = han__ledger_add_spend(batch, &spend, groups, 2, &f->err);
    return put(f, batch, status);
}

static int put_one(fixture *f, int i)
{
    static uint8_t spans[9000];
    char id[20];
    han__batch *batch = NULL;
    crash_seed = (uint64_t)i; /* contents that do not shrink, so that pages are written */
    for (size_t k = 0; k < sizeof spans; k++) spans[k] = (uint8_t)crash_random();
    snprintf(id, sizeof id, "c%02d", i);
    han__attempt_row attempts[] = {{.ordinal = 1, .spans = {spans, sizeof spans}},
                                   {.ordinal = 2, .output = {spans, 700}}};
    han__cell_row cell = small_cell("b", id);
    cell.attempts = attempts;
    cell.attempt_count = HAN__COUNT(attempts);
    int status = han__batch_new(f->store, &batch, &f->err);
    if (status == HAN_OK) status = han__corpus_add_cell(batch, &cell, &f->err);
    return put(f, batch, status);
}

/* Goes on from whatever is there to the end; as `han resume` does, it writes only what is not. */
static int work(fixture *f)
{
    uint64_t seed = crash_seed;
    int status = store_open(f);
    if (status != HAN_OK) return status;
    if (number(f, "SELECT count(*) FROM bench") == 0) status = put_begin(f);
    int from = (int)number(f, "SELECT count(*) FROM cell");
    for (int i = from; status == HAN_OK && i < CELLS; i++) {
        status = put_one(f, i);
        crash_seed = seed + (uint64_t)i;
        if (status == HAN_OK) atomic_store(&world->acked, i + 1);
    }
    han__batch *batch = NULL;
    if (status == HAN_OK) status = han__batch_new(f->store, &batch, &f->err);
    if (status == HAN_OK)
        status =
            put(f, batch, han__corpus_add_bench_end(batch, text("b"), 9, text("result"), &f->err));
    int closed = han__store_close(f->store, NULL);
    f->store = NULL;
    return status == HAN_OK ? closed : status;
}

/* A child that works until it dies at change `at` (0: never); true when it died there. */
static bool run_child(fixture *f, int how, int at, uint64_t seed)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        crash_how = how;
        crash_seed = seed;
        fault_set(at, 0);
        status = work(f);
        atomic_store(&world->changes, atomic_load(&fault_calls));
        if (status != HAN_OK) fprintf(stderr, "work: %s\n", f->err.message);
        _exit(status == HAN_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != CRASH_STATUS)
        fail_msg("how %d, change %d: the child ended with %d", how, at, WEXITSTATUS(status));
    if (how == CRASH_POWER) unlink(beside(f, "-shm")); /* memory, which a power cut takes along */
    return WEXITSTATUS(status) == CRASH_STATUS;
}

/* ---- what must hold ---- */

static void check_whole(fixture *f, int how, int at)
{
    int acked = atomic_load(&world->acked);
    int64_t cells = number(f, "SELECT count(*) FROM cell");
    if (cells < acked)
        fail_msg("how %d, change %d: %d reported, %d there", how, at, acked, (int)cells);
    assert_int_equal(number(f, "SELECT count(*) FROM cell WHERE CAST(substr(cell, 2) AS INTEGER) < "
                               "(SELECT count(*) FROM cell)"),
                     cells);
    assert_int_equal(number(f,
                            "SELECT count(*) FROM attempt WHERE length(content(spans)) = 9000 OR "
                            "length(content(output)) = 700"),
                     2 * cells);
    int64_t benches = number(f, "SELECT count(*) FROM bench");
    assert_int_equal(number(f, "SELECT count(*) FROM experiment"), benches);
    assert_int_equal(number(f, "SELECT count(*) FROM holdout_group"), 2 * benches);
    assert_int_equal(number(f, "SELECT count(*) FROM holdout_spend"), benches);
    assert_true(cells == 0 || benches == 1);
}

/* The state at the end, in one number of everything that is stored. */
static void check_end(fixture *f)
{
    assert_int_equal(store_open(f), HAN_OK);
    check_whole(f, -1, 0);
    assert_int_equal(number(f, "SELECT count(*) FROM cell"), CELLS);
    assert_int_equal(number(f, "SELECT count(*) FROM bench WHERE ended_ms = 9 AND "
                               "CAST(content(result) AS TEXT) = 'result'"),
                     1);
    assert_int_equal(number(f, "SELECT count(*) FROM blob"), 2 * CELLS + 1);
    assert_int_equal(store_close(f), HAN_OK);
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static void begin(fixture *f, bool full_sync)
{
    fixture_open(f);
    f->options.vfs = "fault";
    f->options.full_sync = full_sync;
    atomic_store(&world->acked, 0);
}

/* Dies at change `at`, and once more at change `again` of going on (0: not); then goes on. */
static bool crash_once(int how, int at, int again, uint64_t seed)
{
    fixture f;
    begin(&f, how == CRASH_POWER);
    bool died = run_child(&f, how, at, seed);
    if (again > 0) run_child(&f, how, again, seed + 1);
    f.options.vfs = NULL;
    assert_int_equal(store_open(&f), HAN_OK);
    check_whole(&f, how, at);
    assert_int_equal(store_close(&f), HAN_OK);
    assert_int_equal(work(&f), HAN_OK);
    check_end(&f);
    fixture_close(&f);
    return died;
}

static bool is_full(void)
{
    return getenv("HAN_FULL") != NULL;
}

static int count_changes(void)
{
    fixture f;
    begin(&f, false);
    assert_false(run_child(&f, CRASH_KILLED, 0, 0));
    check_end(&f);
    fixture_close(&f);
    return atomic_load(&world->changes);
}

TEST(dies_at_every_change)
{
    int changes = count_changes(), step = is_full() ? 1 : 7;
    assert_true(changes > 50);
    for (int at = 1; at <= changes; at += step) {
        assert_true(crash_once(CRASH_KILLED, at, 0, 0));
        assert_true(crash_once(CRASH_TORN, at, 0, 0));
    }
}

TEST(dies_again_while_it_recovers)
{
    int changes = count_changes(), step = is_full() ? 3 : 23;
    for (int at = 1; at <= changes; at += step)
        for (int again = 1; again <= 16; again += is_full() ? 1 : 5)
            crash_once(CRASH_TORN, at, again, 0);
}

TEST(power_cuts)
{
    int changes = count_changes(), points = is_full() ? 500 : 40, died = 0;
    for (int i = 0; i < points; i++)
        died += crash_once(CRASH_POWER, 1 + i * 37 % changes, i % 3 == 2 ? 1 + i % 11 : 0,
                           (uint64_t)i * 1000003);
    assert_true(died >= points * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dies_at_every_change),
        cmocka_unit_test(dies_again_while_it_recovers),
        cmocka_unit_test(power_cuts),
    };
    crash_register();
    world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
