from collections.abc import Iterator

import numpy as np
import pytest
from typing_extensions import override

from tests.unit.worker.qap.kinds import certified, random_instance
from worker.qap import Instance
from worker.qap.improving import improve
from worker.qap.neighbourhood import neighbourhood
from worker.qap.sliced import SlicedSearch
from worker.qap.taboo import Taboo


class Once(SlicedSearch):
    """Improves its start once."""

    def __init__(self, instance: Instance, stall: int) -> None:
        rng = np.random.default_rng(5)
        start = rng.permutation(instance.order)
        super().__init__(instance, start)
        self.stall = stall
        ready = neighbourhood(instance)
        self.walk = Taboo(instance, ready, rng, start, tenure=20, aspiration=1000)

    @override
    def portions(self) -> Iterator[int]:
        yield from improve(self, self.walk, self.permutation, self.stall)


def run(search: Once, step: int) -> Once:
    while not search.finished:
        search.advance(step)
    return search


@pytest.mark.parametrize("kind", ["symmetric", "float", "asymmetric linear"])
def test_it_ends_when_the_best_is_so_many_iterations_old(kind: str) -> None:
    instance = random_instance(kind, 14, seed=2)
    search = run(Once(instance, stall=60), step=1000)
    assert search.iterations == search.walk.last_improvement + 60
    assert search.improvements.iterations[-1] == search.walk.last_improvement
    wanted = certified(instance, search.permutation)
    assert search.objective == pytest.approx(wanted, rel=1e-12)


def test_slices_make_no_difference() -> None:
    instance = random_instance("symmetric", 14, seed=2)
    fine, coarse = (run(Once(instance, stall=60), step) for step in (1, 1000))
    np.testing.assert_array_equal(fine.permutation, coarse.permutation)
    for name in ("iterations", "objectives"):
        np.testing.assert_array_equal(
            getattr(fine.improvements, name), getattr(coarse.improvements, name)
        )
