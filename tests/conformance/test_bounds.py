"""What every bound promises, asked of each one in the registry."""

from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from worker.qap import (
    BOUNDS,
    Instance,
    IterationLimit,
    UnsupportedInstanceError,
    certify,
    solve,
)
from worker.qap import bounds as package
from worker.qap.bounds.bound import Bound, BoundComputation
from worker.qap.qaplib import best_known, load

RNG = np.random.default_rng(2024)


def matrices(kind: str, order: int) -> tuple[np.ndarray, ...]:
    """Draw flow, distance and, for some kinds, linear costs."""
    flow, distance, linear = RNG.integers(0, 9, (3, order, order))
    if kind in {"negative", "negative linear"}:
        flow, distance, linear = (m - 4 for m in (flow, distance, linear))
    if kind not in {"diagonal", "negative linear"}:
        np.fill_diagonal(flow, 0)
        np.fill_diagonal(distance, 0)
    if kind in {"symmetric", "flow symmetric", "linear"}:
        flow = flow + flow.T
    if kind in {"symmetric", "linear"}:
        distance = distance + distance.T
    if kind == "skew":
        flow = flow - flow.T
        distance = distance - distance.T
    if kind == "constant":
        flow[:], distance[:] = 3, 2
    if kind == "fractional":
        flow, distance, linear = flow * 0.37, distance / 7, linear - 3.3
    if kind == "tiny":
        flow, distance, linear = flow * 1e-180, distance * 1e-130, linear * 0.0
    if kind == "huge":
        flow, distance, linear = flow * 1e140, distance * 1e150, linear * 1e289
    if kind == "large":
        flow, distance = flow * 2**19 + 1, distance * 2**18 + 5
    if kind == "forbidding":
        linear[linear < 5] = 10**12
    if kind == "no flow":
        flow[:] = 0
    with_linear = {"linear", "negative linear", "fractional", "no flow", "forbidding"}
    return (flow, distance, linear) if kind in with_linear else (flow, distance)


KINDS = (
    "symmetric",
    "flow symmetric",
    "asymmetric",
    "negative",
    "negative linear",
    "linear",
    "diagonal",
    "skew",
    "constant",
    "fractional",
    "tiny",
    "huge",
    "large",
    "forbidding",
    "no flow",
)
INSTANCES = {
    f"{kind} of order {order}": Instance(*matrices(kind, order))
    for kind in KINDS
    for order in (2, 3, 5, 7)
}
LARGER = {f"{kind} of order 12": Instance(*matrices(kind, 12)) for kind in KINDS}
SHIPPED = (
    *("nug12", "chr12a", "had14", "esc16f", "esc16a", "scr12", "tai12b", "lipa20a"),
    *("els19", "sko49", "esc64a", "tai60a", "wil100"),
)


def pairs(instances: dict[str, Instance]) -> list:
    return [
        pytest.param(bound, instance, id=f"{name}, {kind}")
        for name, bound in BOUNDS.items()
        for kind, instance in instances.items()
        if bound.applies(instance) is None
    ]


def advance(computation: BoundComputation, steps: int) -> list[int | float]:
    """Finish it in slices of at most `steps`; return all its values."""
    values = []
    while not computation.finished:
        assert 1 <= computation.advance(steps) <= steps
        if computation.value is not None:
            values.append(computation.value)
    assert computation.value == values[-1]
    return values


@cache
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


@pytest.mark.parametrize("kind", INSTANCES)
def test_some_bound_applies_to_every_instance(kind: str) -> None:
    assert any(bound.applies(INSTANCES[kind]) is None for bound in BOUNDS.values())


@pytest.mark.parametrize(("bound", "instance"), pairs(INSTANCES))
def test_a_bound_is_never_above_the_optimum(bound: Bound, instance: Instance) -> None:
    found = advance(bound.start(instance), 1)[-1]
    assert found <= optimum(instance)
    assert isinstance(found, int if instance.is_exact else float)


@pytest.mark.parametrize(("bound", "instance"), pairs(LARGER))
def test_a_bound_is_never_above_any_permutation(
    bound: Bound, instance: Instance
) -> None:
    found = advance(bound.start(instance), 10**9)[-1]
    rng = np.random.default_rng(5)
    searched = solve(instance, stop=IterationLimit(300), rng=rng, bounds=())
    drawn = [rng.permutation(instance.order) for _ in range(50)]
    for p in (searched.permutation, *drawn):
        assert found <= certify(instance.flow, instance.distance, instance.linear, p)


@pytest.mark.parametrize(("bound", "instance"), pairs(INSTANCES))
def test_a_bound_never_falls(bound: Bound, instance: Instance) -> None:
    values = advance(bound.start(instance), 3)
    assert values == sorted(values)


@pytest.mark.parametrize(("bound", "instance"), pairs(INSTANCES))
def test_a_bound_has_one_value_however_it_is_sliced(
    bound: Bound, instance: Instance
) -> None:
    values = {advance(bound.start(instance), steps)[-1] for steps in (1, 5, 10**9)}
    assert len(values) == 1


@pytest.mark.parametrize(
    ("bound", "name"),
    [
        pytest.param(bound, name, id=f"{bound.name}, {name}")
        for bound in BOUNDS.values()
        for name in SHIPPED
        if bound.applies(load(name)) is None
    ],
)
def test_a_bound_is_never_above_the_best_known(bound: Bound, name: str) -> None:
    found = advance(bound.start(load(name)), 10**9)[-1]
    assert found <= best_known(name).value


@pytest.mark.parametrize(
    ("bound", "instance"),
    [
        pytest.param(bound, instance, id=f"{name}, {kind}")
        for name, bound in BOUNDS.items()
        for kind, instance in (INSTANCES | {"sko49": load("sko49")}).items()
        if bound.applies(instance) is not None
    ],
)
def test_a_bound_that_does_not_apply_is_refused_with_its_reason(
    bound: Bound, instance: Instance
) -> None:
    with pytest.raises(UnsupportedInstanceError, match=bound.applies(instance)):
        solve(
            instance,
            stop=IterationLimit(1),
            rng=np.random.default_rng(1),
            bounds=[bound.name],
        )
