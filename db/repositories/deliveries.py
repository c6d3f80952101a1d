"""What is owed to webhooks: looked at, listed, owed again, given up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from db.contracts.delivery import (
    FAILED,
    OWED,
    DeliveryState,
    EndpointState,
    Mode,
    Trigger,
)
from db.contracts.errors import NotFoundError
from db.engine import now
from db.models import Delivery, DeliveryAttempt, Endpoint, Job
from db.repositories.endpoints import owed_again
from db.repositories.paging import Cursor, newest_first

SECONDS_A_DAY = 86_400.0


def resend(connection: Connection, delivery_id: str) -> Delivery:
    """Owe a delivery again, whatever became of it; its schedule begins anew.

    What is being made at the moment is left alone.
    """
    found = get_delivery(connection, delivery_id)
    # The endpoint first, as whoever writes down an attempt does.
    held = connection.execute(
        select(Endpoint.state, Endpoint.owner)
        .where(Endpoint.id == found.endpoint_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if held is None:
        raise _not_found(delivery_id)
    state, owner = held
    if owner is None and state != EndpointState.ACTIVE:
        # A job's own: nobody could resume it otherwise.
        state = EndpointState.ACTIVE
        connection.execute(
            update(Endpoint)
            .where(Endpoint.id == found.endpoint_id)
            .values(state=state.value, disabled_reason=None)
        )
    connection.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.lease_until < now())
        .values(**owed_again(state, Trigger.RESEND))
    )
    return get_delivery(connection, delivery_id)


def get_delivery(connection: Connection, delivery_id: str) -> Delivery:
    """Return the delivery."""
    query = select(Delivery).where(Delivery.id == delivery_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise _not_found(delivery_id)
    return Delivery(**row)


def _not_found(delivery_id: str) -> NotFoundError:
    return NotFoundError(f"there is no delivery {delivery_id}")


def owner_of(connection: Connection, delivery_id: str) -> str | None:
    """Return whose the delivery is: its endpoint's owner's, or its job's."""
    query = (
        select(func.coalesce(Endpoint.owner, Job.caller))
        .select_from(Delivery)
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .outerjoin(Job, Job.id == Delivery.job_id)
        .where(Delivery.id == delivery_id)
    )
    return connection.execute(query).scalar_one_or_none()


def deliveries_of(connection: Connection, job_id: str) -> Sequence[Delivery]:
    """Return what is owed for a job to its own webhook and its owner's, in order."""
    query = (
        select(Delivery)
        .where(Delivery.job_id == job_id)
        .order_by(Delivery.ordinal, Delivery.created_at, Delivery.id)
    )
    return [Delivery(**row) for row in connection.execute(query).mappings()]


def list_deliveries(
    connection: Connection,
    endpoint_id: str,
    *,
    states: Sequence[DeliveryState] = (),
    after: Cursor | None,
    limit: int,
) -> list[Delivery]:
    """Return what was ever owed to an endpoint, newest first."""
    query = newest_first(
        select(Delivery).where(Delivery.endpoint_id == endpoint_id),
        Delivery.created_at,
        Delivery.id,
        after=after,
        limit=limit,
    )
    if states:
        query = query.where(Delivery.state.in_([each.value for each in states]))
    return [Delivery(**row) for row in connection.execute(query).mappings()]


def attempts_of(
    connection: Connection, delivery_ids: Sequence[str]
) -> dict[str, list[DeliveryAttempt]]:
    """Return the HTTP requests of each delivery, in order."""
    query = (
        select(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id.in_(delivery_ids))
        .order_by(DeliveryAttempt.delivery_id, DeliveryAttempt.number)
    )
    found: dict[str, list[DeliveryAttempt]] = {each: [] for each in delivery_ids}
    for row in connection.execute(query).mappings():
        found[row["delivery_id"]].append(DeliveryAttempt(**row))
    return found


def expire_owed(connection: Connection, *, older_than_seconds: float) -> int:
    """Give up what was held, or waited to be fetched, for so long; return how much.

    What somebody is changing now is left for the next time.
    """
    old = select(Delivery.id).where(
        or_(
            Delivery.state == DeliveryState.HELD.value,
            and_(
                Delivery.state == DeliveryState.PENDING.value,
                Delivery.mode == Mode.PULL.value,
                Delivery.lease_until < now(),
            ),
        ),
        Delivery.created_at < now() - older_than_seconds,
    )
    expired = connection.execute(
        update(Delivery)
        .where(Delivery.id.in_(old.with_for_update(skip_locked=True)))
        .values(state=DeliveryState.EXPIRED.value, finished_at=now())
        .returning(Delivery.id)
    )
    return len(expired.all())


def forget_of_notices(connection: Connection, *, older_than_seconds: float) -> None:
    """Forget what was owed of notices and is no more; that of jobs goes with them."""
    old = select(Delivery.id).where(
        Delivery.notice_id.is_not(None),
        Delivery.state.not_in(OWED),
        Delivery.created_at < now() - older_than_seconds,
    )
    connection.execute(
        delete(Delivery).where(Delivery.id.in_(old.with_for_update(skip_locked=True)))
    )


OVERDUE_SECONDS = 600.0
"""So late behind its time: couriers do not keep up, or there are none."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is owed to all webhooks, and what went wrong."""

    pending: int
    overdue: int
    """Of the pending: those that should have been tried by now."""
    failed: int
    """Given up within a day."""
    disabled: int
    """Endpoints that get nothing any more, as their receivers failed."""


def backlog(connection: Connection) -> Backlog:
    """Return how much is owed, and since when; those that are fetched wait by right."""
    is_pushed = (Delivery.state == DeliveryState.PENDING.value) & (
        Delivery.mode == Mode.PUSH.value
    )
    pending, overdue = connection.execute(
        select(
            func.count(),
            func.count().filter(Delivery.next_attempt_at < now() - OVERDUE_SECONDS),
        ).where(is_pushed)
    ).one()
    failed = connection.execute(
        select(func.count()).where(
            Delivery.state.in_(FAILED), Delivery.finished_at > now() - SECONDS_A_DAY
        )
    ).scalar_one()
    disabled = connection.execute(
        select(func.count()).where(Endpoint.state == EndpointState.DISABLED.value)
    ).scalar_one()
    return Backlog(pending, overdue, failed, disabled)
