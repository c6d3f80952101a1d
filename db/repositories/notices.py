"""Notices: events of the service itself, written with what they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, insert, select, update

from db.contracts.delivery import Mode
from db.contracts.event import (
    EventType,
    WebhookDisabled,
    WebhookTest,
    optional_timestamp,
)
from db.contracts.identifier import new_id
from db.contracts.payload import Payload
from db.engine import now
from db.models import Delivery, Endpoint, Notice
from db.repositories.planning import owe_notice, owe_test


@dataclass(frozen=True, slots=True)
class Noted:
    """A recorded notice, and what couriers are to be told of."""

    notice: Notice
    delivery_ids: tuple[str, ...]


def note_disabled(connection: Connection, disabled: Endpoint) -> Noted | None:
    """Tell the owner's other endpoints and its channel; of a job's own nobody."""
    if disabled.owner is None:
        return None
    notice = _insert(
        connection,
        EventType.WEBHOOK_DISABLED,
        WebhookDisabled(
            endpoint=disabled.id,
            description=disabled.description,
            reason=disabled.disabled_reason or "",
            failing_since=optional_timestamp(disabled.failing_since),
        ),
        owner=disabled.owner,
        subject=disabled.id,
        told=False,
    )
    owed = owe_notice(
        connection,
        notice.id,
        owner=disabled.owner,
        but=disabled.id,
        type_=EventType.WEBHOOK_DISABLED,
    )
    return Noted(notice, owed)


def note_test(connection: Connection, endpoint: Endpoint) -> str:
    """Owe the endpoint, and nobody else, a test; return the delivery's id."""
    notice = _insert(
        connection,
        EventType.WEBHOOK_TEST,
        WebhookTest(endpoint=endpoint.id),
        owner=endpoint.owner or "",
        subject=endpoint.id,
        told=True,
    )
    return owe_test(connection, notice.id, endpoint.id, Mode(endpoint.mode))


def _insert(
    connection: Connection,
    type_: EventType,
    payload: Payload,
    *,
    owner: str,
    subject: str,
    told: bool,
) -> Notice:
    row = connection.execute(
        insert(Notice)
        .values(
            id=new_id("evt"),
            type=type_.value,
            time=now(),
            owner=owner,
            subject=subject,
            data=payload.model_dump_json(exclude_none=True),
            told=told,
        )
        .returning(Notice)
    )
    return Notice(**row.mappings().one())


def get_notice(connection: Connection, notice_id: str) -> Notice | None:
    """Return the notice, or None if it is kept no more."""
    query = select(Notice).where(Notice.id == notice_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Notice(**row)


def untold(connection: Connection, *, limit: int) -> list[Notice]:
    """Return notices that the channel has not taken, oldest first."""
    query = select(Notice).where(Notice.told.is_(False))
    rows = connection.execute(query.order_by(Notice.time).limit(limit)).mappings()
    return [Notice(**row) for row in rows]


def set_told(connection: Connection, notice_ids: Sequence[str]) -> None:
    """Note that the channel has taken them."""
    connection.execute(
        update(Notice).where(Notice.id.in_(notice_ids)).values(told=True)
    )


def forget_notices(connection: Connection, *, older_than_seconds: float) -> None:
    """Forget old notices that are owed to nobody."""
    owed = exists().where(Delivery.notice_id == Notice.id)
    connection.execute(
        delete(Notice).where(Notice.time < now() - older_than_seconds, ~owed)
    )
