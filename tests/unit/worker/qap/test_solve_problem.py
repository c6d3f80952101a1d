import numpy as np
import pytest
from hypothesis import given, settings
from typing_extensions import override

from tests.unit.worker.qap.problems import answers, problems
from worker.qap import (
    METHODS,
    GapLimit,
    InvalidPermutationError,
    IterationLimit,
    Observer,
    Problem,
    Reduction,
    TargetObjective,
    Termination,
    UnsupportedInstanceError,
    check,
    solve_problem,
)

RNG = np.random.default_rng(5)
FLOW, DISTANCE = RNG.integers(0, 9, (7, 7)), RNG.integers(0, 9, (9, 9))
FORBIDDEN = [(i, k) for i in range(5) for k in range(6) if (i + k) % 3 == 0]


def solved(problem: Problem, **arguments):
    arguments = {"stop": IterationLimit(300)} | arguments
    return solve_problem(problem, rng=np.random.default_rng(3), **arguments)


@settings(max_examples=100)
@given(problems())
def test_small_problems_of_every_kind_are_solved_to_the_optimum(problem) -> None:
    if problem is None:
        return
    values = [problem.objective(places) for places in answers(problem)]
    best = max(values) if problem.maximise else min(values)
    result = solved(problem)
    tolerance = 0 if problem.is_exact else 1e-9 * (1 + problem.magnitude)
    assert result.objective == pytest.approx(best, abs=tolerance)
    assert check(
        problem.flow,
        problem.distance,
        problem.linear,
        result.permutation,
        result.objective,
        partial_match=problem.partial_match,
        forbidden=problem.forbidden,
    )
    if problem.is_exact:
        assert type(result.objective) is int
        assert result.improvements.objectives[-1] == result.objective


class Listener(Observer):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.objectives: list[int | float] = []
        self.bounds: list[int | float] = []
        self.ends: list[int | float] = []

    @override
    def on_incumbent(self, progress, permutation) -> None:
        assert self.problem.objective(permutation) == progress.objective
        self.objectives.append(progress.objective)

    @override
    def on_bound(self, progress, bound_name) -> None:
        self.bounds.append(progress.bound)

    @override
    def on_slice(self, progress) -> None:
        assert progress.objective == self.objectives[-1]

    @override
    def on_end(self, result) -> None:
        self.ends.append(result.objective)


@pytest.mark.parametrize("maximise", [False, True])
def test_observers_hear_the_problem_s_own_terms(maximise: bool) -> None:
    problem = Problem(
        FLOW,
        DISTANCE,
        maximise=maximise,
        partial_match=[(6, 8)],
        forbidden=FORBIDDEN,
    )
    listener = Listener(problem)
    result = solved(problem, observer=listener)
    steps = np.diff(listener.objectives)
    assert (steps > 0 if maximise else steps < 0).all()
    assert listener.ends == [result.objective]
    assert listener.bounds
    assert listener.bounds[-1] == result.bound
    assert (result.bound >= result.objective) is maximise
    rising = np.diff(result.improvements.objectives) > 0
    assert (rising if maximise else ~rising).all()


@pytest.mark.parametrize("maximise", [False, True])
def test_a_target_and_a_gap_are_those_of_the_problem(maximise: bool) -> None:
    problem = Problem(FLOW, DISTANCE, maximise=maximise, partial_match=[(6, 8)])
    best = solved(problem).objective
    reached = solved(problem, stop=TargetObjective(best), bounds=())
    assert (reached.objective, reached.termination) == (best, "target")
    assert reached.iterations < 300
    share = 2.0
    wide = solved(problem, stop=[GapLimit(share), IterationLimit(10**6)])
    assert wide.termination == "gap"
    assert abs(wide.objective - wide.bound) <= share * abs(wide.objective)


def test_a_rule_of_one_s_own_sees_the_problem_s_terms() -> None:
    problem = Problem(FLOW, DISTANCE, maximise=True)
    seen = []

    def rule(progress):
        seen.append(progress.objective)
        return Termination.CANCELLED if len(seen) > 3 else None

    result = solved(problem, stop=rule)
    assert result.termination == "cancelled"
    assert seen[-1] == result.objective > 0


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("maximise", [False, True])
def test_every_method_keeps_the_conditions(name: str, maximise: bool) -> None:
    problem = Problem(
        FLOW,
        DISTANCE,
        maximise=maximise,
        partial_match=[(6, 8)],
        forbidden=FORBIDDEN,
    )
    if METHODS[name].supports(Reduction(problem).instance) is not None:
        with pytest.raises(UnsupportedInstanceError):
            solved(problem, method=name)
        return
    result = solved(problem, method=name)
    assert result.objective == problem.objective(result.permutation)
    first = result.improvements.objectives[0]
    assert result.objective >= first if maximise else result.objective <= first


def test_a_resumed_run_is_never_worse() -> None:
    problem = Problem(FLOW, DISTANCE, maximise=True, forbidden=FORBIDDEN)
    before = solved(problem)
    after = solved(problem, start=before.permutation, stop=IterationLimit(1))
    assert after.objective >= before.objective


def test_a_start_that_breaks_a_condition_is_refused() -> None:
    problem = Problem(FLOW, DISTANCE, forbidden=[(0, 0)])
    with pytest.raises(InvalidPermutationError, match="forbidden"):
        solved(problem, start=range(7))


@pytest.mark.parametrize("maximise", [False, True])
@pytest.mark.parametrize("locations", [1, 2, 3])
@pytest.mark.parametrize("fixed", [0, 1])
def test_a_single_facility_is_placed_best(maximise, locations, fixed) -> None:
    distance = np.diag(np.arange(locations) + 1)
    match = [(0, locations - 1)][:fixed]
    problem = Problem([[5]], distance, maximise=maximise, partial_match=match)
    result = solved(problem)
    best = 5 * locations if maximise or fixed else 5
    assert (result.objective, result.termination) == (best, "optimal")


def test_with_everything_fixed_the_answer_is_known_at_once() -> None:
    places = RNG.permutation(9)[:7]
    problem = Problem(FLOW, DISTANCE, partial_match=list(enumerate(places)))
    result = solved(problem)
    assert result.permutation.tolist() == places.tolist()
    assert (result.objective, result.termination) == (result.bound, "optimal")
