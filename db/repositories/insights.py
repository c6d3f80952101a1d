"""Findings: written when they are found, ended when they are not any more."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select, update

from db.contracts.errors import NotFoundError
from db.contracts.event import timestamp
from db.contracts.insight import InsightShort
from db.engine import now
from db.models import Insight, InsightPrediction
from db.repositories.endpoints import lock
from db.repositories.paging import Cursor, newest_first

MOST_TOLD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding, as it is written."""

    id: str
    kind: str
    subject: str
    title: str
    description: str
    impact: str
    action: str
    priority: str
    confidence: float
    test: str
    unit: str
    n: int
    effect: float
    low: float
    high: float
    p: float
    adjusted_p: float
    hypotheses: int
    facts: Mapping[str, Any]
    window_start: float
    window_end: float


@dataclass(frozen=True, slots=True)
class Promise:
    """What is to hold on later data."""

    effect: float
    nothing: float
    after_s: float


@dataclass(frozen=True, slots=True)
class Written:
    """One that is to be written, and what goes with it."""

    found: Found
    promise: Promise | None
    contrary_id: str | None


LAPSES_AFTER = 4
"""Times the time after which a promise is due: too little came to judge it."""


def lock_insights(connection: Connection) -> None:
    """Let nobody else write findings until the commit."""
    lock(connection, "insights")


def put(
    connection: Connection, written: Sequence[Written], *, keep_seconds: float
) -> None:
    """Write what was found now; end what was not found again."""
    moment = connection.execute(select(now())).scalar_one()
    known = set(
        connection.execute(
            select(Insight.id).where(Insight.id.in_([x.found.id for x in written]))
        ).scalars()
    )
    for each in written:
        values = asdict(each.found) | {
            "facts": json.dumps(dict(each.found.facts)),
            "seen_at": moment,
            "expires_at": moment + keep_seconds,
            "ended_at": None,
            "superseded_by": None,
        }
        if each.found.id in known:
            changed = update(Insight).where(Insight.id == each.found.id)
            connection.execute(changed.values(values))
        else:
            connection.execute(insert(Insight).values(created_at=moment, **values))
        if each.contrary_id is not None:
            connection.execute(
                update(Insight)
                .where(Insight.id == each.contrary_id, Insight.ended_at.is_(None))
                .values(ended_at=moment, superseded_by=each.found.id)
            )
        if each.promise is not None:
            _promise(connection, each.found, each.promise, moment)
    connection.execute(
        update(Insight)
        .where(
            Insight.ended_at.is_(None),
            Insight.id.not_in([each.found.id for each in written]),
        )
        .values(ended_at=moment)
    )


def _promise(
    connection: Connection, found: Found, promise: Promise, moment: float
) -> None:
    """Write one promise at a time: overlapping ones would count one fact twice."""
    is_open = select(InsightPrediction.made_at).where(
        InsightPrediction.insight_id == found.id,
        InsightPrediction.settled_at.is_(None),
    )
    if connection.execute(is_open.limit(1)).first() is None:
        connection.execute(
            insert(InsightPrediction).values(
                insight_id=found.id,
                made_at=moment,
                kind=found.kind,
                effect=promise.effect,
                null_effect=promise.nothing,
                due_at=moment + promise.after_s,
                lapses_at=moment + LAPSES_AFTER * promise.after_s,
            )
        )


def due_predictions(connection: Connection, *, limit: int) -> list[InsightPrediction]:
    """Return promises that are to be judged now."""
    rows = connection.execute(
        select(InsightPrediction)
        .where(
            InsightPrediction.settled_at.is_(None), InsightPrediction.due_at <= now()
        )
        .order_by(InsightPrediction.due_at)
        .limit(limit)
    ).mappings()
    return [InsightPrediction(**row) for row in rows]


def settle(
    connection: Connection,
    prediction: InsightPrediction,
    *,
    observed: float | None,
    hit: bool | None,
) -> None:
    """Write what came of a promise; of one that lapsed nothing is known."""
    of_it = (
        InsightPrediction.insight_id == prediction.insight_id,
        InsightPrediction.made_at == prediction.made_at,
        InsightPrediction.settled_at.is_(None),
    )
    connection.execute(
        update(InsightPrediction)
        .where(*of_it)
        .values(settled_at=now(), observed=observed, hit=hit)
    )


def hits_by_kind(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return of each kind how many promises held, of how many that were judged."""
    rows = connection.execute(
        select(
            InsightPrediction.kind,
            func.count(case((InsightPrediction.hit.is_(True), 1))),
            func.count(),
        )
        .where(InsightPrediction.hit.is_not(None))
        .group_by(InsightPrediction.kind)
    )
    return {kind: (hits, judged) for kind, hits, judged in rows}


def get(connection: Connection, insight_id: str) -> Insight:
    """Return one, whether or not it still holds; raises NotFoundError."""
    query = select(Insight).where(Insight.id == insight_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"no insight {insight_id}")
    return Insight(**row)


def list_insights(
    connection: Connection,
    *,
    kind: str | None,
    is_open: bool | None,
    after: Cursor | None,
    limit: int,
) -> list[Insight]:
    """Return findings, newest first: those that hold, those that do not, or all."""
    query = select(Insight)
    if kind is not None:
        query = query.where(Insight.kind == kind)
    if is_open is not None:
        holds = Insight.ended_at.is_(None) & (Insight.expires_at > now())
        query = query.where(holds if is_open else ~holds)
    query = newest_first(
        query, Insight.created_at, Insight.id, after=after, limit=limit
    )
    return [Insight(**row) for row in connection.execute(query).mappings()]


def told(connection: Connection) -> list[InsightShort]:
    """Return those that hold, surest first, as the earlier overview's clients know."""
    rows = connection.execute(
        select(Insight)
        .where(Insight.ended_at.is_(None), Insight.expires_at > now())
        .order_by(Insight.confidence.desc(), Insight.id)
        .limit(MOST_TOLD)
    ).mappings()
    return [
        InsightShort(
            id=row["id"],
            title=row["title"],
            description=row["description"],
            confidence=round(row["confidence"], 2),
            impact_estimate=row["impact"],
            action_type=row["action"],
            priority=row["priority"],
            timestamp=timestamp(row["seen_at"]),
        )
        for row in rows
    ]


def forget(connection: Connection, *, older_than_seconds: float) -> int:
    """Delete findings that ended long ago; what they promised is kept."""
    return connection.execute(
        delete(Insight).where(Insight.ended_at < now() - older_than_seconds)
    ).rowcount
