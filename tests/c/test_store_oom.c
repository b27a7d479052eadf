/* store: each allocation that SQLite itself makes is refused in turn, also on the writer's thread.
 */
#include "base/config.h"

#include "fault_vfs.h"
#include "store_fixture.h"

static sqlite3_mem_methods real_memory;
static atomic_int calls, fail_at; /* the fail_at-th allocation and all later ones fail; 0 never */

static bool refused(void)
{
    int at = atomic_load(&fail_at), call = atomic_fetch_add(&calls, 1) + 1;
    return at != 0 && call >= at;
}

static void *failing_malloc(int size)
{
    return refused() ? NULL : real_memory.xMalloc(size);
}

static void *failing_realloc(void *old, int size)
{
    return refused() ? NULL : real_memory.xRealloc(old, size);
}

static int install(void **state)
{
    (void)state;
    sqlite3_mem_methods mine;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK) return -1;
    mine = real_memory;
    mine.xMalloc = failing_malloc;
    mine.xRealloc = failing_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) != SQLITE_OK) return -1;
    fault_register();
    atomic_store(&fault_no_sync, true);
    return 0;
}

static void set_fault(int n)
{
    atomic_store(&calls, 0);
    atomic_store(&fail_at, n);
}

/* Opens, puts, reads and closes with the n-th allocation refused; true when it was reached. */
static bool run_with_fault(int n)
{
    fixture f;
    tally t[3] = {{0}};
    char sql[80];
    int64_t rows = 0;
    fixture_open(&f);
    f.options.vfs = "fault";
    set_fault(n);
    int opened = store_open(&f), stuck = HAN_OK;
    for (int i = 0; opened == HAN_OK && i < 3; i++) {
        put_bench(&f, (const char *[]){"b0", "b1", "b2"}[i], &t[i]);
        if (stuck == HAN_OK) stuck = flush(&f);
        query(&f, "SELECT count(*) FROM bench", first_integer, &rows);
    }
    if (opened == HAN_OK) assert_int_equal(store_close(&f), stuck);
    if (opened != HAN_OK) assert_int_equal(opened, HAN_NOMEM);
    if (stuck != HAN_OK) assert_int_equal(stuck, HAN_NOMEM);
    bool reached = atomic_load(&calls) >= n;
    set_fault(0);
    assert_int_equal(store_open(&f), HAN_OK);
    for (int i = 0; i < 3; i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM bench WHERE id = 'b%d'", i);
        assert_int_equal(number(&f, sql), t[i].ok);
    }
    fixture_close(&f);
    return reached;
}

TEST(every_failing_allocation_of_sqlite)
{
    /* each one at first, where opening stands; then every seventh */
    for (int n = 1; run_with_fault(n); n += n < 300 ? 1 : 7) assert_true(n < 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failing_allocation_of_sqlite),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
