import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import certified, instances, random_instance
from worker.qap import InexactInstanceError, Instance
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import load


@given(instances(), st.integers(0, 999))
def test_objectives_differ_as_before_up_to_the_scale(instance, seed) -> None:
    rng = np.random.default_rng(seed)
    one, other = (rng.permutation(instance.order) for _ in range(2))
    ready = neighbourhood(instance)
    number = int if instance.is_exact else float
    linear = ready.linear.astype(number) if ready.linear.size else None
    flow, distance = ready.flow.astype(number), ready.distance.astype(number)
    if ready.is_symmetric and ready.scale == 1:
        flow = np.triu(flow)
    halves = Instance(flow, distance, linear)
    difference = certified(halves, one) - certified(halves, other)
    wanted = certified(instance, one) - certified(instance, other)
    assert difference == pytest.approx(
        wanted, abs=0 if instance.is_exact else 1e-12 * instance.magnitude
    )


@pytest.mark.parametrize(
    ("kind", "is_symmetric"),
    [
        ("symmetric", True),
        ("flow symmetric", True),
        ("distance symmetric", True),
        ("asymmetric", False),
    ],
)
def test_one_symmetric_matrix_is_enough(kind: str, is_symmetric: bool) -> None:
    assert neighbourhood(random_instance(kind, 8, 1)).is_symmetric is is_symmetric


@pytest.mark.parametrize(
    ("name", "number"), [("tai100a", "float32"), ("tai100b", "float64")]
)
def test_the_element_type_is_the_fastest_that_is_exact(name: str, number: str) -> None:
    assert neighbourhood(load(name)).flow.dtype == number


def test_integers_too_large_for_float64_are_refused() -> None:
    large = Instance([[0, 2**50], [1, 0]], [[0, 3], [2, 0]])
    with pytest.raises(InexactInstanceError):
        neighbourhood(large)


def test_a_linear_cost_that_all_facilities_share_is_dropped() -> None:
    flow = [[0, 1], [2, 0]]
    assert neighbourhood(Instance(flow, flow, [[5, 6], [5, 6]])).linear.size == 0
    assert neighbourhood(Instance(flow, flow, [[5, 6], [6, 5]])).linear.size == 4


@given(instances(max_order=6))
def test_facilities_of_one_kind_are_interchangeable(instance) -> None:
    kinds = neighbourhood(instance).kinds
    permutation = np.random.default_rng(0).permutation(instance.order)
    for r in range(instance.order):
        s = int(kinds[r])
        swapped = permutation.copy()
        swapped[r], swapped[s] = permutation[s], permutation[r]
        assert certified(instance, swapped) == pytest.approx(
            certified(instance, permutation), rel=1e-12
        )


def test_facilities_without_flow_are_of_one_kind() -> None:
    kinds = neighbourhood(load("esc32a")).kinds
    idle = ~load("esc32a").flow.any(axis=0) & ~load("esc32a").flow.any(axis=1)
    assert idle.sum() > 1
    assert len(set(kinds[idle].tolist())) == 1
