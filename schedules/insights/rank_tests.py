"""Estimates and tests that ask little of how numbers are distributed."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from schedules.insights.history import Numbers

Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""
MOST = 400
"""Differences that are looked at; the averages of pairs grow with their square."""


BURSTY = 2.0
"""Chi-square over its degrees of freedom: from here on failures come in bursts."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect, its 95 % interval and the probability of as much by chance."""

    n: int
    effect: float
    low: float
    high: float
    p: float


def signed_rank(differences: Numbers) -> Estimate | None:
    """Wilcoxon's signed-rank test with the estimate of Hodges and Lehmann.

    Assumes differences that are symmetric around the effect. None if nothing differs.
    O(n^2) for at most `MOST` differences. Sources: Wilcoxon (1945), Biometrics Bulletin
    1; Hodges and Lehmann (1963), Annals of Mathematical Statistics 34.
    """
    d = differences[-MOST:]
    n = len(d)
    if n < 2 or not np.any(d):
        return None
    p = float(stats.wilcoxon(d, zero_method="wilcox").pvalue)
    rows, columns = np.triu_indices(n)
    walsh = np.sort((d[rows] + d[columns]) / 2)
    spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    cut = max(0, int(np.floor(n * (n + 1) / 4 - Z * spread)))
    return Estimate(
        n, float(np.median(walsh)), float(walsh[cut]), float(walsh[-1 - cut]), p
    )


def rates(
    failed: Numbers, total: Numbers, failed_before: Numbers, total_before: Numbers
) -> Estimate | None:
    """Compare the share that failed with that of the hours before.

    Hours of one rate differ more than chance makes them where causes come and go; the
    variance is widened by what the hours before show (Pearson's chi-square over its
    degrees of freedom, at least 1). The greater of that p and of Fisher's exact one is
    told: the first is too small for rare failures, the second where rates vary. Where
    they vary much, so is the share of the windows before that differ as much: bursts
    are no news where there were bursts.
    The effect is the difference of the shares (Agresti and Caffo, 2000, The American
    Statistician 54, widened alike).
    """
    k1, n1 = failed.sum(), total.sum()
    k0, n0 = failed_before.sum(), total_before.sum()
    if n1 < 1 or n0 < 1 or k1 + k0 in (0, n1 + n0):
        return None
    pooled = k0 / n0 if 0 < k0 < n0 else (k0 + k1) / (n0 + n1)
    used = total_before > 0
    expected = total_before[used] * pooled
    chi2 = np.sum((failed_before[used] - expected) ** 2 / (expected * (1 - pooled)))
    widened = max(1.0, float(chi2) / max(1, int(used.sum()) - 1))
    both = (k0 + k1) / (n0 + n1)
    spread = np.sqrt(both * (1 - both) * (1 / n0 + 1 / n1) * widened)
    z = (k1 / n1 - k0 / n0) / spread
    table = [[k1, n1 - k1], [k0, n0 - k0]]
    exact = stats.fisher_exact(np.asarray(table, dtype=np.int64)).pvalue
    p = max(float(2 * stats.norm.sf(abs(z))), float(exact))
    if widened > BURSTY:
        p = max(p, _share_as_far(failed_before, total_before, len(failed), k1 / n1))
    q1, q0 = (k1 + 1) / (n1 + 2), (k0 + 1) / (n0 + 2)
    half = Z * np.sqrt(widened * (q1 * (1 - q1) / (n1 + 2) + q0 * (1 - q0) / (n0 + 2)))
    effect = float(k1 / n1 - k0 / n0)
    return Estimate(
        int(n1), effect, float(q1 - q0 - half), float(q1 - q0 + half), min(1.0, p)
    )


def _share_as_far(failed: Numbers, total: Numbers, length: int, rate: float) -> float:
    """Return the share of the windows before that are as far from the usual rate."""
    ones = np.ones(length)
    of_all = np.convolve(total, ones, "valid")
    known = of_all > 0
    windows = np.convolve(failed, ones, "valid")[known] / of_all[known]
    usual = failed.sum() / total.sum()
    as_far = np.sum(np.abs(windows - usual) >= abs(rate - usual) * (1 - 1e-9))
    return float((1 + as_far) / (1 + len(windows)))


def level(lately: Numbers, before: Numbers) -> Estimate | None:
    """Compare the mean of some numbers with the median of those before, robustly.

    The spread is the median absolute deviation; p and interval are Student's, with the
    degrees of freedom that it is worth beside the standard deviation (0.37 of them).
    None where all numbers before are alike.
    """
    n0, n1 = len(before), len(lately)
    if n0 < 2 or n1 < 1:
        return None
    middle = np.median(before)
    spread = 1.4826 * np.median(np.abs(before - middle))
    if spread == 0:
        return None
    error = spread * np.sqrt(1 / n1 + np.pi / 2 / n0)
    freedom = max(1.0, 0.37 * (n0 - 1))
    effect = float(np.mean(lately) - middle)
    half = float(stats.t.ppf(0.975, freedom) * error)
    p = float(2 * stats.t.sf(abs(effect) / error, freedom))
    return Estimate(n1, effect, effect - half, effect + half, p)


def share_above(count: int, total: int, limit: float) -> Estimate | None:
    """Test whether a share is above a limit: binomial, with Wilson's interval."""
    if not total:
        return None
    found = stats.binomtest(count, total, limit, alternative="greater")
    interval = stats.binomtest(count, total).proportion_ci(method="wilson")
    return Estimate(
        total,
        count / total,
        float(interval.low),
        float(interval.high),
        float(found.pvalue),
    )
