"""Webhook deliveries as their owners see them."""

from pydantic import BaseModel

from db.contracts.delivery import DeliveryState, Trigger


class DeliveryAttemptView(BaseModel):
    """One HTTP request: a status code, or the reason why there is none."""

    number: int
    trigger: Trigger
    started_at: str
    duration_ms: float
    status_code: int | None
    error: str | None
    response_head: str | None
    """The first KiB of the receiver's answer."""
    next_attempt_at: str | None
    """When the next was to be made, by what came of this one."""


class DeliveryView(BaseModel):
    """One event owed to one endpoint; ``id`` is the ``webhook-id`` it is sent with."""

    id: str
    endpoint_id: str
    job_id: str | None
    event_id: str
    event_type: str
    state: DeliveryState
    created_at: str
    next_attempt_at: str | None
    """None once nothing more will be tried, or while it is held."""
    finished_at: str | None
    attempts: list[DeliveryAttemptView]


class DeliveryPage(BaseModel):
    """What is owed for a job."""

    items: list[DeliveryView]


class DeliveriesPage(BaseModel):
    """What was ever owed to a webhook, newest first. An empty ``next`` is the end."""

    items: list[DeliveryView]
    next: str


class DeliveryReference(BaseModel):
    """A delivery that was just made; it tells what becomes of it."""

    delivery_id: str
    links: dict[str, str]
