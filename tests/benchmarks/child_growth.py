"""How a solver's child grows over many light jobs, and what it is that grows.

`python -m tests.benchmarks.child_growth [--jobs N] [--trace] [--keep]`

One process warms up, forks, and the child runs jobs of mixed kinds one after another,
in the shares of the soak, as fast as it can. Every so often it tells: what is its own
(USS), what the C library has handed out of it and what it keeps free, how many objects
the collector knows, and how much is left after the free part is given back. What is
handed out and grows is a leak or a cache that fills; what is kept free was given back
by the jobs. `--keep` leaves out what a worker does about that after each message.
"""

import argparse
import ctypes
import gc
import os
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import psutil
from numpy.random import Generator, default_rng
from pydantic import BaseModel
from sqlalchemy import Connection

from db.acceptance import accept
from db.backplane import Backplane
from db.contracts.calculations import CALCULATIONS
from db.contracts.identifier import new_id
from db.contracts.kinds import KINDS
from db.contracts.kinds.calculate import checked
from db.contracts.kinds.solve import Limits, SolveRequest
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.instance_codec import Matrices
from db.repositories import instances, jobs
from db.schema import ensure_schema
from tests.acceptance.chaos.jobs import make_calculation
from worker.attempt import run_attempt
from worker.memory import _glibc, give_back
from worker.qap import qaplib
from worker.warmth import warm

MEBIBYTE = 2**20
BLOCK = 50
"""Jobs that are recorded at once."""
INSTANCES = ("nug12", "nug20", "nug30", "tai40a", "sko42", "tai60a")
LINE = "{:>7} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.1f} {:>9}"


def requests(connection: Connection, rng: Generator) -> Iterator[tuple[str, BaseModel]]:
    """Yield the jobs of a block."""
    for _ in range(BLOCK):
        drawn = rng.random()
        if drawn < 0.4:
            zero = default_rng(0).integers(0, 1, (2, 2))
            costs = Matrices(zero, zero, rng.integers(0, 1000, (2, 2)))
            digest = instances.put_instance(
                connection, instances.pack(costs, name=None)
            )
            yield "solve", _solve(digest, None, 2, rng)
        elif drawn < 0.8:
            name = INSTANCES[int(rng.integers(len(INSTANCES)))]
            yield "solve", _solve("0" * 64, name, qaplib.load(name).order, rng)
        else:
            name = "npv" if drawn < 0.92 else "evaluate"
            body = (
                make_calculation(rng)["parameters"]
                if name == "npv"
                else {
                    "expression": f"sqrt({int(rng.integers(2, 10**6))})",
                    "digits": int(rng.integers(20, 300)),
                }
            )
            given = CALCULATIONS[name].parameters.model_validate(body)
            yield "calculate", checked(name, given)


def _solve(digest: str, name: str | None, order: int, rng: Generator) -> SolveRequest:
    return SolveRequest(
        instance=digest,
        instance_name=name,
        order=order,
        seed=int(rng.integers(2**31)),
        limits=Limits(time_s=0.03),
        cache=False,
    )


def grow(settings: Settings, *, count: int, trace: bool, keep: bool) -> None:
    """Run so many jobs in this process, and tell how it grows."""
    libc = _glibc()
    assert libc is not None
    backplane = Backplane.open(settings)
    rng = default_rng(1)
    print(
        f"{'jobs':>7} {'RSS MiB':>9} {'USS':>9} {'anonymous':>9} {'in use':>9} "
        f"{'kept free':>9} {'mapped':>9} {'objects':>9}"
    )
    if trace:
        tracemalloc.start(10)
    first: tracemalloc.Snapshot | None = None
    done, every = 0, max(BLOCK, count // 20 // BLOCK * BLOCK)
    _tell(0, libc)
    while done < count:
        with backplane.database.transaction() as connection:
            new = [
                jobs.describe(KINDS[kind], request, job_id=new_id("job"))
                for kind, request in requests(connection, rng)
            ]
            for each in new:
                accept(connection, each)
        for each in new:
            run_attempt(backplane, each.id)
            if not keep:
                give_back()
        done += len(new)
        if done % every == 0:
            _tell(done, libc)
        if trace and first is None and done >= count // 4:
            gc.collect()
            first = tracemalloc.take_snapshot()
    if first is not None:
        gc.collect()
        for line in tracemalloc.take_snapshot().compare_to(first, "lineno")[:25]:
            print(line)
    gc.collect()
    print("after the collector:")
    _tell(done, libc)
    libc.malloc_trim(0)
    print("after malloc_trim:")
    _tell(done, libc)
    backplane.close()


def _tell(done: int, libc: ctypes.CDLL) -> None:
    memory, handed = psutil.Process().memory_full_info(), libc.mallinfo2()
    anonymous = next(
        int(line.split()[1]) / 1024
        for line in Path("/proc/self/smaps_rollup").read_text().splitlines()
        if line.startswith("Anonymous:")
    )
    sizes = (memory.rss, memory.uss, handed.uordblks, handed.fordblks, handed.hblkhd)
    rss, uss, used, free, mapped = (size / MEBIBYTE for size in sizes)
    objects = len(gc.get_objects())
    print(
        LINE.format(done, rss, uss, anonymous, used, free, mapped, objects), flush=True
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--trace", action="store_true", help="name the lines that grow")
    parser.add_argument("--keep", action="store_true", help="give nothing back")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        valkey = EmbeddedValkey(Path(folder) / "valkey", append_only=False)
        valkey.start()
        settings = Settings(
            home=Path(folder),
            database_url=f"sqlite:///{folder}/jobs.db",
            redis_url=valkey.redis_url,
            cache_seconds=0,
        )
        backplane = Backplane.open(settings)
        ensure_schema(backplane.database)
        backplane.close()
        warm()
        gc.collect()
        gc.freeze()
        child = os.fork()
        if child == 0:
            grow(settings, count=given.jobs, trace=given.trace, keep=given.keep)
            sys.stdout.flush()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        valkey.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
