import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.worker.qap.kinds import instances, optimum, random_instance
from worker.qap import Instance
from worker.qap.bounds.projection import Projection
from worker.qap.qaplib import load


def value(instance: Instance, steps: int = 10**6) -> int | float:
    computation = Projection(instance)
    while not computation.finished:
        assert computation.value is None
        assert 1 <= computation.advance(steps) <= steps
    assert computation.value is not None
    return computation.value


@settings(max_examples=100, deadline=None)
@given(instances(max_order=6))
def test_the_bound_is_never_above_the_optimum(instance: Instance) -> None:
    found, least = value(instance), optimum(instance)
    assert isinstance(found, int if instance.is_exact else float)
    assert found <= least


# PB in K. M. Anstreicher, "Recent advances in the solution of quadratic assignment
# problems", Mathematical Programming 97 (2003) 27-42.
@pytest.mark.parametrize(
    ("name", "published"),
    [("nug12", 472), ("nug15", 973), ("nug20", 2196), ("nug30", 5266)],
)
def test_published_values_are_reproduced(name: str, published: int) -> None:
    assert value(load(name)) == published


@pytest.mark.parametrize("kind", ["symmetric", "asymmetric", "asymmetric linear"])
def test_fractions_give_what_integers_give(kind: str) -> None:
    instance = random_instance(kind, 15, seed=4)
    linear = None if instance.linear is None else instance.linear / 32
    halves = Instance(instance.flow / 8 + 0.0, instance.distance / 4 + 0.0, linear)
    assert not halves.is_exact
    found = value(halves) * 32
    assert found <= value(instance) < found + 1 + 1e-6


def test_of_a_matrix_and_its_negative_the_bound_is_the_optimum() -> None:
    rng = np.random.default_rng(1)
    points = rng.random((9, 9))
    distance = points + points.T
    np.fill_diagonal(distance, 0)
    instance = Instance(-distance, distance)
    identity = -float((distance**2).sum())
    assert identity * (1 + 1e-9) <= value(instance) <= identity


def test_so_it_is_without_symmetry_because_skew_parts_count() -> None:
    rng = np.random.default_rng(2)
    distance = rng.random((8, 8))
    np.fill_diagonal(distance, 0)
    instance = Instance(-distance, distance)
    identity = -float((distance**2).sum())
    assert identity * (1 + 1e-9) <= value(instance) <= identity


def test_the_value_does_not_depend_on_the_portions() -> None:
    assert value(load("bur26a"), steps=1) == value(load("bur26a"))
