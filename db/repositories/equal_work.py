"""Equal work is done once: a job in flight leads, those equal to it follow.

A follower is held: no worker may claim it. When its leader has done the work or has
failed at it, the follower ends alike, with events and deliveries of its own. When the
leader is cancelled or expires, the oldest follower goes on from its checkpoint.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update

from db.contracts.errors import ErrorRecord
from db.contracts.event import JobEnded
from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.kinds import KINDS
from db.engine import now
from db.models import Job
from db.repositories.attempts import ending_of
from db.repositories.events import (
    ENDED_COLUMNS,
    Milestone,
    ended_of,
    record_event,
)
from db.repositories.jobs import find_job, get_job
from db.repositories.measures import measures_of

FLOCK = 50
"""How many followers end in one transaction."""
SHARED_ENDS = (JobState.SUCCEEDED.value, JobState.FAILED.value)


@dataclass(frozen=True, slots=True)
class Promoted:
    """A follower that has to do the work itself now."""

    job_id: str
    kind: str
    queue: str


def find_leader(connection: Connection, fingerprint: str) -> str | None:
    """Return the job in flight that does this work."""
    return connection.execute(
        select(Job.id).where(
            Job.fingerprint == fingerprint,
            Job.leads.is_(True),
            Job.state.in_((JobState.QUEUED.value, JobState.RUNNING.value)),
        )
    ).scalar_one_or_none()


def find_done(
    connection: Connection, fingerprint: str, *, max_age_seconds: float
) -> str | None:
    """Return the job that did this work last, if that is not too long ago."""
    return connection.execute(
        select(Job.id)
        .where(
            Job.fingerprint == fingerprint,
            Job.state == JobState.SUCCEEDED.value,
            Job.cached_from.is_(None),
            Job.finished_at > now() - max_age_seconds,
        )
        .order_by(Job.finished_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def end_alike(connection: Connection, job_id: str, model: Job) -> Milestone | None:
    """End a held job as ``model`` ended; return None if it has ended already.

    ``model`` is loaded with its result and has succeeded or failed.
    """
    state, payload = JobState(model.state), _as_told(model)
    row = connection.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.QUEUED, Job.held.is_(True))
        .values(
            state=state.value,
            result=model.result,
            certificate=model.certificate,
            error=model.error,
            cached_from=model.id,
            follows=None,
            finished_at=now(),
            milestones=Job.milestones + 1,
            **measures_of(payload),
        )
        .returning(*ENDED_COLUMNS, Job.milestones, Job.finished_at)
    ).one_or_none()
    if row is None:
        return None
    return record_event(
        connection,
        job_id,
        ordinal=row.milestones,
        attempt=0,
        type_=ending_of(model.kind, state),
        payload=payload,
        time=row.finished_at,
        ended=ended_of(row, state, at=row.finished_at),
    )


def _as_told(model: Job) -> JobEnded:
    """Return the end of a job whose work another has done."""
    told: dict[str, object] = {}
    if model.result is not None:
        result = KINDS[model.kind].result.model_validate_json(model.result)
        told = result.model_dump(include=set(JobEnded.model_fields))
    error = (
        None if model.error is None else ErrorRecord.model_validate_json(model.error)
    )
    return JobEnded(attempt=0, error=error, cached_from=model.id, **told)


def followers_of(connection: Connection, leader_id: str, *, limit: int) -> list[str]:
    """Return jobs that wait for this one's end, oldest first."""
    query = (
        select(Job.id)
        .where(Job.follows == leader_id, Job.state == JobState.QUEUED.value)
        .order_by(Job.created_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def end_followers(connection: Connection, leader_id: str) -> list[Milestone]:
    """End some followers of a leader that succeeded or failed; none if it did not."""
    leader = find_job(connection, leader_id)
    if leader is None or leader.state not in SHARED_ENDS:
        return []
    endings = [
        end_alike(connection, job_id, leader)
        for job_id in followers_of(connection, leader_id, limit=FLOCK)
    ]
    return [ending for ending in endings if ending is not None]


def promote_follower(connection: Connection, leader_id: str) -> Promoted | None:
    """Let the oldest follower of a cancelled, expired or deleted leader do the work."""
    leader = find_job(connection, leader_id)
    if leader is not None and (
        leader.state not in FINAL_STATES or leader.state in SHARED_ENDS
    ):
        return None
    follower = next(iter(followers_of(connection, leader_id, limit=1)), None)
    if follower is None:
        return None
    work = get_job(connection, follower).fingerprint
    other = find_leader(connection, work or "")
    if other is not None:
        # Sent after the leader was told to stop, and under way.
        _follow(connection, leader_id, other)
        return None
    row = connection.execute(
        update(Job)
        .where(Job.id == follower, Job.state == JobState.QUEUED, Job.held.is_(True))
        .values(
            held=False,
            follows=None,
            leads=True,
            available_at=now(),
            checkpoint=None if leader is None else leader.checkpoint,
        )
        .returning(Job.kind, Job.queue)
    ).one_or_none()
    if row is None:
        return None
    _follow(connection, leader_id, follower)
    return Promoted(follower, row.kind, row.queue)


def _follow(connection: Connection, from_id: str, to_id: str) -> None:
    connection.execute(
        update(Job)
        .where(Job.follows == from_id, Job.state == JobState.QUEUED.value)
        .values(follows=to_id)
    )


def leaderless(connection: Connection, *, limit: int) -> list[str]:
    """Return jobs that have ended, or are gone, and are still followed."""
    leader = Job.__table__.alias("leader")
    query = (
        select(Job.follows)
        .outerjoin(leader, Job.follows == leader.c.id)
        .where(
            Job.state == JobState.QUEUED.value,
            Job.follows.is_not(None),
            or_(leader.c.id.is_(None), leader.c.state.in_(FINAL_STATES)),
        )
        .distinct()
        .limit(limit)
    )
    return [leader_id or "" for leader_id in connection.execute(query).scalars()]
