"""``/ws``: what clients of the earlier calculators send and are told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.actions import cancel
from api.live.desk import CHANNELS
from db.backplane import Backplane
from tests.integration.api.live import LiveApi
from tests.integration.api.live_client import Client, client_of
from tests.one_worker import working

SOLVE = {
    "instance": {"name": "nug12"},
    "limits": {"iterations": 200, "time_s": 5},
    "cache": False,
}


@pytest.fixture
def desk(live: LiveApi) -> Iterator[Client]:
    with client_of(live, "/ws") as client:
        assert client.frame()["type"] == "welcome"
        yield client


def test_a_client_is_welcomed(live: LiveApi) -> None:
    with client_of(live, "/ws") as client:
        welcome = client.frame()
        assert welcome["type"] == "welcome"
        assert welcome["message"]
        assert welcome["timestamp"].endswith("Z")
        assert len(welcome["features"]) == 3


def test_a_ping_is_answered(desk: Client) -> None:
    assert set(desk.ask("ping", "pong")) == {"type", "timestamp"}


def test_channels_are_chosen_and_left(desk: Client) -> None:
    for channel in (*CHANNELS, "general"):
        for type_ in ("subscribe", "unsubscribe", "unsubscribe"):
            answer = desk.ask(type_, f"{type_}d", channel=channel)
            assert answer["channel"] == channel


def test_an_unknown_channel_is_an_error(desk: Client) -> None:
    named: list[Any] = ["providers", "", None, 7, [], {"a": 1}, "x" * 500]
    for channel in named:
        answer = desk.ask("subscribe", "error", "subscribed", channel=channel)
        assert answer["message"].startswith("Unknown channel: ")
        assert len(answer["message"]) < 150
        assert "market_data" in answer["suggestion"]


def test_an_unknown_type_is_an_error(desk: Client) -> None:
    answer = desk.ask("shout", "error")
    assert answer["message"] == "Unknown message type: shout"
    assert answer["timestamp"]


def test_metrics_come_at_once_and_go_on(desk: Client) -> None:
    first = desk.ask("subscribe_metrics", "metrics_update")["data"]
    assert first == {
        "total_calculations": 0,
        "last_24h_calculations": 0,
        "average_processing_time_ms": 0.0,
        "success_rate": 0.0,
        "revenue_summary": {
            "total_revenue": 0.0,
            "base_revenue": 0.0,
            "premium_revenue": 0.0,
            "projected_monthly": 0.0,
        },
    }


def test_a_calculation_is_told_to_its_end(
    desk: Client, app_backplane: Backplane
) -> None:
    desk.ask("subscribe", "subscribed", channel="notifications")
    desk.send(
        "calculate", calculation_id="mine", calculation_type="solve", parameters=SOLVE
    )
    first = desk.await_("calculation_update", "calculation_error")
    assert (first["calculation_id"], first["status"]) == ("mine", "started")
    assert first["progress"] == 0
    active = desk.ask("get_active_calculations", "active_calculations")["calculations"]
    assert [(each["calculation_id"], each["job"]) for each in active] == [
        ("mine", first["job"])
    ]
    with working(app_backplane):
        done = desk.await_("calculation_complete", "calculation_error")
    assert done["type"] == "calculation_complete"
    assert (done["calculation_id"], done["status"]) == ("mine", "completed")
    assert done["result"]["objective"] == done["data"]["objective"] >= 578
    assert sorted(done["result"]["permutation"]) == list(range(12))
    assert done["data"]["processing_time_ms"] > 0
    assert done["data"]["calculation_id"] == "mine"
    assert done["data"]["timestamp"] <= done["timestamp"]
    assert done["completed_at"] <= done["timestamp"]
    told = desk.find("notification")
    assert (told["notification_type"], told["level"]) == (
        "calculation_completed",
        "success",
    )
    assert (told["id"][:4], told["channel"]) == ("ntf_", "calculations")
    assert told["message"] == "solve mine has completed"
    assert told["data"]["job"] == done["job"]
    active = desk.ask("get_active_calculations", "active_calculations")["calculations"]
    assert active == []


def test_a_type_that_is_not_offered_names_those_that_are(desk: Client) -> None:
    for type_ in ("astrology", "x" * 64):
        answer = desk.ask(
            "calculate",
            "calculation_error",
            calculation_id="a",
            calculation_type=type_,
            parameters={"cash_flows": [1, 2]},
        )
        assert (answer["calculation_id"], answer["status"]) == ("a", "error")
        assert answer["error"] == answer["message"]
        assert "offered: solve" in answer["message"]


def test_the_calculators_own_wish_is_understood(desk: Client) -> None:
    data = {"input_value": 3.14, "precision_level": 99, "metadata": {}}
    answer = desk.ask("request_calculation", "calculation_error", data=data)
    assert answer["calculation_type"] == "precision"
    data = {"calculation_type": "solve", "parameters": {"instance": {"name": "x"}}}
    answer = desk.ask("request_calculation", "calculation_error", data=data)
    assert answer["calculation_type"] == "solve"
    assert answer["code"] == "invalid-input"


def nested(depth: int) -> Any:
    return [] if not depth else [nested(depth - 1)]


WRONG: list[dict[str, Any]] = [
    {},
    {"calculation_type": 7},
    {"calculation_type": ""},
    {"calculation_type": "solve", "parameters": 7},
    {"calculation_type": "solve", "parameters": []},
    {"calculation_type": "solve", "parameters": {}},
    {"calculation_type": "solve", "parameters": {"instance": {"name": "nug99"}}},
    {"calculation_type": "solve", "parameters": {**SOLVE, "shout": 1}},
    {"calculation_type": "solve", "parameters": {**SOLVE, "seed": 1e300}},
    {"calculation_type": "solve", "parameters": {"a": nested(40)}},
    {"calculation_type": "solve", "parameters": {"a": nested(400)}},
    {"calculation_type": "solve", "parameters": SOLVE, "calculation_id": 7},
    {"calculation_type": "solve", "parameters": SOLVE, "calculation_id": "x" * 200},
    {
        "calculation_type": "solve",
        "parameters": {**SOLVE, "webhook_url": "https://example.com/hook"},
    },
]


def test_a_wish_that_cannot_be_is_a_calculation_error(desk: Client) -> None:
    for fields in WRONG:
        answer = desk.ask(
            "calculate", "calculation_error", "calculation_update", **fields
        )
        assert answer["type"] == "calculation_error", fields
        assert answer["status"] == "error"
        assert answer["code"] == "invalid-input"
        assert answer["message"]
        assert answer["suggestion"]
        assert len(json.dumps(answer)) < 2000
    assert desk.is_open()


def test_a_job_that_is_cancelled_is_a_calculation_error(
    desk: Client, app_backplane: Backplane
) -> None:
    desk.send("calculate", calculation_type="solve", parameters=SOLVE)
    job = desk.await_("calculation_update")["job"]
    cancel(app_backplane, job)
    answer = desk.await_("calculation_error")
    assert (answer["job"], answer["code"]) == (job, "cancelled")


def test_others_of_the_same_owner_hear_of_it_once(
    live: LiveApi, app_backplane: Backplane
) -> None:
    with client_of(live, "/ws") as asking, client_of(live, "/ws") as other:
        for client in (asking, other):
            client.ask("subscribe", "subscribed", channel="calculations")
        asking.send("calculate", calculation_type="solve", parameters=SOLVE)
        job = other.await_("calculation_update")["job"]
        with working(app_backplane):
            done = other.await_("calculation_complete")
        assert done["job"] == job
        assert asking.await_("calculation_complete")["result"] == done["result"]
        assert asking.is_open()
        told = [each for each in asking.passed if "job" in each]
        assert [each["status"] for each in told].count("started") == 1
        assert "calculation_complete" not in [each["type"] for each in asking.passed]


def test_it_goes_on_when_who_asked_has_gone(
    live: LiveApi, app_backplane: Backplane
) -> None:
    with client_of(live, "/ws") as other:
        other.ask("subscribe", "subscribed", channel="calculations")
        with client_of(live, "/ws") as asking:
            asking.send("calculate", calculation_type="solve", parameters=SOLVE)
            asking.await_("calculation_update")
        with working(app_backplane):
            done = other.await_("calculation_complete")
        assert done["result"]["objective"] >= 578
