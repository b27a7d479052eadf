/* The conserved pool: the law after every one of a million random operations, and each refusal. */
#include "base/config.h"
#include "base/rng.h"
#include "tree/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define DEPTH      6
#define OPERATIONS 1000000

static han__amount amount(int64_t tokens, int64_t usd, int64_t shots)
{
    return (han__amount){{[HAN__TOKENS] = tokens, [HAN__NANO_USD] = usd, [HAN__SHOTS] = shots}};
}

static han__pool pool_of(han__amount total, uint8_t undeclared)
{
    han__pool pool;
    assert_int_equal(han__pool_init(&pool, &total, undeclared, NULL), HAN_OK);
    return pool;
}

static void reserve_moves_all_or_nothing(void **state)
{
    han__pool pool = pool_of(amount(100, 0, 2), 0), before;
    han_error err = {0};
    han__amount fits = amount(60, 0, 1), too_many_shots = amount(1, 0, 5);
    (void)state;
    assert_int_equal(han__pool_reserve(&pool, &fits, &err), HAN_OK);
    assert_int_equal(pool.free.v[HAN__TOKENS], 40);
    before = pool;
    assert_int_equal(han__pool_reserve(&pool, &too_many_shots, &err), HAN_BUDGET_EXHAUSTED);
    assert_memory_equal(&pool, &before, sizeof(pool));
    assert_string_equal(err.message, "shots: 5 asked, 1 left of 2");
}

static void three_kinds_of_dollars(void **state)
{
    han__amount one = amount(0, 1, 0);
    han__pool undeclared = pool_of(amount(0, 0, 0), 1u << HAN__NANO_USD);
    han__pool zero = pool_of(amount(0, 0, 0), 0);
    han__pool some = pool_of(amount(0, 10, 0), 0);
    (void)state;
    assert_int_equal(han__pool_reserve(&undeclared, &one, NULL), HAN_USD_UNBUDGETED);
    assert_int_equal(han__pool_reserve(&zero, &one, NULL), HAN_BUDGET_EXHAUSTED);
    assert_int_equal(han__pool_meter(&some, &one, NULL), HAN_OK);
    han__pool_commit(&some, &(han__amount){{0}}, 1u << HAN__NANO_USD);
    assert_int_equal(han__pool_meter(&some, &one, NULL), HAN_BUDGET_EXHAUSTED);
    han__pool_commit(&some, &(han__amount){{0}}, 1u << HAN__TOKENS);
    assert_int_equal(some.closed, 1u << HAN__NANO_USD); /* unknown tokens are flagged, not closed */
    assert_int_equal(some.unknown, (1u << HAN__NANO_USD) | (1u << HAN__TOKENS));
}

static void undeclared_is_metered_and_not_capped(void **state)
{
    han__pool pool = pool_of(amount(0, 0, 0), 1u << HAN__TOKENS);
    han__amount many = amount(1000000000, 0, 0);
    (void)state;
    assert_int_equal(han__pool_meter(&pool, &many, NULL), HAN_OK);
    assert_int_equal(pool.committed.v[HAN__TOKENS], 1000000000);
    assert_true(han__pool_conserved(&pool));
}

static void settling_returns_only_at_delivery(void **state)
{
    han__pool pool = pool_of(amount(100, 0, 0), 0);
    han__amount ceiling = amount(80, 0, 0), spent = amount(30, 0, 0);
    (void)state;
    assert_int_equal(han__pool_reserve(&pool, &ceiling, NULL), HAN_OK);
    han__pool_settle(&pool, &ceiling, &spent, 0);
    assert_int_equal(pool.free.v[HAN__TOKENS], 20);
    assert_int_equal(pool.committed.v[HAN__TOKENS], 30);
    han__pool_return(&pool, &ceiling, &spent);
    assert_int_equal(pool.free.v[HAN__TOKENS], 70);
    assert_int_equal(pool.reserved.v[HAN__TOKENS], 0);
}

static void an_overspend_is_committed_and_closes(void **state)
{
    han__pool pool = pool_of(amount(100, 0, 0), 0);
    han__amount ceiling = amount(80, 0, 0), spent = amount(150, 0, 0), one = amount(1, 0, 0);
    (void)state;
    assert_int_equal(han__pool_reserve(&pool, &ceiling, NULL), HAN_OK);
    han__pool_settle(&pool, &ceiling, &spent, 0);
    han__pool_return(&pool, &ceiling, &spent);
    assert_int_equal(pool.committed.v[HAN__TOKENS], 150);
    assert_int_equal(pool.free.v[HAN__TOKENS], -50);
    assert_true(pool.over & (1u << HAN__TOKENS));
    assert_true(han__pool_conserved(&pool));
    assert_int_equal(han__pool_reserve(&pool, &one, NULL), HAN_BUDGET_EXHAUSTED);
}

static void out_of_domain_is_refused(void **state)
{
    han__pool pool = pool_of(amount(1, 1, 1), 0);
    han__amount negative = amount(-1, 0, 0), huge = amount(HAN__AMOUNT_MAX + 1, 0, 0);
    han_error err = {0};
    (void)state;
    assert_int_equal(han__pool_reserve(&pool, &negative, &err), HAN_INVALID);
    assert_int_equal(han__pool_meter(&pool, &huge, NULL), HAN_INVALID);
    assert_int_equal(han__pool_init(&pool, &negative, 0, NULL), HAN_INVALID);
    assert_non_null(strstr(err.message, "tokens: -1"));
}

static void hostile_spends_do_not_overflow(void **state)
{
    han__pool pool = pool_of(amount(10, 0, 0), 0);
    han__amount huge = amount(INT64_MAX, INT64_MAX, INT64_MAX);
    (void)state;
    for (int i = 0; i < 100000; i++) {
        han__pool_commit(&pool, &huge, 0);
        if (!han__pool_conserved(&pool)) fail_msg("after %d commits", i + 1);
    }
}

/* A chain of nested pools, root first; each has the next one's whole ceiling reserved. */
struct chain {
    han__pool pool[DEPTH];
    int depth;
};

static han__amount random_amount(han__rng *rng, uint64_t bound)
{
    han__amount a = {{0}};
    for (int i = 0; i < HAN__CHANNELS; i++) a.v[i] = (int64_t)han__rng_below(rng, bound);
    return a;
}

static void settle_last(struct chain *c)
{
    han__pool *child = &c->pool[c->depth - 1], *parent = child - 1;
    han__amount ceiling = child->total, spent = child->committed;
    han__pool_settle(parent, &ceiling, &spent, 0);
    if (!han__pool_conserved(parent)) fail_msg("between settling and delivery");
    han__pool_return(parent, &ceiling, &spent);
    c->depth--;
}

static void step(struct chain *c, han__rng *rng)
{
    han__pool *last = &c->pool[c->depth - 1];
    han__amount a = random_amount(rng, 50);
    switch (han__rng_below(rng, 4)) {
    case 0:
        if (c->depth < DEPTH && han__pool_reserve(last, &a, NULL) == HAN_OK)
            c->pool[c->depth++] = pool_of(a, 0);
        break;
    case 1:
        han__pool_meter(last, &a, NULL);
        break;
    case 2:
        if (han__rng_below(rng, 20) == 0)
            han__pool_commit(last, &a, (uint8_t)han__rng_below(rng, 256));
        break;
    default:
        if (c->depth > 1) settle_last(c);
    }
}

static void a_million_random_operations_conserve(void **state)
{
    han__rng rng;
    struct chain c = {.depth = 1};
    int64_t committed_before = 0;
    (void)state;
    han__rng_init(&rng, 20261120, 0);
    c.pool[0] = pool_of(random_amount(&rng, (uint64_t)1 << 40), 0);
    for (int i = 0; i < OPERATIONS; i++) {
        step(&c, &rng);
        for (int d = 0; d < c.depth; d++)
            if (!han__pool_conserved(&c.pool[d])) fail_msg("operation %d, depth %d", i, d);
        int64_t now = c.pool[0].committed.v[HAN__EVALS];
        assert_true(now >= committed_before); /* what was spent is never unspent */
        committed_before = now;
        if (i % 5000 == 4999) {
            while (c.depth > 1) settle_last(&c);
            for (int ch = 0; ch < HAN__CHANNELS; ch++)
                assert_int_equal(c.pool[0].reserved.v[ch], 0);
            c.pool[0] = pool_of(random_amount(&rng, (uint64_t)1 << 40), 0);
            committed_before = 0;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserve_moves_all_or_nothing),
        cmocka_unit_test(three_kinds_of_dollars),
        cmocka_unit_test(undeclared_is_metered_and_not_capped),
        cmocka_unit_test(settling_returns_only_at_delivery),
        cmocka_unit_test(an_overspend_is_committed_and_closes),
        cmocka_unit_test(out_of_domain_is_refused),
        cmocka_unit_test(hostile_spends_do_not_overflow),
        cmocka_unit_test(a_million_random_operations_conserve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
