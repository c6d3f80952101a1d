"""/v1/providers: made, changed, paused, looked at; and what is refused, and how."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import insert
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.identifier import new_id
from db.contracts.provider import CheckOutcome, Limit, Origin, Window
from db.models import ProviderCollection
from db.repositories import providers
from db.repositories.jobs import database_time
from schedules.provider_registry import synchronise
from tests.integration.api.conftest import MakeApp
from tests.integration.api.keyed import client_of, make_key, operator
from tests.recorded_checks import FAILED, REFUSED, add_provider, record_check

PATH = "/v1/providers"
PRICES: dict[str, Any] = {
    "name": "Prices",
    "category": "market_data",
    "url": "https://prices.example/v1/latest",
}
WHOLE: dict[str, Any] = {
    **PRICES,
    "description": "What things cost.",
    "second_url": "https://again.prices.example/v1/latest",
    "key": {"environment": "BSCSCAN_KEY", "place": "query", "name": "apikey"},
    "limits": [{"per": "minute", "calls": 50}, {"per": "day", "calls": 1000}],
    "expectation": {
        "statuses": [200, 203],
        "pointer": "/bitcoin/usd",
        "timeout_ms": 4000,
        "degraded_ms": 900,
        "offline_ms": 3000,
        "failures": 2,
        "recoveries": 2,
    },
    "collection": {
        "series": {"bitcoin": "/bitcoin/usd"},
        "data_time": "/bitcoin/last_updated_at",
        "stale_after_s": 60.0,
    },
    "tier": 1,
    "every_s": 30.0,
}


def make(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == made["links"]["self"]
    return made


def test_a_provider_is_made_looked_at_and_forgotten(client: TestClient) -> None:
    first, second = make(client, **PRICES), make(client, **WHOLE | {"name": "Both"})
    sent = WHOLE | {"name": "Both"}
    key = second.pop("key")
    assert {name: second[name] for name in sent if name != "key"} == {
        name: sent[name] for name in sent if name != "key"
    }
    assert key == {**WHOLE["key"], "is_set": False, "masked": None}
    assert (first["kind"], first["origin"], first["state"], first["checks"]) == (
        *("http", "api", "unknown", 0),
    )
    assert (first["tier"], first["every_s"], first["paused"]) == (2, 300, False)
    assert first["next_check_at"] is not None
    assert client.get(first["links"]["self"]).json() == first
    page = client.get(PATH, params={"limit": 1}).json()
    assert [each["name"] for each in page["items"]] == ["Both"]
    rest = client.get(PATH, params={"after": page["next"]}).json()
    assert rest == {"items": [first], "next": ""}
    assert client.delete(first["links"]["self"]).status_code == 204
    for path in (first["links"]["self"], f"{PATH}/{new_id('prv')}", f"{PATH}/x"):
        assert client.get(path).status_code == 404


def test_a_listing_is_filtered(client: TestClient, app_backplane: Backplane) -> None:
    made = make(client, **PRICES)
    make(client, **PRICES | {"name": "News_100", "category": "news"})
    with app_backplane.database.transaction() as connection:
        at = database_time(connection)
        record_check(connection, made["id"], at, **FAILED)
    for wanted, names in [
        ({"category": "news"}, ["News_100"]),
        ({"state": "offline"}, ["Prices"]),
        ({"search": "ric"}, ["Prices"]),
        ({"search": "s_1"}, ["News_100"]),
        ({"search": "%"}, []),
        ({"search": "_"}, ["News_100"]),
        ({"category": "news", "state": "offline"}, []),
    ]:
        found = client.get(PATH, params=wanted).json()["items"]
        assert [each["name"] for each in found] == names
    assert client.get(PATH, params={"state": "ill"}).status_code == 422


def test_a_name_is_given_once_however_it_is_capitalised(client: TestClient) -> None:
    path = make(client, **PRICES)["links"]["self"]
    other = make(client, **PRICES | {"name": "Others"})["links"]["self"]
    again = client.post(PATH, json=PRICES | {"name": "pRICES"})
    assert (again.status_code, again.json()["details"]["code"]) == (409, "name-taken")
    assert client.patch(other, json={"name": "Prices"}).status_code == 409
    assert client.patch(path, json={"name": "PRICES"}).json()["name"] == "PRICES"


def test_there_are_no_more_than_the_setting_says(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(**guarded_settings | {"auth_mode": "off"}, max_providers=1)
    client = TestClient(app, client=("127.0.0.1", 50_000))
    make(client, **PRICES)
    answer = client.post(PATH, json=PRICES | {"name": "Others"})
    assert answer.status_code == 429
    assert "SOLVEQUEUE_MAX_PROVIDERS" in answer.json()["suggestion"]


def test_private_networks_are_open_where_the_setting_says(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(
        **guarded_settings | {"auth_mode": "off"}, provider_allow_cidrs="127.0.0.0/8"
    )
    client = TestClient(app, client=("127.0.0.1", 50_000))
    make(client, **PRICES | {"url": "http://127.0.0.1:9090/"})


def test_a_change_is_merged_and_checked_as_a_whole(client: TestClient) -> None:
    path = make(client, **WHOLE)["links"]["self"]
    changed = client.patch(
        path,
        json={"expectation": {"timeout_ms": 3000}, "key": {"name": "token"}},
    ).json()
    assert changed["expectation"] == WHOLE["expectation"] | {"timeout_ms": 3000}
    assert changed["key"]["name"] == "token"
    assert changed["key"]["environment"] == "BSCSCAN_KEY"
    assert changed["version"] == 2
    refusal = client.patch(path, json={"expectation": {"offline_ms": 10}})
    assert refusal.json()["errors"][0]["pointer"] == "#/expectation/offline_ms"
    assert client.patch(path, json={"url": None}).status_code == 422
    assert client.patch(path, json={"paused": True}).status_code == 422
    emptied = client.patch(
        path,
        json={
            "key": None,
            "collection": None,
            "limits": None,
            "second_url": None,
            "expectation": None,
            "tier": 3,
        },
    ).json()
    assert (emptied["key"], emptied["collection"], emptied["limits"]) == (
        *(None, None, []),
    )
    assert (emptied["second_url"], emptied["tier"]) == ("", 3)
    assert emptied["expectation"]["timeout_ms"] == 10_000
    assert client.get(path).json() == emptied


def test_it_is_paused_resumed_and_checked_when_somebody_says_so(
    client: TestClient, app_backplane: Backplane
) -> None:
    made = make(client, **PRICES)
    links = made["links"]
    with app_backplane.database.transaction() as connection:
        at = database_time(connection)
        record_check(connection, made["id"], at, response_ms=20.0)
    assert client.get(links["self"]).json()["state"] == "online"
    paused = client.post(links["pause"]).json()
    assert (paused["paused"], paused["next_check_at"], paused["state"]) == (
        *(True, None, "unknown"),
    )
    assert client.post(links["check"]).json()["next_check_at"] is None
    resumed = client.post(links["resume"]).json()
    assert resumed["next_check_at"] is not None
    with app_backplane.database.transaction() as connection:
        record_check(connection, made["id"], at + 1, response_ms=20.0)
    due = client.get(links["self"]).json()["next_check_at"]
    asked = client.post(links["check"])
    assert asked.status_code == 202
    assert asked.json()["next_check_at"] < due
    changes = client.get(links["changes"]).json()["items"]
    assert [each["new_state"] for each in changes] == ["online", "unknown", "online"]
    assert changes[1]["reason"] == "it is paused"


def test_checks_and_changes_are_listed(
    client: TestClient, app_backplane: Backplane
) -> None:
    made = make(client, **PRICES)
    with app_backplane.database.transaction() as connection:
        at = database_time(connection) - 100
        for number in range(3):
            record_check(connection, made["id"], at + number, response_ms=20.0)
        for number in range(3, 7):
            record_check(connection, made["id"], at + number, **REFUSED)
    path = made["links"]["checks"]
    page = client.get(path, params={"limit": 4}).json()
    assert [each["number"] for each in page["items"]] == [7, 6, 5, 4]
    rest = client.get(path, params={"after": page["next"], "limit": 4}).json()
    assert [each["number"] for each in rest["items"]] == [3, 2, 1]
    assert rest["next"] == ""
    well = client.get(path, params={"outcome": "success", "limit": 1}).json()["items"]
    assert [each["number"] for each in well] == [3]
    refusal = page["items"][0]
    assert (refusal["outcome"], refusal["level"], refusal["error_type"]) == (
        *("failed", "degraded", "status"),
    )
    assert (refusal["http_status"], refusal["response_ms"]) == (503, 40.0)
    path = made["links"]["changes"]
    newest = client.get(path, params={"limit": 1}).json()
    assert newest["items"][0]["new_state"] == "degraded"
    (oldest,) = client.get(path, params={"after": newest["next"]}).json()["items"]
    assert (oldest["old_state"], oldest["new_state"]) == ("unknown", "online")
    assert client.get(path, params={"after": "x"}).status_code == 422
    bad = client.get(made["links"]["checks"], params={"after": "-1"})
    assert bad.json()["errors"][0]["pointer"] == "#query/after"


def test_statistics_move_with_what_happens(
    client: TestClient, app_backplane: Backplane
) -> None:
    made = make(client, **PRICES | {"limits": [{"per": "day", "calls": 10}]})
    path = made["links"]["statistics"]
    before = client.get(path).json()
    assert before["attempts"]["success_rate"] is None
    assert (before["response_ms"]["p99"], before["uptime"]["up"]) == (None, None)
    with app_backplane.database.transaction() as connection:
        now = database_time(connection)
        record_check(connection, made["id"], now - 1000, response_ms=100.0, size=7)
        record_check(connection, made["id"], now - 900, response_ms=300.0)
        for ago in (800, 700, 600):
            record_check(connection, made["id"], now - ago, **FAILED, retries=1)
        blocked = CheckOutcome.BLOCKED
        record_check(connection, made["id"], now - 500, blocked)
    limit = Limit(per=Window.DAY, calls=10)
    app_backplane.budgets.spend(made["id"], [limit], now)
    found = client.get(path, params={"hours": 1}).json()
    assert found["attempts"] == {
        "calls": 5,
        "success": 2,
        "failed": 3,
        "timeout": 0,
        "rate_limited": 0,
        "blocked": 1,
        "success_rate": 0.4,
        "retried": 3,
        "retried_well": 0,
        "errors": {"network": 3},
        "bytes": 7,
    }
    assert (found["response_ms"]["answers"], found["response_ms"]["mean"]) == (2, 200)
    assert found["response_ms"]["p50"] == pytest.approx(100, rel=0.01)
    assert found["response_ms"]["p99"] == pytest.approx(300, rel=0.01)
    assert found["uptime"]["online"] == pytest.approx(0.4, abs=0.02)
    assert found["uptime"]["known_s"] == pytest.approx(1000, abs=20)
    (budget,) = found["budgets"]
    assert (budget["per"], budget["used"], budget["percentage"], budget["status"]) == (
        *("day", 1, 10, "ok"),
    )
    assert found["circuit"]["state"] == "closed"
    short = client.get(path, params={"hours": 850 / 3600}).json()
    assert (short["attempts"]["calls"], short["uptime"]["known_s"]) == (
        3,
        pytest.approx(850, abs=1),
    )
    for hours in (0, 100_000, "nan"):
        assert client.get(path, params={"hours": hours}).status_code == 422


def test_collected_numbers_are_listed(
    client: TestClient, app_backplane: Backplane
) -> None:
    path = make(client, **WHOLE)["links"]["series"]
    provider_id = path.split("/")[3]
    assert client.get(path).json() == {"items": [], "next": ""}
    with app_backplane.database.transaction() as connection:
        at = database_time(connection)
        for number, value in ((1, 10.5), (2, None), (3, 12.5)):
            connection.execute(
                insert(ProviderCollection).values(
                    provider_id=provider_id,
                    number=number,
                    due_at=at,
                    at=at,
                    data_at=at - 40,
                    values=json.dumps({"bitcoin": value}),
                    records=int(value is not None),
                    size=7,
                    quality=float(value is not None),
                    staleness_s=40.0,
                    on_schedule=True,
                    skip_reason=None,
                )
            )
    page = client.get(path, params={"limit": 2, "name": "bitcoin"}).json()
    told = [(each["number"], each["values"]) for each in page["items"]]
    assert told == [(3, {"bitcoin": 12.5}), (2, {"bitcoin": None})]
    rest = client.get(path, params={"after": page["next"]}).json()
    assert [each["values"]["bitcoin"] for each in rest["items"]] == [10.5]
    unknown = client.get(path, params={"name": "bitcon"})
    assert "Did you mean bitcoin?" in unknown.json()["errors"][0]["suggestion"]
    statistics = client.get(path.replace("series", "statistics")).json()
    collected = statistics["collected"]
    assert (collected["collections"], collected["records"], collected["bytes"]) == (
        *(3, 2, 21),
    )
    assert collected["mean_quality"] == pytest.approx(2 / 3)
    assert collected["mean_staleness_s"] == 40


def test_a_key_is_never_shown_whole(
    make_app: MakeApp,
    guarded_settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "0123456789abcdefghij"
    monkeypatch.setenv("BSCSCAN_KEY", secret)
    app = make_app(**guarded_settings | {"auth_mode": "off"})
    client = TestClient(app, client=("127.0.0.1", 50_000))
    made = make(client, **WHOLE)
    assert made["key"]["is_set"] is True
    assert made["key"]["masked"] == "0123********ghij"
    for path in (made["links"]["self"], PATH, made["links"]["checks"]):
        assert secret not in client.get(path).text


def test_what_others_describe_can_only_be_paused(
    client: TestClient, app_backplane: Backplane
) -> None:
    database = app_backplane.database
    for origin, words in [
        (Origin.REGISTRY, "registry file"),
        (Origin.SERVICE, "part of the service"),
    ]:
        made = add_provider(database, origin=origin, name=str(origin))
        path = f"{PATH}/{made.id}"
        for answer in (client.patch(path, json={"tier": 1}), client.delete(path)):
            assert answer.status_code == 409
            assert answer.json()["details"]["code"] == "provider-fixed"
            assert words in answer.json()["detail"]
        assert client.post(f"{path}/pause").json()["paused"] is True
        assert client.post(f"{path}/resume").json()["paused"] is False


def test_what_the_registry_file_has_forgotten_can_be_deleted(
    client: TestClient, app_backplane: Backplane
) -> None:
    made = add_provider(app_backplane.database, origin=Origin.REGISTRY)
    with app_backplane.database.transaction() as connection:
        providers.set_paused(connection, made.id, paused=True, left=True)
    path = f"{PATH}/{made.id}"
    assert client.get(path).json()["left_at"] is not None
    assert client.post(f"{path}/resume").status_code == 409
    assert client.post(f"{path}/pause").json()["left_at"] is not None
    assert client.delete(path).status_code == 204


def test_operators_see_what_is_wrong_with_the_registry(
    make_app: MakeApp, guarded_settings: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "providers.toml"
    app = make_app(**guarded_settings | {"auth_mode": "off"}, providers_file=file)
    client = TestClient(app, client=("127.0.0.1", 50_000))
    before = client.get(f"{PATH}/registry").json()
    assert (before["read_at"], before["faults"]) == (None, [])
    assert "crypto" in before["known_sets"]
    file.write_text("[[provider]]\nname = 'One'\ncategory = 'x'\nurl = 'ftp://x'\n")
    synchronise(app.state.solvequeue.backplane)
    found = client.get(f"{PATH}/registry").json()
    assert found["read_at"] is not None
    assert (found["file"], found["providers"]) == (str(file), 0)
    assert [(each["provider"], each["field"]) for each in found["faults"]] == [
        ("One", "/url")
    ]


def test_everyone_reads_and_operators_write(guarded: FastAPI) -> None:
    alice, boss = client_of(guarded, make_key(guarded, "alice")), operator(guarded)
    made = make(boss, **PRICES)
    links = made["links"]
    assert alice.get(f"{PATH}/registry").status_code == 403
    assert alice.get(PATH).json()["items"][0]["id"] == made["id"]
    for name in ("self", "checks", "changes", "statistics", "series"):
        assert alice.get(links[name]).status_code == 200
    for method, path in [
        ("POST", PATH),
        ("PATCH", links["self"]),
        ("DELETE", links["self"]),
        *(("POST", links[name]) for name in ("pause", "resume", "check")),
    ]:
        assert alice.request(method, path, json=PRICES).status_code == 403
