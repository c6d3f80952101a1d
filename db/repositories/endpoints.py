"""Endpoints: a job's own, and those that owners make, change, pause and forget."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    Connection,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from db.contracts.delivery import (
    FAILED,
    MAX_OLD_SECRETS,
    DeliveryState,
    EndpointState,
    Form,
    Mode,
    Trigger,
    write_events,
)
from db.contracts.errors import NotFoundError, QuotaExceededError
from db.contracts.event import EventType
from db.contracts.identifier import new_id
from db.contracts.webhook_address import DEFAULT_PORTS
from db.engine import now
from db.models import Delivery, Endpoint, Job
from db.repositories.paging import Cursor, newest_first


@dataclass(frozen=True, kw_only=True)
class NewEndpoint:
    """An endpoint that an owner wants, checked."""

    owner: str
    mode: Mode
    url: str
    secret: str
    events: Sequence[EventType]
    payload: Form
    description: str = ""
    of_operator: bool = False


@dataclass(frozen=True, slots=True)
class Signing:
    """What signs the requests to an endpoint: its secret, then old ones for a while."""

    secret: str
    old: tuple[tuple[str, float], ...] = ()
    """Newest first, each with the moment until which it signs too."""

    @classmethod
    def read(cls, secret: str, old_secrets: str) -> "Signing":
        return cls(secret, tuple((each, end) for each, end in json.loads(old_secrets)))

    def at(self, moment: float) -> list[str]:
        """Return the secrets that sign at this moment."""
        return [self.secret, *(each for each, end in self.old if end > moment)]

    def old_at(self, moment: float) -> list[float]:
        """Return until when each old secret signs that still does."""
        return [end for _, end in self.old if end > moment]


def receiver_of(owner: str, url: str) -> str:
    """Return what the circuit breaker of a URL's host and port is called."""
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    named = f"{owner}\n{parts.hostname or ''}\n{port}"
    return "rcv_" + sha256(named.encode()).hexdigest()[:32]


def add_job_endpoint(
    connection: Connection,
    *,
    job_id: str,
    owner: str,
    url: str,
    secret: str,
    events: Sequence[EventType],
) -> str:
    """Record where the job's events are to be told."""
    return _insert(
        connection,
        job_id=job_id,
        owner=None,
        mode=Mode.PUSH.value,
        url=url,
        receiver=receiver_of(owner, url),
        secret=secret,
        events=write_events(events),
        payload=Form.FULL.value,
        description="",
        of_operator=False,
    )


def add_endpoint(connection: Connection, new: NewEndpoint, *, limit: int) -> Endpoint:
    """Record an owner's endpoint; raise QuotaExceededError where it has too many."""
    lock(connection, f"endpoints of {new.owner}")
    query = select(func.count()).where(Endpoint.owner == new.owner)
    if connection.execute(query).scalar_one() >= limit:
        raise QuotaExceededError(
            f"you have {limit} webhooks, as many as one caller may have",
            suggestion="Delete one, or have SOLVEQUEUE_WEBHOOK_ENDPOINTS raised.",
        )
    endpoint_id = _insert(
        connection,
        job_id=None,
        owner=new.owner,
        mode=new.mode.value,
        url=new.url,
        receiver=receiver_of(new.owner, new.url),
        secret=new.secret,
        events=write_events(new.events),
        payload=new.payload.value,
        description=new.description,
        of_operator=new.of_operator,
    )
    return get_endpoint(connection, endpoint_id)


def _insert(connection: Connection, **values: object) -> str:
    endpoint_id = new_id("ep")
    connection.execute(
        insert(Endpoint).values(
            id=endpoint_id,
            state=EndpointState.ACTIVE.value,
            old_secrets="[]",
            created_at=now(),
            updated_at=now(),
            **values,
        )
    )
    return endpoint_id


def get_endpoint(connection: Connection, endpoint_id: str) -> Endpoint:
    """Return an owner's endpoint; those of jobs are not found."""
    return _one(connection, endpoint_id, is_held=False)


def owner_of(connection: Connection, endpoint_id: str) -> str | None:
    """Return whose the endpoint is; None if there is none, or it is a job's own."""
    query = select(Endpoint.owner).where(Endpoint.id == endpoint_id)
    return connection.execute(query).scalar_one_or_none()


def list_endpoints(
    connection: Connection,
    *,
    after: Cursor | None,
    limit: int,
    owner: str | None = None,
) -> list[Endpoint]:
    """Return endpoints, newest first. ``owner`` is whose; None is anyone's."""
    query = newest_first(
        select(Endpoint), Endpoint.created_at, Endpoint.id, after=after, limit=limit
    )
    query = query.where(
        Endpoint.owner.is_not(None) if owner is None else Endpoint.owner == owner
    )
    rows = connection.execute(query).mappings()
    return [Endpoint(**row) for row in rows]


def change_endpoint(
    connection: Connection, endpoint_id: str, changes: dict[str, Any]
) -> Endpoint:
    """Write columns that its owner has changed."""
    found = _one(connection, endpoint_id, is_held=True)
    if "url" in changes:
        changes = changes | {"receiver": receiver_of(found.owner or "", changes["url"])}
    return _write(connection, endpoint_id, **changes)


def delete_endpoint(connection: Connection, endpoint_id: str) -> None:
    """Forget the endpoint and all that was owed to it."""
    found = connection.execute(
        delete(Endpoint)
        .where(Endpoint.id == endpoint_id, Endpoint.owner.is_not(None))
        .returning(Endpoint.id)
    )
    if found.one_or_none() is None:
        raise _not_found(endpoint_id)


def pause(connection: Connection, endpoint_id: str) -> Endpoint:
    """Hold what is owed to the endpoint, and what will be."""
    _one(connection, endpoint_id, is_held=True)
    hold_owed(connection, endpoint_id)
    return _write(
        connection,
        endpoint_id,
        state=EndpointState.PAUSED.value,
        disabled_reason=None,
    )


def resume(connection: Connection, endpoint_id: str) -> Endpoint:
    """Let what was held go out, each with its whole schedule before it."""
    _one(connection, endpoint_id, is_held=True)
    _release_held(connection, endpoint_id)
    return _write(
        connection,
        endpoint_id,
        state=EndpointState.ACTIVE.value,
        disabled_reason=None,
        failing_since=None,
    )


def disable(connection: Connection, endpoint_id: str, reason: str) -> Endpoint | None:
    """Hold what is owed to an active endpoint; return None if it is not active."""
    row = connection.execute(
        update(Endpoint)
        .where(Endpoint.id == endpoint_id, Endpoint.state == EndpointState.ACTIVE.value)
        .values(
            state=EndpointState.DISABLED.value,
            disabled_reason=reason,
            updated_at=now(),
        )
        .returning(Endpoint)
    )
    found = row.mappings().one_or_none()
    if found is None:
        return None
    disabled = Endpoint(**found)
    if disabled.job_id is None:
        hold_owed(connection, endpoint_id)
    return disabled


def hold_owed(connection: Connection, endpoint_id: str) -> None:
    """Hold what is owed; what is under way ends as it ends, and is held after that."""
    connection.execute(
        update(Delivery)
        .where(
            Delivery.endpoint_id == endpoint_id,
            Delivery.state == DeliveryState.PENDING.value,
            Delivery.trigger != Trigger.TEST.value,
            Delivery.lease_until < now(),
        )
        .values(state=DeliveryState.HELD.value)
    )


def release(connection: Connection, endpoint_id: str) -> None:
    """Let what is held for an endpoint go out, if that is active."""
    query = select(Endpoint.id).where(
        Endpoint.id == endpoint_id, Endpoint.state == EndpointState.ACTIVE.value
    )
    if connection.execute(query.with_for_update(key_share=True)).first() is not None:
        _release_held(connection, endpoint_id)


def _release_held(connection: Connection, endpoint_id: str) -> None:
    connection.execute(
        update(Delivery)
        .where(
            Delivery.endpoint_id == endpoint_id,
            Delivery.state == DeliveryState.HELD.value,
        )
        .values(
            state=DeliveryState.PENDING.value,
            tries_before=Delivery.tries,
            next_attempt_at=now(),
            hinted_until=0.0,
        )
    )


def holding_needlessly(connection: Connection) -> list[str]:
    """Return active endpoints for which something is held.

    It was planned while another transaction resumed them.
    """
    held = select(Delivery.id).where(
        Delivery.endpoint_id == Endpoint.id,
        Delivery.state == DeliveryState.HELD.value,
    )
    query = select(Endpoint.id).where(
        Endpoint.owner.is_not(None),
        Endpoint.state == EndpointState.ACTIVE.value,
        held.exists(),
    )
    return list(connection.execute(query).scalars())


def rotate(
    connection: Connection, endpoint_id: str, *, secret: str, keep_old_s: float
) -> Endpoint:
    """Sign with a new secret; the old ones sign too, at most for so long."""
    found = _one(connection, endpoint_id, is_held=True)
    at = connection.execute(select(now())).scalar_one()
    end = at + keep_old_s
    signing = Signing.read(found.secret, found.old_secrets)
    old = [(found.secret, end), *((each, min(its, end)) for each, its in signing.old)]
    still = [each for each in old if each[1] > at][:MAX_OLD_SECRETS]
    return _write(connection, endpoint_id, secret=secret, old_secrets=json.dumps(still))


def recover(connection: Connection, endpoint_id: str, *, since: float) -> int:
    """Owe again what was missed since then; return how much that is.

    What was delivered is not; nor is that of which the event is kept no more.
    """
    found = _one(connection, endpoint_id, is_held=True)
    gone = select(Job.id).where(
        Job.id == Delivery.job_id, Job.result_removed_at.is_not(None)
    )
    owed = connection.execute(
        update(Delivery)
        .where(
            Delivery.endpoint_id == endpoint_id,
            Delivery.created_at >= since,
            Delivery.state.in_(FAILED),
            Delivery.event_type != EventType.WEBHOOK_TEST.value,
            ~gone.exists(),
        )
        .values(**owed_again(found.state, Trigger.RECOVER))
        .returning(Delivery.id)
    )
    return len(owed.all())


def owed_again(state: str, trigger: Trigger) -> dict[str, Any]:
    """Return what makes an ended delivery owed, to an endpoint that stands so."""
    is_active = state == EndpointState.ACTIVE
    return {
        "state": (DeliveryState.PENDING if is_active else DeliveryState.HELD).value,
        "trigger": trigger.value,
        "tries_before": Delivery.tries,
        "next_attempt_at": now(),
        "hinted_until": 0.0,
        "finished_at": None,
    }


def lock(connection: Connection, name: str) -> None:
    """Let no other transaction pass here under this name until the commit."""
    # SQLite has one writer anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": name},
        )


def _write(connection: Connection, endpoint_id: str, **values: object) -> Endpoint:
    row = connection.execute(
        update(Endpoint)
        .where(Endpoint.id == endpoint_id)
        .values(**values, updated_at=now())
        .returning(Endpoint)
    )
    return Endpoint(**row.mappings().one())


def _one(connection: Connection, endpoint_id: str, *, is_held: bool) -> Endpoint:
    query = select(Endpoint).where(
        Endpoint.id == endpoint_id, Endpoint.owner.is_not(None)
    )
    if is_held:
        # Nobody need wait for it who only owes it something.
        query = query.with_for_update(key_share=True)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise _not_found(endpoint_id)
    return Endpoint(**row)


def _not_found(endpoint_id: str) -> NotFoundError:
    return NotFoundError(f"there is no webhook {endpoint_id}")
