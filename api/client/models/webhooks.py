"""Webhooks, and what is owed to them."""

from pydantic import Field

from api.client.models.answer import Answer


class Webhook(Answer):
    """Where the events of all one's jobs are told."""

    id: str
    mode: str = "push"
    url: str | None = None
    events: tuple[str, ...] = ()
    payload: str
    description: str = ""
    state: str
    disabled_reason: str | None = None
    failing_since: str | None = None
    old_secrets_until: list[str] = []
    created_at: str
    updated_at: str | None = None


class NewWebhook(Webhook):
    """A webhook with a new secret."""

    secret: str = Field(repr=False)
    """All of it: this once."""


class DeliveryAttempt(Answer):
    """One HTTP request of a delivery: a status code, or why there is none."""

    number: int
    trigger: str = ""
    started_at: str
    duration_ms: float
    status_code: int | None = None
    error: str | None = None
    response_head: str | None = None
    next_attempt_at: str | None = None


class Delivery(Answer):
    """One event owed to one webhook; its id is the ``webhook-id``."""

    id: str
    endpoint_id: str
    job_id: str | None = None
    event_id: str
    event_type: str
    state: str
    created_at: str
    next_attempt_at: str | None = None
    finished_at: str | None = None
    attempts: tuple[DeliveryAttempt, ...] = ()


class FetchedDelivery(Answer):
    """A request to be made: these headers and exactly these bytes."""

    id: str
    number: int
    event_type: str
    headers: dict[str, str]
    body: str
