"""The tests that several kinds of findings use."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Vector = NDArray[np.float64]

SHUFFLES = 19_999
MOST_WALSH = 400
"""Observations of which all pairs are averaged; of more, so many evenly spread."""


def signed_rank(values: Vector, *, alternative: str = "two-sided") -> float:
    """Return Wilcoxon's p: whether values lie around 0, in the sense asked for.

    Zeros take part (Pratt 1959): leaving them out would make a few differences among
    many equal results look like a rule.
    """
    if not np.any(values):
        return 1.0
    found = stats.wilcoxon(
        values, zero_method="pratt", alternative=alternative, method="auto"
    )
    return float(found.pvalue)


def hodges_lehmann(values: Vector) -> tuple[float, float, float]:
    """Return the median of the Walsh averages, and its 95 % interval.

    The interval is that of values which the signed rank test would not refuse: it
    holds where differences are symmetric around their median; see Hollander, Wolfe and
    Chicken, *Nonparametric Statistical Methods* (2014), section 3.3.
    """
    chosen = np.sort(values)
    if len(chosen) > MOST_WALSH:
        at = np.linspace(0, len(chosen) - 1, MOST_WALSH).round().astype(int)
        chosen = chosen[at]
    n = len(chosen)
    i, j = np.triu_indices(n)
    walsh = np.sort((chosen[i] + chosen[j]) / 2)
    mean = n * (n + 1) / 4
    spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    outside = max(0, int(np.floor(mean - stats.norm.ppf(0.975) * spread)))
    outside = min(outside, (len(walsh) - 1) // 2)
    return (
        float(np.median(walsh)),
        float(walsh[outside]),
        float(walsh[len(walsh) - 1 - outside]),
    )


def more_often(bad: int, total: int, before: Vector, before_total: Vector) -> float:
    """Return p: whether ``bad`` of ``total`` is more than it was before.

    The larger of Fisher's exact p and that of a beta-binomial whose rate varies as much
    as it did between the periods before, by its moments: failures come in flocks.
    """
    earlier_bad, earlier = float(before.sum()), float(before_total.sum())
    exact = stats.hypergeom.sf(
        bad - 1, int(earlier + total), int(earlier_bad + bad), total
    )
    rate = (earlier_bad + 0.5) / (earlier + 1)
    sizes = before_total[before_total > 0]
    hits = before[before_total > 0]
    # Pearson's statistic, and what is expected of it where rates vary with `rho`.
    chi = float(((hits - sizes * rate) ** 2 / (sizes * rate * (1 - rate))).sum())
    rho = (chi - len(sizes)) / max(1.0, float((sizes - 1).sum()))
    if rho <= 0 or total < 2:
        return float(exact)
    scale = (1 - min(rho, 0.99)) / min(rho, 0.99)
    varied = stats.betabinom.sf(bad - 1, total, rate * scale, (1 - rate) * scale)
    return float(max(exact, varied))


def share_interval(bad: int, total: int) -> tuple[float, float]:
    """Return Clopper and Pearson's 95 % interval of a share."""
    low = 0.0 if bad == 0 else float(stats.beta.ppf(0.025, bad, total - bad + 1))
    high = 1.0 if bad == total else float(stats.beta.ppf(0.975, bad + 1, total - bad))
    return low, high


def difference_interval(
    bad: int, total: int, earlier_bad: float, earlier: float
) -> tuple[float, float, float]:
    """Return the difference of two shares and Newcombe's 95 % interval (1998)."""
    ends = []
    shares = []
    for hits, of in ((float(bad), float(total)), (earlier_bad, earlier)):
        share, z = hits / of, float(stats.norm.ppf(0.975))
        middle = (share + z * z / (2 * of)) / (1 + z * z / of)
        half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
        half /= 1 + z * z / of
        shares.append(share)
        ends.append((middle - half, middle + half))
    (low, high), (low_0, high_0) = ends
    effect = shares[0] - shares[1]
    return (
        effect,
        float(effect - np.hypot(shares[0] - low, high_0 - shares[1])),
        float(effect + np.hypot(high - shares[0], shares[1] - low_0)),
    )


def pettitt(values: Vector) -> tuple[float, int]:
    """Return p and where the level changes: the first index behind it.

    See A. N. Pettitt, "A non-parametric approach to the change-point problem," *Applied
    Statistics* 28 (1979) 126-135. The p is that of a permutation test, with one added
    to both counts (Phipson and Smyth 2010): exact where the order says nothing.
    """
    ranks = stats.rankdata(values)
    walk = _walk(ranks)
    at = int(np.argmax(walk))
    # Always the same shuffles: the same history gives the same findings.
    shuffled = np.random.default_rng(0).permuted(np.tile(ranks, (SHUFFLES, 1)), axis=1)
    as_far = int((_walk(shuffled).max(axis=1) >= walk[at]).sum())
    return (as_far + 1) / (SHUFFLES + 1), at + 1


def _walk(ranks: Vector) -> Vector:
    n = ranks.shape[-1]
    sums = 2 * np.cumsum(ranks, axis=-1)[..., :-1] - np.arange(1, n) * (n + 1)
    far: Vector = np.abs(sums)
    return far
