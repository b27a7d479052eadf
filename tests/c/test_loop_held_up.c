/* A thread that is held up (another process takes the core) just after it has set its alarm and
 * before it waits must not wait for ever. The linker puts our uv_timer_start in libuv's place. */
#include "base/config.h"

#include <uv.h>

#include "loop/loop.h"
#include "loop/timer.h"
#include "testing.h"

int __real_uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);

/* Comes back only after the alarm is due. */
int __wrap_uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
    uint64_t due = uv_hrtime() + (timeout + 2) * 1000000u;
    int status = __real_uv_timer_start(handle, cb, timeout, repeat);
    while (uv_hrtime() < due) continue;
    return status;
}

static void count(void *ud, han__timer *timer)
{
    HAN__UNUSED(timer);
    ++*(int *)ud;
}

TEST(a_thread_held_up_before_it_waits_still_wakes)
{
    han__mem mem;
    han__loop *loop = NULL;
    han__timer timer;
    int calls = 0;
    han__mem_init(&mem, NULL, NULL);
    assert_int_equal(han__loop_create(&loop, &mem, NULL, NULL), 0);
    han__timer_init(&timer, loop, count, &calls);
    assert_int_equal(han__timer_start(&timer, HAN__MS(1), 0), 0);
    for (int turn = 0; turn < 100 && calls == 0; turn++)
        assert_true(han__loop_run_once(loop, 5) >= 0);
    assert_int_equal(calls, 1);
    han__loop_close(loop);
    assert_int_equal(mem.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_held_up_before_it_waits_still_wakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
