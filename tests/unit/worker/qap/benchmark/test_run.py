from dataclasses import replace

import pytest

from worker.qap import UnknownMethodError, qaplib
from worker.qap.benchmark import run as module
from worker.qap.benchmark.plan import Budget, PlannedRun
from worker.qap.benchmark.run import perform

RUN = PlannedRun(
    instance="nug12",
    method="tabu_search",
    seed=3,
    budget=Budget(iterations=2000),
    stops_at_target=False,
)


def test_a_row_repeats_its_plan() -> None:
    row = perform(replace(RUN, parameters=(("tenure", 4),)))
    assert row.key == replace(RUN, parameters=(("tenure", 4),)).key
    assert row.key[:2] == ("nug12", "tabu_search")
    assert (row.n, row.family, row.iterations) == (12, "nug", 2000)
    assert row.termination == "iteration_limit"


def test_an_iteration_budget_gives_the_same_answer_again() -> None:
    hard = replace(RUN, instance="tai20a", budget=Budget(iterations=300))
    assert perform(hard).objective == perform(hard).objective


def test_a_run_ends_at_the_best_known_if_wished() -> None:
    row = perform(replace(RUN, stops_at_target=True))
    assert (row.termination, row.gap, row.objective) == ("target", 0.0, 578)
    assert row.time_to_target_s is not None
    assert row.time_to_target_s == row.time_to_best_s <= row.elapsed_s


def test_a_target_may_be_a_gap() -> None:
    row = perform(replace(RUN, target_gap=0.1, stops_at_target=True))
    assert row.target == pytest.approx(578 * 1.1)
    assert row.objective is not None
    assert row.objective <= row.target


def test_the_trajectory_falls_to_the_objective() -> None:
    row = perform(RUN)
    times, values = zip(*row.trajectory, strict=True)
    assert list(times) == sorted(times)
    assert list(values) == sorted(set(values), reverse=True)
    assert values[-1] == row.objective


def test_a_best_known_of_zero_has_a_gap() -> None:
    row = perform(replace(RUN, instance="esc16f", stops_at_target=True))
    assert (row.best_known, row.objective, row.gap) == (0, 0, 0.0)


def test_a_bound_has_its_own_gap() -> None:
    row = perform(RUN)
    assert row.bound is not None
    assert row.gap_to_bound == pytest.approx(
        (row.objective - row.bound) / row.objective
    )


def test_without_bounds_there_is_no_gap_to_one() -> None:
    row = perform(replace(RUN, bounds=()))
    assert (row.bound, row.gap_to_bound) == (None, None)


def test_what_a_method_cannot_handle_is_a_row_without_objective() -> None:
    row = perform(replace(RUN, method="linear_assignment"))
    assert (row.termination, row.objective, row.gap) == ("unsupported", None, None)
    assert "linear_assignment" in row.note


def test_a_peer_is_a_method_of_the_table() -> None:
    row = perform(replace(RUN, method="scipy:2opt", budget=Budget(iterations=2)))
    assert (row.iterations, row.termination, row.bound) == (2, "iteration_limit", None)


def test_a_slow_peer_is_skipped_unless_one_is_patient() -> None:
    slow = replace(RUN, method="scipy:2opt", instance="tho150")
    row = perform(slow)
    assert (row.termination, row.objective) == ("skipped", None)
    assert "149" in row.note


def test_a_restart_longer_than_the_budget_is_noted() -> None:
    peer = replace(RUN, method="scipy:2opt", instance="nug30")
    row = perform(replace(peer, budget=Budget(seconds=1e-6)))
    assert row.iterations == 1
    assert row.elapsed_s < 0.1 or "exceeded the budget" in row.note


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownMethodError):
        perform(replace(RUN, method="tabu"))


def test_a_wrong_objective_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "certify", lambda *_: 1)
    with pytest.raises(RuntimeError, match="is true"):
        perform(RUN)


def test_every_shipped_name_tells_the_family() -> None:
    assert {module.family(name) for name in qaplib.names()} >= {"tai-a", "tai-b", "esc"}
