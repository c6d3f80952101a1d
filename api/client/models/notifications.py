"""What one was told, and the numbers one wants to be told of."""

from typing import Any

from api.client.models.answer import Answer


class Notification(Answer):
    """Something that a person may want to know."""

    id: str
    notification_type: str
    level: str
    channel: str
    subject: str
    message: str
    data: dict[str, Any] = {}
    read: bool
    read_at: str | None = None
    created_at: str


class Threshold(Answer):
    """A number, the limit that is watched, and how it stands."""

    id: str
    name: str
    state: str
    watches: str
    pointer: str | None = None
    condition: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    hysteresis: float
    cooldown_s: float
    level: str
    enabled: bool
    last_value: float | None = None
    reference: float | None = None
    judged_at: str | None = None
    missed_at: str | None = None
    raised_at: str | None = None
    resolved_at: str | None = None
    raises: int
    suppressed: int
    created_at: str
    updated_at: str
