/* loop/loop: stepping, waiting, nesting in a host's poll, wakeups from other threads, refusals. */
#include "base/config.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "looping.h"

typedef struct fixture {
    han__mem mem;
    han__clock clock;
    han__loop *loop;
    int calls;
} fixture;

static void open_fixture(fixture *f)
{
    han__mem_init(&f->mem, NULL, NULL);
    han__clock_init_virtual(&f->clock, 1000);
    f->calls = 0;
    assert_int_equal(han__loop_create(&f->loop, &f->mem, &f->clock, NULL), 0);
}

static void close_fixture(fixture *f)
{
    han__loop_close(f->loop);
    assert_int_equal(f->mem.live, 0);
}

static void count_hook(void *ud)
{
    fixture *f = ud;
    f->calls++;
}

TEST(fresh_loop_is_quiet)
{
    fixture f;
    open_fixture(&f);
    assert_int_equal(han__loop_step(f.loop, 1000000), 0);
    assert_int_equal(han__loop_timeout_ms(f.loop), -1);
    assert_false(han__loop_alive(f.loop));
    assert_true(han__loop_fd(f.loop) >= 0);
    assert_int_equal(han__loop_run_once(f.loop, 0), 0);
    assert_ptr_equal(han__loop_mem(f.loop), &f.mem);
    assert_ptr_equal(han__loop_clock(f.loop), &f.clock);
    close_fixture(&f);
}

TEST(close_of_nothing)
{
    han__loop_close(NULL);
}

static bool create_and_close(han__mem *mem)
{
    han_error err;
    han__loop *loop = NULL;
    han__error_clear(&err);
    int status = han__loop_create(&loop, mem, NULL, &err);
    if (status != HAN_OK) {
        assert_int_equal(status, HAN_NOMEM);
        assert_int_equal(err.code, HAN_NOMEM);
        assert_null(loop);
        return false;
    }
    han__loop_close(loop);
    return true;
}

TEST(every_allocation_may_fail)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    SWEEP_ALLOCATIONS(&mem, create_and_close(&mem));
}

TEST(descriptors_come_back)
{
    han__mem mem;
    han__mem_init(&mem, NULL, NULL);
    assert_true(create_and_close(&mem)); /* libuv keeps two descriptors per process, once */
    int before = count_descriptors();
    for (int i = 0; i < 50; i++) assert_true(create_and_close(&mem));
    assert_int_equal(count_descriptors(), before);
}

/* With the n-th descriptor refused, creation fails with IO and gives all others back. */
TEST(every_descriptor_may_be_refused)
{
    han__mem mem;
    struct rlimit saved, low;
    han__mem_init(&mem, NULL, NULL);
    assert_true(create_and_close(&mem));
    int before = count_descriptors(), refused = 0, status = HAN_IO;
    int next = dup(0);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
    for (rlim_t spare = 0; status != HAN_OK; spare++) {
        han__loop *loop = NULL;
        han_error err;
        han__error_clear(&err);
        low = saved;
        low.rlim_cur = (rlim_t)next + spare;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        status = han__loop_create(&loop, &mem, NULL, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
        assert_true(spare < 50);
        if (status == HAN_OK) {
            han__loop_close(loop);
        } else {
            assert_int_equal(status, HAN_IO);
            assert_non_null(strstr(err.message, "too many open files"));
            refused++;
        }
        assert_int_equal(count_descriptors(), before);
        assert_int_equal(mem.live, 0);
    }
    assert_true(refused >= 2);
}

TEST(hooks_run_on_wakeup)
{
    fixture f;
    open_fixture(&f);
    han__loop_hook a = {count_hook, &f, NULL}, b = {count_hook, &f, NULL};
    han__loop_add_hook(f.loop, &a);
    han__loop_add_hook(f.loop, &b);
    assert_int_equal(han__loop_step(f.loop, 1000000), 0);
    assert_int_equal(f.calls, 0);
    han__loop_wakeup(f.loop);
    han__loop_wakeup(f.loop);
    assert_int_equal(han__loop_run_once(f.loop, 1000), 1);
    assert_int_equal(f.calls, 2); /* both hooks, the two wakeups as one */
    han__loop_remove_hook(f.loop, &a);
    han__loop_remove_hook(f.loop, &a);
    han__loop_wakeup(f.loop);
    assert_int_equal(han__loop_run_once(f.loop, 1000), 1);
    assert_int_equal(f.calls, 3);
    close_fixture(&f);
}

typedef struct remover {
    han__loop *loop;
    han__loop_hook hooks[3];
    int calls;
} remover;

static void remove_all(void *ud)
{
    remover *r = ud;
    r->calls++;
    for (int i = 0; i < 3; i++) han__loop_remove_hook(r->loop, &r->hooks[i]);
}

TEST(hooks_may_be_removed_by_a_hook)
{
    fixture f;
    open_fixture(&f);
    remover r = {
        f.loop, {{remove_all, &r, NULL}, {remove_all, &r, NULL}, {remove_all, &r, NULL}}, 0};
    for (int i = 0; i < 3; i++) han__loop_add_hook(f.loop, &r.hooks[i]);
    han__loop_wakeup(f.loop);
    assert_int_equal(han__loop_run_once(f.loop, 1000), 1);
    assert_int_equal(r.calls, 1);
    close_fixture(&f);
}

static void *wake_from_outside(void *ud)
{
    fixture *f = ud;
    for (int i = 0; i < 1000; i++) han__loop_wakeup(f->loop);
    return NULL;
}

TEST(wakeup_from_another_thread)
{
    fixture f;
    pthread_t thread;
    open_fixture(&f);
    han__loop_hook hook = {count_hook, &f, NULL};
    han__loop_add_hook(f.loop, &hook);
    assert_int_equal(pthread_create(&thread, NULL, wake_from_outside, &f), 0);
    TURN_UNTIL(f.loop, f.calls > 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    while (han__loop_run_once(f.loop, 0) > 0) continue;
    assert_in_range(f.calls, 1, 1000);
    close_fixture(&f);
}

/* A host that sleeps in its own poll is woken by the descriptor. */
TEST(descriptor_tells_a_host)
{
    fixture f;
    open_fixture(&f);
    han__loop_hook hook = {count_hook, &f, NULL};
    han__loop_add_hook(f.loop, &hook);
    struct pollfd host = {han__loop_fd(f.loop), POLLIN, 0};
    while (han__loop_step(f.loop, 1000) > 0) continue;
    assert_int_equal(poll(&host, 1, 0), 0);
    han__loop_wakeup(f.loop);
    assert_int_equal(poll(&host, 1, 1000), 1);
    assert_int_equal(f.calls, 0);
    assert_true(han__loop_step(f.loop, 1000) >= 0);
    assert_int_equal(f.calls, 1);
    close_fixture(&f);
}

static void step_again(void *ud)
{
    fixture *f = ud;
    assert_int_equal(han__loop_step(f->loop, 0), HAN_MISUSE);
    assert_int_equal(han__loop_run_once(f->loop, 0), HAN_MISUSE);
    f->calls++;
}

TEST(no_step_inside_a_callback)
{
    fixture f;
    open_fixture(&f);
    han__loop_hook hook = {step_again, &f, NULL};
    han__loop_add_hook(f.loop, &hook);
    han__loop_wakeup(f.loop);
    assert_true(han__loop_run_once(f.loop, 1000) >= 0);
    assert_int_equal(f.calls, 1);
    close_fixture(&f);
}

/* What was started from outside is seen before a host may sleep. */
TEST(touch_asks_for_another_step)
{
    fixture f;
    open_fixture(&f);
    assert_int_equal(han__loop_step(f.loop, 1000000), 0);
    assert_int_equal(han__loop_timeout_ms(f.loop), -1);
    han__loop_touch(f.loop);
    assert_int_equal(han__loop_timeout_ms(f.loop), 0);
    assert_int_equal(han__loop_step(f.loop, 1000000), 0);
    assert_int_equal(han__loop_timeout_ms(f.loop), -1);
    close_fixture(&f);
}

static void again(void *ud, han__timer *timer)
{
    int *calls = ud;
    (*calls)++;
    assert_int_equal(han__timer_start(timer, 0, 0), 0);
}

/* Work that never ends does not hold the caller: one pass when asked for one, and the slice else.
 */
TEST(a_slice_ends)
{
    fixture f;
    han__timer timer;
    int calls = 0;
    open_fixture(&f);
    han__timer_init(&timer, f.loop, again, &calls);
    assert_int_equal(han__timer_start(&timer, 0, 0), 0);
    assert_int_equal(han__loop_step(f.loop, 0), 1);
    assert_int_equal(calls, 1);
    assert_int_equal(han__loop_step(f.loop, 2000), 1);
    assert_true(calls > 1);
    assert_int_equal(han__loop_timeout_ms(f.loop), 0);
    han__timer_stop(&timer);
    close_fixture(&f);
}

/* On a real clock the host may sleep until the next timer, and not longer than an int tells. */
TEST(timeout_is_that_of_the_next_timer)
{
    han__mem mem;
    han__loop *loop = NULL;
    han__timer near, far;
    int calls = 0;
    han__mem_init(&mem, NULL, NULL);
    assert_int_equal(han__loop_create(&loop, &mem, NULL, NULL), 0);
    han__timer_init(&near, loop, again, &calls);
    han__timer_init(&far, loop, again, &calls);
    assert_int_equal(han__timer_start(&far, HAN__MS(3000000000), 0), 0);
    while (han__loop_step(loop, 1000) > 0) continue;
    assert_int_equal(han__loop_timeout_ms(loop), INT_MAX);
    assert_int_equal(han__timer_start(&near, HAN__MS(600000), 0), 0);
    while (han__loop_step(loop, 1000) > 0) continue;
    assert_in_range(han__loop_timeout_ms(loop), 1, 600000);
    assert_int_equal(calls, 0);
    han__timer_stop(&near);
    han__timer_stop(&far);
    han__loop_close(loop);
    assert_int_equal(mem.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_loop_is_quiet),
        cmocka_unit_test(close_of_nothing),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(descriptors_come_back),
        cmocka_unit_test(every_descriptor_may_be_refused),
        cmocka_unit_test(hooks_run_on_wakeup),
        cmocka_unit_test(hooks_may_be_removed_by_a_hook),
        cmocka_unit_test(wakeup_from_another_thread),
        cmocka_unit_test(descriptor_tells_a_host),
        cmocka_unit_test(no_step_inside_a_callback),
        cmocka_unit_test(touch_asks_for_another_step),
        cmocka_unit_test(a_slice_ends),
        cmocka_unit_test(timeout_is_that_of_the_next_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
