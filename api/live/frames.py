"""From events of channels to the frames of the earlier servers: one line a type.

A frame is rendered once for all sockets of the process, whoever they belong to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from db.contracts.event import EventType

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendering:
    """How one type of event becomes one type of frame."""

    type: str
    channel: str
    """Whose subscribers are told."""
    render: Callable[[str, str, Data], str]
    """From the frame's type, the event's moment and its data to the frame's text."""
    every_s: float = 0.0
    """No sooner than this after the one before."""


def text_of(type_: str, **fields: Any) -> str:
    """Return a frame's text."""
    return orjson.dumps({"type": type_, **fields}).decode()


def _nested(key: str) -> Callable[[str, str, Data], str]:
    """Tell one part of what the event tells, as ``data``."""
    return lambda type_, at, data: text_of(type_, timestamp=at, data=data[key])


def _flat(type_: str, at: str, data: Data) -> str:
    return text_of(type_, timestamp=at, **data)


def _status(type_: str, at: str, data: Data) -> str:
    """Tell it twice: one of the clients reads the fields, another ``data``."""
    names = ("system_metrics", "alert_count", "active_websocket_clients")
    told = {name: data[name] for name in names}
    return text_of(type_, timestamp=at, **told, data=told)


def _health(type_: str, at: str, data: Data) -> str:
    return text_of(type_, timestamp=at, **data["system_health"])


def _caches(type_: str, at: str, data: Data) -> str:
    return text_of(type_, timestamp=at, stats=data["caches"])


def _verbatim(_: str, __: str, data: Data) -> str:
    text: str = data["text"]
    return text


# fmt: off
LIVE: dict[EventType, tuple[Rendering, ...]] = {
    EventType.METRICS_UPDATED: (Rendering("live_metrics", "metrics", _nested("live")),),
    EventType.SYSTEM_UPDATED: (Rendering("status_update", "system", _status), Rendering("system_health", "system", _health)),  # noqa: E501
    EventType.SYSTEM_BROADCAST: (Rendering("broadcast", "system", _verbatim),),
}
"""What sockets of ``/ws/live`` are told."""

DESK: dict[EventType, tuple[Rendering, ...]] = {
    EventType.METRICS_UPDATED: (Rendering("metrics_update", "metrics", _nested("calculations")),),  # noqa: E501
    EventType.SYSTEM_UPDATED: (Rendering("cache_update", "system", _caches, every_s=30), Rendering("system_health", "system", _health, every_s=60)),  # noqa: E501
    EventType.CALCULATION_UPDATED: (Rendering("calculation_update", "calculations", _flat),),  # noqa: E501
    EventType.CALCULATION_COMPLETED: (Rendering("calculation_complete", "calculations", _flat),),  # noqa: E501
    EventType.CALCULATION_FAILED: (Rendering("calculation_error", "calculations", _flat),),  # noqa: E501
}
"""What sockets of ``/ws`` are told, if they subscribe to the channel."""
# fmt: on
