"""What every solver method promises, asked of each one in the registry."""

from pathlib import Path

import numpy as np
import pytest

from worker.qap import (
    METHODS,
    Instance,
    Interrupt,
    IterationLimit,
    Result,
    SameEnd,
    Termination,
    certify,
    solve,
)
from worker.qap import methods as package
from worker.qap.methods.method import Method

RNG = np.random.default_rng(2024)
INSTANCES = {
    f"{kind} of order {order}": Instance(*matrices)
    for order in (2, 3, 12)
    for kind, matrices in {
        "symmetric": (lambda m: (m[0] + m[0].T, m[1] + m[1].T))(
            RNG.integers(0, 9, (2, order, order))
        ),
        "asymmetric": RNG.integers(-9, 9, (3, order, order)),
        "fractional": RNG.random((3, order, order)),
        "linear": (np.zeros((order, order)),) * 2
        + (RNG.integers(0, 99, (order, order)),),
    }.items()
}
PAIRS = [
    pytest.param(method, instance, id=f"{name}, {kind}")
    for name, method in METHODS.items()
    for kind, instance in INSTANCES.items()
    if method.supports(instance) is None
]
LIMIT = 300


def run(method: Method, instance: Instance, seed: int = 7, **arguments) -> Result:
    arguments = {"stop": IterationLimit(LIMIT)} | arguments
    rng = np.random.default_rng(seed)
    return solve(instance, method.name, rng=rng, **arguments)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_the_limit_of_a_method_is_where_it_refuses(method: Method) -> None:
    if method.max_order is not None:
        for more in (0, 1):
            order = method.max_order + more
            path = np.eye(order, k=1, dtype=int)
            reason = method.supports(Instance(path + path.T, path + path.T))
            assert (reason is None) == (more == 0)


def test_every_method_file_is_registered() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert files - {"__init__", "method"} == set(METHODS)


@pytest.mark.parametrize(("name", "method"), METHODS.items(), ids=METHODS)
def test_a_method_is_described(name: str, method: Method) -> None:
    assert method.name == name
    texts = (method.title, method.summary, method.version, method.category)
    assert all([*texts, method.reference, method.best_for, method.complexity_time])
    for parameter in method.parameters:
        parameter.check(parameter.default)
        parameter.check(parameter.minimum)
        parameter.check(parameter.maximum)
        assert parameter.description


@pytest.mark.parametrize(("name", "method"), METHODS.items(), ids=METHODS)
def test_a_method_has_a_page_that_names_its_parameters(name, method: Method) -> None:
    page = Path(__file__).parents[2] / "docs" / "algorithms" / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    assert method.title in text
    assert all(f"`{parameter.name}`" in text for parameter in method.parameters)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_suits_some_instance(method: Method) -> None:
    assert any(method.supports(instance) is None for instance in INSTANCES.values())


@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_the_permutation_has_the_objective(method: Method, instance: Instance) -> None:
    result = run(method, instance)
    flow, distance, linear = instance.flow, instance.distance, instance.linear
    exact = certify(flow, distance, linear, result.permutation)
    if instance.is_exact:
        assert type(result.objective) is int
        assert result.objective == exact
    else:
        assert result.objective == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_one_seed_gives_one_answer_however_it_is_sliced(
    method: Method, instance: Instance
) -> None:
    ticks = iter(range(10**9))
    first, second = (
        run(method, instance, clock=clock)
        for clock in (lambda: 0.0, lambda: float(next(ticks)))
    )
    np.testing.assert_array_equal(first.permutation, second.permutation)
    np.testing.assert_array_equal(
        first.improvements.objectives, second.improvements.objectives
    )
    np.testing.assert_array_equal(
        first.improvements.iterations, second.improvements.iterations
    )


@pytest.mark.parametrize("slices", [1, 10])
@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_a_run_stopped_anywhere_can_be_repeated(
    method: Method, instance: Instance, slices: int
) -> None:
    polls = iter(range(slices))
    stop = Interrupt(lambda: None if next(polls, -1) >= 0 else Termination.CANCELLED)
    first = run(method, instance, stop=stop)
    counted = first.improvements.objectives[-1]
    again = run(method, instance, stop=SameEnd(first.iterations, counted))
    np.testing.assert_array_equal(first.permutation, again.permutation)
    np.testing.assert_array_equal(
        first.improvements.objectives, again.improvements.objectives
    )
    np.testing.assert_array_equal(
        first.improvements.iterations, again.improvements.iterations
    )


@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_a_run_ends_after_its_iterations_unless_it_is_optimal(
    method: Method, instance: Instance
) -> None:
    result = run(method, instance, bounds=())
    assert result.termination == "optimal" or result.iterations == LIMIT


@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_a_resumed_run_is_never_worse(method: Method, instance: Instance) -> None:
    before = run(method, instance)
    after = run(method, instance, 8, start=before.permutation, stop=IterationLimit(1))
    assert after.objective <= before.objective


@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_the_incumbent_only_improves(method: Method, instance: Instance) -> None:
    improvements = run(method, instance).improvements
    assert improvements.iterations[0] == 0
    assert (np.diff(improvements.objectives) < 0).all()
    assert (np.diff(improvements.iterations) > 0).all()


@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_a_run_told_to_stop_stops(method: Method, instance: Instance) -> None:
    stop = Interrupt(lambda: Termination.CANCELLED)
    result = run(method, instance, stop=stop, bounds=())
    assert (result.termination, result.iterations) == ("cancelled", 0)


@pytest.mark.parametrize(("method", "instance"), PAIRS)
def test_the_instance_is_left_as_it_was(method: Method, instance: Instance) -> None:
    before = [np.array(m) for m in (instance.flow, instance.distance)]
    run(method, instance)
    for old, new in zip(before, (instance.flow, instance.distance), strict=True):
        np.testing.assert_array_equal(old, new)
