import numpy as np
import pytest

from worker.qap.methods.iterated_tabu import IteratedTabu
from worker.qap.qaplib import load


@pytest.mark.parametrize(("name", "best"), [("nug20", 2570), ("rou15", 354210)])
def test_published_optima_are_reached(name: str, best: int) -> None:
    instance, rng = load(name), np.random.default_rng(3)
    start = rng.permutation(instance.order)
    search = IteratedTabu(instance, rng, start, stall=500, weakest=2, strongest=8)
    for _ in range(100):
        search.advance(2000)
    assert search.objective == best


def test_shifts_grow_until_the_limit_and_start_small_again(monkeypatch) -> None:
    sizes = []

    def recorded(permutation, size, rng):
        sizes.append(size)
        return permutation[rng.permutation(permutation.size)]

    monkeypatch.setattr("worker.qap.methods.iterated_tabu.shift", recorded)
    instance, rng = load("nug12"), np.random.default_rng(3)
    start = rng.permutation(12)
    search = IteratedTabu(instance, rng, start, stall=300, weakest=2, strongest=5)
    while len(sizes) < 40:
        search.advance(1000)
    assert set(sizes) == {2, 3, 4, 5}
    steps = np.diff(sizes)
    assert set(steps[steps > 0]) == {1}
    assert all(size == 2 for size in np.array(sizes[1:])[steps <= 0])


def test_when_every_shift_was_in_vain_a_better_immigrant_is_the_home(
    monkeypatch,
) -> None:
    homes = []

    def recorded(permutation, size, rng):
        homes.append((permutation.copy(), size))
        return permutation[rng.permutation(permutation.size)]

    monkeypatch.setattr("worker.qap.methods.iterated_tabu.shift", recorded)
    instance, rng = load("nug12"), np.random.default_rng(3)
    start = rng.permutation(12)
    search = IteratedTabu(instance, rng, start, stall=300, weakest=2, strongest=4)
    search.advance(400)
    immigrant = np.arange(12)
    search.welcome(immigrant, -1)
    while search.immigrant is not None:
        search.advance(100)
    search.advance(1000)
    (first,) = [
        k
        for k, (home, _) in enumerate(homes)
        if (home == immigrant).all() and not (homes[k - 1][0] == immigrant).all()
    ]
    assert homes[first - 1][1] == 4
    assert homes[first][1] == 2
    assert search.objective > 0
