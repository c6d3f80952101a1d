"""Which endpoints are owed an event, in the transaction that records it."""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    insert,
    literal,
    or_,
    select,
)

from db.contracts.delivery import (
    DeliveryState,
    EndpointState,
    Mode,
    Trigger,
)
from db.contracts.event import EventType
from db.contracts.identifier import new_id
from db.contracts.notification import OPERATORS
from db.engine import now
from db.models import Delivery, Endpoint, Job

Carried = dict[str, object]
HINT_SECONDS = 20.0
"""A hint for a delivery is not repeated sooner than this."""

_WANTS = Endpoint.events.contains(bindparam("wanted"))
# A job that is part of another is its parent's business: listings leave it out too.
_OWNER = (
    select(Job.caller)
    .where(Job.id == bindparam("of_job"), Job.parent_id.is_(None))
    .scalar_subquery()
)
_OF_JOB = and_(Endpoint.job_id == bindparam("of_job"), _WANTS)
_OF_OWNER = and_(Endpoint.owner == _OWNER, _WANTS)
IS_WANTED: ColumnElement[bool] = or_(exists().where(_OF_JOB), exists().where(_OF_OWNER))
"""Whether anyone is owed it; takes ``of_job`` and ``wanted``, a type in two spaces."""
_COLUMNS = (Endpoint.id, Endpoint.job_id, Endpoint.mode, Endpoint.state)
# Locked: an endpoint that were deleted now would take the whole transaction with it.
_ENDPOINTS = (
    select(*_COLUMNS)
    .where(or_(_OF_JOB, _OF_OWNER))
    .with_for_update(read=True, key_share=True)
)
_OF_WHOM = or_(
    Endpoint.owner == bindparam("owner"),
    and_(literal(OPERATORS) == bindparam("owner"), Endpoint.of_operator),
)
_OTHERS = (
    select(*_COLUMNS)
    .where(_OF_WHOM, Endpoint.id != bindparam("but"), _WANTS)
    .with_for_update(read=True, key_share=True)
)


def wanted(type_: EventType) -> str:
    """Return how a type stands in an endpoint's row, and only there."""
    return f" {type_.value} "


def owe_milestone(
    connection: Connection, job_id: str, *, ordinal: int, type_: EventType
) -> tuple[str, ...]:
    """Owe a job's event to whoever wants it; return what couriers are to be told of."""
    found = connection.execute(_ENDPOINTS, {"of_job": job_id, "wanted": wanted(type_)})
    carried: Carried = {"job_id": job_id, "ordinal": ordinal, "event_type": type_.value}
    return _owe(connection, found.all(), carried)


def owe_first(
    connection: Connection,
    endpoint_id: str,
    job_id: str,
    *,
    ordinal: int,
    type_: EventType,
) -> str:
    """Owe a job's own endpoint what was recorded just before it."""
    delivery = {
        **_delivery(endpoint_id, Mode.PUSH, DeliveryState.PENDING),
        "job_id": job_id,
        "ordinal": ordinal,
        "event_type": type_.value,
    }
    connection.execute(insert(Delivery), delivery | _moments(connection))
    return str(delivery["id"])


def owe_notice(
    connection: Connection, notice_id: str, *, owner: str, but: str, type_: EventType
) -> tuple[str, ...]:
    """Owe a notice to the owner's endpoints that want it, but the one it is about."""
    found = connection.execute(
        _OTHERS, {"owner": owner, "but": but, "wanted": wanted(type_)}
    )
    carried: Carried = {"notice_id": notice_id, "event_type": type_.value}
    return _owe(connection, found.all(), carried)


def owe_test(
    connection: Connection, notice_id: str, endpoint_id: str, mode: Mode
) -> str:
    """Owe a notice to one endpoint, whatever it wants and however it stands."""
    delivery = {
        **_delivery(endpoint_id, mode, DeliveryState.PENDING),
        "notice_id": notice_id,
        "event_type": EventType.WEBHOOK_TEST.value,
        "trigger": Trigger.TEST.value,
    }
    connection.execute(insert(Delivery), delivery | _moments(connection))
    return str(delivery["id"])


def _owe(
    connection: Connection,
    endpoints: Sequence[Row[str, str | None, str, str]],
    carried: Carried,
) -> tuple[str, ...]:
    made = []
    for endpoint_id, job_id, mode, state in endpoints:
        is_active = state == EndpointState.ACTIVE
        if job_id is not None and not is_active:
            # Its receiver said that it is gone, and nobody can resume it.
            continue
        its_state = DeliveryState.PENDING if is_active else DeliveryState.HELD
        made.append(_delivery(endpoint_id, Mode(mode), its_state) | carried)
    if not made:
        return ()
    moments = _moments(connection)
    connection.execute(insert(Delivery), [each | moments for each in made])
    return tuple(
        str(each["id"])
        for each in made
        if each["mode"] == Mode.PUSH and each["state"] == DeliveryState.PENDING
    )


def _delivery(endpoint_id: str, mode: Mode, state: DeliveryState) -> dict[str, object]:
    return {
        "id": new_id("msg"),
        "endpoint_id": endpoint_id,
        "mode": mode.value,
        "state": state.value,
        "trigger": Trigger.SCHEDULE.value,
        "tries": 0,
        "tries_before": 0,
        "lease_until": 0.0,
    }


def _moments(connection: Connection) -> dict[str, float]:
    at = connection.execute(select(now())).scalar_one()
    return {
        "next_attempt_at": at,
        "created_at": at,
        "hinted_until": at + HINT_SECONDS,
    }
