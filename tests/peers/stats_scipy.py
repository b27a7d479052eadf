"""Checks the cases on standard input (tests/peers/stats_cases.lua) against scipy, as TAP.

Exact methods agree to 1e-9; a bootstrap agrees when its ends differ by less than six of their own
Monte Carlo errors (seen over scipy's own repetitions). Exits 77 where scipy is not installed."""
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    print("SKIPPED: scipy is not installed, nothing was compared with it")
    sys.exit(77)


def close(got, want, tolerance=1e-9):
    got, want = np.atleast_1d(got), np.atleast_1d(want)
    return got.shape == want.shape and bool(np.all(np.abs(got - want) <= tolerance * np.maximum(1, np.abs(want))))


def check_sign(said, counts):
    return close(said, stats.binomtest(int(counts[0]), int(counts[0] + counts[1]), 0.5).pvalue)


def check_interval(method):
    def check(said, case):
        ci = stats.binomtest(int(case[0]), int(case[1])).proportion_ci(1 - case[2], method=method)
        return close(said, [ci.low, ci.high])
    return check


def check_bh(said, p):
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    want = np.empty_like(p)
    want[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1)
    return close(said, want)


def check_holm(said, p):
    order = np.argsort(p, kind="stable")
    want = np.empty_like(p)
    want[order] = np.minimum(np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))), 1)
    return close(said, want)


def check_permutation(said, d):
    r = stats.permutation_test((d, np.zeros_like(d)), lambda x, y, axis: np.round(np.sum(x - y, axis=axis), 9),
                               permutation_type="samples", vectorized=True, n_resamples=np.inf)
    return close(said, r.pvalue)


def resampled(said, ends, floors):
    """The spread of an end over seeds, from below by its large-sample size."""
    spread = np.maximum(ends.std(axis=0, ddof=1), said[2] * np.array(floors))
    return bool(np.all(np.abs(said - ends.mean(axis=0)) < 6 * spread))


def check_boot(method, floors):
    def check(said, x):
        results = [stats.bootstrap((x,), np.mean, n_resamples=10000, method=method, random_state=seed)
                   for seed in range(3)]
        ends = np.array([[*r.confidence_interval, r.standard_error] for r in results])
        return resampled(said, ends, floors)
    return check


def check_groups(said, x, group):
    """scipy resamples the groups' numbers; the statistic pools what belongs to them."""
    ids = np.unique(group)
    sums = np.array([x[group == g].sum() for g in ids])
    sizes = np.array([(group == g).sum() for g in ids])

    def mean(index, axis):
        return sums[index].sum(axis=axis) / sizes[index].sum(axis=axis)
    results = [stats.bootstrap((np.arange(len(ids)),), mean, n_resamples=10000, method="percentile",
                               random_state=seed) for seed in range(3)]
    ends = np.array([[*r.confidence_interval, r.standard_error] for r in results])
    return resampled(said, ends, [0.027, 0.027, 0.0071])


def check_beta(said, case):
    a, b, alpha = case
    return close(said, [stats.beta.mean(a, b), *stats.beta.ppf([alpha / 2, 0.5, 1 - alpha / 2], a, b)])


def check_power(said, case):
    n, delta, sd, alpha = case
    cut, shift = stats.t.isf(alpha / 2, n - 1), delta / sd * np.sqrt(n)
    return close(said, stats.nct.sf(cut, n - 1, shift) + stats.nct.cdf(-cut, n - 1, shift), 1e-7)


def check_pairs(said, case):
    n, a, b, alpha = int(case[0]), *case[1:]
    power = 0.0
    for d in range(1, n + 1):
        wins = np.arange(d + 1)
        p = np.minimum(1, 2 * stats.binom.cdf(np.minimum(wins, d - wins), d, 0.5))
        power += stats.binom.pmf(d, n, a + b) * stats.binom.pmf(wins, d, a / (a + b))[p <= alpha].sum()
    return close(said, power)


def check_cliff(said, a, b):
    u = stats.mannwhitneyu(a, b, method="asymptotic").statistic
    return close(said, 2 * u / len(a) / len(b) - 1)


def check_rank(said, d):
    d = d[d != 0]
    ranks = stats.rankdata(np.abs(d))
    return close(said, np.sum(np.sign(d) * ranks) / ranks.sum())


def check_dz(said, d):
    return close(said, stats.ttest_1samp(d, 0).statistic / np.sqrt(len(d)))


PLAIN = [0.027, 0.027, 0.0071]
CHECKS = {"sign": check_sign, "mcnemar": check_sign, "clopper": check_interval("exact"),
          "wilson": check_interval("wilson"), "bh": check_bh, "holm": check_holm,
          "permutation": check_permutation, "boot": check_boot("percentile", PLAIN),
          "bca": check_boot("BCa", [0.045, 0.045, 0.0071]), "groups": check_groups, "beta": check_beta,
          "power": check_power, "pairs": check_pairs, "cliff": check_cliff, "rank": check_rank, "dz": check_dz}
# scipy has none of them; R's script has them written out
NOT_HERE = {"tango", "ebh", "eprocess", "strata", "means", "clusters", "drawn", "spend", "lord", "pareto", "crowding",
            "greater", "size", "mde", "few"}


def main():
    counts, bad = {}, {}
    for line in sys.stdin:
        kind, rest = line.split(" ", 1)
        if kind in NOT_HERE:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        lists = [np.array(part.split(), dtype=float) for part in rest.split("|")]
        if not CHECKS[kind](*lists):
            bad.setdefault(kind, line.strip())
    for number, (kind, count) in enumerate(sorted(counts.items()), 1):
        print(f"{'not ok' if kind in bad else 'ok'} {number} - {kind}: {count} cases against scipy")
        if kind in bad:
            print(f"# first that differs: {bad[kind]}")
    print(f"1..{len(counts)}")
    return 0 if len(counts) == len(CHECKS) and not bad else 1


sys.exit(main())
