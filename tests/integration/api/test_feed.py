"""``/ws/live``: what clients of the earlier monitors are told, and who is counted."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.live import session
from api.relay.periodic import PERIODIC, Producer
from db.backplane import Backplane
from db.contracts.alert import AlertKind, Measure
from db.contracts.channel import ChannelName
from db.embedded_valkey import EmbeddedValkey
from schedules.alerts import watch
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.live_client import Client, client_of
from tests.sample_alerts import add_rule, all_alerts
from tests.waiting import wait_until


@pytest.fixture
def feed(live: LiveApi) -> Iterator[Client]:
    with client_of(live, "/ws/live") as client:
        assert client.frame()["type"] == "connection_established"
        is_heard(live)
        yield client


def is_heard(live: LiveApi) -> None:
    """Wait until the process reads what is told."""
    hub = live.app.state.hub
    wait_until(lambda: all(room.is_connected.is_set() for room in hub._rooms.values()))


def produce(app: FastAPI, moment: int) -> None:
    """Tell once all that is told over and over."""
    producer = Producer(app.state.solvequeue, app.state.hub)
    for periodic in PERIODIC:
        producer.produce(periodic, moment)


def test_the_first_frame_names_the_client(live: LiveApi) -> None:
    with client_of(live, "/ws/live") as one, client_of(live, "/ws/live") as other:
        first = one.frame()
        assert first["type"] == "connection_established"
        assert first["timestamp"]
        assert first["message"]
        assert first["client_id"] != other.frame()["client_id"]
        assert "127.0.0.1" not in str(first)


def test_everything_is_told_to_who_chose_nothing(feed: Client, app: FastAPI) -> None:
    produce(app, 1)
    frames = {frame["type"]: frame for frame in (feed.frame() for _ in range(3))}
    assert set(frames) == {"live_metrics", "status_update", "system_health"}
    metrics = frames["live_metrics"]["data"]
    assert set(metrics) == {
        *("total_clients", "active_calls", "calls_today", "monthly_call_volume"),
        *("success_rate", "ai_optimization_score", "system_uptime", "agents_active"),
        *("revenue_today", "campaigns_running", "last_updated"),
    }
    status = frames["status_update"]
    flat = {"system_metrics", "alert_count", "active_websocket_clients"}
    assert set(status) == {"type", "timestamp", "data"} | flat
    assert {name: status[name] for name in flat} == status["data"]
    assert len(status["system_metrics"]) == 8
    health = frames["system_health"]
    assert set(health) == {"type", "timestamp", "status", "metrics", "data"}
    assert health["metrics"].keys() == {
        *("active_connections", "cache_hit_rate", "uptime_seconds"),
    }
    assert health["data"].keys() == {
        *("status", "uptime", "services_online", "total_services", "last_check"),
    }


def test_an_alert_is_told_and_counted(
    feed: Client, app: FastAPI, app_backplane: Backplane
) -> None:
    database = app_backplane.database
    rule = add_rule(database, AlertKind.DISK, value=1e15, measure=Measure.BYTES)
    watch(app_backplane)
    (alert,) = (each for each in all_alerts(database) if each.rule_id == rule)
    told = [feed.frame() for _ in all_alerts(database)]
    assert {each["type"] for each in told} == {"alert_raised"}
    (frame,) = (each for each in told if each["rule_id"] == rule)
    assert frame["data"]["id"] == frame["id"] == alert.id
    assert frame["timestamp"]
    count = len(all_alerts(database))
    produce(app, 1)
    statuses = {each["type"]: each for each in (feed.frame() for _ in range(3))}
    assert statuses["status_update"]["alert_count"] == count
    assert statuses["status_update"]["data"]["alert_count"] == count


def test_who_chooses_is_told_that_alone(feed: Client, app: FastAPI) -> None:
    answer = feed.ask("subscribe", "subscribed", topics=["live_metrics"])
    assert answer["topics"] == ["live_metrics"]
    produce(app, 1)
    assert feed.frame()["type"] == "live_metrics"
    answer = feed.ask("subscribe", "subscribed", topics=[ChannelName.SYSTEM])
    assert answer["topics"] == ["live_metrics", "system"]
    produce(app, 2)
    types = [feed.frame()["type"] for _ in range(3)]
    assert types == ["live_metrics", "status_update", "system_health"]
    feed.ask("unsubscribe", "unsubscribed", topics=["live_metrics", "system"])
    produce(app, 3)
    assert feed.is_open()
    assert feed.passed == []
    assert feed.ask("unsubscribe", "unsubscribed")["topics"] == "all"
    produce(app, 4)
    assert feed.frame()["type"] == "live_metrics"


def test_what_is_not_chosen_is_everything(feed: Client, app: FastAPI) -> None:
    assert feed.ask("subscribe", "subscribed")["topics"] == "all"
    assert feed.ask("subscribe", "subscribed", topic="alerts")["topics"] == ["alerts"]
    for wrong in ("x", 7, {"a": 1}, [7], [None], ["x" * 500], ["alerts"] * 99):
        answer = feed.ask("subscribe", "error", "subscribed", topics=wrong)
        assert answer["type"] == "error"
        assert len(str(answer)) < 1000
    assert feed.is_open()


def test_a_broadcast_is_told_word_for_word(
    feed: Client, live: LiveApi, client: TestClient
) -> None:
    text = '{ "type":"hello", "n": 1.50, "t": "\\u00fc ü" }'
    with client_of(live, "/ws") as desk:
        assert desk.frame()["type"] == "welcome"
        answer = client.post(
            "/admin/test/broadcast",
            content=text.encode(),
            headers={"Content-Type": "application/json"},
        )
        assert answer.json() == {"status": "Message broadcasted", "connections": 1}
        assert feed.connection.recv(timeout=30) == text
        assert desk.is_open()
        assert desk.passed == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("[]", 422),
        ("7", 422),
        ('{"a": NaN}', 422),
        ('{"a": ' + "[" * 99 + "]" * 99 + "}", 422),
        ('{"a": "' + "x" * 65_536 + '"}', 413),
    ],
)
def test_a_broadcast_is_an_object_of_some_size(
    client: TestClient, body: str, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/admin/test/broadcast", content=body, headers=headers)
    assert answer.status_code == status


def test_sockets_are_counted_and_listed(live: LiveApi, client: TestClient) -> None:
    assert client.get("/ws/stats").json()["active_connections"] == 0
    with client_of(live, "/ws/live") as feed, client_of(live, "/ws") as desk:
        named = feed.frame()["client_id"]
        desk.frame()
        before = client.get("/ws/stats").json()
        assert before["active_connections"] == len(before["connections"]) == 2
        assert before["background_tasks_running"] is True
        assert named in [each["client_id"] for each in before["connections"]]
        assert client.get("/admin/connections").json() == {"active_connections": 2}
        feed.send("pong")
        assert feed.is_open()
        after = client.get("/ws/stats").json()
        assert "127.0.0.1" not in str(after)
        pings = [
            each["last_ping"]
            for told in (before, after)
            for each in told["connections"]
            if each["client_id"] == named
        ]
        assert pings[0] < pings[1]
    wait_until(lambda: client.get("/ws/stats").json()["active_connections"] == 0)


def test_while_redis_is_away_a_process_tells_of_its_own(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    app = make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    with serving(app) as live, client_of(live, "/ws/live") as feed:
        feed.frame()
        own_valkey.stop()
        client = TestClient(app, client=OWN_HOST)
        told = client.get("/ws/stats").json()
        assert told["active_connections"] == 1
        assert told["background_tasks_running"] is False
        sent = client.post("/admin/test/broadcast", json={"type": "hello"})
        assert sent.json()["connections"] == 1
        assert feed.frame() == {"type": "hello"}
        assert feed.is_open()


def test_while_redis_is_away_each_process_tells_its_own_how_it_is(
    make_app: MakeApp,
    sqlite_url: str,
    own_valkey: EmbeddedValkey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "PING_SECONDS", 0.2)
    app = make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    tell_own = app.state.attendance.tell_own
    producer = Producer(app.state.solvequeue, app.state.hub, tell_own=tell_own)
    with (
        serving(app) as live,
        client_of(live, "/ws/live") as feed,
        client_of(live, "/ws") as desk,
    ):
        feed.ask("subscribe", "subscribed", topics=["system_health", "live_metrics"])
        desk.ask("subscribe", "subscribed", channel="system")
        own_valkey.stop()
        for periodic in PERIODIC:
            producer._try(periodic, 1)
        metrics = feed.await_("live_metrics")
        assert "agents_active" not in metrics["data"]
        assert feed.await_("system_health")["status"] == "degraded"
        assert desk.await_("system_health")["status"] == "degraded"
        assert desk.await_("heartbeat")["server_status"] == "degraded"
