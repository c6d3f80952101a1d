import math

from tests.unit.worker.qap.benchmark.rows import row
from worker.qap.benchmark.report import report, summarise
from worker.qap.benchmark.table import with_gap_ratios


def test_seeds_are_summarised_and_budgets_kept_apart() -> None:
    rows = [
        row(seed=1, objective=100),
        row(seed=2, objective=110, time_to_target_s=None, elapsed_s=10.0),
        row(seed=1, objective=120, budget="1 s cpu", time_to_target_s=None),
    ]
    long, short = summarise(rows)
    assert (long.runs, long.gaps.worst, long.hit_rate) == (2, 0.1, 0.5)
    assert (long.time_to_target_s, long.expected_running_time_s) == (1.0, 11.0)
    assert (short.runs, short.hit_rate) == (1, 0.0)
    assert short.expected_running_time_s == math.inf


def test_parameters_make_another_method() -> None:
    labels = [s.label for s in summarise([row(), row(parameters="tenure=3")])]
    assert labels == ["tabu_search", "tabu_search tenure=3"]


def test_the_ratio_to_a_peer_is_shown() -> None:
    rows = [row(objective=101), row(method="scipy:faq", objective=104)]
    text = report(with_gap_ratios(rows, ["scipy:faq"]))
    assert "over scipy:faq" in text
    assert "0.25" in text


def test_methods_on_several_instances_are_compared() -> None:
    rows = [
        row(name, method, objective=value)
        for name, values in (("nug12", (100, 110)), ("had12", (101, 120)))
        for method, value in zip(("tabu_search", "scipy:faq"), values, strict=True)
    ]
    text = report(rows)
    assert "Kendall's W = 1.00" in text
    assert "tabu_search against scipy:faq" in text
    assert "effect -1.00 (2 instances differ)" in text


def test_runs_that_did_not_happen_are_named() -> None:
    text = report([row(objective=None, termination="skipped", note="too slow")])
    assert "No run has an objective" in text
    assert "skipped; too slow" in text
