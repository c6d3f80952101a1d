"""Ended jobs' logs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.models import ArchivedLog, Job
from db.models.job import OPEN, UNARCHIVED


@dataclass(frozen=True, slots=True)
class EndedLog:
    """A whole log on its way into the archive."""

    job_id: str
    epoch: str
    last_sequence: int
    lines: bytes


def put_logs(connection: Connection, archived: Sequence[EndedLog]) -> None:
    """Archive the logs of ended jobs; those that are archived stay as they are."""
    dialect = connection.dialect.name
    # Held until the end of the transaction: a job may be deleted at any time.
    found = (
        select(Job.id)
        .where(Job.id.in_([each.job_id for each in archived]))
        .with_for_update(read=True, key_share=True)
    )
    there = set(connection.execute(found).scalars())
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    rows = [
        {
            "job_id": each.job_id,
            "epoch": each.epoch,
            "last_sequence": each.last_sequence,
            "lines": each.lines,
        }
        for each in archived
        if each.job_id in there
    ]
    if rows:
        connection.execute(insert(ArchivedLog).on_conflict_do_nothing(), rows)
        connection.execute(update(Job).where(Job.id.in_(there)).values(archived=True))


def get_log(connection: Connection, job_id: str) -> ArchivedLog | None:
    """Return a job's archived log, if it is there yet."""
    query = select(ArchivedLog).where(ArchivedLog.job_id == job_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else ArchivedLog(**row)


def unarchived(connection: Connection, *, limit: int) -> list[tuple[str, int]]:
    """Return ended jobs whose log is not archived: id and count of milestones."""
    rows = connection.execute(
        select(Job.id, Job.milestones)
        .where(UNARCHIVED)
        .order_by(Job.finished_at)
        .limit(limit)
    )
    return [(job_id, milestones) for job_id, milestones in rows]


def unended(connection: Connection, *, limit: int) -> list[tuple[str, int]]:
    """Return jobs that have not ended: id and count of milestones."""
    rows = connection.execute(
        select(Job.id, Job.milestones)
        .where(OPEN, ~and_(Job.held, Job.parent_id.is_not(None)))
        .order_by(Job.created_at)
        .limit(limit)
    )
    return [(job_id, milestones) for job_id, milestones in rows]
