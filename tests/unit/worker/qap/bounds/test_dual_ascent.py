import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.worker.qap.kinds import certified, instances, optimum, random_instance
from worker.qap import Instance
from worker.qap.bounds import dual_ascent
from worker.qap.bounds.dual_ascent import BOUND, DualAscent
from worker.qap.bounds.gilmore_lawler import GilmoreLawler
from worker.qap.qaplib import load


def value(bound: DualAscent | GilmoreLawler, steps: int = 10**9) -> int | float:
    while not bound.finished:
        assert 1 <= bound.advance(steps) <= steps
    assert bound.value is not None
    return bound.value


@settings(max_examples=60, deadline=None)
@given(instances(max_order=6))
def test_the_bound_is_never_above_the_optimum(instance: Instance) -> None:
    found, least = value(DualAscent(instance)), optimum(instance)
    assert isinstance(found, int if instance.is_exact else float)
    assert found <= least


# The optima of the linear programme, rounded up, by Resende, Ramakrishnan and Drezner
# (Operations Research 43 (1995) 781-791): nug12 523, nug15 1041, nug20 2182.
@pytest.mark.parametrize(
    ("name", "optimum_of_lp"), [("nug12", 523), ("nug15", 1041), ("nug20", 2182)]
)
def test_the_bound_comes_near_the_optimum_of_the_linear_programme(
    name: str, optimum_of_lp: int
) -> None:
    assert 0.995 * optimum_of_lp < value(DualAscent(load(name))) <= optimum_of_lp


@pytest.mark.parametrize("name", ["nug12", "rou12", "chr12a", "tai12a", "had12"])
def test_the_bound_is_well_above_gilmore_lawler(name: str) -> None:
    instance = load(name)
    assert value(DualAscent(instance)) > 1.02 * value(GilmoreLawler(instance))


@pytest.mark.parametrize("kind", ["symmetric", "asymmetric linear", "negative"])
def test_transfers_never_change_what_a_permutation_costs(kind: str) -> None:
    instance = random_instance(kind, 7, seed=5)
    bound = DualAscent(instance)
    rng = np.random.default_rng(1)
    drawn = [rng.permutation(7) for _ in range(20)]
    # Filled, then in the middle of the second, the third and the fifteenth sweep.
    for steps in (49, 49 + 20, 60, 12 * 49 + 30):
        left = steps
        while left:
            left -= bound.advance(left)
        for p in drawn:
            assert cost(bound, p) == certified(instance, p) << bound._shift


def cost(bound: DualAscent, p: np.ndarray) -> int:
    """Return the constant, the own costs and all pairs of `p`, each pair once."""
    total = bound._constant
    for i, k in enumerate(p):
        total += int(bound._own[i, k])
        for j in range(i):
            # Without row i and column k the later ones are one earlier.
            place = p[j] - (p[j] > k)
            total += int(bound._pairs[i, k, j, place])
    return total


def test_an_update_that_could_overflow_is_left_out(monkeypatch) -> None:
    instance = random_instance("symmetric", 6, seed=1)
    monkeypatch.setattr(dual_ascent, "_SCALED_BITS", 52)
    assert value(DualAscent(instance)) <= optimum(instance)


def test_no_flow_between_facilities_and_large_orders_are_refused() -> None:
    linear = Instance.from_costs(np.random.default_rng(1).integers(0, 9, (6, 6)))
    assert "no flow" in (BOUND.applies(linear) or "")
    assert "more than" in (BOUND.applies(load("sko42")) or "")
    assert BOUND.applies(load("tai40a")) is None
