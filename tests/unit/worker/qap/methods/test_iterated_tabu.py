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
