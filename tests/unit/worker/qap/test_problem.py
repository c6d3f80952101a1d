import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.qap.problems import answers, problems
from worker.qap import (
    InexactInstanceError,
    InfeasibleProblemError,
    InvalidInstanceError,
    InvalidPermutationError,
    Problem,
    certify,
)

FLOW = [[0, 3], [1, 0]]
DISTANCE = [[0, 5, 1], [2, 0, 1], [1, 1, 0]]


@given(problems(), st.data())
def test_the_objective_is_that_of_the_certificate(problem, data) -> None:
    found = [] if problem is None else list(answers(problem))
    if not found:
        return
    places = data.draw(st.sampled_from(found))
    wanted = certify(problem.flow, problem.distance, problem.linear, places)
    value = problem.objective(places)
    if problem.is_exact:
        assert type(value) is int
        assert value == wanted
    else:
        assert value == pytest.approx(wanted, abs=1e-12 * problem.magnitude)


@pytest.mark.parametrize(
    ("arguments", "pointer"),
    [
        ({"flow": [[0, 1, 2], [3, 4, 5]]}, ("flow",)),
        ({"flow": []}, ("flow",)),
        ({"flow": [[0, "x"], [1, 0]]}, ("flow", 0, 1)),
        ({"flow": np.zeros((4, 4))}, ("distance",)),
        ({"distance": [[0, 1], [float("nan"), 0]]}, ("distance", 1, 0)),
        ({"linear": [[1, 2], [3, 4]]}, ("linear",)),
        ({"linear": [[1, 2, 3], [4, 5]]}, ("linear", 1)),
        ({"partial_match": [(0, 3)]}, ("partial_match", 0, 1)),
        ({"partial_match": [(0, 1), (2, 1)]}, ("partial_match", 1, 0)),
        ({"partial_match": [(0, 1.0)]}, ("partial_match", 0, 1)),
        ({"partial_match": [(0, True)]}, ("partial_match", 0, 1)),
        ({"partial_match": [0, 1]}, ("partial_match", 0)),
        ({"partial_match": 7}, ("partial_match",)),
        ({"forbidden": [(0, 1, 2)]}, ("forbidden", 0)),
        ({"forbidden": [(-1, 0)]}, ("forbidden", 0, 0)),
        ({"partial_match": [(0, 1), (0, 2)]}, ("partial_match",)),
        ({"partial_match": [(0, 1), (1, 1)]}, ("partial_match",)),
        ({"partial_match": [(0, 1)], "forbidden": [(0, 1)]}, ("forbidden",)),
    ],
)
def test_what_is_wrong_is_refused_where_it_is(arguments, pointer) -> None:
    with pytest.raises(InvalidInstanceError) as caught:
        Problem(**({"flow": FLOW, "distance": DISTANCE} | arguments))
    assert caught.value.pointer == pointer
    assert caught.value.suggestion


def test_facilities_that_share_too_few_locations_are_named() -> None:
    flow = np.zeros((4, 4))
    forbidden = [(i, k) for i in (1, 3) for k in (0, 1, 3)]
    with pytest.raises(InfeasibleProblemError) as caught:
        Problem(flow, flow, forbidden=forbidden)
    assert (caught.value.facilities, caught.value.locations) == ([1, 3], [2])
    assert "2 facilities (1, 3) may only stand at location 2" in str(caught.value)


def test_a_facility_whose_only_location_is_taken_by_a_fixed_one_is_named() -> None:
    with pytest.raises(InfeasibleProblemError) as caught:
        Problem(FLOW, DISTANCE, partial_match=[(0, 1)], forbidden=[(1, 0), (1, 2)])
    assert (caught.value.facilities, caught.value.locations) == ([1], [])


@given(problems())
def test_a_problem_is_refused_as_infeasible_only_if_it_is(problem) -> None:
    assert problem is None or any(True for _ in answers(problem))


def test_a_pair_given_twice_counts_once() -> None:
    problem = Problem(FLOW, DISTANCE, partial_match=[(0, 2), [0, 2]])
    assert problem.partial_match.tolist() == [[0, 2]]


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([0, 2], "fixed at 1"),
        ([1, 0], "forbidden"),
        ([1, 1], "2 times"),
        ([1, 3], "not in 0..2"),
        ([1, 2, 0], "shape"),
    ],
)
def test_a_permutation_that_is_no_answer_has_no_objective(places, reason) -> None:
    problem = Problem(FLOW, DISTANCE, partial_match=[(0, 1)], forbidden=[(1, 0)])
    with pytest.raises(InvalidPermutationError, match=reason):
        problem.objective(places)


def test_integers_beyond_31_bits_are_exact() -> None:
    large = 2**40 + 1
    problem = Problem([[0, large], [1, 0]], DISTANCE)
    assert problem.objective([0, 1]) == 5 * large + 2


def test_integers_whose_objective_could_reach_two_to_the_63_are_refused() -> None:
    with pytest.raises(InexactInstanceError) as caught:
        Problem([[0, 2**61], [1, 0]], DISTANCE)
    assert caught.value.pointer == ("flow",)


def test_the_matrices_are_read_only_copies() -> None:
    flow = np.array(FLOW)
    problem = Problem(flow, DISTANCE)
    flow[0, 1] = 9
    assert problem.flow[0, 1] == 3
    with pytest.raises(ValueError, match="read-only"):
        problem.flow[0, 1] = 9


def test_the_representation_says_what_is_asked() -> None:
    problem = Problem(FLOW, DISTANCE, maximise=True, name="plant")
    shown = "<Problem 'plant': maximise, 2 facilities, 3 locations, int64>"
    assert repr(problem) == shown
