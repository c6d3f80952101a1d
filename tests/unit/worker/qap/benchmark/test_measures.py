import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from worker.qap.benchmark.measures import (
    expected_running_time,
    hit_rate,
    performance_profile,
    primal_gap,
    primal_integral,
    run_time_distribution,
    summarise_gaps,
)


def test_an_infinite_gap_does_not_spoil_the_median() -> None:
    summary = summarise_gaps([0.0, 0.01, math.inf])
    assert (summary.best, summary.median) == (0.0, 0.01)
    assert summary.mean == summary.worst == math.inf


def test_a_new_record_is_a_hit() -> None:
    assert hit_rate([-0.001, 0.0, 1e-9]) == pytest.approx(2 / 3)


@pytest.mark.parametrize("measure", [summarise_gaps, hit_rate, run_time_distribution])
def test_no_runs_are_refused(measure) -> None:
    with pytest.raises(ValueError, match="no"):
        measure([])


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=30))
def test_without_misses_the_distribution_is_scipys(times: list[float]) -> None:
    theirs = stats.ecdf(times).cdf
    ours_times, ours_shares = run_time_distribution(times)
    np.testing.assert_allclose(ours_times, theirs.quantiles)
    np.testing.assert_allclose(ours_shares, theirs.probabilities)


def test_with_misses_the_distribution_is_scipys_of_censored_data() -> None:
    # All misses are censored at the budget, after every hit.
    reached, missed = [1.0, 2.0, 2.0, 5.0], [10.0, 10.0]
    theirs = stats.ecdf(stats.CensoredData(uncensored=reached, right=missed)).cdf
    times, shares = run_time_distribution([*reached, None, None])
    np.testing.assert_allclose(shares, theirs.evaluate(times))


def test_a_target_nobody_reached_has_an_empty_distribution() -> None:
    times, shares = run_time_distribution([None, None])
    assert (times.size, shares.size) == (0, 0)


def test_running_time_is_that_of_cocos_formula() -> None:
    # Successes after 2 and 4 s, misses after 10 s each: 3 + 10 * (1 - 1/2) / (1/2).
    elapsed, times = [2.0, 4.0, 10.0, 10.0], [2.0, 4.0, None, None]
    assert expected_running_time(elapsed, times) == 13.0


def test_what_is_done_after_the_target_costs_nothing() -> None:
    assert expected_running_time([60.0], [1.5]) == 1.5


def test_a_target_never_reached_takes_forever() -> None:
    assert expected_running_time([10.0], [None]) == math.inf


@pytest.mark.parametrize(
    ("objective", "best_known", "gap"),
    [(0, 0, 0.0), (5, 0, 1.0), (200, 100, 0.5), (-50, -100, 0.5), (1, -1, 1.0)],
)
def test_the_primal_gap_is_bertholds(objective, best_known, gap) -> None:
    assert primal_gap(objective, best_known) == gap


def test_the_primal_integral_by_hand() -> None:
    # 1 for 1 s, 3/4 for 2 s, 1/2 for 3 s, 0 for 4 s.
    trajectory = [(1.0, 400), (3.0, 200), (6.0, 100)]
    assert primal_integral(trajectory, 100, until_s=10.0) == 1 + 1.5 + 1.5


def test_the_primal_integral_ends_where_it_is_told() -> None:
    trajectory = [(1.0, 400), (3.0, 200), (6.0, 100)]
    assert primal_integral(trajectory, 100, until_s=2.0) == 1 + 0.75
    assert primal_integral([], 100, until_s=2.0) == 2.0


def test_the_primal_integral_keeps_the_last_incumbent_to_the_end() -> None:
    assert primal_integral([(0.0, 200)], 100, until_s=8.0) == 4.0


def test_a_profile_counts_failures_as_never() -> None:
    times = np.array([[1.0, np.inf], [np.inf, np.inf]])
    assert performance_profile(times, [1, 1e9]).tolist() == [[0.5, 0.5], [0.0, 0.0]]


@pytest.mark.parametrize("times", [np.zeros((2, 2)), np.ones(3), np.ones((0, 2))])
def test_a_profile_needs_a_table_of_positive_times(times) -> None:
    with pytest.raises(ValueError, match="positive"):
        performance_profile(times, [1])


@given(st.integers(0, 2**32 - 1))
def test_a_profile_rises_and_one_method_is_first_everywhere(seed: int) -> None:
    times = np.random.default_rng(seed).random((6, 3)) + 0.01
    shares = performance_profile(times, [1, 2, 4, 1e6])
    assert (np.diff(shares, axis=1) >= 0).all()
    assert shares[:, 0].sum() == pytest.approx(1)
    assert (shares[:, -1] == 1).all()
