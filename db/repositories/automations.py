"""What the service may do by itself, what it did, and how that is undone."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from db.contracts.errors import NotFoundError, NotUndoableError
from db.contracts.identifier import new_id
from db.contracts.insight import AutomationName
from db.engine import now
from db.models import Automation, AutomationEntry, MethodRoute
from db.repositories import providers
from db.repositories.endpoints import lock
from db.repositories.paging import Cursor, newest_first


def switches(connection: Connection) -> dict[AutomationName, Automation]:
    """Return those that somebody has touched."""
    rows = connection.execute(select(Automation)).mappings()
    return {AutomationName(row["name"]): Automation(**row) for row in rows}


def switch(
    connection: Connection, name: AutomationName, *, enabled: bool, caller: str
) -> None:
    """Switch it on or off; what it has done stays until it is undone."""
    lock(connection, "automations")
    values = {"enabled": enabled, "changed_by": caller, "changed_at": now()}
    changed = update(Automation).where(Automation.name == name.value)
    if not connection.execute(changed.values(values)).rowcount:
        connection.execute(insert(Automation).values(name=name.value, **values))


def route_of(connection: Connection, order: int) -> str | None:
    """Return the method that ``auto`` was routed to at this order."""
    query = select(MethodRoute.method).where(
        MethodRoute.first_order <= order, MethodRoute.last_order >= order
    )
    return connection.execute(query).scalar_one_or_none()


def route(
    connection: Connection,
    orders: tuple[int, int],
    method: str,
    *,
    insight_id: str,
    summary: str,
) -> bool:
    """Have ``auto`` mean a method at these orders; return False where it does so."""
    lock(connection, "automations")
    query = select(MethodRoute).where(MethodRoute.first_order == orders[0])
    known = connection.execute(query).mappings().one_or_none()
    if known is not None and known["method"] == method:
        return False
    subject = f"{orders[0]} to {orders[1]}"
    if _was_undone(connection, AutomationName.ROUTE_AUTO, subject, insight_id):
        return False
    before = None if known is None else _plain_route(known)
    after = {"orders": orders, "method": method, "insight_id": insight_id}
    _set_route(connection, orders[0], after)
    _log(
        connection, AutomationName.ROUTE_AUTO, insight_id, subject, summary,
        before=before, after=after,
    )  # fmt: skip
    return True


def pause_provider(
    connection: Connection, provider_id: str, *, insight_id: str, summary: str
) -> bool:
    """Pause a provider; return False where it is, or where an operator has undone it.

    Raises NotFoundError where it is not there any more.
    """
    lock(connection, "automations")
    found = providers.get(connection, provider_id)
    if found.paused or _was_undone(
        connection, AutomationName.PAUSE_PROVIDER, provider_id, insight_id
    ):
        return False
    providers.set_paused(connection, provider_id, paused=True)
    _log(
        connection, AutomationName.PAUSE_PROVIDER, insight_id, provider_id, summary,
        before={"paused": False}, after={"paused": True},
    )  # fmt: skip
    return True


def undo(connection: Connection, entry_id: str, *, caller: str) -> AutomationEntry:
    """Put back what an entry has changed, once; no other run does it again.

    Raises NotFoundError where there is no such entry, and NotUndoableError where it
    was undone, or where what it changed was changed again since.
    """
    lock(connection, "automations")
    query = select(AutomationEntry).where(AutomationEntry.id == entry_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"no entry {entry_id}")
    if row["undone_at"] is not None:
        raise NotUndoableError("it was undone before")
    before, after = json.loads(row["before"]), json.loads(row["after"])
    if row["automation"] == AutomationName.ROUTE_AUTO:
        first = after["orders"][0]
        query_route = select(MethodRoute).where(MethodRoute.first_order == first)
        stands = connection.execute(query_route).mappings().one_or_none()
        if stands is None or _plain_route(stands) != after:
            raise NotUndoableError("it was changed again since; undo that first")
        _set_route(connection, first, before)
    else:
        if not providers.get(connection, row["subject"]).paused:
            raise NotUndoableError("the provider is not paused any more")
        providers.set_paused(connection, row["subject"], paused=False)
    changed = connection.execute(
        update(AutomationEntry)
        .where(AutomationEntry.id == entry_id)
        .values(undone_at=now(), undone_by=caller)
        .returning(AutomationEntry)
    )
    return AutomationEntry(**changed.mappings().one())


def list_entries(
    connection: Connection, *, after: Cursor | None, limit: int
) -> Sequence[AutomationEntry]:
    """Return what was done, newest first."""
    query = newest_first(
        select(AutomationEntry),
        AutomationEntry.created_at,
        AutomationEntry.id,
        after=after,
        limit=limit,
    )
    return [AutomationEntry(**row) for row in connection.execute(query).mappings()]


def _was_undone(
    connection: Connection, name: AutomationName, subject: str, insight_id: str
) -> bool:
    # An operator has said no to this very reason.
    query = select(AutomationEntry.id).where(
        AutomationEntry.automation == name.value,
        AutomationEntry.subject == subject,
        AutomationEntry.insight_id == insight_id,
        AutomationEntry.undone_at.is_not(None),
    )
    return connection.execute(query.limit(1)).first() is not None


def _plain_route(row: Any) -> dict[str, Any]:
    return {
        "orders": [row["first_order"], row["last_order"]],
        "method": row["method"],
        "insight_id": row["insight_id"],
    }


def _set_route(
    connection: Connection, first: int, wanted: dict[str, Any] | None
) -> None:
    connection.execute(delete(MethodRoute).where(MethodRoute.first_order == first))
    if wanted is not None:
        connection.execute(
            insert(MethodRoute).values(
                first_order=first,
                last_order=wanted["orders"][1],
                method=wanted["method"],
                insight_id=wanted["insight_id"],
                created_at=now(),
            )
        )


def _log(
    connection: Connection,
    name: AutomationName,
    insight_id: str,
    subject: str,
    summary: str,
    *,
    before: Any,
    after: Any,
) -> None:
    connection.execute(
        insert(AutomationEntry).values(
            id=new_id("aut"),
            automation=name.value,
            insight_id=insight_id,
            subject=subject,
            summary=summary,
            before=json.dumps(before),
            after=json.dumps(after),
            created_at=now(),
        )
    )
