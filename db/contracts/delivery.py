"""What a webhook delivery may be, and what it carries."""

import base64
import secrets
from enum import StrEnum


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    """Owed: not tried yet, or to be tried again at ``next_attempt_at``."""
    DELIVERED = "delivered"
    """The receiver answered 2xx."""
    EXHAUSTED = "exhausted"
    """Every attempt of the schedule failed."""
    REFUSED = "refused"
    """The address may not be called, or the receiver answered 410."""


DELIVER_TASK = "worker.deliver"
WEBHOOK_QUEUE = "webhooks"

SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
