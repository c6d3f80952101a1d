"""What a webhook delivery may be, what it carries, and where it goes."""

import base64
import secrets
from collections.abc import Iterable
from enum import StrEnum

from db.contracts.event import TERMINAL, EventType


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    """Owed: not tried yet, or to be tried again at ``next_attempt_at``."""
    HELD = "held"
    """Owed to an endpoint that is paused or disabled: tried once it is resumed."""
    DELIVERED = "delivered"
    """The receiver answered 2xx."""
    EXHAUSTED = "exhausted"
    """Every attempt of the schedule failed."""
    REFUSED = "refused"
    """The address may not be called, or the receiver answered 410."""
    EXPIRED = "expired"
    """Nobody took it for so long that it, or its event, is kept no more."""


OWED = (DeliveryState.PENDING.value, DeliveryState.HELD.value)
FAILED = (
    DeliveryState.EXHAUSTED.value,
    DeliveryState.REFUSED.value,
    DeliveryState.EXPIRED.value,
)
"""What was missed: recovering an endpoint owes these again."""


class EndpointState(StrEnum):
    """Whether an endpoint gets what is owed to it."""

    ACTIVE = "active"
    PAUSED = "paused"
    """By its owner; what is owed to it is held."""
    DISABLED = "disabled"
    """By the service, as the receiver was gone or failed for too long; likewise."""


class Mode(StrEnum):
    """Who makes the requests of an endpoint."""

    PUSH = "push"
    """The service, to the endpoint's URL."""
    PULL = "pull"
    """Its owner, who fetches deliveries and says what came of them."""


class Form(StrEnum):
    """What a delivery's body is."""

    FULL = "full"
    """The event, byte for byte as in the log."""
    THIN = "thin"
    """The event with ids, state, objective, gap and links for its data."""


class Trigger(StrEnum):
    """Why an attempt is made."""

    SCHEDULE = "schedule"
    RESEND = "resend"
    RECOVER = "recover"
    TEST = "test"


MILESTONES = (
    EventType.JOB_QUEUED,
    EventType.JOB_STARTED,
    EventType.JOB_ATTEMPT_LOST,
    *(type_ for type_ in EventType if type_ in TERMINAL),
)
"""The events of jobs that are rows, and may be delivered."""
NOTICES = (
    EventType.WEBHOOK_DISABLED,
    EventType.NOTIFICATION_SENT,
    EventType.PROVIDER_DOWN,
    EventType.PROVIDER_DEGRADED,
    EventType.PROVIDER_UP,
    EventType.BUDGET_WARNED,
    EventType.ALERT_RAISED,
    EventType.ALERT_RESOLVED,
    EventType.ALERT_ACKNOWLEDGED,
)
"""What the service tells of itself and endpoints may ask for."""
USUAL_OF_JOB = tuple(type_ for type_ in MILESTONES if type_ in TERMINAL)
USUAL = (*USUAL_OF_JOB, EventType.WEBHOOK_DISABLED)
"""What an endpoint is told if its owner does not say."""

DELIVER_TASK = "worker.deliver"
WEBHOOK_QUEUE = "webhooks"

SECRET_BYTES = 32
MAX_OLD_SECRETS = 4
"""The oldest signs no more when there would be more of them."""


def new_secret() -> str:
    """Return a secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def write_events(events: Iterable[EventType]) -> str:
    """Return the types as an endpoint's row has them: each between two spaces."""
    return f" {' '.join(sorted(set(events)))} "


def read_events(text: str) -> list[EventType]:
    """Return the types that an endpoint's row names."""
    return [EventType(word) for word in text.split()]
