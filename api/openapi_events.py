"""The schema's webhooks: what is sent to the address that a job names."""

from typing import Any

from db.contracts.delivery import MILESTONES
from db.contracts.event import PAYLOADS, SEQUENCE_DIGITS, EventType

MEDIA_TYPE = "application/cloudevents+json"
MEANING: dict[EventType, str] = {
    EventType.JOB_QUEUED: "The job was accepted, or given back.",
    EventType.JOB_STARTED: "A worker has begun with the job.",
    EventType.JOB_ATTEMPT_LOST: "A worker fell silent; the job goes on elsewhere.",
    EventType.JOB_SUCCEEDED: "The job has done its work.",
    EventType.JOB_FAILED: "The job has failed; `data.error` says why.",
    EventType.JOB_CANCELLED: "The job was cancelled; its incumbent is kept.",
    EventType.JOB_EXPIRED: "The job's deadline passed before it began.",
    EventType.BATCH_COMPLETED: "All items of the batch have ended.",
    EventType.BENCHMARK_COMPLETED: "All runs of the benchmark have ended.",
    EventType.WEBHOOK_DISABLED: "Another webhook of yours gets nothing any more.",
    EventType.NOTIFICATION_SENT: "You were notified of something.",
    EventType.PROVIDER_DOWN: "A provider gives no answer, or far too late.",
    EventType.PROVIDER_DEGRADED: "A provider answers late, or not as expected.",
    EventType.PROVIDER_UP: "A provider answers as expected.",
    EventType.BUDGET_WARNED: "Most calls that a provider allows are used up.",
    EventType.ALERT_RAISED: "Something is beyond the limit of a rule.",
    EventType.ALERT_RESOLVED: "What an alert tells of is over.",
    EventType.ALERT_ACKNOWLEDGED: "An operator knows of an alert.",
    EventType.WEBHOOK_TEST: "You asked for it.",
}
"""Of every event that webhooks may be told of."""

HEADERS: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }
    for name, required, description in (
        ("webhook-id", True, "Of the delivery: the same on every attempt."),
        ("webhook-timestamp", True, "Of this attempt, in seconds since 1970."),
        (
            "webhook-signature",
            True,
            "Standard Webhooks v1: `v1,` and base64 of HMAC-SHA256.",
        ),
        ("traceparent", False, "The W3C's: of the request that sent the job."),
    )
]
ANSWERS: dict[str, Any] = {
    "2XX": {"description": "Delivered."},
    "410": {"description": "Refused; the webhook is disabled until it is resumed."},
    "default": {"description": "Tried again later, ten times in all."},
}

_LINKS = {"type": "object", "additionalProperties": {"type": "string"}}
THIN_NOTIFICATION: dict[str, Any] = {
    "type": "object",
    "description": "Of webhooks that are told the thin form.",
    "required": ["id", "channel", "notification_type", "level", "links"],
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("id", "channel", "notification_type", "level")
        },
        "links": _LINKS,
    },
}
THIN: dict[str, Any] = {
    "type": "object",
    "description": "Of webhooks that are told the thin form.",
    "required": ["id", "state", "links"],
    "properties": {
        "id": {"type": "string"},
        "state": {"type": "string"},
        "attempt": {"type": "integer"},
        "objective": {"type": "number"},
        "bound": {"type": "number"},
        "gap_to_bound": {"type": "number"},
        "gap_to_best_known": {"type": "number"},
        "links": _LINKS,
    },
}

_THIN = {EventType.NOTIFICATION_SENT: THIN_NOTIFICATION}


def webhooks(ref: str) -> dict[str, Any]:
    """Return the ``webhooks`` of the schema; ``ref`` names a component by model."""
    return {
        event.value: {
            "post": {
                "operationId": f"on_{event.value.replace('.', '_')}",
                "summary": MEANING[event],
                "tags": ["webhooks"],
                "parameters": HEADERS,
                "requestBody": {
                    "required": True,
                    "content": {MEDIA_TYPE: {"schema": _envelope(event, ref)}},
                },
                "responses": ANSWERS,
            }
        }
        for event in MEANING
    }


def _envelope(event: EventType, ref: str) -> dict[str, Any]:
    """Return the CloudEvents object that an event is."""
    text: dict[str, Any] = {"type": "string"}
    is_of_job = event in MILESTONES
    thin = THIN if is_of_job else _THIN.get(event)
    data = {"$ref": ref.format(model=PAYLOADS[event].__name__)}
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": text,
        "source": {**text, "description": "The path of what it is about."},
        "type": {"const": event.value},
        "subject": {**text, "description": "The id of what it is about."},
        "time": {**text, "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "data": data if thin is None else {"anyOf": [data, thin]},
    }
    if is_of_job:
        pattern = rf"^\d{{{SEQUENCE_DIGITS}}}$"
        properties |= {"sequence": {**text, "pattern": pattern}, "epoch": text}
    required = list(properties)
    properties["traceparent"] = {
        **text,
        "description": "The W3C's: of the request that sent the job.",
    }
    return {"type": "object", "required": required, "properties": properties}
