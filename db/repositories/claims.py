"""Which delivery is made next, and by whom: hinted fairly, claimed by one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from db.contracts.delivery import DeliveryState, EndpointState, Mode, Trigger
from db.engine import now
from db.models import Delivery, Endpoint, Receiver
from db.repositories import endpoints
from db.repositories.endpoints import Signing
from db.repositories.planning import HINT_SECONDS

BY_HAND = (Trigger.RESEND.value, Trigger.TEST.value)
"""What somebody waits for: the circuit breaker lets it pass."""


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this attempt alone may make."""

    id: str
    job_id: str | None
    ordinal: int | None
    notice_id: str | None
    endpoint_id: str
    owner: str | None
    """Of the endpoint; None of a job's own."""
    receiver: str
    is_troubled: bool
    """Whether the receiver did not answer the latest request."""
    event_type: str
    trigger: Trigger
    number: int
    step: int
    """As which attempt of its present schedule, from 1."""
    url: str
    signing: Signing
    payload: str
    started_at: float


_DUE = (
    Delivery.state == DeliveryState.PENDING.value,
    Delivery.next_attempt_at <= now(),
    Delivery.lease_until < now(),
)


def claim_delivery(
    connection: Connection, delivery_id: str, *, lease_seconds: float, share: int
) -> ClaimedDelivery | None:
    """Take a due delivery, or return None: it is done, not due, or being made.

    Of one receiver at most ``share`` are under way at once, and one at a time after a
    request that got no answer. What has to wait for that is hinted again.
    """
    query = (
        select(Endpoint, Delivery.trigger.label("why"))
        .join(Delivery, Delivery.endpoint_id == Endpoint.id)
        .where(Delivery.id == delivery_id, Delivery.mode == Mode.PUSH.value, *_DUE)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    endpoint = Endpoint(**{name: row[name] for name in row if name != "why"})
    if endpoint.state != EndpointState.ACTIVE and row["why"] != Trigger.TEST:
        _hold(connection, delivery_id, endpoint)
        return None
    endpoints.lock(connection, endpoint.receiver)
    trouble = connection.execute(
        select(Receiver.open_until > now()).where(Receiver.id == endpoint.receiver)
    ).scalar_one_or_none()
    is_open = bool(trouble) and row["why"] not in BY_HAND
    is_troubled = trouble is not None
    most = 1 if is_troubled else share
    if is_open or under_way(connection, endpoint.receiver) >= most:
        connection.execute(
            update(Delivery).where(Delivery.id == delivery_id).values(hinted_until=0.0)
        )
        return None
    return _take(
        connection,
        delivery_id,
        endpoint,
        lease_seconds=lease_seconds,
        is_troubled=is_troubled,
    )


def claim_for_owner(
    connection: Connection, endpoint: Endpoint, *, limit: int, lease_seconds: float
) -> list[ClaimedDelivery]:
    """Take due deliveries of an endpoint whose owner fetches them, oldest first."""
    query = (
        select(Delivery.id)
        .where(
            Delivery.endpoint_id == endpoint.id,
            *_DUE,
            or_(
                Delivery.trigger == Trigger.TEST.value,
                literal(endpoint.state == EndpointState.ACTIVE),
            ),
        )
        .order_by(Delivery.next_attempt_at, Delivery.created_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        _take(connection, each, endpoint, lease_seconds=lease_seconds)
        for each in connection.execute(query).scalars().all()
    )
    return [each for each in taken if each is not None]


def _take(
    connection: Connection,
    delivery_id: str,
    endpoint: Endpoint,
    *,
    lease_seconds: float,
    is_troubled: bool = False,
) -> ClaimedDelivery | None:
    taken = connection.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, *_DUE)
        .values(tries=Delivery.tries + 1, lease_until=now() + lease_seconds)
        .returning(Delivery)
    )
    row = taken.mappings().one_or_none()
    if row is None:
        return None
    return claimed_of(
        Delivery(**row),
        endpoint,
        is_troubled=is_troubled,
        started_at=row["lease_until"] - lease_seconds,
    )


def claimed_of(
    delivery: Delivery, endpoint: Endpoint, *, started_at: float, is_troubled: bool
) -> ClaimedDelivery:
    """Return what an attempt needs to know of a delivery that it has claimed."""
    return ClaimedDelivery(
        id=delivery.id,
        job_id=delivery.job_id,
        ordinal=delivery.ordinal,
        notice_id=delivery.notice_id,
        endpoint_id=endpoint.id,
        owner=endpoint.owner,
        receiver=endpoint.receiver,
        is_troubled=is_troubled,
        event_type=delivery.event_type,
        trigger=Trigger(delivery.trigger),
        number=delivery.tries,
        step=delivery.tries - delivery.tries_before,
        url=endpoint.url,
        signing=Signing.read(endpoint.secret, endpoint.old_secrets),
        payload=endpoint.payload,
        started_at=started_at,
    )


def _hold(connection: Connection, delivery_id: str, endpoint: Endpoint) -> None:
    """Put aside what its endpoint may not get now, however it came to be due."""
    # Nobody can resume a job's own.
    ended = {"state": DeliveryState.REFUSED.value, "finished_at": now()}
    held = {"state": DeliveryState.HELD.value}
    connection.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, *_DUE)
        .values(ended if endpoint.owner is None else held)
    )


def under_way(connection: Connection, receiver: str) -> int:
    """Return how many requests to a receiver are being made."""
    query = (
        select(func.count())
        .select_from(Delivery)
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .where(Delivery.lease_until > now(), Endpoint.receiver == receiver)
    )
    return connection.execute(query).scalar_one()


def postpone(
    connection: Connection, claimed: ClaimedDelivery, *, seconds: float
) -> None:
    """Put a claimed delivery back unmade: it does not count as tried."""
    connection.execute(
        update(Delivery)
        .where(Delivery.id == claimed.id, Delivery.tries == claimed.number)
        .values(
            tries=Delivery.tries - 1,
            lease_until=0.0,
            hinted_until=0.0,
            next_attempt_at=now() + seconds,
        )
    )


def has_due(connection: Connection) -> bool:
    """Return whether anything may have to be hinted; cheap, for it is asked often."""
    query = select(Delivery.id).where(Delivery.mode == Mode.PUSH.value, *_DUE).limit(1)
    return connection.execute(query).first() is not None


def due(connection: Connection, *, limit: int, share: int) -> list[str]:
    """Return due deliveries that nobody was told of lately, fairly by receiver.

    No more of a receiver than it may have under way: the others come when these are
    done, and stand in nobody's way until then.
    """
    place = func.row_number().over(
        partition_by=Endpoint.receiver, order_by=Delivery.next_attempt_at
    )
    busy = (
        select(Endpoint.receiver.label("receiver"), func.count().label("count"))
        .select_from(Delivery)
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .where(Delivery.lease_until > now())
        .group_by(Endpoint.receiver)
        .subquery()
    )
    ranked = (
        select(
            Delivery.id,
            Delivery.next_attempt_at,
            Endpoint.receiver,
            case((Receiver.id.is_(None), share), else_=1).label("most"),
            place.label("place"),
        )
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .outerjoin(Receiver, Receiver.id == Endpoint.receiver)
        .where(
            Delivery.mode == Mode.PUSH.value,
            *_DUE,
            Delivery.hinted_until < now(),
            or_(Receiver.id.is_(None), Receiver.open_until <= now(), _by_hand()),
        )
        .subquery()
    )
    query = (
        select(ranked.c.id)
        .outerjoin(busy, busy.c.receiver == ranked.c.receiver)
        .where(ranked.c.place <= ranked.c.most - func.coalesce(busy.c["count"], 0))
        .order_by(ranked.c.next_attempt_at)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def _by_hand() -> ColumnElement[bool]:
    return Delivery.trigger.in_(BY_HAND)


def hint_due(connection: Connection, *, limit: int, share: int) -> list[str]:
    """Return due deliveries and note that their hints are on the way."""
    return _note_hints(connection, due(connection, limit=limit, share=share))


def next_of(connection: Connection, receiver: str) -> list[str]:
    """Return the delivery that a receiver may get now that another is done."""
    query = (
        select(Delivery.id)
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .where(
            Delivery.mode == Mode.PUSH.value,
            *_DUE,
            Delivery.hinted_until < now(),
            Endpoint.receiver == receiver,
        )
        .order_by(Delivery.next_attempt_at)
        .limit(1)
    )
    return _note_hints(connection, list(connection.execute(query).scalars()))


def _note_hints(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Note the hints of those that nobody is changing now; return which."""
    if not ids:
        return []
    # Waiting for rows while holding others would wait for who waits for these.
    free = select(Delivery.id).where(Delivery.id.in_(ids))
    noted = connection.execute(
        update(Delivery)
        .where(Delivery.id.in_(free.with_for_update(skip_locked=True)))
        .values(hinted_until=now() + HINT_SECONDS)
        .returning(Delivery.id)
    )
    chosen = set(noted.scalars())
    return [each for each in ids if each in chosen]
