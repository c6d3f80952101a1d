"""One stretch of an open loop at one rate, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from tests.benchmarks.load_targets import Target
from tests.benchmarks.open_loop import Sent, Times, arrivals, drive
from tests.benchmarks.process_shares import Meter, Shares
from tests.benchmarks.ways import wait_for

KEPT_UP = 0.98
"""Of the rate: what may be unfinished when the last job has come."""
FULL = 0.9
"""Of a thread, or of all cores: from here on it is what the others wait for."""
STAGES = {
    "sent late": "due, until a client came round to it",
    "accepted": "until recorded",
    "waited": "until a worker began",
    "ran": "until its end was recorded",
    "told": "until a client heard of the end",
}


@dataclass(frozen=True)
class Step:
    """What was measured at one rate; times in seconds from when each job was due."""

    rate: float
    seconds: float
    due: Times
    latency: Times
    """Not a number for jobs that were refused or did not end."""
    stages: dict[str, Times]
    shares: Shares
    errors: dict[str, int]
    backlog: int
    """Jobs that had not ended when the last one had come."""
    by_minute: list[dict[str, float]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.due)

    @property
    def unfinished(self) -> int:
        """Jobs that were never heard of again, refused ones among them."""
        return int(np.isnan(self.latency).sum())

    @property
    def done_per_second(self) -> float:
        """Ends known while jobs came, a second."""
        end = self.due[0] + self.seconds
        return float((self.due + self.latency <= end).sum() / self.seconds)

    def percentile(self, share: float) -> float:
        """Return the latency in seconds; a job that never ended is the slowest."""
        return percentile(self.latency, share)

    def holds(self, p99: float) -> bool:
        """Return whether all came to an end, in time, and none piled up."""
        return (
            not self.unfinished
            and self.percentile(99) <= p99
            and self.done_per_second >= KEPT_UP * self.rate - 1
        )

    def bottleneck(self) -> str:
        """Return what was full, or else where a job spent most of its time."""
        shares = self.shares
        busiest = max(shares.parts, key=lambda part: part.busiest)
        if shares.idle <= (1 - FULL) * shares.cores:
            top = ", ".join(f"{p.part} {p.cores:.2f}" for p in shares.parts[:4])
            return (
                f"all {shares.cores} cores are busy: {top}, "
                f"what else runs here {shares.others:.2f}"
            )
        if busiest.busiest >= FULL:
            return f"one thread of {busiest.part} ({busiest.busiest:.2f} of a core)"
        medians = {name: percentile(t, 50) for name, t in self.stages.items()}
        if not medians:
            return "no processor is full"
        name = max(medians, key=lambda each: medians[each])
        return f"no processor is full; half of the jobs {name} {medians[name]:.3f} s"


def percentile(times: Times, share: float) -> float:
    """Return the nearest rank, with what is missing above all others."""
    ranked = np.sort(np.where(np.isnan(times), np.inf, times))
    return float(ranked[max(0, int(np.ceil(share / 100 * len(ranked))) - 1)])


def run_step(
    target: Target,
    rate: float,
    seconds: float,
    *,
    poisson: bool = True,
    window: float = 0.0,
    clients: int = 16,
    seed: int = 1,
    patience: float = 60.0,
) -> Step:
    """Have jobs come at a rate for so long; wait until they have ended, or patience."""
    before = target.ended()
    due = arrivals(rate, seconds, poisson=poisson, seed=seed)
    meter = Meter()
    sent = drive(target.send, due, window=window, clients=clients)
    shares = meter.read()
    accepted = len(sent.keys) - sent.keys.count(None)
    ended = target.ended() - before
    _wait(lambda: target.ended() - before >= accepted, patience)
    stages = target.stages()
    told = target.told()
    heard = np.array([told.get(key or "", np.nan) for key in sent.keys])
    latency = heard - sent.due
    return Step(
        rate,
        seconds,
        sent.due,
        latency,
        _durations(sent, stages, heard) if stages else {},
        shares,
        sent.errors,
        len(due) - ended,
        list(_by_minute(sent.due, latency)),
    )


def _wait(condition: Callable[[], bool], patience: float) -> None:
    """Wait; jobs that have not ended by then are counted, not raised about."""
    try:
        wait_for(condition, patience)
    except TimeoutError:
        return


def _durations(sent: Sent, stages: dict[str, Any], heard: Times) -> dict[str, Times]:
    """Return how long each stage of each job took; together they are the latency."""
    nothing = (np.nan, np.nan, np.nan)
    rows = np.array([stages.get(key or "", nothing) for key in sent.keys])
    moments = [sent.due, sent.began, *rows.T, heard]
    pairs = pairwise(moments)
    return {
        name: after - before
        for name, (before, after) in zip(STAGES, pairs, strict=True)
    }


def _by_minute(due: Times, latency: Times) -> list[dict[str, float]]:
    """Return of each minute of arrivals what came and how long it took."""
    minutes = np.floor((due - due[0]) / 60).astype(int)
    return [
        {
            "minute": float(minute + 1),
            "jobs": float((minutes == minute).sum()),
            "p50_s": percentile(latency[minutes == minute], 50),
            "p99_s": percentile(latency[minutes == minute], 99),
        }
        for minute in range(int(minutes[-1]) + 1)
    ]
