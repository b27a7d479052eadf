/* loop/timer: order, repetition, stopping from callbacks, on a virtual clock. */
#include "base/config.h"

#include "base/rng.h"
#include "loop/timer.h"
#include "looping.h"

#define CROWD 500

typedef struct fixture {
    han__mem mem;
    han__clock clock;
    han__loop *loop;
} fixture;

static void open_fixture(fixture *f)
{
    han__mem_init(&f->mem, NULL, NULL);
    han__clock_init_virtual(&f->clock, 0);
    assert_int_equal(han__loop_create(&f->loop, &f->mem, &f->clock, NULL), 0);
}

static void close_fixture(fixture *f)
{
    han__loop_close(f->loop);
    assert_int_equal(f->mem.live, 0);
}

static void advance(fixture *f, uint64_t ns)
{
    han__clock_advance(&f->clock, ns);
    assert_int_equal(han__loop_step(f->loop, 1000000), 0);
}

static void count(void *ud, han__timer *timer)
{
    HAN__UNUSED(timer);
    ++*(int *)ud;
}

TEST(one_shot_runs_once_at_its_time)
{
    fixture f;
    han__timer timer;
    int calls = 0;
    open_fixture(&f);
    han__timer_init(&timer, f.loop, count, &calls);
    assert_false(han__timer_active(&timer));
    assert_int_equal(han__timer_start(&timer, HAN__MS(5), 0), 0);
    assert_true(han__timer_active(&timer));
    assert_true(han__loop_alive(f.loop));
    advance(&f, HAN__MS(5) - 1);
    assert_int_equal(calls, 0);
    assert_int_equal(han__loop_timeout_ms(f.loop), -1); /* waiting moves no virtual clock */
    advance(&f, 1);
    assert_int_equal(calls, 1);
    assert_false(han__timer_active(&timer));
    assert_false(han__loop_alive(f.loop));
    advance(&f, HAN__MS(100));
    assert_int_equal(calls, 1);
    close_fixture(&f);
}

TEST(start_at_and_restart)
{
    fixture f;
    han__timer timer;
    int calls = 0;
    open_fixture(&f);
    han__timer_init(&timer, f.loop, count, &calls);
    assert_int_equal(han__timer_start_at(&timer, 10), 0);
    assert_int_equal(han__timer_start_at(&timer, 20), 0);
    advance(&f, 15);
    assert_int_equal(calls, 0);
    advance(&f, 5);
    assert_int_equal(calls, 1);
    assert_int_equal(han__timer_start_at(&timer, 3), 0); /* in the past: due */
    assert_int_equal(han__loop_timeout_ms(f.loop), 0);
    advance(&f, 0);
    assert_int_equal(calls, 2);
    close_fixture(&f);
}

TEST(repeating_keeps_its_rhythm)
{
    fixture f;
    han__timer timer;
    int calls = 0;
    open_fixture(&f);
    han__timer_init(&timer, f.loop, count, &calls);
    assert_int_equal(han__timer_start(&timer, 10, 10), 0);
    for (int i = 0; i < 5; i++) advance(&f, 10);
    assert_int_equal(calls, 5);
    advance(&f, 35); /* at 85: the turns of 60, 70 and 80 are one */
    assert_int_equal(calls, 6);
    advance(&f, 4);
    assert_int_equal(calls, 6);
    advance(&f, 1);
    assert_int_equal(calls, 7);
    han__timer_stop(&timer);
    advance(&f, 100);
    assert_int_equal(calls, 7);
    close_fixture(&f);
}

static void stop_self(void *ud, han__timer *timer)
{
    ++*(int *)ud;
    han__timer_stop(timer);
}

TEST(a_repeating_timer_stops_itself)
{
    fixture f;
    han__timer timer;
    int calls = 0;
    open_fixture(&f);
    han__timer_init(&timer, f.loop, stop_self, &calls);
    assert_int_equal(han__timer_start(&timer, 1, 1), 0);
    advance(&f, 10);
    advance(&f, 10);
    assert_int_equal(calls, 1);
    close_fixture(&f);
}

typedef struct pair {
    han__timer first, second;
    int calls;
} pair;

static void stop_second(void *ud, han__timer *timer)
{
    pair *p = ud;
    HAN__UNUSED(timer);
    p->calls++;
    han__timer_stop(&p->second);
}

TEST(a_due_timer_can_be_stopped_by_another)
{
    fixture f;
    pair p;
    open_fixture(&f);
    p.calls = 0;
    han__timer_init(&p.first, f.loop, stop_second, &p);
    han__timer_init(&p.second, f.loop, stop_second, &p);
    assert_int_equal(han__timer_start(&p.first, 5, 0), 0);
    assert_int_equal(han__timer_start(&p.second, 5, 0), 0);
    advance(&f, 5);
    assert_int_equal(p.calls, 1);
    assert_false(han__timer_active(&p.second));
    close_fixture(&f);
}

typedef struct owned {
    han__mem *mem;
    han__timer timer;
} owned;

static void free_owner(void *ud, han__timer *timer)
{
    owned *o = ud;
    assert_false(han__timer_active(timer));
    han__mem_free(o->mem, o, sizeof *o);
}

TEST(a_callback_may_free_its_timer)
{
    fixture f;
    open_fixture(&f);
    owned *o = han__mem_alloc(&f.mem, sizeof *o);
    assert_non_null(o);
    o->mem = &f.mem;
    han__timer_init(&o->timer, f.loop, free_owner, o);
    assert_int_equal(han__timer_start(&o->timer, 1, 0), 0);
    advance(&f, 1);
    close_fixture(&f);
}

typedef struct crowd {
    han__timer timers[CROWD];
    int order[CROWD];
    int fired;
} crowd;

static void note(void *ud, han__timer *timer)
{
    crowd *c = ud;
    c->order[c->fired++] = (int)(timer - c->timers);
}

/* Against a plain model: sorted by (deadline, start order), with some stopped. */
TEST(many_timers_run_in_order)
{
    static crowd c;
    for (uint64_t seed = 0; seed < 10; seed++) {
        fixture f;
        han__rng rng;
        uint64_t deadline[CROWD];
        int stopped = 0;
        open_fixture(&f);
        han__rng_init(&rng, seed, 0);
        c.fired = 0;
        for (int i = 0; i < CROWD; i++) {
            deadline[i] = han__rng_below(&rng, 100);
            han__timer_init(&c.timers[i], f.loop, note, &c);
            assert_int_equal(han__timer_start(&c.timers[i], deadline[i], 0), 0);
        }
        for (int i = 0; i < CROWD; i++) {
            if (han__rng_below(&rng, 4) > 0) continue;
            han__timer_stop(&c.timers[i]);
            stopped++;
        }
        while (c.fired < CROWD - stopped) advance(&f, han__rng_below(&rng, 5));
        for (int i = 1; i < c.fired; i++) {
            int a = c.order[i - 1], b = c.order[i];
            assert_true(deadline[a] < deadline[b] || (deadline[a] == deadline[b] && a < b));
        }
        advance(&f, 1000);
        assert_int_equal(c.fired, CROWD - stopped);
        close_fixture(&f);
    }
}

/* Started by a callback with no delay: runs in the next pass, so that a pass ends. */
static void start_other(void *ud, han__timer *timer)
{
    pair *p = ud;
    HAN__UNUSED(timer);
    p->calls++;
    assert_int_equal(han__timer_start(&p->second, 0, 0), 0);
}

TEST(a_pass_runs_what_was_due_when_it_began)
{
    fixture f;
    pair p;
    open_fixture(&f);
    p.calls = 0;
    han__timer_init(&p.first, f.loop, start_other, &p);
    han__timer_init(&p.second, f.loop, stop_second, &p);
    assert_int_equal(han__timer_start(&p.first, 0, 0), 0);
    assert_int_equal(han__loop_step(f.loop, 0), 1);
    assert_int_equal(p.calls, 1);
    assert_int_equal(han__loop_step(f.loop, 0), 1);
    assert_int_equal(p.calls, 2);
    close_fixture(&f);
}

TEST(a_refused_start_changes_nothing)
{
    fixture f;
    static han__timer timers[CROWD];
    int calls = 0, started = 0;
    open_fixture(&f);
    for (int i = 0; i < CROWD; i++) han__timer_init(&timers[i], f.loop, count, &calls);
    f.mem.calls = 0;
    f.mem.fail_at = 3;
    while (started < CROWD && han__timer_start(&timers[started], 5, 0) == 0) started++;
    assert_in_range(started, 1, CROWD - 1);
    assert_false(han__timer_active(&timers[started]));
    assert_int_equal(han__timer_start(&timers[started], 5, 0), HAN_NOMEM);
    assert_int_equal(han__timer_start(&timers[0], 7, 0), 0); /* has its place already */
    advance(&f, 5);
    assert_int_equal(calls, started - 1);
    advance(&f, 5);
    assert_int_equal(calls, started);
    close_fixture(&f);
}

/* A place that is kept is there when memory is not, whoever came meanwhile. */
TEST(a_kept_place_is_there_without_memory)
{
    fixture f;
    static han__timer timers[CROWD], kept;
    int calls = 0, mine = 0, started = 0;
    open_fixture(&f);
    han__timer_init(&kept, f.loop, count, &mine);
    assert_int_equal(han__timer_keep(&kept), HAN_OK);
    for (int i = 0; i < CROWD; i++) han__timer_init(&timers[i], f.loop, count, &calls);
    f.mem.fail_at = f.mem.calls + 1;
    while (started < CROWD && han__timer_start(&timers[started], 5, 0) == 0) started++;
    assert_int_equal(han__timer_keep(&timers[started]), HAN_NOMEM);
    for (int i = 1; i <= 3; i++) { /* again and again */
        assert_int_equal(han__timer_start(&kept, 1, 0), HAN_OK);
        assert_int_equal(han__timer_start(&timers[started], 5, 0), HAN_NOMEM);
        advance(&f, 1);
        assert_int_equal(mine, i);
    }
    han__timer_let_go(&kept);
    assert_int_equal(han__timer_start(&timers[started], 5, 0), HAN_OK);
    assert_int_equal(han__timer_start(&kept, 1, 0), HAN_NOMEM);
    for (int i = 0; i <= started; i++) han__timer_stop(&timers[i]);
    close_fixture(&f);
}

/* On the real clock the loop wakes for the timer and not before it. */
TEST(the_real_clock_drives_timers)
{
    han__mem mem;
    han__loop *loop = NULL;
    han__timer timer;
    int calls = 0;
    han__mem_init(&mem, NULL, NULL);
    assert_int_equal(han__loop_create(&loop, &mem, NULL, NULL), 0);
    han__timer_init(&timer, loop, count, &calls);
    uint64_t start = han__clock_mono_ns(han__loop_clock(loop));
    assert_int_equal(han__timer_start(&timer, HAN__MS(3), 0), 0);
    assert_in_range(han__loop_timeout_ms(loop), 0, 3);
    TURN_UNTIL(loop, calls == 1);
    assert_true(han__clock_mono_ns(han__loop_clock(loop)) - start >= HAN__MS(3));
    han__loop_close(loop);
    assert_int_equal(mem.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_shot_runs_once_at_its_time),
        cmocka_unit_test(start_at_and_restart),
        cmocka_unit_test(repeating_keeps_its_rhythm),
        cmocka_unit_test(a_repeating_timer_stops_itself),
        cmocka_unit_test(a_due_timer_can_be_stopped_by_another),
        cmocka_unit_test(a_callback_may_free_its_timer),
        cmocka_unit_test(many_timers_run_in_order),
        cmocka_unit_test(a_pass_runs_what_was_due_when_it_began),
        cmocka_unit_test(a_refused_start_changes_nothing),
        cmocka_unit_test(a_kept_place_is_there_without_memory),
        cmocka_unit_test(the_real_clock_drives_timers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
