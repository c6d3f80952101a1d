"""The schema's webhooks: what is sent to the address that a job names."""

from typing import Any

from db.contracts.event import PAYLOADS, SEQUENCE_DIGITS, TERMINAL, EventType

MEDIA_TYPE = "application/cloudevents+json"
MEANING: dict[EventType, str] = {
    EventType.JOB_SUCCEEDED: "The job has done its work.",
    EventType.JOB_FAILED: "The job has failed; `data.error` says why.",
    EventType.JOB_CANCELLED: "The job was cancelled; its incumbent is kept.",
    EventType.JOB_EXPIRED: "The job's deadline passed before it began.",
    EventType.BATCH_COMPLETED: "All items of the batch have ended.",
    EventType.BENCHMARK_COMPLETED: "All runs of the benchmark have ended.",
}
"""Of every terminal event: one of these ends each log, and is told once."""

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
    "410": {"description": "Refused: never tried again."},
    "default": {"description": "Tried again later, ten times in all."},
}


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
                    "content": {MEDIA_TYPE: {"schema": envelope(event, ref)}},
                },
                "responses": ANSWERS,
            }
        }
        for event in EventType
        if event in TERMINAL
    }


def envelope(event: EventType, ref: str) -> dict[str, Any]:
    """Return the CloudEvents object that an event is."""
    text: dict[str, Any] = {"type": "string"}
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": text,
        "source": {**text, "description": "The path of what has the log."},
        "type": {"const": event.value},
        "subject": {**text, "description": "What it is about: of a job its id."},
        "time": {**text, "format": "date-time"},
        "sequence": {**text, "pattern": rf"^\d{{{SEQUENCE_DIGITS}}}$"},
        "epoch": text,
        "datacontenttype": {"const": "application/json"},
        "data": {"$ref": ref.format(model=PAYLOADS[event].__name__)},
    }
    required = list(properties)
    properties["traceparent"] = {
        **text,
        "description": "The W3C's: of the request that sent the job.",
    }
    return {"type": "object", "required": required, "properties": properties}
