/* The conserved pool. Every function here is a few additions per channel; the law is checked after
 * each transition in debug builds. */
#include "base/config.h"
#include "tree/budget.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static const char *const channel_names[HAN__CHANNELS] = {"tokens", "nano_usd", "shots", "turns",
                                                         "evals",  NULL,       NULL,    NULL};

#ifdef HAN_DEBUG
#define CHECK(pool) assert(han__pool_conserved(pool))
#else
#define CHECK(pool) ((void)0)
#endif

static bool has(uint8_t bits, int channel)
{
    return (bits >> channel) & 1u;
}

static uint8_t bit(int channel)
{
    return (uint8_t)(1u << channel);
}

const char *han__channel_name(int channel)
{
    return channel >= 0 && channel < HAN__CHANNELS ? channel_names[channel] : NULL;
}

int han__channel_find(const char *name)
{
    for (int i = 0; i < HAN__NAMED_0; i++)
        if (strcmp(channel_names[i], name) == 0) return i;
    return -1;
}

static const char *label(int channel)
{
    return channel_names[channel] ? channel_names[channel] : "a named resource";
}

/* Most agents have no ceiling and spend nothing: for them every transition is one look. */
bool han__amount_is_zero(const han__amount *a)
{
    int64_t bits = 0;
    for (int i = 0; i < HAN__CHANNELS; i++) bits |= a->v[i];
    return bits == 0;
}

static int in_domain(const han__amount *a, han_error *err)
{
    for (int i = 0; i < HAN__CHANNELS; i++)
        if (a->v[i] < 0 || a->v[i] > HAN__AMOUNT_MAX)
            return han__error_set(err, HAN_INVALID, "%s: %" PRId64 " is not an amount (0 to 2^50)",
                                  label(i), a->v[i]);
    return HAN_OK;
}

int han__pool_init(han__pool *pool, const han__amount *ceiling, uint8_t undeclared, han_error *err)
{
    int rc = han__amount_is_zero(ceiling) ? HAN_OK : in_domain(ceiling, err);
    if (rc != HAN_OK) return rc;
    memset(pool, 0, sizeof(*pool));
    if (!undeclared && han__amount_is_zero(ceiling)) return HAN_OK;
    for (int i = 0; i < HAN__CHANNELS; i++)
        pool->total.v[i] = has(undeclared, i) ? HAN__AMOUNT_MAX : ceiling->v[i];
    pool->free = pool->total;
    pool->undeclared = undeclared;
    return HAN_OK;
}

/* May `ask` be taken from free? Says why not, naming the channel and what is left. */
static int admits(const han__pool *pool, const han__amount *ask, han_error *err)
{
    for (int i = 0; i < HAN__CHANNELS; i++) {
        int64_t want = ask->v[i];
        if (want == 0) continue;
        if (i == HAN__NANO_USD && has(pool->undeclared, i))
            return han__error_set(err, HAN_USD_UNBUDGETED,
                                  "nano_usd: %" PRId64 " asked, but no dollars were declared; give "
                                  "the run a budget with usd=",
                                  want);
        if (has(pool->closed, i))
            return han__error_set(err, HAN_BUDGET_EXHAUSTED,
                                  "%s: closed, more was spent than was reserved or known",
                                  label(i));
        if (want > pool->free.v[i])
            return han__error_set(err, HAN_BUDGET_EXHAUSTED,
                                  "%s: %" PRId64 " asked, %" PRId64 " left of %" PRId64, label(i),
                                  want, pool->free.v[i], pool->total.v[i]);
    }
    return HAN_OK;
}

int han__pool_reserve(han__pool *pool, const han__amount *ask, han_error *err)
{
    if (han__amount_is_zero(ask)) return HAN_OK;
    int rc = in_domain(ask, err);
    if (rc == HAN_OK) rc = admits(pool, ask, err);
    if (rc != HAN_OK) return rc;
    for (int i = 0; i < HAN__CHANNELS; i++) {
        pool->free.v[i] -= ask->v[i];
        pool->reserved.v[i] += ask->v[i];
    }
    CHECK(pool);
    return HAN_OK;
}

/* A spend that no ceiling may stop is still a number: it is cut at the largest amount, and where
 * the sum of all spends would leave the range in which the law can be computed. */
static int64_t truth(int64_t spent, int64_t committed)
{
    int64_t room = INT64_MAX / 4 - committed;
    if (spent < 0) return 0;
    if (spent > HAN__AMOUNT_MAX) spent = HAN__AMOUNT_MAX;
    return spent > room ? room : spent;
}

static void note_unknown(han__pool *pool, uint8_t unknown)
{
    pool->unknown |= unknown;
    if (has(unknown, HAN__NANO_USD) && !has(pool->undeclared, HAN__NANO_USD))
        pool->closed |= bit(HAN__NANO_USD);
}

/* Takes an overspend out of free, which may go negative. */
static void take_over(han__pool *pool, int channel, int64_t excess)
{
    pool->free.v[channel] -= excess;
    pool->over |= bit(channel);
    if (!has(pool->undeclared, channel)) pool->closed |= bit(channel);
}

void han__pool_settle(han__pool *pool, const han__amount *ceiling, const han__amount *spent,
                      uint8_t unknown)
{
    bool idle = han__amount_is_zero(ceiling) && han__amount_is_zero(spent);
    for (int i = 0; i < HAN__CHANNELS && !idle; i++) {
        int64_t really = truth(spent->v[i], pool->committed.v[i]);
        int64_t inside = really < ceiling->v[i] ? really : ceiling->v[i];
        pool->reserved.v[i] -= inside;
        pool->committed.v[i] += really;
        if (really > ceiling->v[i]) take_over(pool, i, really - ceiling->v[i]);
    }
    note_unknown(pool, unknown);
    CHECK(pool);
}

void han__pool_return(han__pool *pool, const han__amount *ceiling, const han__amount *spent)
{
    if (han__amount_is_zero(ceiling)) return;
    for (int i = 0; i < HAN__CHANNELS; i++) {
        int64_t rest = ceiling->v[i] - truth(spent->v[i], 0);
        if (rest <= 0) continue;
        pool->reserved.v[i] -= rest;
        pool->free.v[i] += rest;
    }
    CHECK(pool);
}

int han__pool_meter(han__pool *pool, const han__amount *units, han_error *err)
{
    int rc = in_domain(units, err);
    if (rc == HAN_OK) rc = admits(pool, units, err);
    if (rc != HAN_OK) return rc;
    for (int i = 0; i < HAN__CHANNELS; i++) {
        pool->free.v[i] -= units->v[i];
        pool->committed.v[i] += units->v[i];
    }
    CHECK(pool);
    return HAN_OK;
}

void han__pool_commit(han__pool *pool, const han__amount *spent, uint8_t unknown)
{
    for (int i = 0; i < HAN__CHANNELS; i++) {
        int64_t really = truth(spent->v[i], pool->committed.v[i]);
        pool->free.v[i] -= really;
        pool->committed.v[i] += really;
        if (pool->free.v[i] < 0) take_over(pool, i, 0);
    }
    note_unknown(pool, unknown);
    CHECK(pool);
}

bool han__pool_conserved(const han__pool *pool)
{
    for (int i = 0; i < HAN__CHANNELS; i++)
        if (pool->total.v[i] != pool->free.v[i] + pool->reserved.v[i] + pool->committed.v[i] ||
            pool->reserved.v[i] < 0 || pool->committed.v[i] < 0)
            return false;
    return true;
}
