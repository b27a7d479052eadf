"""The paired bootstrap of tests/bench/bootstrap.c by scipy, vectorized.

Usage: bootstrap_scipy.py ROWS RESAMPLES REPEATS; exits 77 where scipy is not installed. REPEATS 0
only loads scipy, so that the difference of two runs is the work alone."""
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    sys.exit(77)

rows, resamples, repeats = map(int, sys.argv[1:4])
i = np.arange(1, rows + 1)
a, b = 0.5 + 0.5 * np.sin(i), 0.45 + 0.5 * np.sin(1.7 * i)
for seed in range(repeats):
    r = stats.bootstrap((a - b,), np.mean, n_resamples=resamples, method="percentile", vectorized=True,
                        random_state=seed)
if repeats:
    print("%.9f %.9f %.9f" % (np.mean(a - b), r.confidence_interval.low, r.confidence_interval.high))
