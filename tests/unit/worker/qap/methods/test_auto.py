import numpy as np
import pytest

from tests.unit.worker.qap.kinds import optimum, random_instance
from worker.qap import Instance, IterationLimit, Termination, solve
from worker.qap.methods import auto
from worker.qap.methods.auto import Auto
from worker.qap.qaplib import best_known, load

RNG = np.random.default_rng(11)


def begun(monkeypatch, instance: Instance, iterations: int) -> list[str]:
    """Return which methods have been begun within so many iterations."""
    names = []
    original = Auto._begin

    def recorded(self, method, parameters=None):
        names.append(method.name)
        return original(self, method, parameters)

    monkeypatch.setattr(Auto, "_begin", recorded)
    rng = np.random.default_rng(1)
    search = Auto(instance, rng, rng.permutation(instance.order))
    while search.iterations < iterations and not search.finished:
        search.advance(1000)
    return names


def graph(order: int) -> np.ndarray:
    edges = np.triu(RNG.random((order, order)) < 0.5, 1).astype(int)
    return edges + edges.T


def metric(order: int) -> np.ndarray:
    points = RNG.integers(0, 50, (order, 2))
    return np.abs(points[:, np.newaxis] - points).sum(axis=2)


@pytest.mark.parametrize(
    ("instance", "names"),
    [
        (Instance.from_costs(RNG.integers(0, 9, (30, 30))), ["linear_assignment"]),
        (load("nug12"), ["memetic", "exact"]),
        (Instance(graph(40), graph(40)), ["faq", "memetic"]),
        (Instance(graph(301), metric(301)), ["faq", "breakout"]),
        (load("tai40b"), ["memetic"]),
    ],
    ids=["linear", "small", "graphs", "large", "other"],
)
def test_what_runs_depends_on_the_instance(monkeypatch, instance, names) -> None:
    iterations = 32 if instance.order > 300 else 2_000_000
    assert begun(monkeypatch, instance, iterations) == names


def test_settings_depend_on_the_structure() -> None:
    wanted = {
        "tai40b": auto._RUGGED,
        "tai150b": auto._RUGGED_LARGE,
        "tho40": auto._METRIC,
        "tho150": auto._METRIC_LARGE,
        "tai60a": auto._UNIFORM,
        "tai80a": auto._UNIFORM_LARGE,
    }
    assert {name: auto._settings(load(name)) for name in wanted} == wanted


@pytest.mark.parametrize("swapped", [False, True])
def test_a_detour_that_is_shorter_shows(swapped: bool) -> None:
    distance = metric(20)
    assert auto._is_metric(distance)
    distance[3, 7] = distance[7, 3] = distance[3, 5] + distance[5, 7] + 1
    assert not auto._is_metric(distance.T if swapped else distance)


@pytest.mark.parametrize("kind", ["symmetric", "asymmetric linear", "negative"])
def test_small_instances_are_proven(kind: str) -> None:
    instance = random_instance(kind, 7, seed=3)
    result = solve(
        instance,
        "auto",
        stop=IterationLimit(10**7),
        rng=np.random.default_rng(1),
        bounds=(),
    )
    assert result.termination == Termination.OPTIMAL
    assert result.objective == result.bound == optimum(instance)


def test_a_published_optimum_is_proven() -> None:
    result = solve(
        load("nug12"),
        "auto",
        stop=IterationLimit(10**7),
        rng=np.random.default_rng(1),
        bounds=(),
    )
    assert result.termination == Termination.OPTIMAL
    assert result.objective == best_known("nug12").value


def test_an_immigrant_reaches_the_search_that_runs() -> None:
    rng = np.random.default_rng(1)
    search = Auto(load("nug30"), rng, rng.permutation(30))
    stages = []
    original = search._begin
    search._begin = lambda *given: stages.append(original(*given)) or stages[-1]
    search.advance(10)
    immigrant = rng.permutation(30)
    search.welcome(immigrant, 1)
    search.advance(10)
    assert stages[-1].search.immigrant == (immigrant, 1)
    stages[-1].search.immigrant = None
    search.advance(10)
    # It is told once.
    assert stages[-1].search.immigrant is None
