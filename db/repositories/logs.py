"""Ended jobs' logs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.contracts.job_state import FINAL_STATES
from db.models import ArchivedLog, Job
from db.models.record import table_of


@dataclass(frozen=True, slots=True)
class EndedLog:
    """A whole log on its way into the archive."""

    job_id: str
    epoch: str
    last_sequence: int
    lines: bytes


def put_logs(session: Session, archived: Sequence[EndedLog]) -> None:
    """Archive the logs of ended jobs; those that are archived stay as they are."""
    job, log = table_of(Job), table_of(ArchivedLog)
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    rows = [
        {
            "job_id": each.job_id,
            "epoch": each.epoch,
            "last_sequence": each.last_sequence,
            "lines": each.lines,
        }
        for each in archived
    ]
    session.execute(insert(log).on_conflict_do_nothing(), rows)
    ids = [each.job_id for each in archived]
    session.execute(update(job).where(job.c.id.in_(ids)).values(archived=True))


def get_log(session: Session, job_id: str) -> ArchivedLog | None:
    """Return a job's archived log, if it is there yet."""
    return session.get(ArchivedLog, job_id)


def unarchived(session: Session, *, limit: int) -> list[tuple[str, int]]:
    """Return ended jobs whose log is not archived: id and count of milestones."""
    rows = session.execute(
        select(Job.id, Job.milestones)
        .where(Job.archived.is_(False), Job.state.in_(FINAL_STATES))
        .order_by(Job.finished_at)
        .limit(limit)
    )
    return [(job_id, milestones) for job_id, milestones in rows]


def unended(session: Session, *, limit: int) -> list[tuple[str, int]]:
    """Return jobs that have not ended: id and count of milestones."""
    rows = session.execute(
        select(Job.id, Job.milestones)
        .where(Job.state.not_in(FINAL_STATES))
        .order_by(Job.created_at)
        .limit(limit)
    )
    return [(job_id, milestones) for job_id, milestones in rows]
