"""Ratios, their intervals, and the report that is made of them."""

import numpy as np
import pytest
from scipy import stats

from tests.benchmarks import precision
from tests.benchmarks.machine import Look, utc_now, warnings_of
from tests.benchmarks.results import (
    BOOTSTRAP,
    MANY,
    T_INTERVAL,
    Comparison,
    Machine,
    Report,
    interval_of,
    latency,
    paired,
)
from tests.benchmarks.system_report import markdown


def compared(ours: list[float], theirs: list[float]) -> Comparison:
    return paired(
        ours,
        theirs,
        section="api",
        name="ours",
        peer="a peer",
        unit="1/s",
        better="higher",
        conditions="none",
    )


def machine(*, busy: float, load: float) -> Machine:
    return Machine(
        cores=2,
        cpu="a processor",
        system="a system",
        python="a Python",
        load_before=load,
        load_after=load,
        busy_before=busy,
    )


def test_a_ratio_is_the_geometric_mean_of_pairs() -> None:
    found = compared([2.0, 8.0], [1.0, 1.0])
    assert found.ratio == pytest.approx(4.0)
    assert (found.ours, found.theirs, found.n) == (5.0, 1.0, 2)


def test_rounds_that_are_slow_together_widen_nothing() -> None:
    found = compared([1.0, 10.0, 100.0], [2.0, 20.0, 200.0])
    assert found.low == pytest.approx(0.5)
    assert found.high == pytest.approx(0.5)


def test_turning_the_sides_turns_the_interval() -> None:
    ours, theirs = [3.0, 5.0, 4.0], [2.0, 2.5, 1.5]
    there, back = compared(ours, theirs), compared(theirs, ours)
    assert back.ratio == pytest.approx(1 / there.ratio)
    assert there.low is not None
    assert back.high == pytest.approx(1 / there.low)


def test_few_rounds_have_students_interval() -> None:
    # The logarithms are -1, 0, 1: their mean's standard error is 1/sqrt(3), and
    # Student's t for two degrees of freedom is 4.3027 (table, 97.5 %).
    found = interval_of([np.exp(-1), 1.0, np.exp(1)])
    assert found is not None
    assert found[0] == pytest.approx(np.exp(-4.3027 / np.sqrt(3)), rel=1e-4)
    assert found[1] == pytest.approx(np.exp(4.3027 / np.sqrt(3)), rel=1e-4)
    assert found[2] == T_INTERVAL


def test_many_pairs_have_a_bootstrap_that_is_near_the_normal_interval() -> None:
    rng = np.random.default_rng(7)
    logs = rng.normal(0.3, 0.1, 400)
    found = interval_of(list(np.exp(logs)))
    assert found is not None
    half = 1.96 * stats.sem(logs)
    assert np.log(found[0]) == pytest.approx(logs.mean() - half, abs=half / 5)
    assert np.log(found[1]) == pytest.approx(logs.mean() + half, abs=half / 5)
    assert found[2] == BOOTSTRAP


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    for count in (5, MANY):
        held = 0
        for _ in range(200):
            found = interval_of(list(np.exp(rng.normal(0.0, 0.2, count))))
            assert found is not None
            held += found[0] <= 1.0 <= found[1]
        # 95 % of 200 is 190; below 172 is less likely than 1 in 10,000 at 93 %.
        assert held >= 172, count


def test_one_pair_has_no_interval() -> None:
    found = compared([3.0], [2.0])
    assert found.ratio == 1.5
    assert (found.low, found.high, found.method) == (None, None, None)


def test_a_latency_tells_percentiles_in_milliseconds() -> None:
    found = latency([n / 1000 for n in range(1, 102)], section="jobs", name="ours")
    assert (found.p50_ms, found.p95_ms, found.p99_ms) == pytest.approx((51, 96, 100))
    assert found.quantiles_ms[0] == pytest.approx(1)
    assert found.quantiles_ms[-1] == pytest.approx(101)


def test_a_machine_that_others_use_is_told_of() -> None:
    assert not warnings_of(machine(busy=0.02, load=0.3))
    assert "Other work used 60%" in warnings_of(machine(busy=0.6, load=3.0))[0]
    assert "not come to rest" in warnings_of(machine(busy=0.02, load=3.0))[0]


def test_the_report_of_a_tiny_run_parses_and_is_written_out() -> None:
    look = Look(seconds=0.05)
    section = precision.collect(quick=True, speed={50: (1, ("exp", "sqrt", "sin"))})
    report = Report(
        began=look.began,
        ended=utc_now(),
        quick=True,
        machine=look.machine(),
        versions=section.versions,
        warnings=["one of these"],
        sections={"calculations": section},
    )
    assert Report.model_validate_json(report.model_dump_json()) == report
    (found,) = section.comparisons
    assert found.n == 3
    assert found.ratio == pytest.approx(
        np.prod(np.divide(found.our_rounds, found.their_rounds)) ** (1 / 3)
    )
    page = markdown(report, [])
    assert "**Warning.** one of these" in page
    assert f"**{found.ratio:.3g}**" in page
    assert "mpmath" in page
