"""Runs of what beat starts: a row where something is to be told, counts for the rest.

One short transaction a run, when it has ended: nothing is lost but what a database that
was away could not be told, and that shows as a skip.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts import beat_run
from db.contracts.beat_run import BeatCause, BeatOutcome, Moment
from db.engine import now
from db.models import BeatHour, BeatRun, BeatStanding

_OF_HOUR = BeatHour.__table__.columns
_COUNTS = ("runs", "on_time", "late", "skipped", "failed")
_TIMES = ("delay_sum_s", "duration_sum_s")
_SUMS = (*_COUNTS, *_TIMES)
_PEAKS = ("delay_max_s", "duration_max_s")
LONGEST_WAIT_SECONDS = 60.0
"""No message is older, or older than its period: beat's clock has been put back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A run that has just ended."""

    name: str
    every_seconds: float
    sent_at: float | None
    """When beat sent it; None if somebody else did."""
    duration_seconds: float
    error_type: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a run stands among those of its schedule."""

    moment: Moment | None = None
    """None if somebody triggered it."""
    values: dict[str, Any] = field(default_factory=dict)
    """What that changes of its schedule's standing."""
    is_regained: bool = False
    """Its moment has been counted as a skip, too early."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What a schedule's runs came to in a stretch of time."""

    name: str
    begins_at: int
    runs: int
    on_time: int
    late: int
    skipped: int
    failed: int
    delay_sum_s: float
    delay_max_s: float
    duration_sum_s: float
    duration_max_s: float


def record(connection: Connection, run: Ended, *, latest: int) -> BeatRun:
    """Record a run; of those with nothing to tell the ``latest`` are kept."""
    standing = _hold(connection, run)
    place = _place(standing, run)
    ended_at: float = connection.execute(select(now())).scalar_one()
    number = standing.records + 1
    row = _row(run, place.moment, number, ended_at - run.duration_seconds)
    connection.execute(insert(BeatRun).values(row))
    connection.execute(_LET_GO, {"of_name": run.name, "of_number": number - latest})
    _count(connection, run, place, row)
    if row["skipped"]:
        _count_skips(connection, run, standing.sent_at or 0.0, row["skipped"])
    if place.is_regained:
        _regain(connection, standing, row)
    return BeatRun(**row)


def note_begun(connection: Connection, name: str) -> None:
    """Say that a run has begun, of one that may take its time."""
    connection.execute(
        update(BeatStanding).where(BeatStanding.name == name).values(begun_at=now())
    )


def standings(connection: Connection) -> dict[str, BeatStanding]:
    """Return how each schedule stands that has ever run."""
    rows = connection.execute(select(BeatStanding)).mappings()
    return {row["name"]: BeatStanding(**row) for row in rows}


def latest_end(connection: Connection) -> float | None:
    """Return when the latest run of all ended; None if nothing has ever run."""
    ended = func.max(BeatStanding.started_at + BeatStanding.duration_s)
    return connection.execute(select(ended)).scalar_one()


def counts_since(
    connection: Connection, moment: float, *, step_seconds: int
) -> list[Counts]:
    """Return what runs came to since the moment's hour, a row a schedule and step.

    Steps are whole hours and begin where a multiple of them since 1970 does.
    """
    begins_at = BeatHour.hour - BeatHour.hour % step_seconds
    query = (
        select(
            BeatHour.name,
            begins_at.label("begins_at"),
            *(
                cast(func.sum(_OF_HOUR[name]), BigInteger).label(name)
                for name in _COUNTS
            ),
            *(func.sum(_OF_HOUR[name]).label(name) for name in _TIMES),
            *(func.max(_OF_HOUR[name]).label(name) for name in _PEAKS),
        )
        .where(BeatHour.hour >= beat_run.hour_of(moment))
        .group_by(BeatHour.name, begins_at)
        .order_by(begins_at, BeatHour.name)
    )
    return [Counts(**row) for row in connection.execute(query).mappings()]


def list_runs(
    connection: Connection, name: str, *, before: int | None, limit: int
) -> list[BeatRun]:
    """Return what is kept of a schedule's runs, newest first."""
    query = (
        select(BeatRun)
        .where(BeatRun.name == name)
        .order_by(BeatRun.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(BeatRun.number < before)
    return [BeatRun(**row) for row in connection.execute(query).mappings()]


def forget(connection: Connection, *, older_than_seconds: float, noted: int) -> int:
    """Forget counts and runs that are so old, and all but the ``noted`` latest runs.

    Returns how many runs are gone.
    """
    since = connection.execute(select(now())).scalar_one() - older_than_seconds
    connection.execute(delete(BeatHour).where(BeatHour.hour < beat_run.hour_of(since)))
    gone = _delete(connection, _NOTED, BeatRun.started_at < since)
    for name in connection.execute(select(BeatStanding.name)).scalars().all():
        its = BeatRun.name == name
        newest = select(BeatRun.number).where(its, _NOTED)
        beyond = newest.order_by(BeatRun.number.desc()).offset(noted).limit(1)
        number = connection.execute(beyond).scalar()
        if number is not None:
            gone += _delete(connection, its, _NOTED, BeatRun.number <= number)
    return gone


_NOTED = BeatRun.is_noted.is_(True)
_HELD = (
    select(BeatStanding)
    .where(BeatStanding.name == bindparam("of_name"))
    .with_for_update()
)
_LET_GO = delete(BeatRun).where(
    BeatRun.name == bindparam("of_name"),
    BeatRun.number == bindparam("of_number"),
    BeatRun.is_noted.is_(False),
)
_ENTERED = {
    "name": bindparam("name"),
    "every_s": bindparam("every_s"),
    "created_at": now(),
    **dict.fromkeys(
        ("records", "on_time", "late", "skipped", "failed", "triggered", "extra"), 0
    ),
}
_ENTER = {
    "sqlite": sqlite.insert(BeatStanding).values(_ENTERED).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(BeatStanding)
    .values(_ENTERED)
    .on_conflict_do_nothing(),
}


_BOUND: dict[str, Any] = {
    name: bindparam(name) for name in ("name", "hour", *_SUMS, *_PEAKS)
}


def _add(made: sqlite.Insert | postgresql.Insert) -> Any:
    columns = _OF_HOUR
    statement = made.values(_BOUND)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["name", "hour"],
        set_={
            **{name: columns[name] + new[name] for name in _SUMS},
            **{
                name: case((new[name] > columns[name], new[name]), else_=columns[name])
                for name in _PEAKS
            },
        },
    )


_ADD = {
    "sqlite": _add(sqlite.insert(BeatHour)),
    "postgresql": _add(postgresql.insert(BeatHour)),
}
_NOTHING = dict.fromkeys((*_SUMS, *_PEAKS), 0)


def _hold(connection: Connection, run: Ended) -> BeatStanding:
    """Return how the schedule stands; no other run is recorded before the commit."""
    asked = {"of_name": run.name}
    found = connection.execute(_HELD, asked).mappings().one_or_none()
    if found is None:
        connection.execute(
            _ENTER[connection.dialect.name],
            {"name": run.name, "every_s": run.every_seconds},
        )
        found = connection.execute(_HELD, asked).mappings().one()
    return BeatStanding(**found)


def _place(standing: BeatStanding, run: Ended) -> _Place:
    sent_at, last, every = run.sent_at, standing.sent_at, run.every_seconds
    if sent_at is None:
        return _Place()
    if last is None or last - sent_at > max(every, LONGEST_WAIT_SECONDS):
        anew = {"sent_at": sent_at, "gap_from": None, "gap_number": None}
        return _Place(Moment(sent_at, 0), anew)
    gap_from = standing.gap_from
    if sent_at < last and gap_from is not None and sent_at > gap_from:
        # Another courier was faster with a later one, and found a gap here.
        periods = max(1, round((sent_at - gap_from) / every))
        return _Place(Moment(gap_from + periods * every, 0), is_regained=True)
    moment = beat_run.moment_of(sent_at, after=last, every_seconds=every)
    if moment.is_extra:
        return _Place(moment)
    values = {"sent_at": sent_at}
    if moment.skipped:
        values |= {"gap_from": last, "gap_number": standing.records + 1}
    return _Place(moment, values)


def _row(
    run: Ended, moment: Moment | None, number: int, started_at: float
) -> dict[str, Any]:
    delay = 0.0 if moment is None else max(0.0, started_at - moment.at)
    on_time = None
    if moment is not None and not moment.is_extra:
        on_time = delay <= beat_run.allowance(run.every_seconds)
    failed = run.error_type is not None
    skipped = 0 if moment is None else moment.skipped
    return {
        "name": run.name,
        "number": number,
        "cause": (BeatCause.TRIGGER if moment is None else BeatCause.BEAT).value,
        "expected_at": None if moment is None else moment.at,
        "started_at": started_at,
        "delay_s": delay,
        "duration_s": run.duration_seconds,
        "outcome": (BeatOutcome.FAILED if failed else BeatOutcome.OK).value,
        "error_type": run.error_type,
        "error": run.error,
        "on_time": on_time,
        "skipped": skipped,
        "is_noted": moment is None or on_time is False or failed or skipped > 0,
    }


def _count(
    connection: Connection, run: Ended, place: _Place, row: dict[str, Any]
) -> None:
    """Count the run in its schedule's standing, and in the hour it belongs to."""
    on_time, late = int(row["on_time"] is True), int(row["on_time"] is False)
    failed, skipped = int(run.error_type is not None), row["skipped"]
    its, moment = BeatStanding, place.moment
    told = ("started_at", "delay_s", "duration_s", "outcome", "error_type", "error")
    connection.execute(
        update(its)
        .where(its.name == run.name)
        .values(
            **place.values,
            **{name: row[name] for name in told},
            every_s=run.every_seconds,
            begun_at=None,
            records=row["number"],
            on_time=its.on_time + on_time,
            late=its.late + late,
            skipped=its.skipped + skipped,
            failed=its.failed + failed,
            triggered=its.triggered + int(moment is None),
            extra=its.extra + int(moment is not None and moment.is_extra),
        )
    )
    counted = {
        "name": run.name,
        "hour": beat_run.hour_of(row["expected_at"] or row["started_at"]),
        "runs": 1,
        "on_time": on_time,
        "late": late,
        "failed": failed,
        "delay_sum_s": row["delay_s"] if on_time or late else 0.0,
        "delay_max_s": row["delay_s"] if on_time or late else 0.0,
        "duration_sum_s": row["duration_s"],
        "duration_max_s": row["duration_s"],
    }
    connection.execute(_ADD[connection.dialect.name], [_NOTHING | counted])


def _count_skips(connection: Connection, run: Ended, after: float, count: int) -> None:
    """Count moments that nobody ran in the hours in which they were."""
    found = beat_run.skips_by_hour(after, run.every_seconds, count)
    added = [
        _NOTHING | {"name": run.name, "hour": hour, "skipped": skipped}
        for hour, skipped in found.items()
    ]
    connection.execute(_ADD[connection.dialect.name], added)


def _regain(
    connection: Connection, standing: BeatStanding, row: dict[str, Any]
) -> None:
    """Take back a skip: its moment has got its run after all, out of turn."""
    for table, *its in (
        (BeatStanding, BeatStanding.name == standing.name),
        (
            BeatHour,
            BeatHour.name == standing.name,
            BeatHour.hour == beat_run.hour_of(row["expected_at"]),
        ),
        (
            BeatRun,
            BeatRun.name == standing.name,
            BeatRun.number == standing.gap_number,
        ),
    ):
        connection.execute(
            update(table)
            .where(*its, table.skipped > 0)
            .values(skipped=table.skipped - 1)
        )


def _delete(connection: Connection, *which: ColumnElement[bool]) -> int:
    deleted = connection.execute(delete(BeatRun).where(*which).returning(BeatRun.name))
    return len(deleted.all())
