"""Planted facts are found, with their sign and size; nothing where there are none."""

import numpy as np
import pytest

from schedules.insights.anomalies import LATELY
from schedules.insights.finding import Finding
from schedules.insights.history import HOUR, History, Hours
from schedules.insights.study import FAMILY_WISE, KINDS, later, study
from tests.histories import BEGIN, HOURS, NOTHING, Planted, history, hole

QUIET = 20


def drawn(planted: Planted = NOTHING, seed: int = 1) -> History:
    return history(np.random.default_rng(seed), planted)


def of_kind(name: str, found: list[Finding]) -> list[Finding]:
    return [each for each in found if each.kind.name == name]


def test_where_there_is_nothing_nothing_is_found() -> None:
    found = [bool(study(drawn(seed=seed))) for seed in range(QUIET)]
    # Two of a hundred may be; three of twenty would be one chance in a hundred.
    assert sum(found) <= 2


def test_no_history_has_no_findings() -> None:
    assert study(History()) == []
    assert study(History(hours=Hours(BEGIN, {}))) == []


@pytest.mark.parametrize(
    ("planted", "claim", "truth"),
    [
        (Planted(failing=0.3), "failure_anomaly/solve", 30.0),
        (Planted(slower=2.0), "latency_anomaly/http_duration", 100.0),
        (Planted(slower=0.5), "latency_anomaly/http_duration", -50.0),
        (Planted(cycle=0.5), "load_forecast/hour_of_day", 50.0),
        (Planted(late_gain=1.0), "more_seconds/auto", 1.0),
        (Planted(full=0.4), "worker_sizing/too_few", 40.0),
        (Planted(repeats=0.2), "cache_advice/forgotten_too_soon", 20.0),
        (Planted(failing_provider="second"), "provider_at_risk/second", 40.0),
    ],
)
def test_what_was_planted_is_found(planted: Planted, claim: str, truth: float) -> None:
    found = {each.claim: each for each in study(drawn(planted))}
    hypothesis = found[claim].hypothesis
    assert np.sign(hypothesis.effect) == np.sign(truth)
    # Half as much again as a 95 % interval: of one history, that always holds.
    half = (hypothesis.high - hypothesis.low) * 0.75
    assert abs(hypothesis.effect - truth) <= half
    assert hypothesis.low <= hypothesis.effect <= hypothesis.high
    assert found[claim].p_adjusted <= FAMILY_WISE


def test_the_better_method_wins_whatever_its_name() -> None:
    for best in ("auto", "tabu_search"):
        found = of_kind("method_comparison", study(drawn(Planted(better={best: 3.0}))))
        assert found
        for each in found:
            told = each.kind.tell(each.hypothesis)
            assert told.title.startswith(f"{best} beats")
            assert 1.0 < abs(each.hypothesis.effect) < 6.0


def test_hours_that_nobody_sampled_are_no_zeros() -> None:
    planted = Planted(failing=0.3, slower=2.0)
    found = {each.claim for each in study(hole(drawn(planted), begin=100, end=150))}
    assert found == {"failure_anomaly/solve", "latency_anomaly/http_duration"}
    # Nor are the last ones judged where nobody was there.
    gone = hole(drawn(planted), begin=HOURS - LATELY, end=HOURS)
    assert study(gone) == []


def test_the_peak_is_where_it_was_planted() -> None:
    (found,) = study(drawn(Planted(cycle=0.5, peak=9.0)))
    peak, _ = found.hypothesis.figures
    # Hours of the day are those of the clock: the history begins at midnight.
    assert abs(peak - 9.0) < 1.0


def test_a_trend_is_no_daily_cycle() -> None:
    counts = np.linspace(10, 100, HOURS)
    assert study(History(hours=Hours(BEGIN, {"jobs_ended.solve": counts}))) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_later_data_are_only_what_came_later(kind) -> None:
    all_of_it = drawn(Planted(better={"auto": 3.0}, cycle=0.5, late_gain=1.0))
    assert not list(later(kind, all_of_it, all_of_it.hours.end + 100 * HOUR))


def test_a_claim_is_held_against_what_came_since() -> None:
    kind = KINDS["method_comparison"]
    found = later(kind, drawn(Planted(better={"auto": 3.0})), BEGIN + 100 * HOUR)
    assert any(each.effect > 0 and each.n < 80 for each in found)
