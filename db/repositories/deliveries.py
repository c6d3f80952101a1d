"""Webhooks: endpoints, what is owed to them, and every attempt to pay."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from db.contracts.delivery import DeliveryState
from db.contracts.identifier import new_id
from db.engine import now
from db.models import Delivery, DeliveryAttempt, Endpoint
from db.repositories.events import Milestone

_ENDPOINTS_OF = select(Endpoint.id).where(Endpoint.job_id == bindparam("of_job"))
HINT_SECONDS = 20.0
"""A hint for a delivery is not repeated sooner than this."""


def add_endpoint(connection: Connection, *, job_id: str, url: str, secret: str) -> str:
    """Record where the job's end is to be told."""
    endpoint_id = new_id("ep")
    connection.execute(
        insert(Endpoint).values(
            id=endpoint_id, job_id=job_id, url=url, secret=secret, created_at=now()
        )
    )
    return endpoint_id


def plan_deliveries(connection: Connection, ending: Milestone) -> list[str]:
    """Owe the job's end to its endpoints, in the transaction that ends it."""
    job_id = ending.draft.job_id
    endpoints = connection.execute(_ENDPOINTS_OF, {"of_job": job_id})
    ids = []
    for (endpoint_id,) in endpoints.all():
        delivery_id = new_id("msg")
        connection.execute(
            insert(Delivery).values(
                id=delivery_id,
                job_id=job_id,
                ordinal=ending.ordinal,
                endpoint_id=endpoint_id,
                state=DeliveryState.PENDING.value,
                tries=0,
                next_attempt_at=now(),
                hinted_until=now() + HINT_SECONDS,
                lease_until=0.0,
                created_at=now(),
            )
        )
        ids.append(delivery_id)
    return ids


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this attempt alone may make."""

    id: str
    job_id: str
    ordinal: int
    number: int
    url: str
    secret: str
    started_at: float


def claim_delivery(
    connection: Connection, delivery_id: str, *, lease_seconds: float
) -> ClaimedDelivery | None:
    """Take a due delivery, or return None: it is done, not due, or being made."""
    row = connection.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.state == DeliveryState.PENDING,
            Delivery.next_attempt_at <= now(),
            Delivery.lease_until < now(),
        )
        .values(tries=Delivery.tries + 1, lease_until=now() + lease_seconds)
        .returning(
            Delivery.job_id,
            Delivery.ordinal,
            Delivery.tries,
            Delivery.endpoint_id,
            Delivery.lease_until,
        )
    ).one_or_none()
    if row is None:
        return None
    endpoint = connection.execute(
        select(Endpoint.url, Endpoint.secret).where(Endpoint.id == row.endpoint_id)
    ).one()
    return ClaimedDelivery(
        id=delivery_id,
        job_id=row.job_id,
        ordinal=row.ordinal,
        number=row.tries,
        url=endpoint.url,
        secret=endpoint.secret,
        started_at=row.lease_until - lease_seconds,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one HTTP request."""

    duration_ms: float
    status_code: int | None = None
    error: str | None = None
    response_head: str | None = None


def record_attempt(
    connection: Connection,
    claimed: ClaimedDelivery,
    outcome: Outcome,
    *,
    state: DeliveryState,
    delay_seconds: float | None = None,
) -> bool:
    """Write the attempt and what follows; return False if another took over."""
    is_final = state is not DeliveryState.PENDING
    owned = connection.execute(
        update(Delivery)
        .where(
            Delivery.id == claimed.id,
            Delivery.tries == claimed.number,
            Delivery.state == DeliveryState.PENDING,
        )
        .values(
            state=state.value,
            lease_until=0.0,
            hinted_until=0.0,
            next_attempt_at=now() + (delay_seconds or 0.0),
            finished_at=now() if is_final else None,
        )
        .returning(Delivery.id)
    ).one_or_none()
    there = select(Delivery.id).where(Delivery.id == claimed.id)
    held = there.with_for_update(read=True, key_share=True)
    if connection.execute(held).first() is None:
        # Deleted with its job, while the request was under way.
        return False
    connection.execute(
        insert(DeliveryAttempt).values(
            delivery_id=claimed.id,
            number=claimed.number,
            started_at=claimed.started_at,
            duration_ms=outcome.duration_ms,
            status_code=outcome.status_code,
            error=outcome.error,
            response_head=outcome.response_head,
        )
    )
    return owned is not None


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


def due(connection: Connection, *, limit: int) -> list[str]:
    """Return due deliveries that nobody was told of lately."""
    query = (
        select(Delivery.id)
        .where(
            Delivery.state == DeliveryState.PENDING,
            Delivery.next_attempt_at <= now(),
            Delivery.lease_until < now(),
            Delivery.hinted_until < now(),
        )
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def hint_due(connection: Connection, *, limit: int) -> list[str]:
    """Return due deliveries and note that their hints are on the way."""
    ids = due(connection, limit=limit)
    if ids:
        connection.execute(
            update(Delivery)
            .where(Delivery.id.in_(ids))
            .values(hinted_until=now() + HINT_SECONDS)
        )
    return ids


def deliveries_of(connection: Connection, job_id: str) -> Sequence[Delivery]:
    """Return what is owed for a job."""
    query = select(Delivery).where(Delivery.job_id == job_id)
    return [Delivery(**row) for row in connection.execute(query).mappings()]


def attempts_of(connection: Connection, delivery_id: str) -> Sequence[DeliveryAttempt]:
    """Return a delivery's HTTP requests, in order."""
    query = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery_id)
    rows = connection.execute(query.order_by(DeliveryAttempt.number)).mappings()
    return [DeliveryAttempt(**row) for row in rows]
