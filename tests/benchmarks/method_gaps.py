"""What a method reaches: `python -m tests.benchmarks.method_gaps METHOD [INSTANCE...]`.

Prints, for each instance and seed, the gap to the best known objective after 1 and 10
seconds of processor time, in per cent, and the iterations done.
"""

import sys
import time

import numpy as np

from worker.qap import METHODS, gap_to_best_known, warm_up
from worker.qap.methods.method import Method
from worker.qap.pace import Pace
from worker.qap.qaplib import best_known, load

INSTANCES = ("nug30", "kra30a", "tai40a", "sko49", "tai50b", "sko100a", "tai100a")
SEEDS = (1, 2, 3)
SECONDS = (1, 10)
SLICE_S = 0.02


def measure(method: Method, name: str, seed: int) -> tuple[list[float], int]:
    """Return the gaps after so many seconds, in per cent, and the iterations."""
    search = method.start(load(name), np.random.default_rng(seed))
    best, gaps, total = best_known(name).value, [], 0
    pace, begun = Pace(SLICE_S), time.process_time()
    for seconds in SECONDS:
        while (before := time.process_time() - begun) < seconds:
            done = search.advance(pace.steps)
            pace.learn(done, time.process_time() - begun - before)
            total += done
        gaps.append(100 * gap_to_best_known(search.objective, best))
    return gaps, total


def main(name: str, *instances: str) -> None:
    warm_up()
    for instance in instances or INSTANCES:
        for seed in SEEDS:
            gaps, total = measure(METHODS[name], instance, seed)
            cells = " ".join(f"{gap:8.3f}" for gap in gaps)
            print(f"{instance:9} {seed} {cells} {total:9,}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
