"""/v1/alerts, /v1/alert-rules and /api/alerts: asked for, changed and looked at."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.alert import USUAL, AlertKind
from schedules.alerts import watch
from tests.integration.api.conftest import MakeApp
from tests.integration.api.keyed import client_of, make_key, operator
from tests.sample_alerts import (
    BAD,
    GOOD,
    add_provider,
    add_rule,
    all_alerts,
    check,
    set_alert,
)
from tests.sample_notifications import written

RULES, ALERTS = "/v1/alert-rules", "/v1/alerts"
OFFLINE = {"name": "gone", "kind": "state", "states": ["offline"]}
RATE = {"name": "failing", "kind": "failure_rate", "value": 0.5}
DISK = {"name": "full", "kind": "disk", "value": 0.1}
AGE = {"name": "old", "kind": "queue_age", "value": 60}


def make(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post(RULES, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == made["links"]["self"]
    return made


@pytest.fixture
def raised(app_backplane: Backplane) -> str:
    """Return the id of an alert about a provider that is offline."""
    database = app_backplane.database
    add_rule(database, AlertKind.STATE, states=("offline",), name="gone")
    check(database, add_provider(database, "Etherscan"), BAD)
    (alert,) = all_alerts(database)
    return alert.id


def test_a_rule_is_made_changed_and_forgotten(client: TestClient) -> None:
    made = make(client, **OFFLINE, severity="critical", for_s=5)
    assert made["open"] == 0
    assert (made["severity"], made["for_s"], made["states"]) == (
        *("critical", 5.0, ["offline"]),
    )
    path = made["links"]["self"]
    until = "2030-01-02T03:04:05.000Z"
    patch = {"states": ["degraded", "offline"], "muted_until": until, "cooldown_s": 0}
    changed = client.patch(path, json=patch).json()
    assert changed["states"] == ["degraded", "offline"]
    assert (changed["muted_until"], changed["cooldown_s"]) == (until, 0.0)
    assert changed["for_s"] == 5.0
    again = client.patch(path, json={"name": "away"}).json()
    assert (again["name"], again["muted_until"]) == ("away", until)
    assert client.patch(path, json={"muted_until": None}).json()["muted_until"] is None
    assert client.get(path).json()["name"] == "away"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**OFFLINE, "states": None}, "#/states"),
        ({**OFFLINE, "states": []}, "#/states"),
        ({**OFFLINE, "states": ["gone"]}, "#/states/0"),
        ({**OFFLINE, "value": 1}, "#/value"),
        ({**OFFLINE, "hysteresis": 1}, "#/hysteresis"),
        ({**OFFLINE, "provider": "nobody"}, "#/provider"),
        ({**OFFLINE, "provider": "prv_\x00"}, "#/provider"),
        ({**OFFLINE, "provider": "a", "category": "b"}, "#/category"),
        ({**OFFLINE, "kind": "else"}, "#/kind"),
        ({**OFFLINE, "severity": "fatal"}, "#/severity"),
        ({**OFFLINE, "name": ""}, "#/name"),
        ({**OFFLINE, "for_s": -1}, "#/for_s"),
        ({**OFFLINE, "unknown": 1}, "#/unknown"),
        ({**RATE, "value": 1.1}, "#/value"),
        ({**RATE, "value": None}, "#/value"),
        ({**RATE, "window_s": 3601}, "#/window_s"),
        ({**RATE, "hysteresis": 0.6}, "#/hysteresis"),
        ({**RATE, "measure": "p95"}, "#/measure"),
        ({**DISK, "value": 2}, "#/value"),
        ({**DISK, "measure": "p95"}, "#/measure"),
        ({**DISK, "hysteresis": 0.95}, "#/hysteresis"),
        ({**DISK, "category": "b"}, "#/category"),
        ({**AGE, "queue": "webhooks"}, "#/queue"),
        ({**AGE, "least": 3}, "#/least"),
        ({**AGE, "muted_until": "soon"}, "#/muted_until"),
    ],
)
def test_what_could_not_be_judged_is_refused(
    client: TestClient, body: dict[str, Any], pointer: str
) -> None:
    sent = {name: value for name, value in body.items() if value is not None}
    answer = client.post(RULES, json=sent)
    assert answer.status_code == 422, answer.text
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert answer.json()["suggestion"]


def test_a_patch_is_checked_with_what_stands(client: TestClient) -> None:
    path = make(client, **RATE)["links"]["self"]
    answer = client.patch(path, json={"hysteresis": 0.6})
    assert answer.status_code == 422
    assert client.patch(path, json={"kind": "disk"}).status_code == 422
    both = client.patch(path, json={"hysteresis": 0.6, "value": 0.7})
    assert both.status_code == 200
    assert both.json()["value"] == 0.7


def test_a_rule_names_its_provider(
    client: TestClient, app_backplane: Backplane
) -> None:
    provider = add_provider(app_backplane.database, "Etherscan")
    by_name = make(client, **OFFLINE, provider="etherscan")
    by_id = make(client, **OFFLINE, provider=provider)
    for each in (by_name, by_id):
        assert (each["provider"], each["provider_id"]) == ("Etherscan", provider)


def test_rules_are_listed_and_not_more_than_there_may_be(
    client: TestClient, make_app: MakeApp, app: FastAPI
) -> None:
    names = [make(client, **DISK | {"name": f"r{i}"})["name"] for i in range(3)]
    page = client.get(RULES, params={"limit": 2}).json()
    rest = client.get(RULES, params={"after": page["next"]}).json()
    listed = [each["name"] for each in page["items"] + rest["items"]]
    assert listed == names[::-1]
    assert rest["next"] == ""
    assert client.get(RULES, params={"kind": "state"}).json()["items"] == []
    assert client.get(RULES, params={"kind": "else"}).status_code == 422
    known = app.state.solvequeue.settings
    few = make_app(
        database_url=known.database_url, redis_url=known.redis_url, alert_rules=3
    )
    answer = client_on(few).post(RULES, json=DISK)
    assert answer.status_code == 429


def client_on(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 50_000))


def test_a_usual_rule_that_was_deleted_does_not_come_back(
    client: TestClient, app_backplane: Backplane
) -> None:
    watch(app_backplane)
    items = client.get(RULES, params={"limit": 200}).json()["items"]
    assert {each["usual"] for each in items} == set(USUAL)
    assert client.delete(items[0]["links"]["self"]).status_code == 204
    watch(app_backplane)
    left = client.get(RULES, params={"limit": 200}).json()["items"]
    assert len(left) == len(items) - 1


def test_an_alert_tells_all_that_is_known_of_it(
    client: TestClient, raised: str
) -> None:
    page = client.get(ALERTS).json()
    (alert,) = page["items"]
    assert page["unacknowledged"] == 1
    assert alert == client.get(f"{ALERTS}/{raised}").json()
    assert alert["id"] == raised
    assert alert["message"] == "gone: Etherscan is offline: connection refused"
    assert (alert["state"], alert["kind"], alert["severity"]) == (
        *("open", "state", "warning"),
    )
    assert (alert["provider"], alert["count"]) == ("Etherscan", 1)
    assert alert["acknowledged"] is False
    assert alert["data"]["error_type"] == "network"


def test_alerts_are_chosen(
    client: TestClient, raised: str, app_backplane: Backplane
) -> None:
    set_alert(app_backplane.database, raised, created_at=1_700_000_000.0)
    rule = client.get(f"{ALERTS}/{raised}").json()["rule_id"]
    for chosen, other in [
        ({"state": "open"}, {"state": "resolved"}),
        ({"acknowledged": False}, {"acknowledged": True}),
        ({"severity": "warning"}, {"severity": "critical"}),
        ({"kind": "state"}, {"kind": "disk"}),
        ({"provider": "etherscan"}, {"provider": "else"}),
        ({"rule": rule}, {"rule": "alr_" + "0" * 32}),
        ({"since": "2023-11-14T22:13:20Z"}, {"since": "2023-11-14T22:13:21Z"}),
    ]:
        found = client.get(ALERTS, params=chosen).json()["items"]
        assert [each["id"] for each in found] == [raised], chosen
        assert client.get(ALERTS, params=other).json()["items"] == [], other
    for wrong in ({"state": "closed"}, {"provider": "\x00"}, {"rule": "x"}):
        assert client.get(ALERTS, params=wrong).status_code == 422


def test_who_knows_of_it_and_why_it_ended_is_kept(
    client: TestClient, raised: str
) -> None:
    path = f"{ALERTS}/{raised}"
    known = client.post(f"{path}/acknowledge", json={"note": "they know"})
    assert known.status_code == 200, known.text
    assert (known.json()["acknowledged"], known.json()["note"]) == (True, "they know")
    assert known.json()["acknowledged_by"]
    again = client.post(f"{path}/acknowledge", json={"note": "too"}).json()
    assert again == known.json()
    assert client.get(ALERTS).json()["unacknowledged"] == 0
    ended = client.post(f"{path}/resolve").json()
    assert (ended["state"], ended["resolution"]) == ("resolved", "by_hand")
    assert ended["resolved_by"]
    assert client.post(f"{path}/resolve").json() == ended
    for wrong in ({"note": 1}, {"notes": ""}, {"note": "\x00"}):
        assert client.post(f"{path}/resolve", json=wrong).status_code == 422


@pytest.mark.parametrize("verb", ["acknowledge", "resolve"])
@pytest.mark.parametrize("named", ["alt_" + "0" * 32, "else", "a%00b"])
def test_there_is_no_other_alert(client: TestClient, verb: str, named: str) -> None:
    assert client.get(f"{ALERTS}/{named}").status_code == 404
    assert client.post(f"{ALERTS}/{named}/{verb}").status_code == 404
    assert client.post(f"/api/alerts/{named}/acknowledge").status_code == 404


def test_the_earlier_monitors_rows_and_answer(
    client: TestClient, raised: str, app_backplane: Backplane
) -> None:
    (row,) = client.get("/api/alerts").json()
    assert {
        *("id", "timestamp", "provider_id", "alert_type", "severity", "message"),
        *("acknowledged", "acknowledged_at"),
    } <= set(row)
    assert (row["provider"], row["alert_type"]) == ("Etherscan", "state")
    assert row["acknowledged"] is False
    answer = client.post(f"/api/alerts/{raised}/acknowledge")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    (row,) = client.get("/api/alerts", params={"acknowledged": True}).json()
    assert row["acknowledged_at"] == answer.json()["acknowledged_at"]
    for other in (
        {"acknowledged": False},
        {"provider": "else"},
        {"alert_type": "disk"},
        {"severity": "info"},
    ):
        assert client.get("/api/alerts", params=other).json() == []
    set_alert(app_backplane.database, raised, created_at=1_700_000_000.0)
    assert client.get("/api/alerts", params={"hours": 1}).json() == []
    assert len(client.get("/api/alerts", params={"hours": 8784}).json()) <= 1
    assert client.get("/api/alerts", params={"hours": 0}).status_code == 422


def test_a_rule_that_is_paused_or_gone_ends_its_alerts(
    client: TestClient, raised: str, app_backplane: Backplane
) -> None:
    rule = client.get(f"{ALERTS}/{raised}").json()["links"]["rule"]
    assert client.get(rule).json()["open"] == 1
    paused = client.patch(rule, json={"enabled": False}).json()
    assert (paused["enabled"], paused["open"]) == (False, 0)
    alert = client.get(f"{ALERTS}/{raised}").json()
    assert (alert["state"], alert["resolution"]) == ("resolved", "not_watched")
    client.patch(rule, json={"enabled": True, "cooldown_s": 0})
    watch(app_backplane)
    assert client.get(rule).json()["open"] == 1
    assert client.delete(rule).status_code == 204
    opened = client.get(ALERTS, params={"state": "open", "kind": "state"}).json()
    assert rule.rpartition("/")[2] not in {e["rule_id"] for e in opened["items"]}


def test_everyone_may_look_and_operators_act(guarded: FastAPI) -> None:
    database = guarded.state.solvequeue.backplane.database
    add_rule(database, AlertKind.STATE, states=("offline",))
    provider = add_provider(database)
    check(database, provider, BAD)
    alice, boss = client_of(guarded, make_key(guarded, "alice")), operator(guarded)
    (alert,) = alice.get(ALERTS).json()["items"]
    rule = alert["links"]["rule"]
    assert alice.get(rule).status_code == 200
    for refused in (
        alice.post(alert["links"]["acknowledge"]),
        alice.post(alert["links"]["resolve"]),
        alice.post(f"/api/alerts/{alert['id']}/acknowledge"),
        alice.post(RULES, json=DISK),
        alice.patch(rule, json={"enabled": False}),
        alice.delete(rule),
    ):
        assert refused.status_code == 403
    known = boss.post(alert["links"]["acknowledge"]).json()
    assert known["acknowledged_by"].startswith("key:")
    check(database, provider, GOOD)
    told = {each.type for each in written(database)}
    assert told == {"alert_raised", "alert_resolved"}
    assert alice.get("/v1/notifications").json()["items"] == []
    items = boss.get("/v1/notifications").json()["items"]
    assert {each["links"]["subject"] for each in items} == {alert["links"]["self"]}
