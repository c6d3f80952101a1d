"""What solves have come to: read from their rows, never from their results.

A solve by islands is one solve. Its islands are not counted beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.kinds.calculate import CALCULATE
from db.contracts.kinds.islands import ISLANDS
from db.contracts.kinds.solve import SOLVE
from db.models import Job
from db.repositories.paging import Cursor, newest_first

KEPT_AT_HAND = 10_000
"""Solves by which statistics are made, unless more are asked for."""


@dataclass(frozen=True, slots=True)
class MethodRecord:
    """What one method has come to."""

    method: str
    finished: int
    succeeded: int
    mean_quality: float | None
    """Of those with a best known objective; None where there was none."""
    mean_elapsed_s: float | None
    """Of those that did the work themselves."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What solves have come to; what was cancelled or expired is in neither part."""

    finished: int
    succeeded: int
    failed: int
    mean_quality: float | None
    min_quality: float | None
    max_quality: float | None
    mean_elapsed_s: float | None
    by_method: Mapping[str, MethodRecord]


def totals(
    connection: Connection,
    *,
    caller: str | None = None,
    last: int = KEPT_AT_HAND,
    of: ColumnElement[bool] | None = None,
) -> Totals:
    """Return what the solves that ended last have come to, all callers' or one's.

    With ``of``, other jobs: ``is_calculation`` says which.
    """
    which = is_solve() if of is None else of
    latest = (
        select(Job.method, Job.state, Job.quality, Job.elapsed_s, Job.cached_from)
        # Not by their states: then all that ever ended would be read and sorted.
        .where(which, Job.finished_at.is_not(None))
        .order_by(Job.finished_at.desc(), Job.id.desc())
        .limit(last)
    )
    if caller is not None:
        latest = latest.where(Job.caller == caller)
    one = latest.subquery().c
    has_succeeded = one.state == JobState.SUCCEEDED.value
    quality = case((has_succeeded, one.quality))
    # A copy of another's result ran no time of its own.
    elapsed_s = case((and_(has_succeeded, one.cached_from.is_(None)), one.elapsed_s))
    rows = connection.execute(
        select(
            one.method,
            func.count().label("finished"),
            func.count(case((has_succeeded, 1))).label("succeeded"),
            func.count(case((one.state == JobState.FAILED.value, 1))).label("failed"),
            func.count(quality).label("rated"),
            func.sum(quality).label("quality"),
            func.min(quality).label("least"),
            func.max(quality).label("greatest"),
            func.count(elapsed_s).label("timed"),
            func.sum(elapsed_s).label("elapsed_s"),
        ).group_by(one.method)
    ).all()
    return Totals(
        finished=sum(row.finished for row in rows),
        succeeded=sum(row.succeeded for row in rows),
        failed=sum(row.failed for row in rows),
        mean_quality=_mean(rows, "quality", "rated"),
        min_quality=min((row.least for row in rows if row.rated), default=None),
        max_quality=max((row.greatest for row in rows if row.rated), default=None),
        mean_elapsed_s=_mean(rows, "elapsed_s", "timed"),
        by_method={
            row.method: MethodRecord(
                method=row.method,
                finished=row.finished,
                succeeded=row.succeeded,
                mean_quality=_mean([row], "quality", "rated"),
                mean_elapsed_s=_mean([row], "elapsed_s", "timed"),
            )
            for row in rows
        },
    )


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which ended solves are told of; None means any."""

    caller: str | None = None
    method: str | None = None
    states: Sequence[JobState] = ()
    instance_sha256: str | None = None
    parent_id: str | None = None
    ended_after: float | None = None
    ended_before: float | None = None


@dataclass(frozen=True, slots=True)
class EndedSolve:
    """One solve, without its result."""

    id: str
    parent_id: str | None
    position: int | None
    state: JobState
    method: str | None
    matrix_order: int | None
    instance_sha256: str | None
    objective: float | None
    quality: float | None
    gap: float | None
    elapsed_s: float | None
    iterations: int | None
    cached_from: str | None
    error: str | None
    created_at: float
    started_at: float | None
    finished_at: float


def list_ended(
    connection: Connection, chosen: HistoryFilter, *, after: Cursor | None, limit: int
) -> list[EndedSolve]:
    """Return solves, the last to end first; the cursor is of their ends."""
    columns = [getattr(Job, name) for name in EndedSolve.__dataclass_fields__]
    query = newest_first(
        select(*columns).where(*_chosen(chosen)),
        Job.finished_at,
        Job.id,
        after=after,
        limit=limit,
    )
    return [
        EndedSolve(**{**row, "state": JobState(row["state"])})
        for row in connection.execute(query).mappings()
    ]


def count_ended(
    connection: Connection, chosen: HistoryFilter, *, most: int = KEPT_AT_HAND
) -> int:
    """Return how many there are; counting ends at ``most``."""
    found = select(Job.id).where(*_chosen(chosen)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(found)).scalar_one()


def _chosen(chosen: HistoryFilter) -> list[ColumnElement[bool]]:
    which = [
        is_solve(),
        Job.state.in_(chosen.states or FINAL_STATES),
        Job.finished_at.is_not(None),
    ]
    for column, wanted in (
        (Job.caller, chosen.caller),
        (Job.method, chosen.method),
        (Job.instance_sha256, chosen.instance_sha256),
        (Job.parent_id, chosen.parent_id),
    ):
        if wanted is not None:
            which.append(column == wanted)
    if chosen.ended_after is not None:
        which.append(Job.finished_at > chosen.ended_after)
    if chosen.ended_before is not None:
        which.append(Job.finished_at < chosen.ended_before)
    return which


def is_solve() -> ColumnElement[bool]:
    """Return whether a job is a solve that somebody asked for, alone or in a family."""
    parent = Job.__table__.alias("parent")
    is_island = (
        select(parent.c.id)
        .where(parent.c.id == Job.parent_id, parent.c.kind == ISLANDS.name)
        .exists()
    )
    return or_(
        Job.kind == ISLANDS.name,
        and_(Job.kind == SOLVE.name, or_(Job.parent_id.is_(None), ~is_island)),
    )


def is_calculation() -> ColumnElement[bool]:
    """Return whether a job is a calculation."""
    return Job.kind == CALCULATE.name


def _mean(rows: Iterable[Any], total: str, count: str) -> float | None:
    number = sum(getattr(row, count) for row in rows)
    if not number:
        return None
    return float(sum(getattr(row, total) or 0.0 for row in rows)) / float(number)
