"""How long a job holds the database's write lock: SQLite has one for everybody.

In this one process a job is accepted, claimed, ended and archived, as the API and a
worker would; every transaction is timed from its lock to its commit. Nobody else
writes, so that what is measured is holding, not waiting.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import Connection

from api.state import ApiState
from db.contracts.caller import Caller
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from db.reconciler import Reconciler
from tests.benchmarks.ways import BODY
from tests.one_worker import OneWorker

CALLER = Caller(name="capacity")
JOBS_A_ROUND = 20


@dataclass(frozen=True)
class Held:
    """What one trivial job writes: medians of several rounds."""

    held_ms: float
    """How long all its transactions last."""
    accepting_ms: float
    """Of them, those of its acceptance."""
    transactions: float


def held_per_job(folder: Path, database_url: str, *, rounds: int) -> Held:
    """Have trivial jobs done in this process, and time what they write."""
    with ExitStack() as running:
        valkey = running.enter_context(EmbeddedValkey(folder / "valkey"))
        settings = Settings(
            home=folder,
            database_url=database_url,
            redis_url=valkey.redis_url,
            broker_url=valkey.broker_url,
        )
        # Before any database is there: what it shares goes by the same way.
        held = running.enter_context(_timed_transactions())
        state = ApiState(settings)
        running.callback(state.close)
        worker = OneWorker(state.backplane)
        reconciler = Reconciler(state.backplane)

        def one_round() -> tuple[float, float, int]:
            held.clear()
            for _ in range(JOBS_A_ROUND):
                _accept(state)
            accepting = sum(held)
            assert accepting, "what accepts a job was not timed"
            worker.work()
            reconciler.reconcile_all()
            each = 1000 / JOBS_A_ROUND
            return each * sum(held), each * accepting, len(held)

        one_round()
        found = [one_round() for _ in range(rounds)]
        return Held(
            median(ms for ms, _, _ in found),
            median(ms for _, ms, _ in found),
            median(count for _, _, count in found) / JOBS_A_ROUND,
        )


def _accept(state: ApiState) -> None:
    # At first use: these import much that other benchmarks do without.
    from api.body import parse
    from api.schemas.job import SolveSubmission
    from api.solving import resolve_solve
    from api.submit import submit

    submission = parse(SolveSubmission, BODY.encode())
    submit(state, resolve_solve(state, submission, caller=CALLER), caller=CALLER)


@contextmanager
def _timed_transactions() -> Iterator[list[float]]:
    """Time every transaction of this process, from when it may write to its end."""
    original, held = Database.transaction, list[float]()

    @contextmanager
    def timed(database: Database) -> Iterator[Connection]:
        begun = 0.0
        with original(database) as connection:
            begun = time.perf_counter()
            yield connection
        held.append(time.perf_counter() - begun)

    Database.transaction = timed  # type: ignore[method-assign]
    try:
        yield held
    finally:
        Database.transaction = original  # type: ignore[method-assign]
