"""What a number of runs of one method on one instance tells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Number = int | float
FloatVector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GapSummary:
    """The gaps of several runs.

    Parameters
    ----------
    best, mean, median, worst
        Shares: 0.01 is one per cent. Infinite ones count as such.
    """

    best: float
    mean: float
    median: float
    worst: float


def summarise_gaps(gaps: Sequence[float]) -> GapSummary:
    """Return the best, mean, median and worst of some gaps.

    Parameters
    ----------
    gaps
        One at least. An infinite one (of a best known of 0 that was not reached)
        makes the worst and the mean infinite, not the median of three.

    Returns
    -------
    GapSummary
        Of them.

    Raises
    ------
    ValueError
        There is none.

    Examples
    --------
    >>> summarise_gaps([0.0, 0.25, 0.5])
    GapSummary(best=0.0, mean=0.25, median=0.25, worst=0.5)
    """
    if not gaps:
        raise ValueError("There is no gap to summarise.")
    values = np.array(gaps, dtype=np.float64)
    return GapSummary(
        best=float(values.min()),
        mean=float(values.mean()),
        median=float(np.median(values)),
        worst=float(values.max()),
    )


def hit_rate(gaps: Sequence[float], target_gap: float = 0.0) -> float:
    """Return the share of runs that came as near as wished.

    Parameters
    ----------
    gaps
        To the best known, one a run; one at least.
    target_gap
        How near: 0 means the best known, or better.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        There is no run.

    Examples
    --------
    >>> hit_rate([0.0, 0.0, 0.01, 0.2]), hit_rate([0.0, 0.0, 0.01, 0.2], 0.01)
    (0.5, 0.75)
    """
    if not gaps:
        raise ValueError("There is no run to count.")
    return sum(gap <= target_gap for gap in gaps) / len(gaps)


def run_time_distribution(
    times_to_target_s: Sequence[float | None],
) -> tuple[FloatVector, FloatVector]:
    """Return the empirical distribution of the run time to a target.

    Parameters
    ----------
    times_to_target_s
        One a run; None for a run that did not reach it. One at least.

    Returns
    -------
    tuple of FloatVector
        The distinct times, rising, and the share of all runs that had reached the
        target by each. Runs that never did keep the last share below 1.

    Raises
    ------
    ValueError
        There is no run.

    Notes
    -----
    Known as a run-time distribution or time-to-target plot [1]_. The runs that missed
    are censored; the shares are right up to the shortest budget among them.

    References
    ----------
    .. [1] R. M. Aiex, M. G. C. Resende, C. C. Ribeiro, "TTT plots: a perl program to
       create time-to-target plots," *Optimization Letters* 1 (2007) 355-366,
       doi:10.1007/s11590-006-0031-4.

    Examples
    --------
    >>> times, shares = run_time_distribution([2.0, None, 1.0, 2.0])
    >>> times.tolist(), shares.tolist()
    ([1.0, 2.0], [0.25, 0.75])
    """
    if not times_to_target_s:
        raise ValueError("There is no run to count.")
    reached = [time_s for time_s in times_to_target_s if time_s is not None]
    times, counts = np.unique(np.array(reached, dtype=np.float64), return_counts=True)
    return times, np.cumsum(counts) / len(times_to_target_s)


def expected_running_time(
    elapsed_s: Sequence[float], times_to_target_s: Sequence[float | None]
) -> float:
    """Return how long restarting until the target is reached is expected to take.

    Parameters
    ----------
    elapsed_s
        How long each run lasted; counts where the target was missed.
    times_to_target_s
        When each run reached the target; None if it did not.

    Returns
    -------
    float
        The time spent before a target was reached, or in vain, over the number of
        runs that reached it; infinite where none did.

    Raises
    ------
    ValueError
        The two are not of one length.

    Notes
    -----
    The estimator ERT of [1]_: with a share :math:`p` of successes and means
    :math:`T_s, T_u` of successful and unsuccessful runs it is
    :math:`T_s + T_u (1 - p) / p`.

    References
    ----------
    .. [1] N. Hansen, A. Auger, R. Ros, O. Mersmann, T. Tušar, D. Brockhoff, "COCO: a
       platform for comparing continuous optimizers in a black-box setting,"
       *Optimization Methods and Software* 36 (2021) 114-144,
       doi:10.1080/10556788.2020.1808977.

    Examples
    --------
    >>> expected_running_time([1.0, 10.0, 3.0], [1.0, None, 2.0])
    6.5
    """
    pairs = list(zip(elapsed_s, times_to_target_s, strict=True))
    spent = sum(total if time_s is None else time_s for total, time_s in pairs)
    successes = sum(time_s is not None for _, time_s in pairs)
    return spent / successes if successes else math.inf


def primal_gap(objective: Number, best_known: Number) -> float:
    r"""Return Berthold's gap, which lies between 0 and 1.

    Parameters
    ----------
    objective
        Of an incumbent.
    best_known
        The least known.

    Returns
    -------
    float
        0 for equals; 1 where the signs differ; else
        :math:`|o - b| / \max(|o|, |b|)`: 1 wherever only the best known is 0.

    Examples
    --------
    >>> primal_gap(100, 75), primal_gap(0, 0), primal_gap(2, 0), primal_gap(3, -1)
    (0.25, 0.0, 1.0, 1.0)
    """
    if objective == best_known:
        return 0.0
    if objective * best_known < 0:
        return 1.0
    return abs(objective - best_known) / max(abs(objective), abs(best_known))


def primal_integral(
    trajectory: Sequence[tuple[float, Number]], best_known: Number, *, until_s: float
) -> float:
    r"""Return how much gap there was for how long.

    Parameters
    ----------
    trajectory
        Time in seconds, rising, and objective of each incumbent.
    best_known
        The least objective known.
    until_s
        The end. Incumbents after it do not count; a run that ended before it keeps
        its last one.

    Returns
    -------
    float
        :math:`\int_0^T p(t)\,dt` in seconds: `primal_gap` of the incumbent at each
        time, and 1 before there is any. Divided by `until_s` it is the mean gap.

    Notes
    -----
    Rewards both to find good incumbents early and to find better ones later [1]_.

    References
    ----------
    .. [1] T. Berthold, "Measuring the impact of primal heuristics," *Operations
       Research Letters* 41 (2013) 611-614, doi:10.1016/j.orl.2013.08.007.

    Examples
    --------
    >>> primal_integral([(1.0, 200), (3.0, 100)], 100, until_s=10.0)
    2.0
    """
    steps = [(0.0, 1.0)]
    steps += [(time_s, primal_gap(value, best_known)) for time_s, value in trajectory]
    steps.append((math.inf, 0.0))
    return float(
        sum(
            gap * (min(until_s, end_s) - min(until_s, begin_s))
            for (begin_s, gap), (end_s, _) in pairwise(steps)
        )
    )


def performance_profile(
    times_s: NDArray[np.float64], ratios: Sequence[float]
) -> NDArray[np.float64]:
    r"""Return the share of instances each method solves within a factor of the best.

    Parameters
    ----------
    times_s
        Shape ``(instances, methods)``, positive: what each method needed; infinite
        where it failed.
    ratios
        The factors :math:`\tau`, each at least 1.

    Returns
    -------
    NDArray
        Shape ``(methods, ratios)``: :math:`\rho_s(\tau)`, the share of all instances
        with :math:`t_{p,s} \le \tau \min_s t_{p,s}`. Instances that no method solved
        count for none.

    Raises
    ------
    ValueError
        `times_s` is no table, is empty, or holds something not positive.

    Notes
    -----
    The profile depends on who takes part: with more than two methods it must not be
    read as a ranking of those behind the first [1]_.

    References
    ----------
    .. [1] E. D. Dolan, J. J. Moré, "Benchmarking optimization software with
       performance profiles," *Mathematical Programming* 91 (2002) 201-213,
       doi:10.1007/s101070100263.

    Examples
    --------
    >>> times = np.array([[1.0, 2.0], [3.0, 3.0], [np.inf, 5.0], [4.0, 1.0]])
    >>> performance_profile(times, [1, 2, 4]).tolist()
    [[0.5, 0.5, 0.75], [0.75, 1.0, 1.0]]
    """
    times = np.asarray(times_s, dtype=np.float64)
    if times.ndim != 2 or times.size == 0 or not (times > 0).all():
        raise ValueError("Times are a table of positive numbers, one row an instance.")
    best = times.min(axis=1, keepdims=True)
    # The comparison is false wherever nothing is finite.
    within = [np.isfinite(times) & (times <= ratio * best) for ratio in ratios]
    return np.array([share.mean(axis=0) for share in within]).T
