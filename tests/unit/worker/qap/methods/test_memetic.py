import numpy as np
import pytest

from worker.qap.methods.memetic import Memetic
from worker.qap.qaplib import load


def begin(name: str, **parameters: object) -> Memetic:
    instance, rng = load(name), np.random.default_rng(3)
    values = {"size": 6, "stall": 200, "patience": 10, "jump": (0.05, 0.3)} | parameters
    return Memetic(instance, rng, rng.permutation(instance.order), **values)


def test_members_are_all_different_and_know_their_objective() -> None:
    search = begin("nug20")
    for _ in range(40):
        search.advance(2000)
        members = search._members
        assert len(members) <= 6
        assert len({tuple(member.permutation) for member in members}) == len(members)


def test_the_incumbent_is_the_best_that_ever_was_a_member() -> None:
    search = begin("nug20")
    least = []
    for _ in range(40):
        search.advance(2000)
        least += [member.objective for member in search._members]
    assert search.objective <= min(least)


def test_a_population_without_progress_is_renewed_but_for_its_best() -> None:
    search = begin("nug12", patience=3)
    while len(search._members) < 6:
        search.advance(100)
    best = search._best()
    while len(search._members) == 6:
        search.advance(1)
    assert best in search._members or search._best().objective < best.objective
    assert len(search._members) < 6


@pytest.mark.parametrize(("name", "best"), [("nug20", 2570), ("had20", 6922)])
def test_published_optima_are_reached(name: str, best: int) -> None:
    search = begin(name)
    for _ in range(100):
        search.advance(2000)
    assert search.objective == best
