"""How rules of alerts stand with their subjects: held while they are judged."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.threshold import Lasting, Standing, ThresholdState
from db.models import AlertRule, AlertStanding


def known(connection: Connection, rule: AlertRule) -> dict[str, float | None]:
    """Return of which subjects the rule has seen anything, and `raised_at` of each."""
    query = select(AlertStanding).where(AlertStanding.rule_id == rule.id)
    rows = connection.execute(query).mappings()
    found = [AlertStanding(**row) for row in rows]
    return {each.subject: raised_at(each) for each in found}


def raised_at(found: AlertStanding) -> float | None:
    """Return since when an excursion is told; None if there is none."""
    return found.raised_at if found.state == ThresholdState.RAISED else None


def rules_about(connection: Connection, subject: str, rule_ids: Sequence[str]) -> bool:
    """Return whether one of these rules has seen anything of the subject."""
    query = select(AlertStanding.rule_id).where(
        AlertStanding.subject == subject, AlertStanding.rule_id.in_(rule_ids)
    )
    return connection.execute(query.limit(1)).first() is not None


def hold(
    connection: Connection, rule_id: str, wanted: Collection[str]
) -> dict[str, AlertStanding]:
    """Return the rule's standings with these subjects, and with others that it has.

    Nobody else judges them until the commit.
    """
    _make(connection, rule_id, wanted)
    query = select(AlertStanding).where(AlertStanding.rule_id == rule_id)
    # In one order for all: nobody waits for each other in a circle.
    query = query.order_by(AlertStanding.subject).with_for_update()
    rows = connection.execute(query).mappings()
    return {row["subject"]: AlertStanding(**row) for row in rows}


def hold_one(
    connection: Connection, rule_id: str, subject: str, *, is_made: bool
) -> AlertStanding | None:
    """Return the rule's standing with one subject, held likewise; None without one."""
    if is_made:
        _make(connection, rule_id, [subject])
    query = select(AlertStanding).where(
        AlertStanding.rule_id == rule_id, AlertStanding.subject == subject
    )
    row = connection.execute(query.with_for_update()).mappings().one_or_none()
    return None if row is None else AlertStanding(**row)


def _make(connection: Connection, rule_id: str, wanted: Collection[str]) -> None:
    if not wanted:
        return
    is_sqlite = connection.dialect.name == "sqlite"
    statement = (sqlite.insert if is_sqlite else postgresql.insert)(AlertStanding)
    connection.execute(
        statement.on_conflict_do_nothing(),
        [
            {
                "rule_id": rule_id,
                "subject": each,
                "state": ThresholdState.ARMED.value,
                "raises": 0,
                "suppressed": 0,
            }
            for each in sorted(wanted)
        ],
    )


def lasting_of(found: AlertStanding) -> Lasting:
    """Return what was seen, as numbers are judged."""
    return Lasting(
        Standing(
            state=ThresholdState(found.state),
            last_value=found.last_value,
            judged_at=found.judged_at,
            raised_at=found.raised_at,
            resolved_at=found.resolved_at,
            raises=found.raises,
            suppressed=found.suppressed,
        ),
        found.beyond_since,
    )


def keep(
    connection: Connection, rule_id: str, judged: Sequence[tuple[str, Lasting]]
) -> None:
    """Write how the rule stands with subjects that are held."""
    for subject, seen in judged:
        standing = seen.standing
        connection.execute(
            update(AlertStanding)
            .where(AlertStanding.rule_id == rule_id, AlertStanding.subject == subject)
            .values(
                state=standing.state.value,
                beyond_since=seen.beyond_since,
                last_value=standing.last_value,
                judged_at=standing.judged_at,
                raised_at=standing.raised_at,
                resolved_at=standing.resolved_at,
                raises=standing.raises,
                suppressed=standing.suppressed,
            )
        )


def forget(connection: Connection, rule_id: str, gone: Collection[str]) -> None:
    """Forget what was seen of these subjects."""
    if gone:
        connection.execute(
            delete(AlertStanding).where(
                AlertStanding.rule_id == rule_id, AlertStanding.subject.in_(gone)
            )
        )


def forget_quiet(
    connection: Connection, rule: AlertRule, quiet: Collection[str], *, at: float
) -> None:
    """Forget those of these subjects of which there is nothing to remember.

    They are within the limit, and nothing of them was told within the cooldown.
    """
    if quiet:
        last = func.coalesce(AlertStanding.raised_at, 0.0)
        connection.execute(
            delete(AlertStanding).where(
                AlertStanding.rule_id == rule.id,
                AlertStanding.subject.in_(quiet),
                AlertStanding.state == ThresholdState.ARMED.value,
                last <= at - rule.cooldown_s,
            )
        )


def disarm(connection: Connection, rule_id: str, subject: str) -> None:
    """Let a new excursion begin: the alert of this one is resolved by hand."""
    connection.execute(
        update(AlertStanding)
        .where(AlertStanding.rule_id == rule_id, AlertStanding.subject == subject)
        .values(state=ThresholdState.ARMED.value, beyond_since=None)
    )
