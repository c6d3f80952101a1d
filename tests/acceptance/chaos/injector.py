"""Breaks the service at random, one fault after the other and several at once."""

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import psutil
from numpy.random import Generator

from api.stack import PartName
from tests.acceptance.chaos.faults import (
    FAULTS,
    Course,
    Fault,
    NothingToHitError,
    Scene,
)
from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.chaos.site import Site

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that took place."""

    name: str
    at: float


@dataclass(order=True)
class _UnderWay:
    due: float
    number: int
    part: PartName | None = field(compare=False)
    course: Course = field(compare=False)


class Injector:
    """Draws faults until it is told to stop; then mends what is broken.

    Every kind of fault comes once, in a drawn order, before any comes again.
    """

    def __init__(self, site: Site, plan: ChaosPlan, rng: Generator) -> None:
        self.struck: list[Struck] = []
        self.ended_at = 0.0
        self._site = site
        self._plan = plan
        self._rng = rng
        self._scene = Scene(site, rng, plan)
        self._faults = [
            fault
            for fault in FAULTS
            if site.postgresql is not None or not fault.needs_postgresql
        ]
        order = rng.permutation(len(self._faults)).tolist()
        self._first: list[Fault] = [self._faults[index] for index in order]
        self._numbers = count()
        self._under_way: list[_UnderWay] = []
        self._pause = threading.Event()

    def run(self, is_over: Callable[[], bool]) -> None:
        """Strike until it is over; return when all parts are up again."""
        next_at = time.monotonic()
        while not is_over():
            if time.monotonic() >= next_at:
                self._strike()
                next_at = time.monotonic() + self._rng.uniform(
                    *self._plan.pause_seconds
                )
            self._go_on()
        while self._under_way:
            self._go_on()
        self.ended_at = time.time()

    def watch(self, is_over: Callable[[], bool]) -> None:
        """Keep the parts up until it is over."""
        while not is_over():
            self._site.look()
            self._pause.wait(POLL_SECONDS)

    def _go_on(self) -> None:
        self._site.look()
        while self._under_way and self._under_way[0].due <= time.monotonic():
            self._advance(heapq.heappop(self._under_way))
        self._pause.wait(POLL_SECONDS)

    def _strike(self) -> None:
        fault = self._draw()
        course = fault.begin(self._scene)
        at = time.time()
        try:
            self._advance(
                _UnderWay(0.0, next(self._numbers), fault.part, course),
            )
        except (NothingToHitError, ProcessLookupError, psutil.NoSuchProcess):
            if all(each.name != fault.name for each in self.struck):
                self._first.append(fault)
            return
        self.struck.append(Struck(fault.name, at))

    def _draw(self) -> Fault:
        hurt = {each.part for each in self._under_way if each.part is not None}
        for fault in self._first:
            if fault.part not in hurt:
                self._first.remove(fault)
                return fault
        free = [fault for fault in self._faults if fault.part not in hurt]
        weights = [fault.weight for fault in free]
        chances = [weight / sum(weights) for weight in weights]
        drawn = int(self._rng.choice(len(free), p=chances))
        return free[drawn]

    def _advance(self, step: _UnderWay) -> None:
        """Let the fault go on to its next pause, if it has one."""
        for seconds in step.course:
            step.due = time.monotonic() + seconds
            heapq.heappush(self._under_way, step)
            return
