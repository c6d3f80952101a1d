from collections.abc import Iterator

import numpy as np
import pytest
from typing_extensions import override

from tests.unit.worker.qap.kinds import random_instance
from worker.qap.sliced import SlicedSearch

INSTANCE = random_instance("symmetric", 5, seed=1)


class Portions(SlicedSearch):
    """Does a preparation, then seven iterations in portions as large as allowed."""

    @override
    def portions(self) -> Iterator[int]:
        yield 0
        left = 7
        while left:
            done = min(left, self.allowance)
            left -= done
            yield done


@pytest.mark.parametrize("step", [1, 2, 3, 100])
def test_an_allowance_is_never_exceeded_and_all_is_done(step: int) -> None:
    search = Portions(INSTANCE, np.arange(5))
    assert search.advance(step) == 0
    done = []
    while not search.finished:
        done.append(search.advance(step))
    assert max(done) <= step
    assert sum(done) == search.iterations == 7


def test_after_its_end_it_does_nothing() -> None:
    search = Portions(INSTANCE, np.arange(5))
    while not search.finished:
        search.advance(100)
    assert search.advance(5) == 0
    assert search.finished
