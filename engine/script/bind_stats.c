/* Owns han.stats: one short function per method that reads its table, calls the statistics room and
 * fills the result table. What a method means and when it refuses is documented beside it in
 * engine/stats and in docs/statistics.md. */
#include "base/config.h"

#include <lauxlib.h>

#include "script/bind_stats.h"
#include "script/stats_args.h"
#include "script/stats_plans.h"
#include "stats/bootstrap.h"
#include "stats/exact.h"
#include "stats/fdr.h"
#include "stats/permutation.h"
#include "stats/special.h"

static const double default_alpha = 0.05;
static const uint64_t zero = 0;

/* ---- counts of pairs --------------------------------------------------------------------------
 */

/* wins, losses, ties: given, or counted over the groups of a sample. */
static int read_signs(han__stats_args *args, uint64_t out[3])
{
    int rc = HAN_OK;
    if (!han__stats_args_has(args, "a") && !han__stats_args_has(args, "x")) {
        rc = han__stats_args_count(args, "wins", NULL, &out[0]);
        if (!rc) rc = han__stats_args_count(args, "losses", NULL, &out[1]);
        if (!rc) rc = han__stats_args_count(args, "ties", &zero, &out[2]);
        return rc;
    }
    han__sample sample;
    han__units units;
    rc = han__stats_args_sample(args, true, &sample);
    if (!rc) rc = han__units_init(&units, &args->mem, &sample, &args->err);
    if (rc) return rc;
    han__sign_counts(&units, &out[0], &out[1], &out[2]);
    han__units_release(&units);
    return HAN_OK;
}

static int stats_sign(lua_State *L)
{
    han__stats_args args;
    uint64_t count[3];
    double p;
    han__stats_args_open(L, &args);
    int rc = read_signs(&args, count);
    if (!rc) rc = han__sign_test(count[0], count[1], count[2], &p, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 5);
    han__stats_give_number(L, "p", p);
    han__stats_give_count(L, "wins", count[0]);
    han__stats_give_count(L, "losses", count[1]);
    han__stats_give_count(L, "ties", count[2]);
    han__stats_give_count(L, "n", count[0] + count[1] + count[2]);
    return 1;
}

typedef struct pairs {
    uint64_t only_a, only_b, n;
} pairs;

static int count_pairs(han__stats_args *args, const han__sample *s, pairs *out)
{
    *out = (pairs){0, 0, s->n};
    if (s->group && s->groups < s->n)
        return han__error_set(
            &args->err, HAN_INVALID,
            "a group has several rows: its outcome is not two-valued; use sign or paired");
    for (size_t i = 0; i < s->n; i++) {
        if ((s->a[i] != 0.0 && s->a[i] != 1.0) || (s->b[i] != 0.0 && s->b[i] != 1.0))
            return han__error_set(&args->err, HAN_INVALID,
                                  "row %zu is not 0 or 1; use sign or paired", i + 1);
        out->only_a += s->a[i] > s->b[i];
        out->only_b += s->a[i] < s->b[i];
    }
    return HAN_OK;
}

/* only_a, only_b, n: given, or counted over two lists of 0 and 1. */
static int read_pairs(han__stats_args *args, bool n_needed, pairs *out)
{
    if (han__stats_args_has(args, "a")) {
        han__sample sample;
        int rc = han__stats_args_sample(args, false, &sample);
        return rc ? rc : count_pairs(args, &sample, out);
    }
    int rc = han__stats_args_count(args, "only_a", NULL, &out->only_a);
    if (!rc) rc = han__stats_args_count(args, "only_b", NULL, &out->only_b);
    if (rc) return rc;
    if (out->only_a > HAN__COUNT_MAX || out->only_b > HAN__COUNT_MAX)
        return han__error_set(&args->err, HAN_INVALID, "the counts sum to more than 2^40");
    uint64_t discordant = out->only_a + out->only_b;
    return han__stats_args_count(args, "n", n_needed ? NULL : &discordant, &out->n);
}

static void give_pairs(lua_State *L, const pairs *t)
{
    han__stats_give_count(L, "only_a", t->only_a);
    han__stats_give_count(L, "only_b", t->only_b);
    han__stats_give_count(L, "n", t->n);
}

static int stats_mcnemar(lua_State *L)
{
    han__stats_args args;
    pairs table;
    double p;
    han__stats_args_open(L, &args);
    int rc = read_pairs(&args, false, &table);
    if (!rc) rc = han__mcnemar_test(table.only_a, table.only_b, table.n, &p, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 4);
    han__stats_give_number(L, "p", p);
    give_pairs(L, &table);
    return 1;
}

static void give_estimate(lua_State *L, const han__interval *i, double alpha)
{
    han__stats_give_number(L, "mean", i->estimate);
    han__stats_give_interval(L, i->low, i->high);
    han__stats_give_number(L, "alpha", alpha);
}

static int stats_tango(lua_State *L)
{
    han__stats_args args;
    pairs table;
    han__interval interval;
    han__stats_args_open(L, &args);
    double alpha = han__stats_args_number(&args, "alpha", &default_alpha);
    int rc = read_pairs(&args, true, &table);
    if (!rc)
        rc = han__tango_interval(table.only_a, table.only_b, table.n, alpha, &interval, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 6);
    give_estimate(L, &interval, alpha);
    give_pairs(L, &table);
    return 1;
}

typedef int (*proportion_fn)(uint64_t hits, uint64_t n, double alpha, han__interval *out,
                             han_error *err);

static int proportion(lua_State *L, proportion_fn interval_of)
{
    han__stats_args args;
    uint64_t hits = 0, n = 0;
    han__interval interval;
    han__stats_args_open(L, &args);
    double alpha = han__stats_args_number(&args, "alpha", &default_alpha);
    int rc = han__stats_args_count(&args, "hits", NULL, &hits);
    if (!rc) rc = han__stats_args_count(&args, "n", NULL, &n);
    if (!rc) rc = interval_of(hits, n, alpha, &interval, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 3);
    give_estimate(L, &interval, alpha);
    return 1;
}

static int stats_wilson(lua_State *L)
{
    return proportion(L, han__wilson_interval);
}

static int stats_clopper(lua_State *L)
{
    return proportion(L, han__clopper_interval);
}

/* ---- means ------------------------------------------------------------------------------------
 */

static const char *const methods[] = {"percentile", "bca", NULL};

static int read_resamples(han__stats_args *args, uint64_t *resamples)
{
    int rc = han__stats_args_count(args, "resamples", resamples, resamples);
    if (!rc && (*resamples < HAN__RESAMPLES_MIN || *resamples > HAN__RESAMPLES_MAX))
        rc = han__error_set(&args->err, HAN_INVALID, "resamples must be %d to %d",
                            HAN__RESAMPLES_MIN, HAN__RESAMPLES_MAX);
    return rc;
}

static int read_boot_options(han__stats_args *args, han__boot_options *o)
{
    uint64_t resamples = HAN__RESAMPLES_DEFAULT;
    o->alpha = han__stats_args_number(args, "alpha", &default_alpha);
    o->seed = han__stats_args_seed(args, "seed");
    o->method = han__stats_args_word(args, "method", methods);
    int rc = read_resamples(args, &resamples);
    if (!rc && !(o->alpha > 0.0 && o->alpha < 1.0))
        rc = han__error_set(&args->err, HAN_INVALID, "alpha must be above 0 and below 1");
    o->resamples = (uint32_t)resamples;
    return rc;
}

static int bootstrap(lua_State *L, bool paired)
{
    han__stats_args args;
    han__sample sample;
    han__boot_options options;
    han__boot_result r;
    han__stats_args_open(L, &args);
    int rc = read_boot_options(&args, &options);
    if (!rc) rc = han__stats_args_sample(&args, true, &sample);
    if (!rc) rc = han__bootstrap_mean(&args.mem, &sample, &options, &r, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 12);
    han__stats_give_number(L, "mean", r.mean);
    han__stats_give_interval(L, r.low, r.high);
    if (paired) han__stats_give_number(L, "p", r.p);
    han__stats_give_number(L, "se", r.se);
    han__stats_give_count(L, "n", r.rows);
    han__stats_give_count(L, "groups", r.groups);
    han__stats_give_bool(L, "zero_width", r.zero_width);
    han__stats_give_number(L, "alpha", r.alpha);
    han__stats_give_text(L, "method", methods[options.method]);
    han__stats_give_count(L, "resamples", r.resamples);
    han__stats_give_count(L, "seed", options.seed);
    return 1;
}

static int stats_paired(lua_State *L)
{
    return bootstrap(L, true);
}

static int stats_mean_ci(lua_State *L)
{
    return bootstrap(L, false);
}

static int stats_permutation(lua_State *L)
{
    han__stats_args args;
    han__sample sample;
    uint64_t resamples = HAN__RESAMPLES_DEFAULT;
    han__permutation_result r;
    han__stats_args_open(L, &args);
    uint64_t seed = han__stats_args_seed(&args, "seed");
    int rc = read_resamples(&args, &resamples);
    if (!rc) rc = han__stats_args_sample(&args, true, &sample);
    if (!rc)
        rc = han__permutation_test(&args.mem, &sample, seed, (uint32_t)resamples, &r, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 7);
    han__stats_give_number(L, "p", r.p);
    han__stats_give_number(L, "mean", r.mean);
    han__stats_give_count(L, "n", r.rows);
    han__stats_give_count(L, "groups", r.groups);
    han__stats_give_bool(L, "exact", r.exact);
    han__stats_give_count(L, "resamples", r.resamples);
    han__stats_give_count(L, "seed", seed);
    return 1;
}

/* ---- many tests -------------------------------------------------------------------------------
 */

typedef int (*family_fn)(han__mem *mem, const double *x, size_t m, double *q, han_error *err);

static int family(lua_State *L, const char *name, family_fn adjust)
{
    han__stats_args args;
    size_t m;
    han__stats_args_open(L, &args);
    const double *x = han__stats_args_list(&args, name, &m);
    double *q = lua_newuserdatauv(L, (m ? m : 1) * sizeof *q, 0);
    int rc = adjust(&args.mem, x, m, q, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 1);
    han__stats_give_list(L, "q", q, m);
    return 1;
}

static int stats_bh(lua_State *L)
{
    return family(L, "p", han__fdr_bh);
}

static int stats_holm(lua_State *L)
{
    return family(L, "p", han__fdr_holm);
}

static int stats_ebh(lua_State *L)
{
    return family(L, "e", han__fdr_ebh);
}

static int stats_spend(lua_State *L)
{
    han__stats_args args;
    uint64_t index = 0;
    han__stats_args_open(L, &args);
    double alpha = han__stats_args_number(&args, "alpha", &default_alpha);
    int rc = han__stats_args_count(&args, "index", NULL, &index);
    if (!rc && (index == 0 || !(alpha > 0.0 && alpha < 1.0)))
        rc = han__error_set(&args.err, HAN_INVALID,
                            "spend needs index >= 1 and alpha above 0 and below 1");
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 1);
    han__stats_give_number(L, "level", han__spend_level(alpha, index));
    return 1;
}

static int stats_lord(lua_State *L)
{
    han__stats_args args;
    size_t n;
    double level;
    han__stats_args_open(L, &args);
    double alpha = han__stats_args_number(&args, "alpha", &default_alpha);
    const double *past = han__stats_args_list(&args, "rejected", &n);
    bool *rejected = lua_newuserdatauv(L, n + 1, 0);
    for (size_t i = 0; i < n; i++) rejected[i] = past[i] != 0.0;
    int rc = han__lord_level(alpha, rejected, n + 1, &level, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 1);
    han__stats_give_number(L, "level", level);
    return 1;
}

int han__open_stats(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"sign", stats_sign},       {"mcnemar", stats_mcnemar},
        {"tango", stats_tango},     {"wilson", stats_wilson},
        {"clopper", stats_clopper}, {"paired", stats_paired},
        {"mean_ci", stats_mean_ci}, {"permutation", stats_permutation},
        {"bh", stats_bh},           {"holm", stats_holm},
        {"ebh", stats_ebh},         {"spend", stats_spend},
        {"lord", stats_lord},       {NULL, NULL}};
    luaL_newlib(L, functions);
    luaL_setfuncs(L, han__stats_plans, 0);
    return 1;
}
