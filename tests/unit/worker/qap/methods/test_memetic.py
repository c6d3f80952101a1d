import numpy as np
import pytest

from worker.qap.methods.memetic import Memetic
from worker.qap.qaplib import load


def begin(name: str, **parameters: object) -> Memetic:
    instance, rng = load(name), np.random.default_rng(3)
    values = {
        "size": 6,
        "stall": 200,
        "patience": 10,
        "jump": (0.05, 0.3),
        "by_taboo": False,
    } | parameters
    return Memetic(instance, rng, rng.permutation(instance.order), **values)


def test_the_incumbent_is_the_best_that_ever_was_a_member() -> None:
    search, least = begin("nug20"), []
    for _ in range(40):
        search.advance(2000)
        least += search._population.objectives
    assert least
    assert search.objective <= min(least)


def test_a_population_without_progress_is_renewed_but_for_its_best() -> None:
    search = begin("nug12", patience=3)
    population = search._population
    while not population.is_full:
        search.advance(100)
    while population.is_full:
        best = min(population.objectives)
        search.advance(1)
    assert min(population.objectives) <= best


def test_a_child_is_no_copy_of_a_parent() -> None:
    search = begin("nug20")
    while not search._population.is_full:
        search.advance(100)
    for _ in range(100):
        child = search._child()
        assert sorted(child) == list(range(20))
        assert not any((child == m).all() for m in search._population.members)


@pytest.mark.parametrize("by_taboo", [False, True])
@pytest.mark.parametrize(("name", "best"), [("nug20", 2570), ("had20", 6922)])
def test_published_optima_are_reached(name: str, best: int, by_taboo: bool) -> None:
    search = begin(name, by_taboo=by_taboo)
    for _ in range(100):
        search.advance(2000)
    assert search.objective == best


def test_a_population_takes_an_immigrant_when_it_stagnates_and_not_before() -> None:
    search = begin("nug20", patience=100)
    while not search._population.is_full:
        search.advance(100)
    immigrant = np.random.default_rng(9).permutation(20)
    search.welcome(immigrant, 0)
    fruitless = 0
    original, best = search._child, min(search._population.objectives)

    def counted():
        nonlocal fruitless, best
        if search.immigrant is not None:
            least = min(search._population.objectives)
            fruitless = 0 if least < best else fruitless + 1
            best = min(best, least)
        return original()

    search._child = counted
    while search.immigrant is not None:
        search.advance(1)
    assert fruitless >= 10
    assert any(member is immigrant for member in search._population.members)
    # It was not found here.
    assert search.objective > 0


def test_a_twin_of_a_member_is_not_taken() -> None:
    search = begin("nug12", patience=20)
    while not search._population.is_full:
        search.advance(100)
    population = search._population
    twin, value = population.members[0].copy(), population.objectives[0]
    search.welcome(twin, value)
    search._admit()
    assert search.immigrant is None
    assert not any(member is twin for member in population.members)
