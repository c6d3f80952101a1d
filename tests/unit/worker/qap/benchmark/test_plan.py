import pytest

from worker.qap import InvalidParameterError, UnknownInstanceError
from worker.qap.benchmark.plan import Budget, cross, family, longest_s, matching


@pytest.mark.parametrize(
    "given",
    [{}, {"iterations": 5, "seconds": 1.0}, {"seconds": 0.0}, {"iterations": -1}],
)
def test_a_budget_is_one_limit_above_zero(given: dict) -> None:
    with pytest.raises(InvalidParameterError):
        Budget(**given)


def test_the_clock_tells_one_budget_from_another() -> None:
    assert str(Budget(seconds=2)) != str(Budget(seconds=2, clock="wall"))


def test_every_combination_is_planned_once() -> None:
    budgets = [Budget(seconds=1), Budget(iterations=9)]
    runs = cross(["nug12", "nug12", "had12"], ["a", "b"], [1, 2], budgets)
    assert len(runs) == len({run.key for run in runs}) == 2 * 2 * 2 * 2


def test_methods_take_turns() -> None:
    runs = cross(["nug12"], ["a", "b"], [1, 2], [Budget(seconds=1)])
    assert [run.method for run in runs] == ["a", "b", "a", "b"]


def test_what_changes_a_run_changes_its_key() -> None:
    keys = set()
    for given in (
        {},
        {"parameters": [("tenure", 3)]},
        {"target_gap": 0.01},
        {"stops_at_target": False},
        {"bounds": []},
    ):
        (run,) = cross(["nug12"], ["a"], [1], [Budget(seconds=1)], **given)
        keys.add(run.key)
    assert len(keys) == 5


def test_a_pattern_that_matches_nothing_is_refused() -> None:
    with pytest.raises(UnknownInstanceError, match="nugg30"):
        matching(["nug12", "nugg30"])


def test_patterns_match_in_any_case_and_name_each_once() -> None:
    assert matching(["NUG1[24]", "nug12"]) == ["nug12", "nug14"]


def test_two_at_a_time_take_half_as_long() -> None:
    runs = cross(["nug12"], ["a"], [1, 2, 3, 4], [Budget(seconds=5)])
    assert longest_s(runs, 2) == 10


def test_uniform_and_structured_taillard_instances_are_two_families() -> None:
    assert family("tai80a") != family("tai80b")
    assert family("sko100a") == family("sko100f") == "sko"
