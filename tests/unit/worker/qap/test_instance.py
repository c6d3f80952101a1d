import numpy as np
import pytest

from worker.qap import InexactInstanceError, Instance, InvalidInstanceError

GOOD = [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [
        ([[0, 1, 2], [1, 0, 2]], ("flow", 0)),
        ([[0, 1], [1]], ("flow", 1)),
        ([[0, "1"], [1, 0]], ("flow", 0, 1)),
        ([[0, None], [1, 0]], ("flow", 0, 1)),
        ([[0, {}], [1, 0]], ("flow", 0, 1)),
        ([[0, 1j], [1, 0]], ("flow", 0, 1)),
        ([[0, 1], [float("nan"), 0]], ("flow", 1, 0)),
        ([[0, float("inf")], [1, 0]], ("flow", 0, 1)),
        ([[1]], ("flow",)),
        ([], ("flow",)),
        ([0, 1], ("flow",)),
        (["ab", "cd"], ("flow", 0)),
        ("ab", ("flow", 0)),
        (None, ("flow",)),
        ([[[0, 1], [1, 0]]] * 2, ("flow",)),
        ([[0, [1]], [1, 0]], ("flow", 0, 1)),
        (np.array([[0, 1], [1, 0]], dtype="datetime64[s]"), ("flow",)),
    ],
)
def test_what_is_no_matrix_is_refused_where_it_is_wrong(bad, pointer) -> None:
    with pytest.raises(InvalidInstanceError) as caught:
        Instance(bad, GOOD)
    assert caught.value.pointer[: len(pointer)] == pointer or (
        pointer == ("flow", 0) and caught.value.pointer == ("flow",)
    )
    assert caught.value.suggestion


@pytest.mark.parametrize("field", ["distance", "linear"])
def test_matrices_of_different_orders_are_refused(field: str) -> None:
    matrices = {"flow": GOOD, "distance": GOOD, "linear": GOOD, field: np.zeros((3, 3))}
    with pytest.raises(InvalidInstanceError, match="order 3") as caught:
        Instance(**matrices)
    assert caught.value.pointer == (field,)


@pytest.mark.parametrize(
    "flow",
    [
        [[0, 2**64], [0, 0]],
        [[0, 2**63 - 1], [2**63 - 1, 0]],
        np.array([[0, 2**63], [0, 0]], dtype=np.uint64),
        [[0, -(2**63)], [0, 0]],
    ],
)
def test_integers_whose_objective_could_reach_two_to_the_63_are_refused(flow) -> None:
    with pytest.raises(InexactInstanceError) as caught:
        Instance(flow, GOOD)
    assert caught.value.pointer[0] == "flow"


def test_integers_just_below_the_limit_are_accepted() -> None:
    assert Instance([[0, 2**62], [2**62 - 1, 0]], GOOD).is_exact


def test_floats_whose_objective_could_overflow_are_refused() -> None:
    with pytest.raises(InvalidInstanceError, match="overflow"):
        Instance([[0, 1e200], [1.5, 0]], [[0, 1e200], [1, 0]])
    with pytest.raises(InvalidInstanceError, match="overflow"):
        Instance([[1e308, 1e308], [1e308, 0.5]], GOOD)


def test_integral_floats_become_integers() -> None:
    assert Instance([[0.0, 3.0], [1.0, 0.0]], GOOD).flow.dtype == np.int64


def test_one_fraction_makes_every_matrix_float() -> None:
    instance = Instance(GOOD, GOOD, [[0.5, 1], [1, 0]])
    assert {m.dtype.name for m in (instance.flow, instance.distance)} == {"float64"}
    assert not instance.is_exact


def test_the_matrices_are_read_only_copies() -> None:
    flow = np.array(GOOD)
    instance = Instance(flow, flow.T)
    flow[0, 1] = 9
    assert instance.flow[0, 1] == 1
    assert instance.distance.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        instance.flow[0, 0] = 1


def test_an_instance_without_pairs_is_linear() -> None:
    assert Instance.from_costs([[4, 1], [2, 3]]).is_linear
    assert Instance([[5, 0], [0, 1]], GOOD).is_linear
    assert not Instance(GOOD, GOOD).is_linear


def test_costs_that_are_wrong_are_called_linear() -> None:
    with pytest.raises(InvalidInstanceError) as caught:
        Instance.from_costs([[1, 2], [3, float("nan")]])
    assert caught.value.pointer == ("linear", 1, 1)


def test_symmetry_asks_both_matrices() -> None:
    assert Instance(GOOD, GOOD).is_symmetric
    assert not Instance(GOOD, [[0, 1], [2, 0]]).is_symmetric


def test_the_representation_names_the_instance() -> None:
    assert repr(Instance(GOOD, GOOD, name="tiny")).startswith("<Instance 'tiny' of")
