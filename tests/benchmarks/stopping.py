"""How long a solve of n = 1000 goes on once it is asked to stop.

`python -m tests.benchmarks.stopping [--methods NAME …] [--order N] [--seconds S]`

A run hears that it is to stop where it asks, so the longest way between two questions
is the longest wait, whenever the wish comes: nothing is left to the moments tried. The
first way begins with the call, and so has the start of the method in it. Times are in
ms of the thread's own processor time, but "wall": what other programs take is not the
solver's. The certificate comes after the search has stopped, and is told beside it.

What is over the wanted time is measured twice more, and the median told: memory that
the system has to find takes twice as long now and then.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import psutil

from worker.qap import (
    METHODS,
    Instance,
    Interrupt,
    Termination,
    certify,
    solve,
    warm_up,
)

KINDS = ("symmetric", "asymmetric", "sparse", "fractional")
WANTED_MS = 100.0


@dataclass(frozen=True)
class Measured:
    """Of one run, in ms."""

    start: float
    """From the call to the first question."""
    median: float
    """Until a wish that comes at a random moment is heard."""
    worst: float
    """Between two questions, the first one's way included."""
    worst_wall: float
    return_: float
    """From the answer to the return, without the certificate."""
    certificate: float
    peak_mb: float
    """The largest resident memory of the process, in MiB."""
    taken_mb: float
    """What of it was not there before the instance was made."""

    @property
    def longest(self) -> float:
        """From any wish to the return."""
        return self.worst + self.return_


def random_instance(kind: str, order: int) -> Instance:
    """Return an instance of this kind; twice the same for the same arguments."""
    rng = np.random.default_rng(1)
    flow, distance = rng.integers(1, 100, (2, order, order))
    if kind == "sparse":
        flow[rng.random((order, order)) < 0.98] = 0
    if kind == "asymmetric":
        return Instance(flow, distance)
    flow, distance = flow + flow.T, distance + distance.T
    if kind == "fractional":
        return Instance(flow / 7, distance / 3)
    return Instance(flow, distance)


def measure(
    method: str, instance: Instance, seconds: float, *, before_mb: float
) -> Measured:
    """Run the method for this much processor time, and look at its questions."""
    asked: list[tuple[float, float]] = [(time.thread_time(), time.perf_counter())]

    def poll() -> Termination | None:
        now = (time.thread_time(), time.perf_counter())
        asked.append(now)
        return Termination.CANCELLED if now[0] - asked[0][0] > seconds else None

    result = solve(instance, method, stop=Interrupt(poll), rng=np.random.default_rng(1))
    returned = time.thread_time()
    certify(instance.flow, instance.distance, instance.linear, result.permutation)
    certified = time.thread_time()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ways = np.diff(np.array(asked), axis=0) * 1e3
    return Measured(
        start=float(ways[0, 0]),
        median=_median_wait(ways[:, 0]),
        worst=float(ways[:, 0].max()),
        worst_wall=float(ways[:, 1].max()),
        return_=(returned - asked[-1][0]) * 1e3,
        certificate=(certified - returned) * 1e3,
        peak_mb=peak_mb,
        taken_mb=peak_mb - before_mb,
    )


def _median_wait(ways: np.ndarray) -> float:
    """Return the median of what is left of the way that a random moment falls into."""
    low, high = 0.0, float(ways.max())
    for _ in range(50):
        middle = (low + high) / 2
        share = np.minimum(ways, middle).sum() / ways.sum()
        low, high = (middle, high) if share < 0.5 else (low, middle)
    return high


def _measure_apart(work: tuple[str, str, int, float]) -> Measured | str:
    method, kind, order, seconds = work
    warm_up()
    before_mb = psutil.Process().memory_info().rss / 2**20
    instance = random_instance(kind, order)
    reason = METHODS[method].supports(instance)
    if reason is not None:
        return reason
    return measure(method, instance, seconds, before_mb=before_mb)


def measured(
    methods: list[str], order: int, seconds: float
) -> Iterator[tuple[str, str, Measured | str]]:
    """Yield each method on each kind, in a process of its own; or why it cannot."""
    for method in methods:
        for kind in KINDS:
            work = (method, kind, order, seconds)
            found = _measured_apart(work)
            if not isinstance(found, str) and found.longest > WANTED_MS:
                again = [_measured_apart(work), _measured_apart(work)]
                thrice = [found, *(each for each in again if not isinstance(each, str))]
                found = sorted(thrice, key=lambda each: each.longest)[1]
            yield method, kind, found


def _measured_apart(work: tuple[str, str, int, float]) -> Measured | str:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure_apart, (work,))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--order", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=4.0)
    given = parser.parse_args()
    print("| method | instance | first | p50 | worst | wall | return | certificate |")
    print("|---|---|---|---|---|---|---|---|")
    missed: list[str] = []
    refusals: dict[str, str] = {}
    peaks: dict[str, float] = {}
    taken: dict[str, float] = {}
    for method, kind, found in measured(given.methods, given.order, given.seconds):
        if isinstance(found, str):
            refusals[method] = found
            continue
        print(
            f"| {method} | {kind} | {found.start:.0f} | {found.median:.0f} "
            f"| {found.worst:.0f} | {found.worst_wall:.0f} | {found.return_:.1f} "
            f"| {found.certificate:.0f} |",
            flush=True,
        )
        if found.longest > WANTED_MS:
            missed.append(f"{method} on {kind}")
        peaks[method] = max(peaks.get(method, 0.0), found.peak_mb)
        taken[method] = max(taken.get(method, 0.0), found.taken_mb)
    for method, reason in refusals.items():
        print(f"{method}: {reason}")
    print("peak resident memory, and what the solve took of it, MiB:")
    for method, peak in peaks.items():
        print(f"| {method} | {peak:.0f} | {taken[method]:.0f} |")
    print(f"over {WANTED_MS:g} ms: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
