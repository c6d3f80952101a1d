"""FAQ beside scipy's, each restarted for as much CPU time; gaps in per cent.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.faq_peers

Fails if the mean gap is larger than scipy's. Both start at the barycentre, then in
between it and a random doubly stochastic matrix. With more threads the CPU time of
matrix products counts once a thread.
"""

import math
import sys
import time
from importlib import metadata

import numpy as np
from scipy.optimize import quadratic_assignment

from tests.benchmarks.results import Section, paired
from worker import qap
from worker.qap.qaplib import best_known, load

SECONDS = 2.0
QUICK_NAMES, QUICK_SECONDS = ("nug30", "kra30a", "tai40a", "sko49"), 0.5
SEED = 1
NAMES = (
    "nug30",
    "kra30a",
    "ste36a",
    "tai40a",
    "sko49",
    "tai80a",
    "tai80b",
    "sko100a",
    "tho150",
    "tai256c",
)


def scipy_gap(
    instance: qap.Instance, best: float, seconds: float = SECONDS
) -> tuple[float, int]:
    """Return the gap of scipy's best descent, and how many there were."""
    rng = np.random.default_rng(SEED)
    flow, distance = (m.astype(float) for m in (instance.flow, instance.distance))
    found, descents, begun = math.inf, 0, time.process_time()
    while time.process_time() - begun < seconds:
        start = "randomized" if descents else "barycenter"
        options = {"rng": rng, "P0": start}
        result = quadratic_assignment(flow, distance, method="faq", options=options)
        found = min(found, result.fun)
        descents += 1
    return 100 * qap.gap_to_best_known(found, best), descents


def our_gap(
    instance: qap.Instance,
    best: float,
    swaps: int | None,
    method: str = "faq",
    seconds: float = SECONDS,
) -> tuple[float, int]:
    """Return the gap of the incumbent, and how many steps were taken."""
    result = qap.solve(
        instance,
        method,
        stop=qap.TimeLimit(seconds),
        rng=np.random.default_rng(SEED),
        parameters={} if swaps is None else {"swaps": swaps},
        clock=time.process_time,
        bounds=(),
    )
    return 100 * qap.gap_to_best_known(result.objective, best), result.iterations


def collect(*, quick: bool) -> Section:
    """Compare objectives at equal time for the report of `make bench-system`."""
    names, seconds = (QUICK_NAMES, QUICK_SECONDS) if quick else (NAMES, SECONDS)
    qap.warm_up()
    found: dict[str, list[float]] = {"scipy": [], "faq": [], "auto": []}
    for name in names:
        instance, best = load(name), best_known(name).value
        gaps = {
            "scipy": scipy_gap(instance, best, seconds),
            "faq": our_gap(instance, best, 1, seconds=seconds),
            "auto": our_gap(instance, best, None, "auto", seconds),
        }
        for who, (gap, _) in gaps.items():
            found[who].append(best * (1 + gap / 100))
    return Section(
        comparisons=[
            paired(
                found[method],
                found["scipy"],
                section="solving",
                name=f"objective of {method}",
                peer="scipy's FAQ, restarted",
                unit="objective",
                better="lower",
                conditions=f"{seconds:g} s of processor time each, one thread, "
                f"seed {SEED}: {', '.join(names)}",
            )
            for method in ("faq", "auto")
        ],
        versions={"scipy": metadata.version("scipy")},
    )


def main() -> int:
    """Print the table; return 1 if the mean gap is larger than scipy's."""
    qap.warm_up()
    print("| instance | scipy (descents) | without swaps (steps) | with (steps) |")
    print("|---|---|---|---|")
    rows = []
    for name in NAMES:
        instance, best = load(name), best_known(name).value
        row = [
            scipy_gap(instance, best),
            our_gap(instance, best, 0),
            our_gap(instance, best, 1),
        ]
        cells = " | ".join(f"{gap:.2f} ({count})" for gap, count in row)
        print(f"| {name} | {cells} |", flush=True)
        rows.append([gap for gap, _ in row])
    theirs, without, ours = np.mean(rows, axis=0).tolist()
    print(f"| mean | {theirs:.2f} | {without:.2f} | {ours:.2f} |")
    return 0 if ours <= theirs else 1


if __name__ == "__main__":
    sys.exit(main())
