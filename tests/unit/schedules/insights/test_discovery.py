import numpy as np
import pytest

from schedules.insights.discovery import (
    LEVEL,
    Finding,
    all_claims,
    confidence,
    discover,
    observed_later,
)
from schedules.insights.history import History
from schedules.insights.inference import hodges_lehmann, pettitt
from schedules.insights.load import turned_p
from schedules.insights.registry import KINDS
from tests.benchmarks.insights import PLANTED, false_discoveries
from tests.synthetic_history import END_HOUR, Planted, synthetic

NOISE = 12
HISTORIES = 60


@pytest.fixture(scope="module")
def found() -> dict[str, Finding]:
    return {each.claim.subject: each for each in discover(synthetic(7, PLANTED))}


def test_nothing_is_found_where_nothing_was_seen() -> None:
    assert discover(History(0.0, 1e6)) == []


def test_noise_is_noise() -> None:
    # The 200 histories are `python -m tests.benchmarks.insights`.
    assert false_discoveries(NOISE, seed=1000)["any"] <= 1


def test_every_kind_tests_something() -> None:
    tested = {claim.kind for claim in all_claims(synthetic(3))}
    assert tested == set(KINDS)


def test_two_percent_are_found_with_their_sign(found: dict[str, Finding]) -> None:
    claim = found["26 to 70|memetic|tabu_search"].claim
    assert claim.low <= 100 * (1 / 1.02 - 1) <= claim.high < 0
    assert "26 to 70|tabu_search|memetic" not in found


def test_methods_that_are_equal_are_not_told_apart(found: dict[str, Finding]) -> None:
    assert not any("breakout" in name and "memetic" in name for name in found)


def test_the_failing_hour_is_found(found: dict[str, Finding]) -> None:
    claim = found[f"failures|{END_HOUR - 5}"].claim
    assert claim.low <= 100 * (0.4 - 0.02) <= claim.high
    assert float(claim.facts["robust_z"]) > 5


def test_the_slow_hour_is_found() -> None:
    slow = discover(synthetic(7, Planted(slow_hour_times=3.0)))
    (claim,) = (each.claim for each in slow)
    assert claim.subject == f"solve|{END_HOUR - 5}"
    assert claim.low <= 200 <= claim.high


def test_the_change_of_level_is_found_on_its_day(found: dict[str, Finding]) -> None:
    claim = found["level|solve|longer"].claim
    assert claim.low <= 50 <= claim.high
    assert abs(int(claim.facts["since_hour"]) - (END_HOUR - 240)) <= 24


def test_the_daily_cycle_is_found(found: dict[str, Finding]) -> None:
    claim = found["arrivals"].claim
    peak = int(claim.facts["peak_hour"])
    assert abs(peak - 14) <= 3
    assert claim.low <= 1 + 0.4 * np.cos(2 * np.pi * (peak - 14) / 24) <= claim.high


def test_the_failing_provider_is_found_alone(found: dict[str, Finding]) -> None:
    at_risk = [name for name in found if name.startswith("prv_")]
    assert at_risk == ["prv_0"]
    claim = found["prv_0"].claim
    assert claim.low <= 100 * (0.3 - 0.02) <= claim.high


def test_work_done_again_and_waiting_are_found(found: dict[str, Finding]) -> None:
    again, waits = found["redone"].claim, found["too_few"].claim
    assert again.low <= 15 <= again.high
    assert waits.low > 1
    assert found["memetic|26 to 70|10"].claim.low > 0.1


def test_later_data_judge_a_claim() -> None:
    made = synthetic(7, PLANTED)
    claim = discover(made)[0].claim
    again = observed_later(claim.id, claim.kind, synthetic(8, PLANTED))
    assert again is not None
    assert again * claim.effect > 0
    assert observed_later(claim.id, claim.kind, made.after(made.end)) is None


def test_confidence_follows_what_came_true() -> None:
    assert confidence(0.0, hits=0, judged=0) == pytest.approx(80)
    assert confidence(0.0, hits=90, judged=90) == pytest.approx(98)
    assert confidence(0.0, hits=0, judged=90) == pytest.approx(8)
    assert confidence(0.5, hits=0, judged=0) == pytest.approx(40)


def test_a_claim_is_named_by_what_it_says() -> None:
    first, second = (discover(synthetic(seed, PLANTED)) for seed in (7, 8))
    ids = [{each.claim.subject: each.claim.id for each in of} for of in (first, second)]
    assert (
        ids[0]["26 to 70|memetic|tabu_search"]
        == (ids[1]["26 to 70|memetic|tabu_search"])
    )
    assert all(each.adjusted_p <= LEVEL for each in first)


def test_the_interval_covers_in_most_samples() -> None:
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(300):
        _, low, high = hodges_lehmann(rng.standard_t(3, 20) + 1.0)
        inside += low <= 1.0 <= high
    assert inside >= 0.92 * 300


def test_pettitt_finds_the_step() -> None:
    values = np.array([0.0, 0.1] * 6 + [1.0, 1.1] * 5)
    p, at = pettitt(values)
    assert at == 12
    assert p < 0.01


def test_hours_that_are_like_their_neighbours_are_no_daily_cycle() -> None:
    """By Friedman's own distribution 11 % of these are below 0.05."""
    below = 0
    for seed in range(HISTORIES):
        rng = np.random.default_rng([7, seed])
        drift, counts = 0.0, []
        for _ in range(24 * 28):
            drift = 0.7 * drift + rng.normal(0.0, 0.2)
            counts.append(rng.poisson(60 * np.exp(drift)))
        below += turned_p(np.reshape(counts, (28, 24))) <= 0.05
    assert below <= 0.05 * HISTORIES + 3


def test_a_daily_cycle_is_one_whatever_the_first_turns_say() -> None:
    rng = np.random.default_rng(0)
    days = rng.poisson(60, (14, 24))
    days[:, 14] *= 2
    assert turned_p(days) < LEVEL / 70
