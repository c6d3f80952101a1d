"""Whether a log is one: numbered without holes, with one end, and never worse."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from api.client import Event
from db.contracts.event import Progress

MAX_TOLD = 20
Number = int | float


def findings(events: Sequence[Event]) -> list[str]:
    """Return what is wrong with the log; at most so much of it."""
    found = []
    for finding in _all(events):
        found.append(finding)
        if len(found) == MAX_TOLD:
            found.append("and perhaps more")
            break
    return found


def _all(events: Sequence[Event]) -> Iterator[str]:
    if not events:
        yield "there is no event in it"
        return
    yield from _numbers(events)
    for name, values in (
        ("log, each with an epoch of its own", {event.epoch for event in events}),
        ("job", {event.subject for event in events}),
    ):
        if len(values) > 1:
            yield f"it has events of more than one {name}: {', '.join(sorted(values))}"
    yield from _ends(events)
    yield from _worse(events)


def _numbers(events: Sequence[Event]) -> Iterator[str]:
    expected = 1
    for event in events:
        if event.number != expected:
            yield f"number {expected} is missing: {event.number} stands there"
        expected = event.number + 1


def _ends(events: Sequence[Event]) -> Iterator[str]:
    ends = [event for event in events if event.is_terminal]
    if not ends:
        yield "it has no end: the job went on when it was written, or it was cut"
    elif len(ends) > 1:
        yield f"it has {len(ends)} ends: {', '.join(str(end.number) for end in ends)}"
    elif ends[0] is not events[-1]:
        yield f"it goes on after its end, which is number {ends[0].number}"


def _worse(events: Sequence[Event]) -> Iterator[str]:
    told = [
        (event.number, payload)
        for event in events
        if isinstance(payload := event.payload, Progress)
    ]
    objectives = [(n, p.objective) for n, p in told if p.objective is not None]
    bounds = [(n, p.bound) for n, p in told if p.bound is not None]
    for (_, before), (number, after) in pairwise(objectives):
        if after > before:
            yield f"the objective rises from {before} to {after} at number {number}"
    for (_, before), (number, after) in pairwise(bounds):
        if after < before:
            yield f"the bound falls from {before} to {after} at number {number}"
