"""What methods average: `python -m tests.benchmarks.method_averages`.

Writes db/contracts/method_averages.json, which services tell until they have a history
of their own: for every method, the mean quality and run time of solves as clients of
the QAP server send them, by iterations. The linear assignment is measured on matrices
of costs, where its answer is proven to be the best.
"""

import json
import sys
import time
from pathlib import Path
from statistics import fmean

import numpy as np

import db.contracts
from db.contracts.quality import quality_of
from worker import qap
from worker.qap import METHODS, qaplib, warm_up

PATH = Path(db.contracts.__file__).with_name("method_averages.json")
INSTANCES = ("nug12", "nug15", "nug20", "nug25", "nug30", "tai20a", "tai30a", "chr20a")
SEEDS = (1, 2, 3)
ITERATIONS = 500
SECONDS = 10.0
"""No run takes longer: 500 iterations of some are many."""


def measure(name: str) -> tuple[list[float], list[float]]:
    """Return the qualities and the milliseconds of a method's runs."""
    qualities, milliseconds = [], []
    for instance, best_known in _instances(name):
        for seed in SEEDS:
            result = qap.solve(
                instance,
                name,
                stop=[qap.IterationLimit(ITERATIONS), qap.TimeLimit(SECONDS)],
                rng=np.random.default_rng(seed),
                # Of the processor: whoever else is at work does not count.
                clock=time.process_time,
            )
            reference = result.bound if best_known is None else best_known
            quality = quality_of(float(result.objective), reference)
            assert quality is not None
            qualities.append(quality)
            milliseconds.append(1000 * result.elapsed_s)
    return qualities, milliseconds


def _instances(name: str) -> list[tuple[qap.Instance, float | None]]:
    if name == "linear_assignment":
        found = []
        for order in (12, 30, 100):
            costs = np.random.default_rng(order).integers(1, 100, (order, order))
            nothing = np.zeros_like(costs)
            found.append((qap.Instance(nothing, nothing, costs), None))
        return found
    return [(qaplib.load(each), qaplib.best_known(each).value) for each in INSTANCES]


def main() -> int:
    warm_up(everything=True)
    methods = {}
    for name in METHODS:
        qualities, milliseconds = measure(name)
        methods[name] = {
            "avg_quality": round(fmean(qualities), 6),
            "avg_runtime_ms": round(fmean(milliseconds), 4),
            "runs": len(qualities),
        }
        sys.stdout.write(f"{name:24} {methods[name]}\n")
        sys.stdout.flush()
    found = {
        "command": "python -m tests.benchmarks.method_averages",
        "conditions": f"{ITERATIONS} iterations or {SECONDS:g} s of processor time, "
        f"seeds {', '.join(map(str, SEEDS))}, on {', '.join(INSTANCES)}; "
        "linear_assignment on matrices of costs of order 12, 30 and 100",
        "methods": methods,
    }
    PATH.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
