"""Tests whether methods differ, over instances that each of them has solved."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


@dataclass(frozen=True, slots=True)
class SignedRank:
    """How two methods differ on the same instances.

    Parameters
    ----------
    p_value
        Two-sided: how likely a difference as large is when there is none.
    effect
        Matched-pairs rank-biserial correlation, from -1 to 1: negative where the
        first has the lower values.
    pairs
        How many pairs differ at all.
    """

    p_value: float
    effect: float
    pairs: int


@dataclass(frozen=True, slots=True)
class RankTest:
    """How several methods differ on the same instances.

    Parameters
    ----------
    average_ranks
        One a method: 1 is the best there is.
    statistic
        Friedman's chi-square, corrected for ties.
    p_value
        How likely one as large is when the methods do not differ.
    concordance
        Kendall's W: 0 when instances do not agree at all on the order of the methods,
        1 when all agree.
    """

    average_ranks: tuple[float, ...]
    statistic: float
    p_value: float
    concordance: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of several methods.

    Parameters
    ----------
    first, second
        Their columns.
    test
        The signed-rank test of both alone.
    adjusted_p_value
        By Holm's correction for having tested every pair.
    """

    first: int
    second: int
    test: SignedRank
    adjusted_p_value: float


def signed_rank(first: ArrayLike, second: ArrayLike) -> SignedRank:
    """Test whether one of two methods tends to lower values on the same instances.

    Parameters
    ----------
    first, second
        Shape ``(k,)``, ``k >= 1``: one value an instance, such as its median gap, in
        the same order. Infinite ones are allowed: two of them are equal, and one
        beside a finite number is the largest difference there is.

    Returns
    -------
    SignedRank
        Without any difference its p-value is 1 and its effect 0.

    Raises
    ------
    ValueError
        The two are not of one length, are empty, or hold something not a number.

    Notes
    -----
    Wilcoxon's test [1]_ on the pairs that differ; exact for up to 50 pairs without
    ties, else by the normal approximation with correction for ties. The effect is
    the difference of the rank sums over their sum [2]_.

    References
    ----------
    .. [1] F. Wilcoxon, "Individual comparisons by ranking methods," *Biometrics
       Bulletin* 1 (1945) 80-83, doi:10.2307/3001968.
    .. [2] D. S. Kerby, "The simple difference formula: an approach to teaching
       nonparametric correlation," *Comprehensive Psychology* 3 (2014),
       doi:10.2466/11.IT.3.1.

    Examples
    --------
    >>> test = signed_rank([1, 2, 3, 4], [2, 4, 6, 3])
    >>> test.effect, test.pairs
    (-0.7, 4)
    """
    x, y = (np.asarray(values, dtype=np.float64) for values in (first, second))
    if x.ndim != 1 or x.shape != y.shape or x.size == 0:
        raise ValueError("Both are one value an instance, in the same order.")
    if np.isnan(x).any() or np.isnan(y).any():
        raise ValueError("Some value is not a number.")
    differs = x != y
    difference = x[differs] - y[differs]
    if difference.size == 0:
        return SignedRank(p_value=1.0, effect=0.0, pairs=0)
    # Only the order of the sizes counts: ranks stand for the differences, so that
    # infinite ones are no trouble.
    ranks = stats.rankdata(np.abs(difference))
    plus, minus = (
        float(ranks[sign].sum()) for sign in (difference > 0, difference < 0)
    )
    p_value = stats.wilcoxon(np.sign(difference) * ranks, method="auto").pvalue
    return SignedRank(
        p_value=float(p_value),
        effect=(plus - minus) / (plus + minus),
        pairs=int(difference.size),
    )


def friedman(values: ArrayLike) -> RankTest:
    r"""Test whether several methods differ, by their ranks on each instance.

    Parameters
    ----------
    values
        Shape ``(instances, methods)``, at least two methods: lower is better.
        Infinite ones are allowed.

    Returns
    -------
    RankTest
        Where all methods are equal on every instance its p-value is 1.

    Raises
    ------
    ValueError
        It is no such table, or holds something not a number.

    Notes
    -----
    Equals share the mean of their ranks. With :math:`N` instances, :math:`k` methods,
    and rank sums :math:`R_j`, Friedman's statistic [1]_ corrected for ties is

    .. math:: \chi^2 = \frac{12 \sum_j R_j^2 - 3 N^2 k (k+1)^2}
                            {N k (k+1) - \sum_t (t^3 - t) / (k-1)},

    the last sum over the groups of :math:`t` equals within an instance; under the
    hypothesis it is near chi-square with :math:`k - 1` degrees of freedom. Kendall's
    concordance [2]_ is :math:`W = \chi^2 / (N (k-1))`.

    References
    ----------
    .. [1] M. Friedman, "The use of ranks to avoid the assumption of normality implicit
       in the analysis of variance," *Journal of the American Statistical Association*
       32 (1937) 675-701, doi:10.1080/01621459.1937.10503522.
    .. [2] M. G. Kendall, B. Babington Smith, "The problem of m rankings," *The Annals
       of Mathematical Statistics* 10 (1939) 275-287, doi:10.1214/aoms/1177732186.

    Examples
    --------
    >>> friedman([[1, 2, 3], [1, 3, 2], [1, 2, 3]]).average_ranks
    (1.0, 2.3333333333333335, 2.6666666666666665)
    """
    table = _table(values)
    count, k = table.shape
    ranks = np.array([stats.rankdata(row) for row in table])
    sums = ranks.sum(axis=0)
    ties = sum(float((t**3 - t).sum()) for t in map(_sizes_of_groups, table))
    scale = count * k * (k + 1) - ties / (k - 1)
    statistic = 0.0
    if scale > 0:
        statistic = float(
            (12 * (sums**2).sum() - 3 * count**2 * k * (k + 1) ** 2) / scale
        )
    return RankTest(
        average_ranks=tuple((sums / count).tolist()),
        statistic=statistic,
        p_value=float(stats.chi2.sf(statistic, k - 1)),
        concordance=statistic / (count * (k - 1)),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    r"""Return p-values adjusted for their number.

    Parameters
    ----------
    p_values
        Of :math:`m` tests, from 0 to 1.

    Returns
    -------
    list of float
        In the same order. To reject those below :math:`\alpha` errs at all with a
        probability of at most :math:`\alpha`, however the tests depend on each other.

    Notes
    -----
    The i-th smallest, from 1, is multiplied by :math:`m - i + 1` and raised to those
    before it; none exceeds 1 [1]_.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure,"
       *Scandinavian Journal of Statistics* 6 (1979) 65-70.

    Examples
    --------
    >>> holm([0.25, 0.125, 0.5])
    [0.5, 0.375, 0.5]
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for done, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[i] * (len(p_values) - done)))
        adjusted[i] = highest
    return adjusted


def compare_pairs(values: ArrayLike) -> list[Pair]:
    """Test every pair of methods against each other.

    Parameters
    ----------
    values
        Shape ``(instances, methods)``, at least two methods: lower is better.

    Returns
    -------
    list of Pair
        In the order of the columns.

    Raises
    ------
    ValueError
        It is no such table, or holds something not a number.

    Notes
    -----
    The customary second step after Friedman's test [1]_, with the signed-rank test in
    place of one on average ranks, which would depend on the other methods.

    References
    ----------
    .. [1] J. Demšar, "Statistical comparisons of classifiers over multiple data sets,"
       *Journal of Machine Learning Research* 7 (2006) 1-30.

    Examples
    --------
    >>> [(pair.first, pair.second) for pair in compare_pairs([[1, 2, 3], [1, 3, 2]])]
    [(0, 1), (0, 2), (1, 2)]
    """
    table = _table(values)
    columns = list(combinations(range(table.shape[1]), 2))
    tests = [signed_rank(table[:, i], table[:, j]) for i, j in columns]
    adjusted = holm([test.p_value for test in tests])
    return [
        Pair(i, j, test, p)
        for (i, j), test, p in zip(columns, tests, adjusted, strict=True)
    ]


def _table(values: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2:
        raise ValueError(
            "Values are a table: one row an instance, two methods at least."
        )
    if np.isnan(table).any():
        raise ValueError("Some value is not a number.")
    return table


def _sizes_of_groups(row: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.unique(row, return_counts=True)[1].astype(np.int64)
