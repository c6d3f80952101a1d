"""From events of channels to the frames of the earlier servers: one line a type.

A frame is rendered once for all sockets of the process, whoever they belong to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from api.relay.frame import SHARED_EVENTS, Frame
from db.contracts.channel import ChannelName
from db.contracts.event import EventType, Published

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendering:
    """How one type of event becomes one type of frame."""

    type: str
    render: Callable[[str, str, Data], str]
    """From the frame's type, the event's moment and its data to the frame's text."""
    every_s: float = 0.0
    """No sooner than this after the one before."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a process makes of one event, for all its sockets."""

    at: str
    data: Data
    frames: tuple[tuple[Rendering, Frame], ...]


Registry = Mapping[EventType, tuple[Rendering, ...]]


def text_of(type_: str, **fields: Any) -> str:
    """Return a frame's text."""
    return orjson.dumps({"type": type_, **fields}).decode()


def frame_of(type_: str, **fields: Any) -> Frame:
    """Return a frame."""
    return Frame(text_of(type_, **fields))


def _nested(key: str) -> Callable[[str, str, Data], str]:
    """Tell one part of what the event tells, as ``data``."""
    return lambda type_, at, data: text_of(type_, timestamp=at, data=data[key])


def _flat(type_: str, at: str, data: Data) -> str:
    return text_of(type_, timestamp=at, **data)


def _status(type_: str, at: str, data: Data) -> str:
    """Tell it twice: one of the clients reads the fields, another ``data``."""
    names = ("system_metrics", "alert_count", "active_websocket_clients")
    # What nobody knows at the moment is null, not missing.
    told = {name: data.get(name) for name in names}
    return text_of(type_, timestamp=at, **told, data=told)


def _twice(type_: str, at: str, data: Data) -> str:
    """Tell it twice likewise; the frame's moment is the event's."""
    told = {name: each for name, each in data.items() if name != "timestamp"}
    return text_of(type_, timestamp=at, **told, data=data)


def _changed(type_: str, at: str, data: Data) -> str:
    flat = ("provider", "old_status", "new_status")
    told = {name: data[name] for name in flat}
    told["details"] = {n: each for n, each in data.items() if n not in flat}
    return _twice(type_, at, told)


def _logged(type_: str, at: str, data: Data) -> str:
    return _twice(type_, at, {"log_type": data["log_type"], **data["entry"]})


def _health(type_: str, at: str, data: Data) -> str:
    return text_of(type_, timestamp=at, **data["system_health"])


def _caches(type_: str, at: str, data: Data) -> str:
    return text_of(type_, timestamp=at, stats=data["caches"])


def _market(type_: str, at: str, data: Data) -> str:
    told = {name: told for name, told in data.items() if name != "values"}
    return text_of(type_, timestamp=at, data=data["values"], **told)


def _verbatim(_: str, __: str, data: Data) -> str:
    text: str = data["text"]
    return text


# fmt: off
LIVE: dict[EventType, tuple[Rendering, ...]] = {
    EventType.METRICS_UPDATED: (Rendering("live_metrics", _nested("live")),),
    EventType.INSIGHTS_UPDATED: (Rendering("ai_insights", _nested("data")),),
    EventType.SYSTEM_UPDATED: (Rendering("status_update", _status), Rendering("system_health", _health)),  # noqa: E501
    EventType.SYSTEM_BROADCAST: (Rendering("broadcast", _verbatim),),
    EventType.PROVIDER_DOWN: (Rendering("provider_status_change", _changed),),
    EventType.PROVIDER_DEGRADED: (Rendering("provider_status_change", _changed),),
    EventType.PROVIDER_UP: (Rendering("provider_status_change", _changed),),
    EventType.LOG_WRITTEN: (Rendering("new_log_entry", _logged),),
    EventType.BUDGET_WARNED: (Rendering("rate_limit_alert", _twice),),
    EventType.ALERT_RAISED: (Rendering("alert_raised", _twice),),
    EventType.ALERT_RESOLVED: (Rendering("alert_resolved", _twice),),
    EventType.ALERT_ACKNOWLEDGED: (Rendering("alert_acknowledged", _twice),),
}
"""What sockets of ``/ws/live`` are told."""
LIVE_CHANNELS = (
    *(ChannelName.METRICS, ChannelName.SYSTEM, ChannelName.INSIGHTS),
    *(ChannelName.PROVIDERS, ChannelName.LOGS, ChannelName.ALERTS),
)
"""Where these events come from."""

DESK: dict[EventType, tuple[Rendering, ...]] = {
    EventType.METRICS_UPDATED: (Rendering("metrics_update", _nested("calculations")),),
    EventType.SYSTEM_UPDATED: (Rendering("cache_update", _caches, every_s=30), Rendering("system_health", _health, every_s=60)),  # noqa: E501
    EventType.NOTIFICATION_SENT: (Rendering("notification", _flat),),
    EventType.CALCULATION_UPDATED: (Rendering("calculation_update", _flat),),
    EventType.CALCULATION_COMPLETED: (Rendering("calculation_complete", _flat),),
    EventType.CALCULATION_FAILED: (Rendering("calculation_error", _flat),),
    EventType.MARKET_UPDATED: (Rendering("market_update", _market),),
}
"""What sockets of ``/ws`` are told, of the channels that they subscribe to."""
# fmt: on


def told_live(event: Published) -> Told:
    """Return what ``/ws/live`` tells of the event."""
    return _told_live(event.type, event.body)


def told_desk(event: Published) -> Told:
    """Return what ``/ws`` tells of the event."""
    return _told_desk(event.type, event.body)


@lru_cache(SHARED_EVENTS)
def _told_live(type_: EventType, body: str) -> Told:
    return _told(LIVE, type_, body)


@lru_cache(SHARED_EVENTS)
def _told_desk(type_: EventType, body: str) -> Told:
    return _told(DESK, type_, body)


def _told(registry: Registry, type_: EventType, body: str) -> Told:
    event = orjson.loads(body)
    at, data = event["time"], event["data"]
    frames = tuple(
        (each, Frame(each.render(each.type, at, data)))
        for each in registry.get(type_, ())
    )
    return Told(at, data, frames)
