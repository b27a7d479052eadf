/* base/clock: the virtual clock moves only when told, the real one does not go back. */
#include "base/config.h"

#include "base/clock.h"
#include "testing.h"

TEST(virtual_time_stands_still)
{
    han__clock clock;
    han__clock_init_virtual(&clock, 5000000);
    assert_int_equal(han__clock_mono_ns(&clock), 5000000);
    assert_int_equal(han__clock_mono_ns(&clock), 5000000);
    assert_int_equal(han__clock_wall_ms(&clock), 5);
    han__clock_advance(&clock, 1500000);
    assert_int_equal(han__clock_mono_ns(&clock), 6500000);
    han__clock_advance(&clock, UINT64_MAX);
    assert_true(han__clock_mono_ns(&clock) == UINT64_MAX);
}

TEST(real_time_does_not_go_back)
{
    han__clock clock;
    han__clock_init(&clock);
    uint64_t last = han__clock_mono_ns(&clock), cpu = han__clock_thread_cpu_ns();
    assert_true(last > 0);
    for (int i = 0; i < 1000; i++) {
        uint64_t now = han__clock_mono_ns(&clock);
        assert_true(now >= last);
        last = now;
    }
    assert_true(han__clock_thread_cpu_ns() > cpu);
    assert_true(han__clock_wall_ms(&clock) > 1600000000000u); /* after September 2020 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(virtual_time_stands_still),
        cmocka_unit_test(real_time_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
