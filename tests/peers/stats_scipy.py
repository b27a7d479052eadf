"""Checks the cases on standard input (tests/peers/stats_cases.lua) against scipy, as TAP.

Exact methods agree to 1e-9; a bootstrap agrees when its ends differ by less than six of their own
Monte Carlo errors (seen over scipy's own repetitions). Exits 77 where scipy is not installed."""
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    print("scipy is not installed")
    sys.exit(77)


def close(got, want, tolerance=1e-9):
    return abs(got - want) <= tolerance * max(1.0, abs(want))


def check_sign(words):
    wins, losses, p = int(words[0]), int(words[1]), float(words[2])
    return close(p, stats.binomtest(wins, wins + losses, 0.5).pvalue)


def check_interval(method):
    def check(words):
        hits, n, alpha, low, high = int(words[0]), int(words[1]), *map(float, words[2:5])
        ci = stats.binomtest(hits, n).proportion_ci(1 - alpha, method=method)
        return close(low, ci.low) and close(high, ci.high)
    return check


def split(words):
    bar = words.index("|")
    return np.array(list(map(float, words[:bar]))), np.array(list(map(float, words[bar + 1:])))


def check_bh(words):
    p, q = split(words)
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    want = np.empty_like(p)
    want[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1)
    return np.allclose(q, want, rtol=1e-12, atol=1e-15)


def check_holm(words):
    p, q = split(words)
    order = np.argsort(p, kind="stable")
    want = np.empty_like(p)
    want[order] = np.minimum(np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))), 1)
    return np.allclose(q, want, rtol=1e-12, atol=1e-15)


def check_boot(words):
    (low, high, se), x = split(words)
    results = [stats.bootstrap((x,), np.mean, n_resamples=20000, method="percentile", batch=2000,
                               random_state=seed) for seed in range(4)]
    ends = np.array([[r.confidence_interval.low, r.confidence_interval.high, r.standard_error]
                     for r in results])
    # the spread of an end over seeds, from below by its large-sample size
    spread = np.maximum(ends.std(axis=0, ddof=1), se * np.array([0.019, 0.019, 0.005]))
    return bool(np.all(np.abs(np.array([low, high, se]) - ends.mean(axis=0)) < 6 * spread))


CHECKS = {"sign": check_sign, "clopper": check_interval("exact"), "wilson": check_interval("wilson"),
          "bh": check_bh, "holm": check_holm, "boot": check_boot}


def main():
    counts, bad = {}, {}
    for line in sys.stdin:
        kind, *words = line.split()
        counts[kind] = counts.get(kind, 0) + 1
        if not CHECKS[kind](words):
            bad.setdefault(kind, line.strip())
    for number, (kind, count) in enumerate(sorted(counts.items()), 1):
        print(f"{'not ok' if kind in bad else 'ok'} {number} - {kind}: {count} cases against scipy")
        if kind in bad:
            print(f"# first that differs: {bad[kind]}")
    print(f"1..{len(counts)}")
    return 0 if len(counts) == len(CHECKS) and not bad else 1


sys.exit(main())
