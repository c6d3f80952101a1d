"""Webhook deliveries as their job's caller sees them."""

from pydantic import BaseModel

from db.contracts.delivery import DeliveryState


class DeliveryAttemptView(BaseModel):
    """One HTTP request: a status code, or the reason why there is none."""

    number: int
    started_at: str
    duration_ms: float
    status_code: int | None
    error: str | None
    response_head: str | None
    """The first KiB of the receiver's answer."""


class DeliveryView(BaseModel):
    """One event owed to one endpoint; ``id`` is the ``webhook-id`` it is sent with."""

    id: str
    state: DeliveryState
    created_at: str
    next_attempt_at: str | None
    """None once nothing more will be tried."""
    finished_at: str | None
    attempts: list[DeliveryAttemptView]


class DeliveryPage(BaseModel):
    """What is owed for a job."""

    items: list[DeliveryView]
