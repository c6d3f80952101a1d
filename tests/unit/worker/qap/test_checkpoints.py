from itertools import pairwise

import pytest

from worker.qap.checkpoints import Checkpoints


def reached(step: int, until: int) -> list[int]:
    """Walk in steps, never over a checkpoint; return where one was due."""
    checkpoints, now, due = Checkpoints(5, 100), 0, []
    while now < until:
        now += min(step, checkpoints.left(now))
        if checkpoints.reached(now):
            due.append(now)
    return [iteration for iteration in due if iteration <= until]


@pytest.mark.parametrize("step", [1, 7, 10**6])
def test_they_do_not_depend_on_the_steps(step: int) -> None:
    assert reached(step, 5000) == reached(3, 5000)


def test_two_are_neither_too_near_nor_too_far() -> None:
    due = reached(13, 5000)
    assert due[0] == 5
    distances = [after - before for before, after in pairwise(due)]
    assert min(distances) == 5
    assert max(distances) == 100
    assert distances == sorted(distances)


def test_one_passed_over_is_due_at_once() -> None:
    checkpoints = Checkpoints(5, 10)
    assert checkpoints.reached(500)
    assert checkpoints.left(500) == 10
    assert not checkpoints.reached(509)
    assert checkpoints.reached(999)
    assert checkpoints.left(2000) == 1
