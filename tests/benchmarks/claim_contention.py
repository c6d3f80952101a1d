"""What it costs that many claim at once, on PostgreSQL, by how rows are locked.

``python -m tests.benchmarks.claim_contention [jobs] [claimers]``; 1000 and 16 without.
All ways claim as many jobs in the same run, with one turn a job, as messages are.
"""

import itertools
import sys
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection

from db.contracts.database_settings import Role
from db.contracts.settings import Settings
from db.engine import Database
from db.repositories import attempts, jobs, turns
from db.schema import ensure_schema
from tests.sample_jobs import new_job
from tests.servers.postgresql import PostgreSQL

QUEUE = "interactive"
ROUNDS = 3
Take = Callable[[Connection], str | None]


def way(*, skip: bool, serve_last: bool) -> Take:
    """Return how one turn is taken: the statements of `turns`, in an order."""
    statement = turns._NEXT_JOB if skip else turns._NEXT_JOB.with_for_update()

    def take(connection: Connection) -> str | None:
        callers = connection.execute(turns._NEXT_CALLERS, {"queue": QUEUE}).scalars()
        for caller in callers.all():
            its = {"queue": QUEUE, "caller": caller}
            job_id = connection.execute(statement, its).scalar_one_or_none()
            if job_id is None:
                continue
            served = {"of_queue": QUEUE, "of_caller": caller}
            if not serve_last:
                connection.execute(turns._SERVE, served)
            attempts.claim(connection, job_id, owner="a:1:1.0", lease_seconds=60.0)
            if serve_last:
                connection.execute(turns._SERVE, served)
            return str(job_id)
        return None

    return take


WAYS = {
    "wait for rows, serve first": way(skip=False, serve_last=False),
    "skip rows, serve first": way(skip=True, serve_last=False),
    "wait for rows, serve last": way(skip=False, serve_last=True),
    "skip rows, serve last": way(skip=True, serve_last=True),
}


def claim_all(database: Database, take: Take, count: int, claimers: int) -> float:
    """Take so many turns; return jobs claimed a second."""
    left = iter(range(count))
    lock = threading.Lock()
    taken: list[str] = []

    def work() -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
            with database.transaction() as connection:
                job_id = take(connection)
            if job_id is not None:
                taken.append(job_id)

    threads = [threading.Thread(target=work) for _ in range(claimers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert len(set(taken)) == len(taken)
    return len(taken) / seconds


def main() -> None:
    """Print claims a second of each way, the middle of three rounds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    claimers = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    with PostgreSQL() as server:
        print(f"{count} jobs, {claimers} claimers; claims a second")
        for callers in (1, 8):
            found: dict[str, list[float]] = {name: [] for name in WAYS}
            for _, (name, take) in itertools.product(range(ROUNDS), WAYS.items()):
                settings = Settings(database_url=server.create_database())
                database = Database(settings, role=Role.API)
                ensure_schema(database)
                with database.transaction() as connection:
                    for number in range(count):
                        caller = f"caller-{number % callers}"
                        turns.enter_queue(connection, QUEUE, caller)
                        jobs.insert_job(connection, new_job(caller=caller))
                found[name].append(claim_all(database, take, count, claimers))
                database.close()
            for name, rates in found.items():
                print(f"{callers} callers, {name:27} {sorted(rates)[ROUNDS // 2]:6.0f}")


if __name__ == "__main__":
    main()
