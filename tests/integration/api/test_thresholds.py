"""/v1/thresholds: made, changed, switched, and heard of among the notifications."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.models import LiveCalculation
from tests.integration.api.conftest import MakeApp
from tests.integration.api.keyed import client_of, make_key
from tests.sample_thresholds import feed

PATH = "/v1/thresholds"
ABOVE = {
    "name": "dear money",
    "watches": "market:discount_rate",
    "condition": "above",
    "value": 0.08,
}
LIVE = "calculation:live_" + "0" * 32
OUTSIDE = {
    "name": "our project",
    "pointer": "/npv",
    "condition": "outside",
    "low": 0,
    "high": 100,
    "hysteresis": 50,
    "cooldown_s": 0,
    "level": "error",
    "enabled": False,
}


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.fixture
def alice(app: FastAPI) -> TestClient:
    return client_of(app, make_key(app, "alice"))


def make(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == made["links"]["self"]
    return made


def live_npv(client: TestClient) -> str:
    """Return what a rule names that watches a live calculation."""
    wish = {"calculation": "npv", "parameters": {"cash_flows": [100, 120]}}
    answer = client.post("/v1/live-calculations", json=wish)
    assert answer.status_code == 201, answer.text
    return f"calculation:{answer.json()['id']}"


def refusal(client: TestClient, **body: Any) -> dict[str, str]:
    answer = client.post(PATH, json=body)
    assert answer.status_code == 422, answer.text
    (found,) = answer.json()["errors"]
    told: dict[str, str] = found
    return told


def test_a_threshold_is_made_listed_and_forgotten(alice: TestClient) -> None:
    outside = OUTSIDE | {"watches": live_npv(alice)}
    first, second = make(alice, **ABOVE), make(alice, **outside)
    assert {name: second[name] for name in outside} == outside
    assert (first["state"], first["level"], first["enabled"]) == (
        *("armed", "warning", True),
    )
    assert (first["pointer"], first["hysteresis"], first["cooldown_s"]) == (None, 0, 60)
    assert alice.get(first["links"]["self"]).json() == first
    page = alice.get(PATH, params={"limit": 1}).json()
    assert page["items"] == [second]
    rest = alice.get(PATH, params={"after": page["next"]}).json()
    assert rest == {"items": [first], "next": ""}
    assert alice.delete(first["links"]["self"]).status_code == 204
    assert alice.get(first["links"]["self"]).status_code == 404


def test_its_excursion_is_among_the_notifications(
    alice: TestClient, app_backplane: Backplane
) -> None:
    path = make(alice, **ABOVE)["links"]["self"]
    for at, rate in enumerate([0.07, 0.09, 0.1, 0.07]):
        feed(app_backplane.database, {"discount_rate": rate}, 1_700_000_000.0 + at)
    found = alice.get("/v1/notifications", params={"type": "threshold"}).json()
    assert [(each["level"], each["data"]["state"]) for each in found["items"]] == [
        *(("info", "resolved"), ("warning", "raised")),
    ]
    assert {each["links"]["subject"] for each in found["items"]} == {path}
    view = alice.get(path).json()
    assert (view["state"], view["raises"], view["last_value"]) == ("armed", 1, 0.07)
    assert view["raised_at"] == "2023-11-14T22:13:21.000Z"
    assert view["resolved_at"] == view["judged_at"] == "2023-11-14T22:13:23.000Z"


def test_what_is_changed_is_checked_as_a_whole(
    alice: TestClient, app_backplane: Backplane
) -> None:
    path = make(alice, **ABOVE)["links"]["self"]
    feed(app_backplane.database, {"discount_rate": 0.09}, 1000.0)
    renamed = alice.patch(path, json={"name": "dearer", "level": "info"}).json()
    assert (renamed["name"], renamed["level"], renamed["state"]) == (
        *("dearer", "info", "raised"),
    )
    refused = alice.patch(path, json={"condition": "outside", "low": 1, "high": 2})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/value"
    changed = alice.patch(
        path, json={"condition": "outside", "value": None, "low": 0, "high": 0.05}
    ).json()
    assert (changed["condition"], changed["state"], changed["raises"]) == (
        *("outside", "armed", 0),
    )
    elsewhere = {"watches": LIVE, "pointer": "/npv"}
    assert alice.patch(path, json=elsewhere).status_code == 422
    moved = {"watches": live_npv(alice), "pointer": "/npv"}
    assert alice.patch(path, json=moved).json()["pointer"] == "/npv"
    assert alice.patch(path, json={}).json()["watches"] == moved["watches"]


def test_what_is_not_the_callers_own_cannot_be_watched(
    app: FastAPI, alice: TestClient
) -> None:
    bob = client_of(app, make_key(app, "bob"))
    body = OUTSIDE | {"watches": live_npv(bob)}
    for watches in (body["watches"], LIVE):
        told = refusal(alice, **body | {"watches": watches})
        assert told["pointer"] == "#/watches"
        assert "/v1/live-calculations" in told["suggestion"]
    make(bob, **body)


def test_a_pointer_to_no_number_is_refused_with_those_that_are_there(
    alice: TestClient, app_backplane: Backplane
) -> None:
    wish = OUTSIDE | {"watches": live_npv(alice), "pointer": "/of an earlier version"}
    told = refusal(alice, **wish)
    assert told["pointer"] == "#/pointer"
    assert "/npv, " in told["suggestion"]
    with app_backplane.database.transaction() as connection:
        connection.execute(
            update(LiveCalculation).values(outcome='{"of an earlier version": "1.5"}')
        )
    make(alice, **wish)


def test_what_has_expired_cannot_be_watched_but_its_rules_can_be_changed(
    alice: TestClient, app_backplane: Backplane
) -> None:
    body = OUTSIDE | {"watches": live_npv(alice)}
    path = make(alice, **body)["links"]["self"]
    with app_backplane.database.transaction() as connection:
        connection.execute(update(LiveCalculation).values(expires_at=1.0))
    assert refusal(alice, **body)["pointer"] == "#/watches"
    assert alice.patch(path, json={"name": "was ours"}).json()["name"] == "was ours"
    assert alice.patch(path, json={"pointer": "/error_bound"}).status_code == 422


def test_rules_go_with_the_live_calculation_that_they_watch(alice: TestClient) -> None:
    gone, stays = live_npv(alice), live_npv(alice)
    made = [
        make(alice, **OUTSIDE | {"watches": watches})["links"]["self"]
        for watches in (gone, stays)
    ]
    path = f"/v1/live-calculations/{gone.removeprefix('calculation:')}"
    assert alice.delete(path).status_code == 204
    assert [alice.get(each).status_code for each in made] == [404, 200]


def test_one_that_is_switched_off_tells_nothing_until_it_is_on(
    alice: TestClient, app_backplane: Backplane
) -> None:
    links = make(alice, **ABOVE)["links"]
    assert alice.post(links["disable"]).json()["enabled"] is False
    assert feed(app_backplane.database, {"discount_rate": 0.09}, 1000.0) == []
    assert alice.post(links["enable"]).json()["enabled"] is True
    assert len(feed(app_backplane.database, {"discount_rate": 0.09}, 1010.0)) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"watches": "market:discount_rat"}, "#/watches"),
        ({"watches": "weather:rain"}, "#/watches"),
        ({"watches": "calculation:mine"}, "#/watches"),
        ({"watches": "market"}, "#/watches"),
        ({"watches": LIVE}, "#/pointer"),
        ({"watches": LIVE, "pointer": "npv"}, "#/pointer"),
        ({"watches": LIVE, "pointer": "/\x00"}, "#/pointer"),
        ({"pointer": "/npv"}, "#/pointer"),
        ({"value": None}, "#/value"),
        ({"value": "0.08"}, "#/value"),
        ({"value": 1e301}, "#/value"),
        ({"low": 1}, "#/low"),
        ({"condition": "near"}, "#/condition"),
        ({"condition": "outside", "value": None, "low": 1}, "#/high"),
        ({"condition": "outside", "value": None, "low": 1, "high": 1}, "#/high"),
        ({"condition": "outside", "value": None, "low": 1, "high": 2, "hysteresis": 0.6}, "#/hysteresis"),  # noqa: E501
        ({"condition": "change_by", "value": 0}, "#/value"),
        ({"condition": "change_by", "hysteresis": 1}, "#/hysteresis"),
        ({"hysteresis": -1}, "#/hysteresis"),
        ({"cooldown_s": 1e9}, "#/cooldown_s"),
        ({"level": "loud"}, "#/level"),
        ({"name": ""}, "#/name"),
        ({"limit": 3}, "#/limit"),
    ],
)  # fmt: skip
def test_what_could_never_be_raised_is_refused(
    alice: TestClient, changes: dict[str, Any], pointer: str
) -> None:
    answer = alice.post(PATH, json={**ABOVE, **changes})
    assert answer.status_code == 422, answer.text
    (first, *_) = answer.json()["errors"]
    assert first["pointer"] == pointer
    assert first["suggestion"]


def test_a_name_that_is_nearly_right_is_suggested(alice: TestClient) -> None:
    answer = alice.post(PATH, json={**ABOVE, "watches": "market:discount_rat"})
    assert "market:discount_rate?" in answer.json()["errors"][0]["suggestion"]


def test_a_caller_has_no_more_than_the_limit(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(**guarded_settings, thresholds=1)
    alice, bob = (client_of(app, make_key(app, name)) for name in ("alice", "bob"))
    make(alice, **ABOVE)
    assert alice.post(PATH, json=ABOVE).status_code == 429
    make(bob, **ABOVE)
