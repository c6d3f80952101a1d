"""What both clients send."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

DEFAULT_URL = "http://127.0.0.1:8000"
POLL_SECONDS = 20.0
"""How long one answer is waited for; a service may answer earlier."""


def solve_body(
    instance: str | Mapping[str, Any],
    *,
    parameters: Mapping[str, bool | float] | None,
    limits: Mapping[str, Any] | None,
    portfolio: Sequence[str] | None,
    webhook_events: Sequence[str] | None,
    **fields: Any,
) -> dict[str, Any]:
    """Return what ``POST /v1/jobs`` takes; what is None is left to the service."""
    fields |= {
        "parameters": dict(parameters) if parameters else None,
        "limits": dict(limits) if limits else None,
        "portfolio": None if portfolio is None else list(portfolio),
        "webhook_events_filter": (
            None if webhook_events is None else list(webhook_events)
        ),
    }
    return {
        "kind": "solve",
        "instance": {"name": instance} if isinstance(instance, str) else dict(instance),
        **{name: value for name, value in fields.items() if value is not None},
    }


def place(collection: str, name: str, *parts: str) -> str:
    """Return the path of one of a collection, whatever its name or id is made of."""
    return "/".join([collection, quote(name, safe=""), *parts])


def job_path(job_id: str) -> str:
    return place("/v1/jobs", job_id)


def prefer(wait_seconds: float | None) -> dict[str, str]:
    return {"Prefer": f"wait={math.ceil(wait_seconds)}"} if wait_seconds else {}


def query(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return filters as they are sent: no Nones, times as text, `from_` as ``from``."""
    return {
        name.removesuffix("_"): _said(value)
        for name, value in filters.items()
        if value is not None
    }


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
