"""What several islands have found becomes one result."""

from typing import Any

import pytest

from db.contracts.checkpoint import Checkpoint
from db.contracts.event import Progress
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Certificate, SolveResult
from db.contracts.termination import Termination
from worker.jobs.islands import End, best_of, merge_improvements, proven_by, why_ended


def result(objective: int = 9, **changes: Any) -> SolveResult:
    certificate = Certificate(
        instance="0" * 64,
        permutation=[1, 0],
        objective=objective,
        exact=True,
        bound=None,
        bound_name=None,
        method="memetic",
        method_version="1",
        seed=0,
    )
    told: dict[str, Any] = {
        "objective": objective,
        "permutation": [1, 0],
        "termination": Termination.TIME_LIMIT,
        "iterations": 5,
        "elapsed_s": 1.0,
        "method": "memetic",
        "method_version": "1",
        "seed": 0,
        "certificate": certificate,
    }
    return SolveResult(**{**told, **changes})


def checkpoint(objective: int, **changes: Any) -> Checkpoint:
    told: dict[str, Any] = {"permutation": [1, 0], "iterations": 5, "elapsed_s": 1.0}
    return Checkpoint(objective=objective, **{**told, **changes})


def told(objective: int | None, **changes: Any) -> Progress:
    return Progress(
        attempt=1,
        method="memetic",
        objective=objective,
        iterations=1,
        elapsed_s=0.5,
        **changes,
    )


def end(
    termination: Termination | None, *, finished_s: float = 1.0, **changes: Any
) -> End:
    state, left = JobState.CANCELLED, None
    if termination is not None:
        left = result(termination=termination)
        if termination is not Termination.CANCELLED:
            state = JobState.SUCCEEDED
    return End(0, "job_0", state, 0.0, finished_s, left, **changes)


def test_the_lowest_objective_counts_whoever_tells_it() -> None:
    found = [told(7, island=2), result(9, island=0), checkpoint(5, island=1)]
    assert best_of(found) is found[2]


def test_of_equals_the_first_counts() -> None:
    found = [told(7, island=2), result(7, island=0)]
    assert best_of(found) is found[0]


def test_a_log_without_an_objective_counts_for_nothing() -> None:
    found = [told(None), result(9)]
    assert best_of(found) is found[1]


def test_the_greatest_bound_counts_whose_ever_the_incumbent_is() -> None:
    found = [result(7), checkpoint(9, bound=3, bound_name="b"), told(8, bound=2)]
    assert proven_by(found) == (3, "b")
    assert proven_by([result(7)]) == (None, None)


def test_a_bound_of_nought_is_a_bound() -> None:
    found = [result(7), checkpoint(9, bound=0, bound_name="trivial")]
    assert proven_by(found) == (0, "trivial")


def test_the_first_end_that_ends_the_race_is_the_end_of_all() -> None:
    ends = [
        end(Termination.STALLED, finished_s=1),
        end(Termination.TIME_LIMIT, finished_s=3),
        end(Termination.TARGET, finished_s=2),
        end(Termination.CANCELLED, finished_s=2.1),
    ]
    assert why_ended(ends, Termination.INTERRUPTED) is Termination.TARGET


def test_all_have_stalled_when_none_has_done_better() -> None:
    ends = [end(Termination.STALLED), end(None)]
    assert why_ended(ends, None) is Termination.STALLED


@pytest.mark.parametrize("stopped", [Termination.CANCELLED, Termination.DEADLINE])
def test_who_is_stopped_from_outside_says_so(stopped: Termination) -> None:
    assert why_ended([end(Termination.TARGET)], stopped) is stopped


def test_where_no_island_came_to_an_end_there_is_none() -> None:
    assert why_ended([end(None), end(Termination.CANCELLED)], None) is None


def test_a_merged_curve_only_falls() -> None:
    curves = [(0.0, [(0.0, 90), (2.0, 50)]), (1.0, [(0.0, 95), (0.5, 60), (4.0, 40)])]
    merged = merge_improvements(curves)
    assert merged == [(0.0, 90), (1.5, 60), (2.0, 50), (5.0, 40)]
