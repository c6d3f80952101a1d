"""Jobs that succeeded become amounts of use: each once, whenever it ends.

With a job's end a charge is written; adding it up deletes it and adds to the day's and
the month's use, in one transaction. So nothing is lost or counted twice, whoever adds
up, and when; and deleting a job changes nothing. See ADR 0040.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
)
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects import postgresql, sqlite

from db.models import Charge, Job, UsageOfDay, UsageOfMonth
from db.models.record import Record
from db.repositories.prices import Prices

DAY_SECONDS = 86_400
READ_AT_MOST = 10_000
"""Charges that reading adds to what was added up already."""

_Sums = defaultdict[tuple[Any, ...], list[int]]
_COLUMNS = ("job_id", "kind", "caller", "ended_at", "cpu_s")
_WORKED_ITSELF = and_(Job.children.is_(None), Job.cached_from.is_(None))
_CHARGE = plain_insert(Charge).from_select(
    _COLUMNS,
    select(
        Job.id,
        Job.kind,
        Job.caller,
        Job.finished_at,
        case((_WORKED_ITSELF, func.coalesce(Job.elapsed_s, 0.0)), else_=0.0),
    ).where(Job.id == bindparam("of_job")),
)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one kind was used at one price."""

    kind: str
    price: int
    """The number of its version."""
    jobs: int
    cpu_ms: int


def charge(connection: Connection, job_id: str) -> None:
    """Charge for a job that has just succeeded, in the transaction of its end."""
    connection.execute(_CHARGE, {"of_job": job_id})


def add_up(connection: Connection, prices: Prices, *, limit: int) -> int:
    """Add some charges to what was used; return how many.

    ``prices`` were read behind `prices.lock_revenue`, in this transaction.
    """
    oldest = select(Charge.job_id).order_by(Charge.ended_at).limit(limit)
    taken = connection.execute(
        delete(Charge)
        .where(Charge.job_id.in_(oldest))
        .returning(Charge.kind, Charge.caller, Charge.ended_at, Charge.cpu_s)
    ).all()
    by_day: _Sums = defaultdict(lambda: [0, 0])
    by_month: _Sums = defaultdict(lambda: [0, 0])
    for row in taken:
        price = prices.at(row.kind, row.ended_at).number
        day, cpu_ms = int(row.ended_at // DAY_SECONDS), milliseconds(row.cpu_s)
        _add(by_day[day, row.kind, price], cpu_ms)
        _add(by_month[month_of(day), row.caller, row.kind, price], cpu_ms)
    _increase(connection, UsageOfDay, ("day", "kind", "price"), by_day)
    _increase(connection, UsageOfMonth, ("month", "caller", "kind", "price"), by_month)
    return len(taken)


def by_day(
    connection: Connection, prices: Prices, *, since: int
) -> tuple[dict[int, list[Use]], bool]:
    """Return what was used on each day from ``since`` on.

    What is not added up yet is in it; False where that is too much to be read now.
    """
    sums: defaultdict[tuple[int, str, int], list[int]] = defaultdict(lambda: [0, 0])
    query = select(UsageOfDay).where(UsageOfDay.day >= since)
    for row in connection.execute(query).mappings():
        sums[row["day"], row["kind"], row["price"]] = [row["jobs"], row["cpu_ms"]]
    waiting = (
        select(Charge.kind, Charge.ended_at, Charge.cpu_s)
        .where(Charge.ended_at >= since * DAY_SECONDS)
        .order_by(Charge.ended_at)
        .limit(READ_AT_MOST + 1)
    )
    found = connection.execute(waiting).all()
    for kind, ended_at, cpu_s in found[:READ_AT_MOST]:
        price = prices.at(kind, ended_at).number
        day = int(ended_at // DAY_SECONDS)
        _add(sums[day, kind, price], milliseconds(cpu_s))
    days: defaultdict[int, list[Use]] = defaultdict(list)
    for (day, kind, price), (jobs, cpu_ms) in sorted(sums.items()):
        days[day].append(Use(kind, price, jobs, cpu_ms))
    return dict(days), len(found) <= READ_AT_MOST


@dataclass(frozen=True, slots=True)
class Line:
    """What one caller used in a month of one kind at one price."""

    caller: str
    use: Use


def of_month(
    connection: Connection,
    month: int,
    *,
    caller: str | None,
    after: tuple[str, str, int] | None,
    limit: int,
) -> list[Line]:
    """Return what was used, by caller, kind and price; of one caller, or of all."""
    key = (UsageOfMonth.caller, UsageOfMonth.kind, UsageOfMonth.price)
    query = select(UsageOfMonth).where(UsageOfMonth.month == month)
    if caller is not None:
        query = query.where(UsageOfMonth.caller == caller)
    if after is not None:
        first, second, third = after
        query = query.where(
            (UsageOfMonth.caller > first)
            | and_(UsageOfMonth.caller == first, UsageOfMonth.kind > second)
            | and_(
                UsageOfMonth.caller == first,
                UsageOfMonth.kind == second,
                UsageOfMonth.price > third,
            )
        )
    return [
        Line(row["caller"], Use(row["kind"], row["price"], row["jobs"], row["cpu_ms"]))
        for row in connection.execute(query.order_by(*key).limit(limit)).mappings()
    ]


def milliseconds(seconds: float) -> int:
    """Return a job's seconds as they are added: whole milliseconds add exactly."""
    return round(seconds * 1000)


def month_of(day: int) -> int:
    """Return the number of the month that a day is in."""
    at = datetime.fromtimestamp(day * DAY_SECONDS, UTC)
    return at.year * 12 + at.month - 1


def _add(sums: list[int], cpu_ms: int) -> None:
    sums[0] += 1
    sums[1] += cpu_ms


def _increase(
    connection: Connection, table: type[Record], key: Iterable[str], sums: _Sums
) -> None:
    if not sums:
        return
    names = tuple(key)
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table)
    columns = table.__table__.c
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=names,
            set_={
                name: columns[name] + statement.excluded[name]
                for name in ("jobs", "cpu_ms")
            },
        ),
        [
            {**dict(zip(names, values, strict=True)), "jobs": jobs, "cpu_ms": cpu_ms}
            for values, (jobs, cpu_ms) in sums.items()
        ],
    )
