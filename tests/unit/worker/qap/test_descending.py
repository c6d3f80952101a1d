from collections.abc import Iterator

import numpy as np
import pytest
from typing_extensions import override

from tests.unit.worker.qap.kinds import KINDS, certified, random_instance
from worker.qap import Instance, swap_delta
from worker.qap.descending import DescendingSearch
from worker.qap.neighbourhood import neighbourhood
from worker.qap.objective import objective


class Once(DescendingSearch):
    """Descends once."""

    def __init__(self, instance: Instance) -> None:
        start = np.arange(instance.order)
        super().__init__(instance, neighbourhood(instance), start)
        self.start, self.reached = start, 0.0

    @override
    def portions(self) -> Iterator[int]:
        value = objective(self.instance, self.start)
        order = self.start[::-1].copy()
        self.reached = yield from self.descend(self.start, value, order)


def run(instance: Instance, step: int) -> Once:
    search = Once(instance)
    while not search.finished:
        search.advance(step)
    return search


@pytest.mark.parametrize("kind", KINDS)
def test_the_incumbent_is_the_local_optimum(kind: str) -> None:
    instance = random_instance(kind, 9, seed=5)
    search = run(instance, 1000)
    tolerance = 0 if instance.is_exact else 1e-9 * instance.magnitude
    found = search.permutation
    assert search.reached == pytest.approx(certified(instance, found), abs=tolerance)
    deltas = [swap_delta(instance, found, r, s) for r in range(9) for s in range(r)]
    assert min(deltas) >= -tolerance


@pytest.mark.parametrize("kind", KINDS)
def test_its_history_does_not_depend_on_the_slices(kind: str) -> None:
    instance = random_instance(kind, 20, seed=6)
    histories = [run(instance, step).improvements for step in (1, 50, 10**6)]
    for history in histories[1:]:
        np.testing.assert_array_equal(history.objectives, histories[0].objectives)
        np.testing.assert_array_equal(history.iterations, histories[0].iterations)


def test_it_offers_on_the_way() -> None:
    search = run(random_instance("symmetric", 40, seed=1), 10**6)
    assert search.improvements.iterations[1] < 100 < search.iterations
