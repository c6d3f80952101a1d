"""What a child of a warm solver does, and what it has to compile or import for it.

`python -m tests.integration.worker.warm_child DATABASE_URL REDIS_URL JOB…` warms up as
a solver does, forks, and runs in the child every method on everything that a job can
bring, then these jobs. One line of JSON tells what had not been there at the fork.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from db.backplane import Backplane
from db.contracts.settings import Settings
from tests.unit.worker.qap.kinds import KINDS, random_instance
from tests.unit.worker.qap.test_warm_up import signatures
from worker.attempt import run_attempt
from worker.qap import METHODS, IterationLimit, TimeLimit, certify, solve
from worker.warmth import warm

SMALL = [(order, IterationLimit(60)) for order in (2, 3, 8, 30, 45)]
LARGE = (260, TimeLimit(0.1))
"""An order beyond which searches stand still in other places, and no bound of theirs
that small orders have."""
LARGE_KINDS = ("symmetric", "asymmetric linear", "sparse", "float")


def main() -> int:
    database_url, redis_url, *job_ids = sys.argv[1:]
    warm()
    reading, writing = os.pipe()
    if os.fork() == 0:
        told = _in_the_child(database_url, redis_url, job_ids)
        os.write(writing, json.dumps(told).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        sys.stdout.write(pipe.read())
    return os.waitstatus_to_exitcode(os.wait()[1])


def _in_the_child(
    database_url: str, redis_url: str, job_ids: list[str]
) -> dict[str, Any]:
    from numba.core import event

    known, loaded = signatures(), set(sys.modules)
    with event.install_recorder("numba:compile") as compiled:
        runs = sum(1 for _ in _solve_everything())
        settings = Settings(
            database_url=database_url, redis_url=redis_url, rate_limits="off"
        )
        backplane = Backplane.open(settings)
        for job_id in job_ids:
            run_attempt(backplane, job_id)
        backplane.close()
    return {
        "runs": runs,
        "compiled": [str(each.data) for _, each in compiled.buffer],
        "loaded": [name for name, now in signatures().items() if now != known[name]],
        "imported": sorted(
            name
            for name in set(sys.modules) - loaded
            if name.partition(".")[0] in ("worker", "numba", "scipy", "numpy", "flint")
        ),
    }


def _solve_everything() -> Iterator[None]:
    for kind in KINDS:
        cases = [*SMALL, LARGE] if kind in LARGE_KINDS else SMALL
        for order, limit in cases:
            instance = random_instance(kind, order, seed=1)
            for method in METHODS.values():
                if method.supports(instance) is not None:
                    continue
                rng = np.random.default_rng(1)
                found = solve(instance, method.name, stop=limit, rng=rng)
                certify(
                    instance.flow,
                    instance.distance,
                    instance.linear,
                    found.permutation,
                )
                yield


if __name__ == "__main__":
    sys.exit(main())
