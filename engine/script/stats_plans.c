/* Owns the functions of han.stats that plan, watch and rank: what to expect before a rollout, what
 * may be said during one, and what stands beside a test in a table. */
#include "base/config.h"

#include <lauxlib.h>

#include "script/stats_args.h"
#include "script/stats_plans.h"
#include "stats/effect.h"
#include "stats/pareto.h"
#include "stats/posterior.h"
#include "stats/power.h"
#include "stats/sequential.h"

#include <float.h>
#include <math.h>

static const double zero = 0.0;
static const double one = 1.0;
static const double default_alpha = 0.05;
static const double default_power = 0.8;

/* ---- power ------------------------------------------------------------------------------------
 */

static const char *const kinds[] = {"mean", "mcnemar", "sign", NULL};

/* With `discordant` only the sum of only_a and only_b matters: the effect is what is asked for. */
static void read_plan(han__stats_args *args, han__power_plan *plan)
{
    *plan = (han__power_plan){.alpha = han__stats_args_number(args, "alpha", &default_alpha)};
    if (han__stats_args_word(args, "kind", kinds) == 0) {
        plan->kind = HAN__POWER_MEAN;
        plan->delta = han__stats_args_number(args, "delta", &zero);
        plan->sd = han__stats_args_number(args, "sd", &one);
        plan->rows = han__stats_args_number(args, "rows", &one);
        plan->icc = han__stats_args_number(args, "icc", &zero);
        return;
    }
    plan->kind = HAN__POWER_PAIRS;
    if (han__stats_args_has(args, "discordant")) {
        plan->only_a = plan->only_b = 0.5 * han__stats_args_number(args, "discordant", NULL);
        return;
    }
    plan->only_a = han__stats_args_number(args, "only_a", NULL);
    plan->only_b = han__stats_args_number(args, "only_b", NULL);
}

/* Of n, effect and power the two that are given determine the third: no n asks for groups, n
 * without an effect for the least one. */
static int stats_power(lua_State *L)
{
    han__stats_args args;
    han__power_plan plan;
    uint64_t n = 0, no_n = 0;
    han__stats_args_open(L, &args);
    read_plan(&args, &plan);
    double power = han__stats_args_number(&args, "power", &default_power), effect = 0.0;
    bool with_n = han__stats_args_has(&args, "n");
    bool with_effect = plan.kind == HAN__POWER_MEAN ? han__stats_args_has(&args, "delta")
                                                    : !han__stats_args_has(&args, "discordant");
    int rc = han__stats_args_count(&args, "n", &no_n, &n);
    if (!rc && !with_n && !with_effect)
        rc = han__error_set(&args.err, HAN_INVALID, "power needs n, or a difference, or both");
    if (!rc && with_n && with_effect)
        rc = han__power_of(&plan, n, &power, &args.err);
    else if (!rc && with_n)
        rc = han__power_effect(&plan, n, power, &effect, &args.err);
    else if (!rc)
        rc = han__power_groups(&plan, power, &n, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 4);
    han__stats_give_number(L, "power", power);
    han__stats_give_count(L, "n", n);
    if (!with_effect) han__stats_give_number(L, "mde", effect);
    han__stats_give_number(L, "alpha", plan.alpha);
    return 1;
}

/* ---- e-process --------------------------------------------------------------------------------
 */

/* Observations in order: x, or a - b; with groups, the mean of each group in order of appearance.
 */
static int read_observations(han__stats_args *args, const double **x, size_t *n)
{
    han__sample sample;
    han__units units;
    int rc = han__stats_args_sample(args, true, &sample);
    if (!rc && sample.stratum)
        rc = han__error_set(&args->err, HAN_INVALID,
                            "an e-process takes its observations in order: no strata");
    if (rc) return rc;
    double *means = lua_newuserdatauv(args->L, (sample.n ? sample.n : 1) * sizeof *means, 0);
    sample.weight = HAN__WEIGHT_GROUPS;
    rc = han__units_init(&units, &args->mem, &sample, &args->err);
    if (rc) return rc;
    memcpy(means, units.sum, units.n * sizeof *means);
    *x = means;
    *n = units.n;
    han__units_release(&units);
    return HAN_OK;
}

static void give_evidence(lua_State *L, const han__evidence *e, double low, double high)
{
    han__stats_give_number(L, "e", e->e);
    han__stats_give_number(L, "p", e->p);
    han__stats_give_number(L, "e_greater", e->e_greater);
    han__stats_give_number(L, "p_greater", e->p_greater);
    han__stats_give_number(L, "e_less", e->e_less);
    han__stats_give_number(L, "p_less", e->p_less);
    han__stats_give_count(L, "n", e->n);
    han__stats_give_interval(L, low, high);
}

static int run_process(const han__eprocess_options *o, const double *x, size_t n,
                       han__evidence *out, han_error *err)
{
    han__eprocess process;
    int rc = han__eprocess_init(&process, o, err);
    for (size_t i = 0; !rc && i < n; i++) rc = han__eprocess_add(&process, x[i], err);
    if (!rc) han__eprocess_read(&process, out);
    return rc;
}

static int stats_eprocess(lua_State *L)
{
    static const double low = -1.0, high = 1.0;
    han__stats_args args;
    han__eprocess_options o;
    han__evidence evidence;
    const double *x;
    size_t n;
    double ends[2];
    han__stats_args_open(L, &args);
    o.low = han__stats_args_number(&args, "low", &low);
    o.high = han__stats_args_number(&args, "high", &high);
    o.null_mean = han__stats_args_number(&args, "null", &zero);
    o.alpha = han__stats_args_number(&args, "alpha", &default_alpha);
    int rc = read_observations(&args, &x, &n);
    if (!rc) rc = run_process(&o, x, n, &evidence, &args.err);
    if (!rc) rc = han__eprocess_interval(&args.mem, &o, x, n, &ends[0], &ends[1], &args.err);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 9);
    give_evidence(L, &evidence, ends[0], ends[1]);
    han__stats_give_number(L, "alpha", o.alpha);
    return 1;
}

/* ---- posterior --------------------------------------------------------------------------------
 */

static int read_posterior(han__stats_args *args, const char *hits, const char *misses, double alpha,
                          han__posterior *out)
{
    double wins = han__stats_args_number(args, hits, NULL);
    double losses = han__stats_args_number(args, misses, NULL);
    double a = han__stats_args_number(args, "prior_a", &one);
    double b = han__stats_args_number(args, "prior_b", &one);
    return han__posterior_beta(wins, losses, a, b, alpha, out, &args->err);
}

/* The posterior of wins and losses; beside other_wins and other_losses also P(this > other). */
static int stats_beta(lua_State *L)
{
    han__stats_args args;
    han__posterior p, other;
    han__stats_args_open(L, &args);
    double alpha = han__stats_args_number(&args, "alpha", &default_alpha);
    bool two = han__stats_args_has(&args, "other_wins");
    int rc = read_posterior(&args, "wins", "losses", alpha, &p);
    if (!rc && two) rc = read_posterior(&args, "other_wins", "other_losses", alpha, &other);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 8);
    han__stats_give_number(L, "mean", p.mean);
    han__stats_give_number(L, "sd", p.sd);
    han__stats_give_number(L, "median", p.median);
    han__stats_give_interval(L, p.low, p.high);
    han__stats_give_number(L, "a", p.a);
    han__stats_give_number(L, "b", p.b);
    han__stats_give_number(L, "alpha", alpha);
    if (two) han__stats_give_number(L, "greater", han__posterior_greater(&p, &other));
    return 1;
}

/* ---- Pareto -----------------------------------------------------------------------------------
 */

/* `points`: a list of lists of one length, into one array that Lua owns. */
static int read_points(han__stats_args *args, han__points *out)
{
    lua_State *L = args->L;
    if (lua_getfield(L, 1, "points") != LUA_TTABLE)
        luaL_error(L, "field 'points' must be a list of lists");
    size_t n = lua_rawlen(L, -1), m = 0;
    if (n > 0 && lua_rawgeti(L, -1, 1) == LUA_TTABLE) m = lua_rawlen(L, -1);
    if (n > HAN__PARETO_POINTS_MAX || m > HAN__PARETO_OBJECTIVES_MAX)
        return han__error_set(&args->err, HAN_LIMIT, "%zu points with %zu objectives are too many",
                              n, m);
    lua_settop(L, 2);
    double *values = lua_newuserdatauv(L, n * m * sizeof *values + 1, 0);
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, 2, (lua_Integer)i + 1) != LUA_TTABLE)
            luaL_error(L, "point %d is not a list", (int)(i + 1));
        if (lua_rawlen(L, -1) != m)
            return han__error_set(&args->err, HAN_INVALID,
                                  "point %zu has another number of objectives than the first",
                                  i + 1);
        for (size_t k = 0; k < m; k++) {
            if (lua_rawgeti(L, -1, (lua_Integer)k + 1) != LUA_TNUMBER)
                luaL_error(L, "point %d: objective %d is not a number", (int)(i + 1), (int)(k + 1));
            values[i * m + k] = lua_tonumber(L, -1);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    *out = (han__points){values, n, m, NULL};
    return HAN_OK;
}

/* `minimize`: a list of one boolean per objective. */
static int read_directions(han__stats_args *args, han__points *points)
{
    size_t n;
    if (!han__stats_args_has(args, "minimize")) return HAN_OK;
    const double *down = han__stats_args_list(args, "minimize", &n);
    if (n != points->m)
        return han__error_set(&args->err, HAN_INVALID,
                              "minimize has %zu entries for %zu objectives", n, points->m);
    bool *minimize = lua_newuserdatauv(args->L, n + 1, 0);
    for (size_t k = 0; k < n; k++) minimize[k] = down[k] != 0.0;
    points->minimize = minimize;
    return HAN_OK;
}

/* rank, crowding (the largest double stands for infinite) and the indices of the first front. */
static void give_fronts(lua_State *L, const uint32_t *rank, const double *crowding, size_t n)
{
    lua_Integer first = 0;
    lua_createtable(L, 0, 3);
    lua_createtable(L, (int)n, 0);
    lua_createtable(L, (int)n, 0);
    lua_newtable(L);
    for (size_t i = 0; i < n; i++) {
        lua_pushinteger(L, rank[i]);
        lua_rawseti(L, -4, (lua_Integer)i + 1);
        lua_pushnumber(L, fmin(crowding[i], DBL_MAX));
        lua_rawseti(L, -3, (lua_Integer)i + 1);
        if (rank[i] != 1) continue;
        lua_pushinteger(L, (lua_Integer)i + 1);
        lua_rawseti(L, -2, ++first);
    }
    lua_setfield(L, -4, "front");
    lua_setfield(L, -3, "crowding");
    lua_setfield(L, -2, "rank");
}

static int stats_pareto(lua_State *L)
{
    han__stats_args args;
    han__points points;
    han__stats_args_open(L, &args);
    int rc = read_points(&args, &points);
    if (!rc) rc = read_directions(&args, &points);
    if (rc) return han__stats_args_refuse(&args);
    double *crowding = lua_newuserdatauv(L, points.n * sizeof *crowding + 1, 0);
    uint32_t *rank = lua_newuserdatauv(L, points.n * sizeof *rank + 1, 0);
    rc = han__pareto_rank(&args.mem, &points, rank, &args.err);
    if (!rc) rc = han__pareto_crowding(&args.mem, &points, rank, crowding, &args.err);
    if (rc) return han__stats_args_refuse(&args);
    give_fronts(L, rank, crowding, points.n);
    return 1;
}

/* ---- effect sizes -----------------------------------------------------------------------------
 */

typedef struct effects {
    double dz, rank_biserial, cliff;
    bool with_dz, with_rank;
} effects;

static int compute_effects(han__stats_args *args, const han__sample *s, effects *out)
{
    han__units units;
    int rc = han__units_init(&units, &args->mem, s, &args->err);
    if (rc) return rc;
    out->with_dz = han__effect_dz(&units, &out->dz, NULL) == HAN_OK;
    rc = han__effect_rank_biserial(&units, &out->rank_biserial, NULL);
    out->with_rank = rc == HAN_OK;
    han__units_release(&units);
    if (rc == HAN_NOMEM) return han__error_set(&args->err, rc, "no memory for %zu rows", s->n);
    return s->b ? han__effect_cliff(&args->mem, s->a, s->n, s->b, s->n, &out->cliff, &args->err)
                : HAN_OK;
}

/* What is not defined for the data is absent: dz without spread, rank_biserial when all are tied,
 * cliff of one sample. */
static int stats_effect(lua_State *L)
{
    han__stats_args args;
    han__sample sample;
    effects e = {0};
    han__stats_args_open(L, &args);
    int rc = han__stats_args_sample(&args, true, &sample);
    if (!rc) rc = compute_effects(&args, &sample, &e);
    if (rc) return han__stats_args_refuse(&args);
    lua_createtable(L, 0, 3);
    if (e.with_dz) han__stats_give_number(L, "dz", e.dz);
    if (e.with_rank) han__stats_give_number(L, "rank_biserial", e.rank_biserial);
    if (sample.b) han__stats_give_number(L, "cliff", e.cliff);
    return 1;
}

const luaL_Reg han__stats_plans[] = {{"power", stats_power},   {"eprocess", stats_eprocess},
                                     {"beta", stats_beta},     {"pareto", stats_pareto},
                                     {"effect", stats_effect}, {NULL, NULL}};
