import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.worker.qap.kinds import instances, optimum
from worker.qap import Instance
from worker.qap.bounds.gilmore_lawler import GilmoreLawler
from worker.qap.qaplib import load


def value(instance: Instance, steps: int = 10**6) -> int | float:
    computation = GilmoreLawler(instance)
    while not computation.finished:
        assert computation.value is None
        assert 1 <= computation.advance(steps) <= steps
    assert computation.value is not None
    return computation.value


@settings(max_examples=60, deadline=None)
@given(instances(max_order=6))
def test_the_bound_is_never_above_the_optimum(instance: Instance) -> None:
    found, least = value(instance), optimum(instance)
    assert isinstance(found, int if instance.is_exact else float)
    assert found <= least


# Published with QAPLIB's instances and in Gilmore-Lawler tables since: nug12 493,
# nug15 963, nug20 2057, nug30 4539.
@pytest.mark.parametrize(
    ("name", "published"),
    [("nug12", 493), ("nug15", 963), ("nug20", 2057), ("nug30", 4539)],
)
def test_published_values_are_reproduced(name: str, published: int) -> None:
    assert value(load(name)) == published


def test_the_value_does_not_depend_on_the_portions() -> None:
    assert value(load("nug20"), steps=1) == value(load("nug20"))


def test_without_flow_between_facilities_the_bound_is_the_optimum() -> None:
    instance = Instance.from_costs(np.random.default_rng(1).integers(-9, 9, (6, 6)))
    assert value(instance) == optimum(instance)


def test_large_integers_are_bounded_from_below() -> None:
    entries = np.random.default_rng(1).integers(0, 2**27, (2, 5, 5))
    instance = Instance(*entries)
    found, least = value(instance), optimum(instance)
    assert 0 < found <= least
