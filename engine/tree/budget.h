/* The conserved pool: what a node may spend, channel by channel. A child's whole ceiling is
 * reserved in its parent's pool before it starts; what it really spent is committed when it
 * settles, and the rest comes back when it is delivered. Per channel, always:
 *
 *     total = free + reserved + committed
 *
 * Only an opaque overspend can make `free` negative; it closes admission in that channel. */
#ifndef HAN_TREE_BUDGET_H
#define HAN_TREE_BUDGET_H

#include "base/error.h"

/* Channels and their units. Named resources of a run take the last three in order of declaration.
 */
enum han__channel {
    HAN__TOKENS,   /* generated and read model tokens, or the worker's measure of text tried */
    HAN__NANO_USD, /* 1e-9 US dollars */
    HAN__SHOTS,    /* attempts by a worker */
    HAN__TURNS,    /* model turns */
    HAN__EVALS,    /* candidate evaluations */
    HAN__NAMED_0,
    HAN__NAMED_1,
    HAN__NAMED_2,
    HAN__CHANNELS
};

/* The most that one channel of a pool may hold or be asked for. */
#define HAN__AMOUNT_MAX ((int64_t)1 << 50)

/* One number per channel. */
typedef struct han__amount {
    int64_t v[HAN__CHANNELS];
} han__amount;

typedef struct han__pool {
    han__amount total; /* HAN__AMOUNT_MAX where undeclared */
    han__amount free;
    han__amount reserved;
    han__amount committed;
    uint8_t undeclared; /* bit per channel: metered, not capped (dollars: refused) */
    uint8_t closed;     /* bit per channel: admits no further reservation */
    uint8_t over;       /* bit per channel: more was spent than the ceiling allowed */
    uint8_t unknown;    /* bit per channel: some spend could not be observed */
} han__pool;

/* "tokens", "nano_usd", ..., or NULL for a named channel (its name belongs to the run). */
const char *han__channel_name(int channel);
/* The channel called `name` among the fixed ones, or -1. */
int han__channel_find(const char *name);

/* A pool of `ceiling`; bits in `undeclared` mark channels without a cap, whose ceiling is ignored.
 * HAN_INVALID when an amount is negative or above HAN__AMOUNT_MAX. */
int han__pool_init(han__pool *pool, const han__amount *ceiling, uint8_t undeclared, han_error *err);

/* Does it hold nothing in any channel? */
bool han__amount_is_zero(const han__amount *amount);

/* Moves `ask` from free to reserved in every channel at once, or moves nothing:
 * HAN_BUDGET_EXHAUSTED, HAN_USD_UNBUDGETED (dollars asked, none declared), HAN_INVALID. */
int han__pool_reserve(han__pool *pool, const han__amount *ask, han_error *err);

/* Closes the ticket of a child that had reserved `ceiling` and really spent `spent`: commits the
 * spend, leaves the unspent rest reserved until han__pool_return. An overspend is never clamped: it
 * comes out of free, which may go negative, and closes the channel. `unknown`: channels in which
 * the child's spend is not known; dollars unknown closes the dollar channel. */
void han__pool_settle(han__pool *pool, const han__amount *ceiling, const han__amount *spent,
                      uint8_t unknown);

/* The rest (ceiling - spent, where positive) of a settled child goes back to free: at delivery. */
void han__pool_return(han__pool *pool, const han__amount *ceiling, const han__amount *spent);

/* Own, metered spend: commits `units` in all channels, or nothing (codes as reserve). */
int han__pool_meter(han__pool *pool, const han__amount *units, han_error *err);

/* Own, opaque spend, known only afterwards: committed whatever it is; sets over and closed. */
void han__pool_commit(han__pool *pool, const han__amount *spent, uint8_t unknown);

/* Does the law above hold in every channel? */
bool han__pool_conserved(const han__pool *pool);

#endif
