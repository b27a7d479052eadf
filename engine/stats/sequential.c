/* Owns the betting e-process and its confidence sequence. Capital is kept as a logarithm: after a
 * thousand observations it is far outside a double either way. */
#include "base/config.h"
#include "stats/sequential.h"

#include <float.h>
#include <math.h>

static int check_options(han__eprocess_options *o, bool with_null, han_error *err)
{
    if (o->low == 0.0 && o->high == 0.0) {
        o->low = -1.0;
        o->high = 1.0;
    }
    if (o->alpha == 0.0) o->alpha = 0.05;
    if (!isfinite(o->low) || !isfinite(o->high) || !(o->low < o->high) ||
        !isfinite(o->high - o->low))
        return han__error_set(err, HAN_INVALID,
                              "the range of the observations must be finite, low below high");
    if (with_null && !(o->null_mean > o->low && o->null_mean < o->high))
        return han__error_set(err, HAN_INVALID,
                              "the null mean must lie inside the range of the observations");
    if (!(o->alpha > 0.0 && o->alpha < 1.0))
        return han__error_set(err, HAN_INVALID, "alpha must be above 0 and below 1");
    return HAN_OK;
}

static int check_observation(const han__eprocess_options *o, double x, uint64_t place,
                             han_error *err)
{
    if (x >= o->low && x <= o->high) return HAN_OK;
    return han__error_set(err, HAN_INVALID, "observation %llu is %g, outside [%g, %g]",
                          (unsigned long long)place, x, o->low, o->high);
}

static double scale(const han__eprocess_options *o, double x)
{
    return (x - o->low) / (o->high - o->low);
}

int han__eprocess_init(han__eprocess *process, const han__eprocess_options *options, han_error *err)
{
    han__eprocess p = {.options = *options};
    int rc = check_options(&p.options, true, err);
    if (rc) return rc;
    p.null_scaled = scale(&p.options, p.options.null_mean);
    *process = p;
    return HAN_OK;
}

/* The bet on observation n + 1, from the n before it: sum of y, and of squared misses. */
static double next_bet(double alpha, uint64_t n, double squares)
{
    double i = (double)n + 1.0, variance = (0.25 + squares) / i;
    return sqrt(2.0 * log(2.0 / alpha) / (variance * i * log1p(i)));
}

static void learn(double y, uint64_t *n, double *sum, double *squares)
{
    ++*n;
    *sum += y;
    double miss = y - (0.5 + *sum) / ((double)*n + 1.0);
    *squares += miss * miss;
}

/* log((exp(a) + exp(b)) / 2) */
static double log_mean(double a, double b)
{
    double most = fmax(a, b);
    return most + log1p(exp(-fabs(a - b))) - log(2.0);
}

int han__eprocess_add(han__eprocess *p, double x, han_error *err)
{
    int rc = check_observation(&p->options, x, p->n + 1, err);
    if (rc) return rc;
    double m = p->null_scaled, y = scale(&p->options, x),
           bet = next_bet(p->options.alpha, p->n, p->squares);
    p->log_up += log1p(fmin(bet, HAN__EPROCESS_TRUNCATION / m) * (y - m));
    p->log_down += log1p(-fmin(bet, HAN__EPROCESS_TRUNCATION / (1.0 - m)) * (y - m));
    p->best_up = fmax(p->best_up, p->log_up);
    p->best_down = fmax(p->best_down, p->log_down);
    p->best_two = fmax(p->best_two, log_mean(p->log_up, p->log_down));
    learn(y, &p->n, &p->sum, &p->squares);
    return HAN_OK;
}

static double capital(double log_capital)
{
    return fmin(exp(log_capital), DBL_MAX);
}

void han__eprocess_read(const han__eprocess *p, han__evidence *out)
{
    out->n = p->n;
    out->e = capital(log_mean(p->log_up, p->log_down));
    out->e_greater = capital(p->log_up);
    out->e_less = capital(p->log_down);
    out->p = exp(-p->best_two); /* the best logs start at 0, so none is above 1 */
    out->p_greater = exp(-p->best_up);
    out->p_less = exp(-p->best_down);
}

/* Scaled observations with the bet placed before each. */
typedef struct bets {
    double *y;
    double *bet;
    size_t n;
    double line; /* the log capital that excludes a mean */
} bets;

/* Has K+ against mean m ever reached the line? For K-: mirrored observations. */
static bool excluded(const bets *b, double m)
{
    double most = HAN__EPROCESS_TRUNCATION / m, log_capital = 0.0;
    for (size_t i = 0; i < b->n; i++) {
        log_capital += log1p(fmin(b->bet[i], most) * (b->y[i] - m));
        if (log_capital >= b->line) return true;
    }
    return false;
}

/* The largest mean that the up-bets exclude: exclusion is monotone in m. */
static double lower_end(const bets *b)
{
    double low = 0.0, high = 1.0;
    for (int step = 0; step < 50; step++) {
        double middle = 0.5 * (low + high);
        if (excluded(b, middle))
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int fill_bets(const han__eprocess_options *o, const double *x, bets *b, han_error *err)
{
    double sum = 0.0, squares = 0.0;
    uint64_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        int rc = check_observation(o, x[i], i + 1, err);
        if (rc) return rc;
        b->y[i] = scale(o, x[i]);
        b->bet[i] = next_bet(o->alpha, n, squares);
        learn(b->y[i], &n, &sum, &squares);
    }
    return HAN_OK;
}

int han__eprocess_interval(han__mem *mem, const han__eprocess_options *options, const double *x,
                           size_t n, double *low, double *high, han_error *err)
{
    han__eprocess_options o = *options;
    int rc = check_options(&o, false, err);
    if (!rc && n == 0) rc = han__error_set(err, HAN_INVALID, "there are no observations");
    if (rc) return rc;
    double *space = han__mem_zalloc(mem, n, 2 * sizeof *space);
    if (!space) return han__error_set(err, HAN_NOMEM, "no memory for %zu observations", n);
    bets b = {space, space + n, n, log(2.0 / o.alpha)};
    rc = fill_bets(&o, x, &b, err);
    if (!rc) {
        *low = o.low + (o.high - o.low) * lower_end(&b);
        for (size_t i = 0; i < n; i++) b.y[i] = 1.0 - b.y[i];
        *high = o.high - (o.high - o.low) * lower_end(&b);
    }
    han__mem_free(mem, space, 2 * n * sizeof *space);
    return rc;
}
