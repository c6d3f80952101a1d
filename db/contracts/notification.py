"""Notifications: what a person may want to know, kept until it is old."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from db.contracts.channel import ChannelName
from db.contracts.event import EventType, JobEnded, WebhookDisabled
from db.contracts.payload import Payload

OPERATORS = "operators"
"""In an owner's place: whoever sees all. No caller is called so, and nobody else may
hear of it; an event whose owner is empty would be everyone's."""
MAX_MESSAGE = 1000
"""Characters of a message; the rest is where its subject is."""


class Level(StrEnum):
    """How much it matters."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class NewNotification:
    """Something that is to be told, once."""

    cause: str
    """What it tells of, named for good: a second one of the same cause is not made."""
    owner: str
    """The caller who is told, or `OPERATORS`."""
    type: str
    """Such as ``calculation_completed``."""
    level: Level
    channel: ChannelName
    """Where what it tells of belongs."""
    message: str
    subject: str = ""
    """The id of what it is about."""
    data: dict[str, Any] = field(default_factory=dict)


class EndWish(BaseModel):
    """The wish to be notified of a job's end, as the job's row has it."""

    model_config = ConfigDict(frozen=True)

    calculation_type: str
    calculation_id: str = ""
    """What its caller calls it; empty where it has no name but the job's id."""


@dataclass(frozen=True, slots=True)
class _Told:
    word: str
    level: Level
    told: str


TOLD: dict[EventType, _Told] = {
    EventType.JOB_SUCCEEDED: _Told("completed", Level.SUCCESS, "has completed"),
    EventType.BATCH_COMPLETED: _Told("completed", Level.SUCCESS, "has completed"),
    EventType.BENCHMARK_COMPLETED: _Told("completed", Level.SUCCESS, "has completed"),
    EventType.JOB_FAILED: _Told("failed", Level.ERROR, "has failed"),
    EventType.JOB_CANCELLED: _Told("cancelled", Level.WARNING, "was cancelled"),
    EventType.JOB_ATTEMPT_LOST: _Told(
        "attempt_lost", Level.WARNING, "has lost its worker"
    ),
    EventType.JOB_EXPIRED: _Told("expired", Level.ERROR, "expired before it began"),
}
"""What of a job's life is told: its end, and what puts it off."""


def of_job(
    wish: EndWish,
    *,
    owner: str,
    job_id: str,
    cause: str,
    type_: EventType,
    told: Payload,
) -> NewNotification:
    """Return what a person is told of a job that this has happened to."""
    known = TOLD[type_]
    error = told.error if isinstance(told, JobEnded) else None
    why = "" if error is None else f": {error.message}"
    named = wish.calculation_id or job_id
    return NewNotification(
        cause=cause,
        owner=owner,
        type=f"calculation_{known.word}",
        level=known.level,
        channel=ChannelName.CALCULATIONS,
        message=f"{wish.calculation_type} {named} {known.told}{why}",
        subject=job_id,
        data={
            "calculation_id": named,
            "calculation_type": wish.calculation_type,
            "job": job_id,
        },
    )


def of_disabled(told: WebhookDisabled, *, owner: str, cause: str) -> NewNotification:
    """Return what a person is told of a webhook that was disabled."""
    named = told.description or told.endpoint
    return NewNotification(
        cause=cause,
        owner=owner,
        type="webhook_disabled",
        level=Level.WARNING,
        channel=ChannelName.SYSTEM,
        message=f"the webhook {named} gets nothing any more: {told.reason}",
        subject=told.endpoint,
        data=told.model_dump(exclude_none=True),
    )
