/* Owns the step from rows to units of inference. Every refusal of bad data lives here, so that the
 * methods behind it can rely on finite values and used ids. */
#include "base/config.h"
#include "stats/units.h"
#include "stats/order.h"

#include <math.h>

int han__values_check(const double *x, size_t n, const char *what, han_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (isfinite(x[i])) continue;
        return han__error_set(
            err, HAN_INVALID,
            "%s[%zu] is %s; give finite numbers, and leave out or score 0 what has none", what,
            i + 1, isnan(x[i]) ? "not a number" : "infinite");
    }
    return HAN_OK;
}

static int check_ids(const uint32_t *id, size_t n, size_t count, const char *what, han_error *err)
{
    if (!id) return HAN_OK;
    if (count == 0 || count > n)
        return han__error_set(err, HAN_INVALID, "%zu rows cannot have %zu %ss", n, count, what);
    for (size_t i = 0; i < n; i++)
        if (id[i] >= count)
            return han__error_set(err, HAN_INVALID, "row %zu has %s %lu of %zu", i + 1, what,
                                  (unsigned long)id[i], count);
    return HAN_OK;
}

static int check_sample(const han__sample *s, han_error *err)
{
    if (s->n == 0 || !s->a)
        return han__error_set(err, HAN_INVALID, "the sample is empty; give at least one row");
    if (s->n > HAN__ROWS_MAX)
        return han__error_set(err, HAN_INVALID, "%zu rows are above the limit of %zu", s->n,
                              HAN__ROWS_MAX);
    if (s->weight != HAN__WEIGHT_ROWS && s->weight != HAN__WEIGHT_GROUPS)
        return han__error_set(err, HAN_INVALID, "the weight is neither rows nor groups");
    int rc = han__values_check(s->a, s->n, s->b ? "a" : "x", err); /* as the caller calls them */
    if (!rc && s->b) rc = han__values_check(s->b, s->n, "b", err);
    if (!rc) rc = check_ids(s->group, s->n, s->groups, "group", err);
    if (!rc) rc = check_ids(s->stratum, s->n, s->strata, "stratum", err);
    return rc;
}

/* place[g]: where the unit of group g stands once groups are ordered by stratum; fills first[]. */
static int order_groups(const han__sample *s, size_t groups, uint32_t *home, size_t *place,
                        size_t *first, size_t strata, han_error *err)
{
    for (size_t g = 0; g < groups; g++) home[g] = UINT32_MAX;
    for (size_t i = 0; i < s->n; i++) {
        size_t g = s->group ? s->group[i] : i;
        uint32_t stratum = s->stratum ? s->stratum[i] : 0;
        if (home[g] == UINT32_MAX)
            home[g] = stratum;
        else if (home[g] != stratum)
            return han__error_set(err, HAN_INVALID,
                                  "row %zu: its group is in two strata; a group is resampled whole",
                                  i + 1);
    }
    for (size_t k = 0; k <= strata; k++) first[k] = 0;
    for (size_t g = 0; g < groups; g++) {
        if (home[g] == UINT32_MAX)
            return han__error_set(err, HAN_INVALID, "group %zu of %zu has no row", g + 1, groups);
        first[home[g] + 1]++;
    }
    for (size_t k = 1; k <= strata; k++) {
        if (first[k] == 0)
            return han__error_set(err, HAN_INVALID, "stratum %zu of %zu has no row", k, strata);
        first[k] += first[k - 1];
    }
    for (size_t g = 0; g < groups; g++) place[g] = first[home[g]]++;
    for (size_t k = strata; k > 0; k--) first[k] = first[k - 1];
    first[0] = 0;
    return HAN_OK;
}

static int fold_rows(han__units *u, const han__sample *s, const size_t *place, han_error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        double d = s->b ? s->a[i] - s->b[i] : s->a[i];
        if (!isfinite(d))
            return han__error_set(err, HAN_INVALID, "row %zu: a - b is too large for a double",
                                  i + 1);
        size_t at = place[s->group ? s->group[i] : i];
        u->sum[at] += d;
        u->weight[at] += 1.0;
    }
    if (s->weight == HAN__WEIGHT_GROUPS)
        for (size_t k = 0; k < u->n; k++) {
            u->sum[k] /= u->weight[k];
            u->weight[k] = 1.0;
        }
    return HAN_OK;
}

static int summarize(han__units *u, han_error *err)
{
    double sum = han__order_sum(u->sum, u->n), low = INFINITY, high = -INFINITY;
    u->total = han__order_sum(u->weight, u->n);
    u->mean = sum / u->total;
    u->equal = true;
    for (size_t k = 0; k < u->n; k++) {
        double mean = u->sum[k] / u->weight[k];
        low = fmin(low, mean);
        high = fmax(high, mean);
        if (u->weight[k] != u->weight[0]) u->equal = false;
    }
    if (!isfinite(sum))
        return han__error_set(err, HAN_INVALID, "the sum of the sample is too large for a double");
    u->magnitude = fmax(fabs(low), fabs(high));
    u->constant = high - low <= HAN__SAME * u->magnitude;
    return HAN_OK;
}

int han__units_init(han__units *out, han__mem *mem, const han__sample *sample, han_error *err)
{
    int rc = check_sample(sample, err);
    if (rc) return rc;
    size_t groups = sample->group ? sample->groups : sample->n;
    size_t strata = sample->stratum ? sample->strata : 1;
    han__units u = {.mem = mem, .rows = sample->n, .n = groups, .strata = strata};
    uint32_t *home = han__mem_zalloc(mem, groups, sizeof *home);
    size_t *place = han__mem_zalloc(mem, groups, sizeof *place);
    u.sum = han__mem_zalloc(mem, groups, sizeof *u.sum);
    u.weight = han__mem_zalloc(mem, groups, sizeof *u.weight);
    u.first = han__mem_zalloc(mem, strata + 1, sizeof *u.first);
    if (!home || !place || !u.sum || !u.weight || !u.first)
        rc = han__error_set(err, HAN_NOMEM, "no memory for %zu rows", sample->n);
    if (!rc) rc = order_groups(sample, groups, home, place, u.first, strata, err);
    if (!rc) rc = fold_rows(&u, sample, place, err);
    if (!rc) rc = summarize(&u, err);
    if (home) han__mem_free(mem, home, groups * sizeof *home);
    if (place) han__mem_free(mem, place, groups * sizeof *place);
    if (rc)
        han__units_release(&u);
    else
        *out = u;
    return rc;
}

void han__units_release(han__units *u)
{
    if (u->sum) han__mem_free(u->mem, u->sum, u->n * sizeof *u->sum);
    if (u->weight) han__mem_free(u->mem, u->weight, u->n * sizeof *u->weight);
    if (u->first) han__mem_free(u->mem, u->first, (u->strata + 1) * sizeof *u->first);
    u->sum = u->weight = NULL;
    u->first = NULL;
}
