"""Estimates hold the truth as often as they say, and p is as rare as it says."""

import numpy as np
import pytest
from scipy import stats

from schedules.insights.rank_tests import level, rates, share_above, signed_rank

DRAWS = 150


def test_signed_rank_agrees_with_its_sources() -> None:
    # Hollander and Wolfe's depression scores: T+ = 5, p = 0.0391, estimate -0.46.
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = signed_rank(np.array(after) - np.array(before))
    assert found is not None
    assert found.p == pytest.approx(0.0391, abs=5e-5)
    assert found.effect == pytest.approx(-0.46)


def test_nothing_differs() -> None:
    assert signed_rank(np.zeros(20)) is None
    assert level(np.ones(3), np.ones(50)) is None
    assert share_above(0, 0, 0.1) is None
    assert rates(*(np.zeros(5),) * 4) is None


def test_p_is_as_rare_as_it_says_where_there_is_nothing() -> None:
    rng = np.random.default_rng(3)
    seen: dict[str, list[float]] = {"signed_rank": [], "level": [], "rates": []}
    for _ in range(DRAWS):
        ranked = signed_rank(rng.normal(0, 1, 25))
        levelled = level(rng.normal(0, 1, 3), rng.normal(0, 1, 200))
        total = np.full(103, 30.0)
        failed = rng.binomial(30, 0.1, 103).astype(float)
        rated = rates(failed[:3], total[:3], failed[3:], total[3:])
        assert ranked
        assert levelled
        assert rated
        for name, found in zip(seen, (ranked, levelled, rated), strict=True):
            seen[name].append(found.p)
    for name, ps in seen.items():
        low = sum(p <= 0.05 for p in ps)
        assert stats.binomtest(low, DRAWS, 0.05, alternative="greater").pvalue > 1e-4, (
            name
        )


def test_bursts_are_not_taken_for_a_change() -> None:
    """Where whole hours fail from time to time, one more such hour is nothing new."""
    rng = np.random.default_rng(4)
    found = 0
    for _ in range(DRAWS):
        share = np.where(rng.random(203) < 0.1, 0.8, 0.02)
        failed = rng.binomial(30, share).astype(float)
        total = np.full(203, 30.0)
        rated = rates(failed[:3], total[:3], failed[3:], total[3:])
        assert rated is not None
        found += rated.p < 0.001
    assert found / DRAWS < 0.02


def test_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(5)
    held = {"signed_rank": 0, "level": 0, "rates": 0}
    for _ in range(DRAWS):
        ranked = signed_rank(rng.normal(2, 1, 30))
        levelled = level(rng.normal(1, 1, 3), rng.normal(0, 1, 200))
        lately = rng.binomial(30, 0.3, 3).astype(float)
        before = rng.binomial(30, 0.1, 200).astype(float)
        rated = rates(lately, np.full(3, 30.0), before, np.full(200, 30.0))
        assert ranked
        assert levelled
        assert rated
        held["signed_rank"] += ranked.low <= 2 <= ranked.high
        held["level"] += levelled.low <= 1 <= levelled.high
        held["rates"] += rated.low <= 0.2 <= rated.high
    assert all(count / DRAWS > 0.9 for count in held.values()), held
