"""Insights: found, found again, expired; and what later data say of them."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from db.contracts.errors import NotFoundError
from db.contracts.insight import Evidence, InsightState
from db.engine import now
from db.models import Insight, InsightVerdict
from db.repositories.endpoints import lock
from db.repositories.paging import Cursor, newest_first


@dataclass(frozen=True, kw_only=True)
class NewInsight:
    """Something that was found."""

    kind: str
    claim: str
    title: str
    description: str
    impact: str
    action: str
    priority: str
    evidence: Evidence

    @property
    def id(self) -> str:
        return f"ins_{hashlib.sha256(self.claim.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What later data say of a claim."""

    confirmed: bool
    n: int
    effect: float


def replace_all(connection: Connection, found: Sequence[NewInsight]) -> int:
    """Let these stand, and no others; return how many began or ceased to."""
    lock(connection, "insights")
    moment = connection.execute(select(now())).scalar_one()
    known = {
        row.id: row
        for row in connection.execute(
            select(Insight.id, Insight.state, Insight.claimed_effect).with_for_update()
        )
    }
    changed = 0
    for each in found:
        values = _columns(each) | {"seen_at": moment}
        before = known.get(each.id)
        is_new = before is None or before.state != InsightState.ACTIVE.value
        turned = before is not None and before.claimed_effect * each.evidence.effect < 0
        if is_new or turned:
            changed += 1
            values |= {
                "since": moment,
                "claimed_at": moment,
                "claimed_effect": each.evidence.effect,
            }
        if before is None:
            connection.execute(
                insert(Insight).values(id=each.id, created_at=moment, **values)
            )
        else:
            connection.execute(
                update(Insight).where(Insight.id == each.id).values(values)
            )
    gone = connection.execute(
        update(Insight)
        .where(
            Insight.state == InsightState.ACTIVE.value,
            Insight.id.not_in([each.id for each in found]),
        )
        .values(state=InsightState.EXPIRED.value)
    )
    return changed + gone.rowcount


def unjudged(connection: Connection, *, limit: int = 200) -> list[Insight]:
    """Return claims that later data have said nothing of yet, oldest first."""
    judged = exists().where(
        InsightVerdict.insight_id == Insight.id,
        InsightVerdict.claimed_at == Insight.claimed_at,
    )
    query = select(Insight).where(~judged).order_by(Insight.claimed_at).limit(limit)
    return [Insight(**row) for row in connection.execute(query).mappings()]


def judge(connection: Connection, judged: Insight, verdict: Verdict) -> None:
    """Record what later data say; the claim is then held against what comes next."""
    connection.execute(
        insert(InsightVerdict).values(
            insight_id=judged.id,
            claimed_at=judged.claimed_at,
            kind=judged.kind,
            judged_at=now(),
            confirmed=verdict.confirmed,
            later_n=verdict.n,
            later_effect=verdict.effect,
        )
    )
    connection.execute(
        update(Insight)
        .where(Insight.id == judged.id, Insight.state == InsightState.ACTIVE.value)
        .values(claimed_at=now(), claimed_effect=Insight.effect)
    )


def verdicts(connection: Connection) -> Mapping[str, tuple[int, int]]:
    """Return how many claims of each kind were confirmed, and how many refuted."""
    query = select(
        InsightVerdict.kind, InsightVerdict.confirmed, func.count()
    ).group_by(InsightVerdict.kind, InsightVerdict.confirmed)
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for kind, confirmed, count in connection.execute(query):
        counted[kind][0 if confirmed else 1] = count
    return {kind: (yes, no) for kind, (yes, no) in counted.items()}


def standing(connection: Connection, *, limit: int) -> list[Insight]:
    """Return what stands, most certain first."""
    query = (
        select(Insight)
        .where(Insight.state == InsightState.ACTIVE.value)
        .order_by(Insight.p_adjusted, Insight.id)
        .limit(limit)
    )
    return [Insight(**row) for row in connection.execute(query).mappings()]


def list_insights(
    connection: Connection,
    *,
    state: InsightState | None = None,
    kind: str | None = None,
    after: Cursor | None,
    limit: int,
) -> list[Insight]:
    """Return insights, the newest first."""
    query = select(Insight)
    if state is not None:
        query = query.where(Insight.state == state.value)
    if kind is not None:
        query = query.where(Insight.kind == kind)
    query = newest_first(
        query, Insight.created_at, Insight.id, after=after, limit=limit
    )
    return [Insight(**row) for row in connection.execute(query).mappings()]


def get_insight(connection: Connection, insight_id: str) -> Insight:
    """Return the insight; raises NotFoundError."""
    query = select(Insight).where(Insight.id == insight_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"there is no insight {insight_id}")
    return Insight(**row)


def forget(connection: Connection, *, older_than_seconds: float) -> int:
    """Delete what has not stood for so long; return how many."""
    gone = connection.execute(
        delete(Insight).where(
            Insight.state == InsightState.EXPIRED.value,
            Insight.seen_at < now() - older_than_seconds,
        )
    )
    return gone.rowcount


def _columns(found: NewInsight) -> dict[str, object]:
    return {
        "kind": found.kind,
        "claim": found.claim,
        "state": InsightState.ACTIVE.value,
        "title": found.title,
        "description": found.description,
        "impact": found.impact,
        "action": found.action,
        "priority": found.priority,
        "evidence": found.evidence.model_dump_json(),
        "effect": found.evidence.effect,
        "p_adjusted": found.evidence.p_adjusted,
    }
