"""Webhooks and deliveries as callers see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from api.schemas.delivery import DeliveryAttemptView, DeliveryView
from api.schemas.endpoint import EndpointLinks, EndpointView
from db.contracts.delivery import (
    DeliveryState,
    EndpointState,
    Form,
    Mode,
    Trigger,
    read_events,
)
from db.contracts.event import optional_timestamp, timestamp
from db.models import Delivery, DeliveryAttempt, Endpoint
from db.repositories import deliveries
from db.repositories.endpoints import Signing
from db.repositories.events import event_id


def endpoint_view(endpoint: Endpoint, *, at: float) -> EndpointView:
    """Return the endpoint as it stands at this moment, by the database's clock."""
    return EndpointView(**told(endpoint, at=at))


def told(endpoint: Endpoint, *, at: float) -> dict[str, Any]:
    """Return the fields of an endpoint's view."""
    path = f"/v1/webhooks/{endpoint.id}"
    signing = Signing.read(endpoint.secret, endpoint.old_secrets)
    return {
        "id": endpoint.id,
        "mode": Mode(endpoint.mode),
        "url": endpoint.url or None,
        "events": [each.value for each in read_events(endpoint.events)],
        "payload": Form(endpoint.payload),
        "description": endpoint.description,
        "state": EndpointState(endpoint.state),
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": optional_timestamp(endpoint.failing_since),
        "old_secrets_until": [timestamp(end) for end in signing.old_at(at)],
        "created_at": timestamp(endpoint.created_at),
        "updated_at": timestamp(endpoint.updated_at),
        "links": EndpointLinks(
            self=path,
            deliveries=f"{path}/deliveries",
            pause=f"{path}/pause",
            resume=f"{path}/resume",
            test=f"{path}/test",
            rotate_secret=f"{path}/rotate-secret",
            recover=f"{path}/recover",
        ),
    }


def delivery_views(
    connection: Connection, found: Sequence[Delivery]
) -> list[DeliveryView]:
    """Return deliveries with every HTTP request that was made."""
    made = deliveries.attempts_of(connection, [each.id for each in found])
    return [_view(each, made[each.id]) for each in found]


def _view(delivery: Delivery, attempts: Sequence[DeliveryAttempt]) -> DeliveryView:
    state = DeliveryState(delivery.state)
    is_pending = state is DeliveryState.PENDING
    return DeliveryView(
        id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        job_id=delivery.job_id,
        event_id=delivery.notice_id
        or event_id(delivery.job_id or "", delivery.ordinal or 0),
        event_type=delivery.event_type,
        state=state,
        created_at=timestamp(delivery.created_at),
        next_attempt_at=timestamp(delivery.next_attempt_at) if is_pending else None,
        finished_at=optional_timestamp(delivery.finished_at),
        attempts=[
            DeliveryAttemptView(
                number=attempt.number,
                trigger=Trigger(attempt.trigger),
                started_at=timestamp(attempt.started_at),
                duration_ms=attempt.duration_ms,
                status_code=attempt.status_code,
                error=attempt.error,
                response_head=attempt.response_head,
                next_attempt_at=optional_timestamp(attempt.next_attempt_at),
            )
            for attempt in attempts
        ],
    )
