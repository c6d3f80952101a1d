"""What came of a delivery attempt, and what follows for its endpoint and receiver."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.contracts.delivery import DeliveryState, EndpointState, Trigger
from db.contracts.event import timestamp
from db.engine import now
from db.models import Delivery, DeliveryAttempt, Endpoint, Receiver
from db.repositories import endpoints
from db.repositories.claims import ClaimedDelivery, next_of

OPENS_AFTER = 3
"""So many requests in a row without an answer open a receiver's circuit."""
OPEN_SECONDS = 15.0
"""At first; each further failure doubles it."""
MAX_OPEN_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one HTTP request."""

    duration_ms: float
    status_code: int | None = None
    error: str | None = None
    response_head: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outcome means."""

    state: DeliveryState
    delay_seconds: float | None = None
    """Until the next attempt, if there is to be one."""
    is_reachable: bool = True
    """Whether the receiver answered, and not that it is too busy."""
    is_gone: bool = False
    """Whether it said that nothing must be sent there any more."""


@dataclass(frozen=True, slots=True)
class Rules:
    """From the settings: when an endpoint or a receiver is left alone."""

    disable_seconds: float
    scale: float = 1.0
    """A factor on all waits."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What has to be done once it is written."""

    is_owned: bool
    """Whether the attempt still owned its delivery: else nothing follows from it."""
    disabled: Endpoint | None = None
    """The endpoint, if this disabled it."""
    next_ids: tuple[str, ...] = ()
    """What couriers are to be told of, in place of what was just made."""


def record_attempt(
    connection: Connection,
    claimed: ClaimedDelivery,
    outcome: Outcome,
    verdict: Verdict,
    rules: Rules,
) -> Recorded:
    """Write the attempt and what follows from it."""
    # The endpoint first, as whoever deletes it does.
    endpoint = _hold_endpoint(connection, claimed.endpoint_id)
    if endpoint is None:
        return Recorded(is_owned=False)
    is_final = verdict.state is not DeliveryState.PENDING
    delay = (verdict.delay_seconds or 0.0) * rules.scale
    owned = connection.execute(
        update(Delivery)
        .where(
            Delivery.id == claimed.id,
            Delivery.tries == claimed.number,
            Delivery.state == DeliveryState.PENDING.value,
        )
        .values(
            state=verdict.state.value,
            trigger=Trigger.SCHEDULE.value,
            lease_until=0.0,
            hinted_until=0.0,
            next_attempt_at=now() + delay,
            finished_at=now() if is_final else None,
        )
        .returning(Delivery.next_attempt_at)
    ).one_or_none()
    if owned is None and not _may_be_recorded(connection, claimed):
        return Recorded(is_owned=False)
    connection.execute(
        insert(DeliveryAttempt).values(
            delivery_id=claimed.id,
            number=claimed.number,
            trigger=claimed.trigger.value,
            started_at=claimed.started_at,
            duration_ms=outcome.duration_ms,
            status_code=outcome.status_code,
            error=outcome.error,
            response_head=outcome.response_head,
            next_attempt_at=owned.next_attempt_at if owned and not is_final else None,
        )
    )
    if owned is None:
        return Recorded(is_owned=False)
    _judge_receiver(connection, claimed, verdict, rules)
    disabled = _judge_endpoint(connection, claimed, endpoint, verdict, rules)
    return Recorded(
        is_owned=True,
        disabled=disabled,
        next_ids=tuple(next_of(connection, claimed.receiver)),
    )


def _may_be_recorded(connection: Connection, claimed: ClaimedDelivery) -> bool:
    """Return whether there is a place for an attempt that owns nothing any more."""
    there = select(Delivery.id).where(Delivery.id == claimed.id)
    held = there.with_for_update(read=True, key_share=True)
    if connection.execute(held).first() is None:
        # Deleted with its job, while the request was under way.
        return False
    # Its owner may say twice what came of it.
    query = select(DeliveryAttempt.number).where(
        DeliveryAttempt.delivery_id == claimed.id,
        DeliveryAttempt.number == claimed.number,
    )
    return connection.execute(query).first() is None


def _hold_endpoint(connection: Connection, endpoint_id: str) -> Endpoint | None:
    query = select(Endpoint).where(Endpoint.id == endpoint_id)
    row = connection.execute(query.with_for_update(key_share=True)).mappings()
    found = row.one_or_none()
    return None if found is None else Endpoint(**found)


def _judge_receiver(
    connection: Connection, claimed: ClaimedDelivery, verdict: Verdict, rules: Rules
) -> None:
    """Open its circuit a little longer with each request that gets no answer."""
    if not claimed.url:
        # Its owner fetches: nobody waits for it.
        return
    if verdict.is_reachable:
        if claimed.is_troubled:
            of_it = Receiver.id == claimed.receiver
            connection.execute(delete(Receiver).where(of_it))
        return
    failures = connection.execute(
        _UPSERTS[connection.dialect.name], {"id": claimed.receiver}
    ).scalar_one()
    if failures >= OPENS_AFTER:
        exponent = min(failures - OPENS_AFTER, 10)
        seconds = min(OPEN_SECONDS * 2.0**exponent, MAX_OPEN_SECONDS)
        connection.execute(
            update(Receiver)
            .where(Receiver.id == claimed.receiver)
            .values(open_until=now() + seconds * rules.scale)
        )


def _judge_endpoint(
    connection: Connection,
    claimed: ClaimedDelivery,
    endpoint: Endpoint,
    verdict: Verdict,
    rules: Rules,
) -> Endpoint | None:
    """Disable an endpoint that is gone, or of which every attempt failed for long."""
    if verdict.is_gone:
        return endpoints.disable(connection, endpoint.id, "the receiver answered 410")
    if endpoint.owner is None or claimed.trigger is Trigger.TEST:
        return None
    if verdict.state is DeliveryState.DELIVERED:
        if endpoint.failing_since is not None:
            _set_failing_since(connection, endpoint.id, None)
        return None
    if endpoint.failing_since is None:
        _set_failing_since(connection, endpoint.id, claimed.started_at)
        return None
    lasts = connection.execute(select(now() - endpoint.failing_since)).scalar_one()
    if endpoint.state != EndpointState.ACTIVE or lasts < rules.disable_seconds:
        return None
    since = timestamp(endpoint.failing_since)
    return endpoints.disable(
        connection, endpoint.id, f"every attempt since {since} has failed"
    )


def _set_failing_since(
    connection: Connection, endpoint_id: str, at: float | None
) -> None:
    connection.execute(
        update(Endpoint).where(Endpoint.id == endpoint_id).values(failing_since=at)
    )


def forget_receivers(connection: Connection, *, older_than_seconds: float) -> None:
    """Forget receivers of which nothing was heard for so long."""
    connection.execute(
        delete(Receiver).where(Receiver.updated_at < now() - older_than_seconds)
    )


def _upsert(made: sqlite.Insert | postgresql.Insert) -> Any:
    statement = made.values(failures=1, open_until=0.0, updated_at=now())
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"failures": Receiver.failures + 1, "updated_at": now()},
    ).returning(func.coalesce(Receiver.failures, 0))


_UPSERTS = {
    "sqlite": _upsert(sqlite.insert(Receiver)),
    "postgresql": _upsert(postgresql.insert(Receiver)),
}
