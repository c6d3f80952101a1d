"""Thresholds: made, changed, and held while they are judged."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from db.contracts.errors import NotFoundError, QuotaExceededError
from db.contracts.identifier import new_id
from db.contracts.notification import Level
from db.contracts.threshold import (
    CALCULATION,
    Condition,
    Rule,
    Standing,
    ThresholdState,
    Watched,
)
from db.engine import now
from db.models import LiveCalculation, Threshold
from db.repositories.endpoints import lock
from db.repositories.paging import Cursor, newest_first


@dataclass(frozen=True, kw_only=True)
class NewThreshold:
    """What a caller wants to be told of, checked."""

    owner: str
    name: str
    watched: Watched
    rule: Rule
    level: Level
    enabled: bool = True


def add_threshold(
    connection: Connection, new: NewThreshold, *, limit: int
) -> Threshold:
    """Record a rule; raise QuotaExceededError where its owner has too many."""
    lock(connection, f"thresholds of {new.owner}")
    query = select(func.count()).where(Threshold.owner == new.owner)
    if connection.execute(query).scalar_one() >= limit:
        raise QuotaExceededError(
            f"you have {limit} thresholds, as many as one caller may have",
            suggestion="Delete one, or have SOLVEQUEUE_THRESHOLDS raised.",
        )
    row = connection.execute(
        insert(Threshold)
        .values(
            id=new_id("thr"),
            owner=new.owner,
            enabled=new.enabled,
            version=0,
            created_at=now(),
            updated_at=now(),
            **columns(new),
            **ANEW,
        )
        .returning(Threshold)
    )
    return Threshold(**row.mappings().one())


def columns(new: NewThreshold) -> dict[str, Any]:
    """Return what its owner may change, as its row has it."""
    return {
        "name": new.name,
        "source": new.watched.source,
        "pointer": new.watched.pointer,
        "level": new.level.value,
        **asdict(new.rule),
        "condition": new.rule.condition.value,
    }


def get_threshold(
    connection: Connection, threshold_id: str, *, is_held: bool = False
) -> Threshold:
    """Return the rule; nobody judges one that is held, until the commit."""
    query = select(Threshold).where(Threshold.id == threshold_id)
    if is_held:
        query = query.with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise _not_found(threshold_id)
    return Threshold(**row)


def owner_of(connection: Connection, threshold_id: str) -> str | None:
    """Return whose the rule is; None if there is none."""
    query = select(Threshold.owner).where(Threshold.id == threshold_id)
    return connection.execute(query).scalar_one_or_none()


def list_thresholds(
    connection: Connection,
    *,
    after: Cursor | None,
    limit: int,
    owner: str | None = None,
) -> list[Threshold]:
    """Return rules, newest first. ``owner`` is whose; None is anyone's."""
    query = newest_first(
        select(Threshold), Threshold.created_at, Threshold.id, after=after, limit=limit
    )
    if owner is not None:
        query = query.where(Threshold.owner == owner)
    rows = connection.execute(query).mappings()
    return [Threshold(**row) for row in rows]


def change_threshold(
    connection: Connection, found: Threshold, changes: dict[str, Any]
) -> Threshold:
    """Write columns that its owner has changed.

    One that watches something else from now on, or otherwise, begins anew.
    """
    if any(changes[name] != getattr(found, name) for name in MEANING & set(changes)):
        changes = changes | ANEW
    row = connection.execute(
        update(Threshold)
        .where(Threshold.id == found.id)
        .values(**changes, version=Threshold.version + 1, updated_at=now())
        .returning(Threshold)
    )
    return Threshold(**row.mappings().one())


def delete_threshold(connection: Connection, threshold_id: str) -> None:
    """Forget the rule; what it told stays among its owner's notifications."""
    gone = connection.execute(
        delete(Threshold).where(Threshold.id == threshold_id).returning(Threshold.id)
    )
    if gone.one_or_none() is None:
        raise _not_found(threshold_id)


def forget_watching(connection: Connection, source: str) -> None:
    """Forget the rules that watch a source that is no more."""
    connection.execute(delete(Threshold).where(Threshold.source == source))


def forget_unwatchable(connection: Connection) -> int:
    """Forget the rules of live calculations that are no more; return how many."""
    is_there = exists().where(
        Threshold.source == literal(f"{CALCULATION}:").concat(LiveCalculation.id)
    )
    gone = connection.execute(
        delete(Threshold).where(
            Threshold.source.startswith(f"{CALCULATION}:"), ~is_there
        )
    )
    return gone.rowcount


def watching(
    connection: Connection, source: str, *, owner: str | None = None
) -> list[Threshold]:
    """Return the rules that watch a source; of one owner, where it is that owner's.

    They are the caller's to judge, and nobody else's, until the commit: what two
    processes judge is raised by one.
    """
    query = select(Threshold).where(
        Threshold.source == source, Threshold.enabled.is_(True)
    )
    if owner is not None:
        query = query.where(Threshold.owner == owner)
    # In one order for all: nobody waits for each other in a circle.
    query = query.order_by(Threshold.id).with_for_update()
    rows = connection.execute(query).mappings()
    return [Threshold(**row) for row in rows]


def watched_of(found: Threshold) -> Watched:
    """Return which number the rule watches."""
    return Watched(found.source, found.pointer)


def rule_of(found: Threshold) -> Rule:
    """Return when the rule is raised."""
    return Rule(
        condition=Condition(found.condition),
        value=found.value,
        low=found.low,
        high=found.high,
        hysteresis=found.hysteresis,
        cooldown_s=found.cooldown_s,
    )


def standing_of(found: Threshold) -> Standing:
    """Return what the rule has seen."""
    kept = {each.name: getattr(found, each.name) for each in fields(Standing)}
    return Standing(**kept | {"state": ThresholdState(found.state)})


def keep(connection: Connection, judged: Sequence[tuple[Threshold, Standing]]) -> None:
    """Write how rules stand that were read by `watching`, all in one go."""
    if judged:
        connection.execute(
            _KEEP,
            [{"of": each.id, **_columns_of(standing)} for each, standing in judged],
        )


def miss(connection: Connection, threshold_ids: Sequence[str], *, at: float) -> None:
    """Note that there was no number where these rules look for one."""
    if threshold_ids:
        connection.execute(
            update(Threshold)
            .where(Threshold.id.in_(threshold_ids))
            .values(missed_at=at)
        )


def _columns_of(standing: Standing) -> dict[str, Any]:
    return {**asdict(standing), "state": standing.state.value}


ANEW: dict[str, Any] = {**_columns_of(Standing()), "missed_at": None}
"""How a rule stands that has seen nothing."""
MEANING = {"source", "pointer", "condition", "value", "low", "high", "enabled"}
"""Columns that say what a rule is about: with others it has seen nothing yet."""
_KEEP = (
    update(Threshold)
    .where(Threshold.id == bindparam("of"))
    .values(version=Threshold.version + 1)
)


def _not_found(threshold_id: str) -> NotFoundError:
    return NotFoundError(f"there is no threshold {threshold_id}")
