/* Owns the numerical kernels of the statistics room. Accuracy comes before speed here: each is
 * called a handful of times per result, and exact p-values are promised to 1e-9. */
#include "base/config.h"
#include "stats/special.h"

#include <float.h>
#include <math.h>

#define HALF_LOG_TWO_PI 0.918938533204672741780329736406
#define TWO_PI          6.28318530717958647692528676656
#define SQRT_HALF       0.707106781186547524400844362105
#define STIRLING_SERIES 15.0 /* from here on five terms of the series reach double precision */

double han__normal_cdf(double x)
{
    return 0.5 * erfc(-x * SQRT_HALF);
}

static double normal_start(double p)
{
    double t = sqrt(-2.0 * log(p));
    double top = 2.515517 + t * (0.802853 + t * 0.010328);
    double bottom = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return -(t - top / bottom);
}

/* p in (0, 0.5]. */
static double normal_lower_quantile(double p)
{
    double x = normal_start(p);
    for (int step = 0; step < 3; step++) {
        double density = exp(-0.5 * x * x - HALF_LOG_TWO_PI);
        double u = (han__normal_cdf(x) - p) / density;
        x -= u / (1.0 + 0.5 * x * u);
    }
    return x;
}

double han__normal_quantile(double p)
{
    if (!(p >= 0.0 && p <= 1.0)) return NAN;
    if (p == 0.0) return -INFINITY;
    if (p == 1.0) return INFINITY;
    if (p == 0.5) return 0.0;
    return p < 0.5 ? normal_lower_quantile(p) : -normal_lower_quantile(1.0 - p);
}

/* log(x!) minus Stirling's approximation of it, x > 0. */
static double stirling_error(double x)
{
    if (x <= STIRLING_SERIES) {
        int sign = 1;
        return lgamma_r(x + 1.0, &sign) - (x + 0.5) * log(x) + x - HALF_LOG_TWO_PI;
    }
    double r = 1.0 / x, s = r * r;
    return r * (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188))));
}

/* x log(x/m) + m - x without cancellation where x is near m (Loader 2000, section 3). */
static double deviance(double x, double m)
{
    if (fabs(x - m) >= 0.1 * (x + m)) return x * log(x / m) + m - x;
    double v = (x - m) / (x + m), sum = (x - m) * v, term = 2.0 * x * v, square = v * v;
    for (int j = 1; j < 1000; j++) {
        term *= square;
        double next = sum + term / (2 * j + 1);
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

/* Gamma(n+1) / (Gamma(k+1) Gamma(n-k+1)) p^k q^(n-k) for real 0 <= k <= n, q = 1 - p given apart so
 * that a p near 1 loses nothing. */
static double binomial_raw(double k, double n, double p, double q)
{
    if (p <= 0.0) return k == 0.0 ? 1.0 : 0.0;
    if (q <= 0.0) return k == n ? 1.0 : 0.0;
    if (k == 0.0) return exp(n * (p < 0.5 ? log1p(-p) : log(q)));
    if (k == n) return exp(n * (q < 0.5 ? log1p(-q) : log(p)));
    double rest = n - k;
    double power = stirling_error(n) - stirling_error(k) - stirling_error(rest) -
                   deviance(k, n * p) - deviance(rest, n * q);
    return exp(power) * sqrt(n / (TWO_PI * k)) / sqrt(rest);
}

double han__binomial_pmf(uint64_t k, uint64_t n, double p)
{
    if (k > n || n > HAN__COUNT_MAX || !(p >= 0.0 && p <= 1.0)) return NAN;
    return binomial_raw((double)k, (double)n, p, 1.0 - p);
}

/* P(X <= k) by terms downward from k: they fall at once where k is below the mean. */
static double binomial_lower(uint64_t k, uint64_t n, double p)
{
    double term = han__binomial_pmf(k, n, p), sum = term, odds = (1.0 - p) / p;
    for (uint64_t i = k; i > 0 && term > sum * (DBL_EPSILON / 16); i--) {
        term *= (double)i * odds / (double)(n - i + 1);
        sum += term;
    }
    return sum;
}

/* P(X >= k) for k above the mean, by terms upward. */
static double binomial_upper(uint64_t k, uint64_t n, double p)
{
    double term = han__binomial_pmf(k, n, p), sum = term, odds = p / (1.0 - p);
    for (uint64_t i = k; i < n && term > sum * (DBL_EPSILON / 16); i++) {
        term *= (double)(n - i) * odds / (double)(i + 1);
        sum += term;
    }
    return sum;
}

double han__binomial_cdf(uint64_t k, uint64_t n, double p)
{
    if (n > HAN__COUNT_MAX || !(p >= 0.0 && p <= 1.0)) return NAN;
    if (k >= n) return 1.0;
    if (p == 0.0) return 1.0;
    if (p == 1.0) return 0.0;
    double value =
        (double)k < (double)n * p ? binomial_lower(k, n, p) : 1.0 - binomial_upper(k + 1, n, p);
    return fmin(1.0, fmax(0.0, value));
}

double han__binomial_tail(uint64_t k, uint64_t n, double p)
{
    if (n > HAN__COUNT_MAX || !(p >= 0.0 && p <= 1.0)) return NAN;
    if (k == 0) return 1.0;
    if (k > n) return 0.0;
    if (p == 0.0) return 0.0;
    if (p == 1.0) return 1.0;
    double value =
        (double)k > (double)n * p ? binomial_upper(k, n, p) : 1.0 - binomial_lower(k - 1, n, p);
    return fmin(1.0, fmax(0.0, value));
}

static double away_from_zero(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* The continued fraction of DLMF 8.17.22, evaluated forward (modified Lentz). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1.0, d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)), value = d;
    for (double m = 1.0; m < 4e6; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        value *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        value *= d * c;
        if (fabs(d * c - 1.0) < DBL_EPSILON) break;
    }
    return value;
}

/* x^a y^b / B(a, b), y = 1 - x. */
static double beta_front(double x, double y, double a, double b)
{
    return a * b / (a + b) * binomial_raw(a, a + b, x, y);
}

static double beta_split(double x, double y, double a, double b)
{
    if (!(a > 0.0 && b > 0.0) || isnan(x)) return NAN;
    if (x <= 0.0) return 0.0;
    if (y <= 0.0) return 1.0;
    double front = beta_front(x, y, a, b);
    if (x < (a + 1.0) / (a + b + 2.0)) return fmin(1.0, front * beta_fraction(x, a, b) / a);
    return fmax(0.0, 1.0 - front * beta_fraction(y, b, a) / b);
}

double han__beta_cdf(double x, double a, double b)
{
    return beta_split(x, 1.0 - x, a, b);
}

double han__beta_density(double x, double a, double b)
{
    if (!(a > 0.0 && b > 0.0) || !(x > 0.0 && x < 1.0)) return NAN;
    return beta_front(x, 1.0 - x, a, b) / (x * (1.0 - x));
}

/* Halves the bracket; by ratio where it spans magnitudes, because a quantile can be 1e-200. */
static double bracket_middle(double low, double high)
{
    if (low == 0.0) return high / 16.0;
    return high > 4.0 * low ? sqrt(low) * sqrt(high) : 0.5 * (low + high);
}

double han__beta_quantile(double p, double a, double b)
{
    if (!(a > 0.0 && b > 0.0) || !(p >= 0.0 && p <= 1.0)) return NAN;
    if (p == 0.0 || p == 1.0) return p;
    double low = 0.0, high = 1.0, x = a / (a + b);
    for (int step = 0; step < 600; step++) {
        double miss = han__beta_cdf(x, a, b) - p;
        if (miss == 0.0) return x;
        if (miss > 0.0)
            high = x;
        else
            low = x;
        double next = x - miss / han__beta_density(x, a, b);
        if (!(next > low && next < high)) next = bracket_middle(low, high);
        if (fabs(next - x) <= 2.0 * DBL_EPSILON * next || next <= low || next >= high) return next;
        x = next;
    }
    return x;
}

double han__student_cdf(double t, double df)
{
    if (!(df > 0.0) || isnan(t)) return NAN;
    if (isinf(t)) return t > 0.0 ? 1.0 : 0.0;
    double whole = df + t * t, tail = 0.5 * beta_split(df / whole, t * t / whole, 0.5 * df, 0.5);
    return t > 0.0 ? 1.0 - tail : tail;
}

double han__student_quantile(double p, double df)
{
    if (!(df > 0.0) || !(p >= 0.0 && p <= 1.0)) return NAN;
    if (p == 0.5) return 0.0;
    double side = p < 0.5 ? p : 1.0 - p, sign = p < 0.5 ? -1.0 : 1.0;
    if (side == 0.0) return sign * INFINITY;
    if (side < 0.25) {
        double x = han__beta_quantile(2.0 * side, 0.5 * df, 0.5);
        return sign * sqrt(df * (1.0 - x) / x);
    }
    double y = han__beta_quantile(1.0 - 2.0 * side, 0.5, 0.5 * df);
    return sign * sqrt(df * y / (1.0 - y));
}

typedef struct simpson {
    double (*fn)(double x, const void *ud);
    const void *ud;
} simpson;

static double simpson_halve(const simpson *s, double from, double to, const double f[3],
                            double whole, double tolerance, int depth)
{
    double middle = 0.5 * (from + to);
    double left = s->fn(0.5 * (from + middle), s->ud), right = s->fn(0.5 * (middle + to), s->ud);
    double sixth = (to - from) / 12.0;
    double a = sixth * (f[0] + 4 * left + f[1]), b = sixth * (f[1] + 4 * right + f[2]);
    double miss = a + b - whole;
    if (depth <= 0 || fabs(miss) <= fmax(15.0 * tolerance, 4.0 * DBL_EPSILON * fabs(whole)))
        return a + b + miss / 15.0;
    double low[3] = {f[0], left, f[1]}, high[3] = {f[1], right, f[2]};
    return simpson_halve(s, from, middle, low, a, 0.5 * tolerance, depth - 1) +
           simpson_halve(s, middle, to, high, b, 0.5 * tolerance, depth - 1);
}

double han__integrate(double (*fn)(double x, const void *ud), const void *ud, double from,
                      double to, double tolerance)
{
    simpson s = {fn, ud};
    double sum = 0.0, width = (to - from) / 16.0;
    if (!(width > 0.0)) return 0.0;
    for (int i = 0; i < 16; i++) { /* a start fine enough not to step over a narrow peak */
        double low = from + i * width, high = i == 15 ? to : low + width;
        double f[3] = {fn(low, ud), fn(0.5 * (low + high), ud), fn(high, ud)};
        double whole = (high - low) / 6.0 * (f[0] + 4 * f[1] + f[2]);
        sum += simpson_halve(&s, low, high, f, whole, tolerance / 16.0, 20);
    }
    return sum;
}

typedef struct noncentral {
    double t, df, delta, constant;
} noncentral;

/* The density of s = sqrt(chi-square / df), times P(Z > t s - delta). */
static double noncentral_density(double s, const void *ud)
{
    const noncentral *c = ud;
    if (s <= 0.0)
        return c->df > 1.0 ? 0.0 : exp(c->constant + 0.5 * c->df) * han__normal_cdf(c->delta);
    double power = c->constant + (c->df - 1.0) * log(s) - 0.5 * c->df * (s * s - 1.0);
    return exp(power) * han__normal_cdf(c->delta - c->t * s);
}

double han__student_noncentral_tail(double t, double df, double delta)
{
    if (!(df >= 1.0) || !isfinite(t) || !isfinite(delta)) return NAN;
    double half = 0.5 * df;
    noncentral c = {t, df, delta,
                    log(2.0) + 0.5 * log(half) - stirling_error(half) - HALF_LOG_TWO_PI};
    double spread = 9.0 * sqrt(2.0 / df); /* beyond, less than 1e-35 of the mass is left */
    double from = fmax(0.0, 1.0 - spread), to = 1.0 + spread, cut = t != 0.0 ? delta / t : 0.0;
    if (!(cut > from && cut < to))
        return fmin(1.0, han__integrate(noncentral_density, &c, from, to, 1e-12));
    double near =
        fmin(fmin(cut - from, to - cut), 10.0 / fabs(t)); /* the step around s = delta/t */
    double sum = han__integrate(noncentral_density, &c, from, cut - near, 1e-12);
    sum += han__integrate(noncentral_density, &c, cut - near, cut + near, 1e-12);
    return fmin(1.0, sum + han__integrate(noncentral_density, &c, cut + near, to, 1e-12));
}
