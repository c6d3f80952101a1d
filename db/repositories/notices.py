"""Notices: events of the service itself, written with what they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, insert, select, update

from db.contracts.delivery import Mode
from db.contracts.event import EventType, WebhookTest
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


def note(
    connection: Connection,
    type_: EventType,
    payload: Payload,
    *,
    owner: str,
    subject: str,
    but: str = "",
) -> Noted:
    """Tell the owner's endpoints that want it, but that one, and its channel."""
    notice = _insert(
        connection, type_, payload, owner=owner, subject=subject, told=False
    )
    owed = owe_notice(connection, notice.id, owner=owner, but=but, type_=type_)
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


def untold(
    connection: Connection, *, limit: int, waited_seconds: float = 0.0
) -> list[Notice]:
    """Return notices that the channel has not taken for so long, oldest first."""
    query = select(Notice).where(
        Notice.told.is_(False), Notice.time <= now() - waited_seconds
    )
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
