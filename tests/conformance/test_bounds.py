"""What every bound promises, asked of each one in the registry."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from worker.qap import BOUNDS, Instance, certify
from worker.qap import bounds as package
from worker.qap.bounds.bound import Bound

RNG = np.random.default_rng(2024)
INSTANCES = [
    Instance(*RNG.integers(low, 9, (count, order, order)) * factor)
    for order in (2, 3, 5)
    for low in (0, -9)
    for count in (2, 3)
    for factor in (1, 0.37)
]


def value(bound: Bound, instance: Instance) -> int | float:
    computation = bound.start(instance)
    lowest = computation.value
    while not computation.finished:
        assert computation.advance(1) == 1
        assert lowest is None or computation.value >= lowest
        lowest = computation.value
    assert computation.value is not None
    return computation.value


def optimum(instance: Instance) -> int | float:
    return min(
        certify(instance.flow, instance.distance, instance.linear, p)
        for p in permutations(range(instance.order))
    )


def test_every_bound_file_is_registered() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert files - {"__init__", "bound"} == set(BOUNDS)


@pytest.mark.parametrize(("name", "bound"), BOUNDS.items(), ids=BOUNDS)
def test_a_bound_is_described_and_has_a_page(name: str, bound: Bound) -> None:
    assert bound.name == name
    assert all([bound.summary, bound.version, bound.reference, bound.complexity_time])
    page = Path(__file__).parents[2] / "docs" / "algorithms" / f"{name}.md"
    assert bound.title in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("bound", BOUNDS.values(), ids=BOUNDS)
@pytest.mark.parametrize("instance", INSTANCES, ids=repr)
def test_a_bound_is_never_above_the_optimum(bound: Bound, instance: Instance) -> None:
    found = value(bound, instance)
    assert found <= optimum(instance)
    assert isinstance(found, int if instance.is_exact else float)


@pytest.mark.parametrize("bound", BOUNDS.values(), ids=BOUNDS)
@pytest.mark.parametrize("instance", INSTANCES, ids=repr)
def test_a_bound_has_one_value(bound: Bound, instance: Instance) -> None:
    assert value(bound, instance) == value(bound, instance)
