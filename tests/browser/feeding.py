"""A run that tells of itself more often than a solver does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from db.backplane import Backplane
from db.contracts.event import EventType, Progress
from db.contracts.job_state import JobState
from db.repositories import events
from tests.acceptance.conftest import Service
from worker.progress import progress_entry

INSTANCE = "tai100a"
FIRST = 30_000_000
"""An objective that no solver starts with; each event tells a lower one."""


@dataclass
class FedRun:
    """A job that runs as long as the block; `tell` adds to what it tells itself."""

    job_id: str
    backplane: Backplane
    traceparent: str
    needs: int
    told: int = 0

    def tell(self) -> None:
        """Add one event."""
        self.told += 1
        progress = Progress(
            attempt=1,
            method="iterated_tabu",
            objective=FIRST - self.told,
            bound=FIRST // 2,
            bound_name="fed",
            gap_to_bound=1.0 - self.told / FIRST,
            iterations=1000 * self.told,
            elapsed_s=self.told / 10,
        )
        entry = progress_entry(
            EventType.JOB_PROGRESS,
            progress,
            job_id=self.job_id,
            fence=1,
            needs=self.needs,
            traceparent=self.traceparent,
        )
        self.backplane.stream.append([entry])


@contextmanager
def fed_run(service: Service) -> Iterator[FedRun]:
    """Start a solve, and cancel it when the block ends."""
    client, stack = service.client, service.stack
    job = client.submit_solve(INSTANCE, limits={"time_s": 3000})
    service.wait_for(job.id, lambda seen: seen.state is JobState.RUNNING)
    assert stack.valkey is not None
    settings = stack.settings.model_copy(update={"redis_url": stack.valkey.redis_url})
    backplane = Backplane.open(settings)
    try:
        with backplane.database.reading() as connection:
            started = events.milestones_of(connection, [job.id])[-1]
        yield FedRun(
            job.id, backplane, started.draft.traceparent, needs=started.ordinal
        )
    finally:
        backplane.close()
        client.cancel(job.id)


def at_rate(rate: float, seconds: float) -> Iterator[int]:
    """Yield so often, as long; turns that were missed are made up for."""
    begin = time.monotonic()
    for turn in range(int(rate * seconds)):
        wait = begin + turn / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        yield turn
