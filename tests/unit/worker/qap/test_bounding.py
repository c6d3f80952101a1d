from tests.unit.worker.qap.kinds import random_instance
from worker.qap.bounding import Bounding
from worker.qap.bounds import BOUNDS


class Endless:
    """A bound whose steps last a millisecond and are never all done."""

    name = "endless"
    value = 1
    finished = False
    now_s = 0.0

    def start(self, instance) -> "Endless":
        return self

    def advance(self, steps: int) -> int:
        self.now_s += steps / 1000
        return steps


def share(bounding: Bounding, endless: Endless, *, calls: int) -> float:
    """Take turns with slices of a search, and return how much went to bounds."""
    searched_s = 0.0
    for _ in range(calls):
        searched_s += 0.03
        bounding.advance(searched_s + endless.now_s)
    return endless.now_s / (searched_s + endless.now_s)


def test_until_a_bound_is_finished_every_call_does_a_slice() -> None:
    endless = Endless()
    instance = random_instance("symmetric", 5, seed=1)
    bounding = Bounding(instance, [endless], lambda: endless.now_s)
    assert 0.38 < share(bounding, endless, calls=1000) < 0.42


def test_after_that_bounds_take_an_eighth_of_the_time() -> None:
    endless = Endless()
    instance = random_instance("symmetric", 5, seed=1)
    bounds = [BOUNDS["trivial"], endless]
    bounding = Bounding(instance, bounds, lambda: endless.now_s)
    assert 0.12 < share(bounding, endless, calls=1000) < 0.13


def test_the_bounds_come_in_the_order_given_and_then_nothing() -> None:
    instance = random_instance("symmetric", 5, seed=1)
    bounding = Bounding(instance, list(BOUNDS.values()), lambda: 0.0)
    names, last = [], None
    for _ in range(300):
        if (value := bounding.advance(1.0)) is not None:
            names.append(bounding.name)
            last = value
    assert list(dict.fromkeys(names)) == list(BOUNDS)
    assert last is not None
    assert bounding.advance(1.0) is None


def test_a_bound_is_prepared_when_its_turn_comes_and_not_before() -> None:
    class Counting:
        started = 0

        def start(self, instance):
            self.started += 1
            return BOUNDS["trivial"].start(instance)

        name = "counting"

    first, second = Counting(), Counting()
    instance = random_instance("symmetric", 5, seed=1)
    bounding = Bounding(instance, [first, second], lambda: 0.0)
    assert (first.started, second.started) == (0, 0)
    bounding.advance(1.0)
    assert (first.started, second.started) == (1, 0)
