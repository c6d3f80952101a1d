"""What every frame of the earlier servers' sockets promises, asked of each one."""

import json
from collections.abc import Iterator

import pytest

from api.live.feed import TOPICS
from api.live.frames import (
    DESK,
    LIVE,
    LIVE_CHANNELS,
    Rendering,
    told_desk,
    told_live,
)
from api.relay.periodic import PERIODIC
from db.announcement import CHANNELS
from db.contracts.event import PAYLOADS, EventType, Published
from tests.conformance.test_events import EXAMPLES

REGISTRIES = {"live": (LIVE, told_live), "desk": (DESK, told_desk)}
AT = "2026-01-02T03:04:05.678Z"
KNOWN = {
    "live": {
        *("live_metrics", "status_update", "system_health", "broadcast"),
        *("provider_status_change", "new_log_entry", "rate_limit_alert"),
        *("alert_raised", "alert_resolved", "alert_acknowledged", "ai_insights"),
    },
    "desk": {
        *("metrics_update", "cache_update", "system_health", "notification"),
        *("calculation_update", "calculation_complete", "calculation_error"),
        "market_update",
    },
}
"""Types that clients of the earlier servers know, or never see as a type."""
BOTH_WAYS = {
    *("status_update", "provider_status_change", "new_log_entry"),
    *("rate_limit_alert", "alert_raised", "alert_resolved", "alert_acknowledged"),
}
"""Whose fields stand flat for one client and in ``data`` for another."""


def members() -> Iterator[tuple[str, EventType, Rendering]]:
    for name, (registry, _) in REGISTRIES.items():
        for event, renderings in registry.items():
            for rendering in renderings:
                yield name, event, rendering


MEMBERS = list(members())
EACH = pytest.mark.parametrize(
    ("name", "event", "rendering"),
    MEMBERS,
    ids=[f"{name}-{rendering.type}" for name, _, rendering in MEMBERS],
)


def example(event: EventType) -> Published:
    data = EXAMPLES[PAYLOADS[event]].model_dump(mode="json", exclude_none=True)
    body = json.dumps({"type": event, "time": AT, "data": data})
    return Published("channel:system", 1, "e", event, body)


def test_the_frames_are_those_that_clients_know() -> None:
    for name, types in KNOWN.items():
        found = {rendering.type for n, _, rendering in MEMBERS if n == name}
        assert found == types


@EACH
def test_a_frame_is_an_object_with_its_type_and_moment(
    name: str, event: EventType, rendering: Rendering
) -> None:
    told = REGISTRIES[name][1](example(event))
    assert told.at == AT
    (frame,) = (frame for each, frame in told.frames if each is rendering)
    content = json.loads(frame.text)
    if rendering.type == "broadcast":
        assert frame.text == told.data["text"]
        return
    assert content["type"] == rendering.type
    assert content["timestamp"] == AT


@EACH
def test_a_frame_is_made_once_for_all_sockets(
    name: str, event: EventType, rendering: Rendering
) -> None:
    told = REGISTRIES[name][1]
    assert told(example(event)) is told(example(event))


@EACH
def test_some_frames_tell_it_flat_and_in_data(
    name: str, event: EventType, rendering: Rendering
) -> None:
    if rendering.type not in BOTH_WAYS:
        return
    told = REGISTRIES[name][1](example(event))
    (frame,) = (frame for each, frame in told.frames if each is rendering)
    content = json.loads(frame.text)
    flat = {k: v for k, v in content.items() if k not in ("type", "timestamp", "data")}
    assert flat == {k: v for k, v in content["data"].items() if k != "timestamp"}


def test_a_change_of_a_provider_has_what_clients_read() -> None:
    (told,) = told_live(example(EventType.PROVIDER_DOWN)).frames
    data = json.loads(told[1].text)["data"]
    assert set(data) == {"provider", "old_status", "new_status", "details"}
    assert data["new_status"] == "offline"
    assert data["details"]["id"] == "prv_1"


def test_a_line_of_a_log_has_its_entry() -> None:
    (told,) = told_live(example(EventType.LOG_WRITTEN)).frames
    frame = json.loads(told[1].text)
    assert frame["log_type"] == frame["data"]["log_type"] == "failure"
    assert frame["data"]["provider"]


def test_an_event_that_nobody_knows_is_no_frame() -> None:
    assert told_live(example(EventType.QUEUE_UPDATED)).frames == ()


def test_what_is_told_live_comes_from_its_channels() -> None:
    produced = {each.type: each.channel for each in PERIODIC} | CHANNELS
    for event in LIVE:
        assert produced.get(event, LIVE_CHANNELS[0]) in LIVE_CHANNELS
    assert {rendering.type for r in LIVE.values() for rendering in r} <= TOPICS
