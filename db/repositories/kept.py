"""What is kept of ended jobs, and for how long: removed results, deleted records.

Families go as a whole: children have no age of their own, they go with their parent,
before it, and in portions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, select, update
from sqlalchemy.orm import aliased

from db.contracts.delivery import OWED
from db.contracts.job_kind import Origin
from db.contracts.job_state import FINAL_STATES, JobState
from db.engine import now
from db.models import ArchivedLog, Delivery, Endpoint, Event, Job

_HAS_ENDED = Job.state.in_(FINAL_STATES)


def _is_followed() -> ColumnElement[bool]:
    """Return whether a job waits for this one's end, which it has still to hear of."""
    follower = aliased(Job)
    return exists().where(
        follower.follows == Job.id, follower.state == JobState.QUEUED.value
    )


def _owes() -> ColumnElement[bool]:
    """Return whether a webhook is still to be told of the job."""
    return exists().where(Delivery.job_id == Job.id, Delivery.state.in_(OWED))


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job, no one's child, that has been kept long enough."""

    id: str
    is_family: bool


class FindDue(Protocol):
    """Any of the three questions below."""

    def __call__(
        self, connection: Connection, kind: str, *, ended_before: float, limit: int
    ) -> list[DueJob]: ...


def due_for_removal(
    connection: Connection, kind: str, *, ended_before: float, limit: int
) -> list[DueJob]:
    """Return jobs whose result has been kept long enough."""
    return _due(
        connection, kind, ended_before, Job.result_removed_at.is_(None), limit=limit
    )


def due_for_deletion(
    connection: Connection, kind: str, *, ended_before: float, limit: int
) -> list[DueJob]:
    """Return jobs of which nothing need be kept any more."""
    return _due(connection, kind, ended_before, limit=limit)


def due_of_the_feed(
    connection: Connection, kind: str, *, ended_before: float, limit: int
) -> list[DueJob]:
    """Return jobs that ticks of the market feed have brought, and enough have since."""
    is_live = Job.origin == Origin.LIVE.value
    return _due(connection, kind, ended_before, is_live, limit=limit)


def _due(
    connection: Connection,
    kind: str,
    ended_before: float,
    *also: ColumnElement[bool],
    limit: int,
) -> list[DueJob]:
    rows = connection.execute(
        select(Job.id, Job.children)
        .where(
            _HAS_ENDED,
            Job.finished_at < ended_before,
            Job.kind == kind,
            Job.parent_id.is_(None),
            # Its log is not on the way into the archive.
            Job.archived,
            ~_owes(),
            ~_is_followed(),
            *also,
        )
        .order_by(Job.finished_at)
        .limit(limit)
    )
    return [DueJob(job_id, children is not None) for job_id, children in rows]


def children_with_results(
    connection: Connection, parent_id: str, *, limit: int
) -> list[str]:
    """Return children that have something to be removed, and may have it removed."""
    query = select(Job.id).where(_has_results(parent_id), Job.archived)
    return list(connection.execute(query.limit(limit)).scalars())


def has_results_left(connection: Connection, parent_id: str) -> bool:
    """Return whether some child still has something to be removed."""
    query = select(Job.id).where(_has_results(parent_id)).limit(1)
    return connection.execute(query).first() is not None


def _has_results(parent_id: str) -> ColumnElement[bool]:
    return and_(Job.parent_id == parent_id, Job.result_removed_at.is_(None))


def children_of(connection: Connection, parent_id: str, *, limit: int) -> list[str]:
    """Return children; those of a parent that has ended have ended too."""
    query = select(Job.id).where(Job.parent_id == parent_id)
    return list(connection.execute(query.limit(limit)).scalars())


def remove_results(connection: Connection, job_ids: Sequence[str]) -> None:
    """Keep the small record and the certificate; result, log and webhooks go."""
    connection.execute(
        update(Job)
        .where(Job.id.in_(job_ids))
        .values(result=None, checkpoint=None, result_removed_at=now())
    )
    for of_job in (Event.job_id, ArchivedLog.job_id, Endpoint.job_id):
        connection.execute(delete(of_job.class_).where(of_job.in_(job_ids)))


def followed(connection: Connection, job_ids: Sequence[str]) -> list[str]:
    """Return those for whose end other jobs wait."""
    query = select(Job.id).where(Job.id.in_(job_ids), _is_followed())
    return list(connection.execute(query).scalars())


def delete_ended(connection: Connection, job_ids: Sequence[str]) -> list[str]:
    """Delete those that have ended and that no job waits for; return which."""
    deleted = connection.execute(
        delete(Job)
        .where(Job.id.in_(job_ids), _HAS_ENDED, ~_is_followed())
        .returning(Job.id)
    )
    return list(deleted.scalars())
