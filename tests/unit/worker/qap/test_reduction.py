from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.problems import answers, problems
from worker.qap import BOUNDS, InexactInstanceError, Problem, Reduction, certify


def near(problem: Problem, value: float) -> object:
    return pytest.approx(value, abs=1e-10 * (1 + problem.magnitude), rel=0)


@settings(max_examples=150)
@given(problems(most=5))
def test_every_permutation_of_the_instance_means_what_it_costs(problem) -> None:
    if problem is None:
        return
    reduction = Reduction(problem)
    instance = reduction.instance
    possible, impossible, seen = [], [], set()
    for permutation in permutations(range(instance.order)):
        cost = certify(instance.flow, instance.distance, instance.linear, permutation)
        real = len(reduction._facilities)
        taken = np.array(permutation[:real], dtype=np.int64)
        if not reduction._allowed[np.arange(real), taken].all():
            impossible.append(cost)
            continue
        places = reduction.restore(np.array(permutation))
        seen.add(tuple(places.tolist()))
        possible.append(cost)
        assert reduction.outward(cost) == near(problem, problem.objective(places))
        assert reduction.inward(reduction.outward(cost)) == near(problem, cost)
    assert seen == set(answers(problem))
    assert not impossible or max(possible) < min(impossible)


@given(problems(), st.integers(0, 99))
def test_a_start_meets_the_conditions_and_survives_the_way(problem, seed) -> None:
    if problem is None:
        return
    reduction = Reduction(problem)
    drawn = reduction.draw(np.random.default_rng(seed))
    assert sorted(drawn.tolist()) == list(range(reduction.instance.order))
    places = problem.checked(reduction.restore(drawn))
    again = reduction.reduce(places)
    assert sorted(again.tolist()) == list(range(reduction.instance.order))
    assert reduction.restore(again).tolist() == places.tolist()


@settings(max_examples=60)
@given(problems(most=5), st.sampled_from(sorted(BOUNDS)))
def test_a_bound_of_the_instance_is_one_of_the_problem(problem, name) -> None:
    if problem is None:
        return
    reduction = Reduction(problem)
    computation = BOUNDS[name].start(reduction.instance)
    while not computation.finished:
        computation.advance(100)
    bound = reduction.outward_bound(computation.value)
    values = [problem.objective(places) for places in answers(problem)]
    if bound is None:
        return
    slack = 0 if problem.is_exact else 1e-9 * problem.magnitude
    if problem.maximise:
        assert bound >= max(values) - slack
    else:
        assert bound <= min(values) + slack


def test_without_conditions_the_instance_is_the_problem() -> None:
    flow, distance = [[0, 3], [1, 0]], [[0, 5], [2, 0]]
    reduction = Reduction(Problem(flow, distance))
    assert reduction.instance.flow.tolist() == flow
    assert reduction.instance.distance.tolist() == distance
    assert reduction.instance.linear is None
    assert (reduction.offset, reduction.penalty) == (0, 0)


@pytest.mark.parametrize("exponent", [40, 54, 61])
def test_a_penalty_that_would_be_rounded_is_refused(exponent: int) -> None:
    rng = np.random.default_rng(1)
    flow, distance = rng.integers(0, 2, (2, 4, 4))
    distance[0, 1] = 2**exponent // 16
    forbidden = [(0, 1)]
    if exponent == 40:
        assert Reduction(Problem(flow, distance, forbidden=forbidden)).penalty > 2**36
        return
    with pytest.raises(InexactInstanceError, match="penalty of") as caught:
        Reduction(Problem(flow, distance, forbidden=forbidden))
    assert caught.value.pointer == ("forbidden",)
    assert str(2**53 // 4) in caught.value.suggestion


def test_fractions_without_any_cost_are_still_forbidden() -> None:
    zero = np.zeros((3, 3))
    problem = Problem(zero + 0.5, zero, forbidden=[(0, 0), (1, 0)])
    reduction = Reduction(problem)
    assert reduction.penalty > 0
    assert reduction.instance.linear[0, 0] > 0
