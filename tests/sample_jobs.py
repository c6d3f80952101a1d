"""Jobs that tests record, claim and look at again."""

from dataclasses import replace

from sqlalchemy import update

from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.event import JobEnded
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Limits, SolveRequest
from db.engine import Database, now
from db.models import Job
from db.repositories import attempts, events, jobs
from db.repositories.attempts import Claim
from db.repositories.events import Milestone
from db.repositories.jobs import NewJob

OWNER = "elsewhere:1:1.00"
"""No process of this host."""
LEASE_SECONDS = 15.0
REQUEST = SolveRequest(instance="0" * 64, order=4, limits=Limits(time_s=1.0))
CHECKPOINT = Checkpoint(
    objective=40, permutation=[1, 0, 3, 2], iterations=7, elapsed_s=0.5
)


def new_job(**changes: object) -> NewJob:
    """Return a job that no one has recorded yet."""
    job = NewJob(
        id=new_id("job"),
        kind="solve",
        queue="interactive",
        request=REQUEST.model_dump_json(),
        method=REQUEST.method,
        instance_sha256=REQUEST.instance,
    )
    return replace(job, **changes)  # type: ignore[arg-type]


def submit(database: Database, **changes: object) -> str:
    """Record a job; return its id."""
    return submit_milestone(database, **changes).draft.job_id


def submit_milestone(database: Database, **changes: object) -> Milestone:
    """Record a job; return its first milestone."""
    with database.transaction() as connection:
        _, milestone = jobs.insert_job(connection, new_job(**changes))
    return milestone


def try_claim(
    database: Database, job_id: str, *, owner: str = OWNER, lease: float = LEASE_SECONDS
) -> Claim | None:
    """Claim the job, if it may be claimed."""
    with database.transaction() as connection:
        return attempts.claim(connection, job_id, owner=owner, lease_seconds=lease)


def claim(
    database: Database, job_id: str, *, owner: str = OWNER, lease: float = LEASE_SECONDS
) -> Claim:
    """Claim the job, which must be free."""
    claimed = try_claim(database, job_id, owner=owner, lease=lease)
    assert claimed is not None
    return claimed


def claim_new(
    database: Database, *, owner: str = OWNER, lease: float = LEASE_SECONDS
) -> Claim:
    """Record a job and claim it."""
    return claim(database, submit(database), owner=owner, lease=lease)


def finish(
    database: Database,
    claimed: Claim,
    state: JobState = JobState.SUCCEEDED,
    *,
    result: str | None = "{}",
) -> Milestone:
    """End the claimed job."""
    with database.transaction() as connection:
        return attempts.finish(
            connection,
            claimed.job_id,
            attempt=claimed.attempt,
            state=state,
            payload=JobEnded(attempt=claimed.attempt),
            result=result,
        )


def end_lease(database: Database, job_id: str) -> None:
    """Let the lease of a running job run out."""
    set_row(database, job_id, lease_until=now() - 1.0)


def wait_long(database: Database, job_id: str) -> None:
    """Let a queued job have waited for a while."""
    set_row(database, job_id, available_at=now() - 60.0)


def make_due(database: Database, job_id: str) -> None:
    """Let the deadline of a job come."""
    set_row(database, job_id, deadline_at=now() - 1.0)


def set_row(database: Database, job_id: str, **values: object) -> None:
    """Write into a job's row as no repository would."""
    with database.transaction() as connection:
        connection.execute(update(Job).where(Job.id == job_id).values(values))


def row(database: Database, job_id: str) -> Job:
    """Return the job's row with all its columns."""
    with database.reading() as connection:
        return jobs.get_job(connection, job_id, whole=True)


def milestones(database: Database, job_id: str) -> list[Milestone]:
    """Return the job's milestones, in order."""
    with database.reading() as connection:
        return events.milestones_of(connection, [job_id])


def types(database: Database, job_id: str) -> list[str]:
    """Return the types of the job's milestones, in order."""
    return [milestone.draft.type.value for milestone in milestones(database, job_id)]


def pending(backplane: Backplane) -> set[str]:
    """Return the ids in all messages that no worker has taken."""
    by_queue = backplane.broker.pending()
    return {record_id for ids in by_queue.values() for record_id in ids}
