"""FAQ beside scipy's, each restarted for as much CPU time; gaps in per cent.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.faq_peers

Fails if the mean gap is larger than scipy's. Both start at the barycentre, then in
between it and a random doubly stochastic matrix. With more threads the CPU time of
matrix products counts once a thread.
"""

import math
import sys
import time

import numpy as np
from scipy.optimize import quadratic_assignment

from worker import qap
from worker.qap.qaplib import best_known, load

SECONDS = 2.0
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


def scipy_gap(instance: qap.Instance, best: float) -> tuple[float, int]:
    """Return the gap of scipy's best descent, and how many there were."""
    rng = np.random.default_rng(SEED)
    flow, distance = (m.astype(float) for m in (instance.flow, instance.distance))
    found, descents, begun = math.inf, 0, time.process_time()
    while time.process_time() - begun < SECONDS:
        start = "randomized" if descents else "barycenter"
        options = {"rng": rng, "P0": start}
        result = quadratic_assignment(flow, distance, method="faq", options=options)
        found = min(found, result.fun)
        descents += 1
    return 100 * qap.gap_to_best_known(found, best), descents


def our_gap(instance: qap.Instance, best: float, swaps: int) -> tuple[float, int]:
    """Return the gap of the incumbent, and how many steps were taken."""
    result = qap.solve(
        instance,
        "faq",
        stop=qap.TimeLimit(SECONDS),
        rng=np.random.default_rng(SEED),
        parameters={"swaps": swaps},
        clock=time.process_time,
        bounds=(),
    )
    return 100 * qap.gap_to_best_known(result.objective, best), result.iterations


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
