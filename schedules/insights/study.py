"""All kinds of findings, looked at together: few enough stand that are none."""

from collections.abc import Iterable

from schedules.insights.anomalies import FAILURES, LATENCIES
from schedules.insights.capacity import CACHE, WORKERS
from schedules.insights.finding import Finding, Hypothesis, Kind
from schedules.insights.history import History
from schedules.insights.load import LOAD
from schedules.insights.methods import METHODS
from schedules.insights.seconds import SECONDS
from schedules.insights.watched import PROVIDERS

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        METHODS,
        SECONDS,
        FAILURES,
        LATENCIES,
        LOAD,
        CACHE,
        WORKERS,
        PROVIDERS,
    )
}
FAMILY_WISE = 0.02
"""How probable one finding or more is where there is nothing at all."""


def study(history: History) -> list[Finding]:
    """Return what stands, most certain first.

    Holm's procedure over all hypotheses of all kinds (Holm, 1979, Scandinavian Journal
    of Statistics 6): whatever depends on whatever, the probability of even one false
    finding is at most `FAMILY_WISE`.
    """
    tested = [
        (kind, each) for kind in KINDS.values() for each in kind.hypotheses(history)
    ]
    tested.sort(key=lambda pair: pair[1].p)
    standing = []
    adjusted = 0.0
    for rank, (kind, hypothesis) in enumerate(tested):
        adjusted = max(adjusted, min(1.0, hypothesis.p * (len(tested) - rank)))
        if adjusted > FAMILY_WISE:
            break
        standing.append(Finding(kind, hypothesis, adjusted))
    return standing


def later(kind: Kind, history: History, made_at: float) -> Iterable[Hypothesis]:
    """Return what later data say of the same hypotheses; nothing while they are few."""
    if kind.settles_after_s is None:
        return kind.hypotheses(history.since(made_at))
    if history.hours.end < made_at + kind.settles_after_s:
        return ()
    return kind.hypotheses(history)
