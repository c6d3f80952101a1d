import pytest

from worker.qap.benchmark.plan import Budget, PlannedRun, cross
from worker.qap.benchmark.pool import make_ready, perform_all
from worker.qap.benchmark.run import perform


def test_other_processes_answer_as_this_one_does() -> None:
    runs = cross(["nug12"], ["tabu_search"], [1, 2], [Budget(iterations=50)])
    rows = {row.seed: row for row in perform_all(runs, jobs=1)}
    assert {seed: row.objective for seed, row in rows.items()} == {
        run.seed: perform(run).objective for run in runs
    }


def test_what_goes_wrong_says_in_which_run() -> None:
    run = PlannedRun(
        instance="nug12",
        method="tabu_search",
        seed=5,
        budget=Budget(iterations=1),
        parameters=(("nonsense", 1),),
    )
    with pytest.raises(ValueError, match="no parameter") as caught:
        list(perform_all([run], jobs=1))
    assert any("nonsense=1" in note for note in caught.value.__notes__)


def test_making_ready_is_harmless() -> None:
    make_ready()
