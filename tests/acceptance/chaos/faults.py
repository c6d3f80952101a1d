"""What is done to the service: one line in ``FAULTS`` a fault.

A fault is a generator: what it does first is the blow; whenever it yields, the
injector comes back to it after so many seconds, and its end is the repair.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from numpy.random import Generator

from api.stack import PartName
from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.chaos.site import Site

Course = Iterator[float]
AWAY_SECONDS = (0.0, 0.0, 0.5, 2.0, 4.0)
POLL_SECONDS = 0.05


class NothingToHitError(Exception):
    """The victim is not there just now."""


@dataclass(frozen=True)
class Scene:
    """What a fault works with."""

    site: Site
    rng: Generator
    plan: ChaosPlan

    def away_seconds(self) -> float:
        """Return for how long what was killed stays away."""
        return float(self.rng.choice(AWAY_SECONDS))


@dataclass(frozen=True)
class Fault:
    """One way to break the service. A part has one fault at a time."""

    name: str
    weight: float
    part: PartName | None
    begin: Callable[[Scene], Course]
    needs_postgresql: bool = False


def kill_child(scene: Scene) -> Course:
    """Kill a process in which a job may run; its parent replaces it."""
    scene.site.kill_process(_some_child(scene))
    yield from ()


def freeze_child(scene: Scene) -> Course:
    with scene.site.frozen(_some_child(scene)):
        yield scene.plan.freeze_seconds


def kill(part: PartName, scene: Scene) -> Course:
    scene.site.kill(part)
    yield scene.away_seconds()
    scene.site.start(part)


def freeze(part: PartName, scene: Scene) -> Course:
    with scene.site.frozen_part(part):
        yield scene.plan.freeze_seconds


def restart(part: PartName, scene: Scene) -> Course:
    """Ask it to go, as an operator does."""
    scene.site.ask_to_stop(part)
    while scene.site.is_alive(part):
        yield POLL_SECONDS
    yield scene.away_seconds()
    scene.site.start(part)


def lose_memory(scene: Scene) -> Course:
    """Kill the event server and broker; the next one starts empty."""
    scene.site.kill(PartName.VALKEY)
    scene.site.forget_append_only_file()
    yield scene.away_seconds()
    scene.site.start(PartName.VALKEY)


def restart_postgresql(scene: Scene) -> Course:
    """End it as a crash would; it recovers from its log."""
    assert scene.site.postgresql is not None
    scene.site.postgresql.restart(immediate=True)
    yield from ()


FAULTS = (
    Fault("solver child killed", 5.0, None, kill_child),
    Fault("solver child frozen", 2.0, None, freeze_child),
    *(
        fault
        for part in (
            *(PartName.SOLVERS, PartName.COURIERS, PartName.BEAT),
            *(PartName.API, PartName.VALKEY),
        )
        for fault in (
            Fault(f"{part} killed", 1.0, part, partial(kill, part)),
            Fault(f"{part} frozen", 1.0, part, partial(freeze, part)),
            Fault(f"{part} restarted", 0.5, part, partial(restart, part)),
        )
    ),
    Fault("valkey killed, memory lost", 2.0, PartName.VALKEY, lose_memory),
    Fault(
        "postgresql restarted at once",
        2.0,
        None,
        restart_postgresql,
        needs_postgresql=True,
    ),
)


def _some_child(scene: Scene) -> int:
    children = scene.site.children()
    if not children:
        raise NothingToHitError
    return int(children[int(scene.rng.integers(len(children)))].pid)
