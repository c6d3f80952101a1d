"""/v1/live-calculations: made, checked, listed, told of and forgotten."""

from typing import Any, get_args

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.schemas.live_calculation import FieldName
from db.backplane import Backplane
from db.contracts.market import MarketField
from schedules.market.live import keep_up
from tests.integration.api.live import LiveApi
from tests.integration.api.live_client import client_of
from tests.one_worker import OneWorker
from tests.sample_market import present, take

LIVE: dict[str, Any] = {
    "calculation": "npv",
    "parameters": {"cash_flows": [100.0, 120.0], "initial_investment": 150.0},
    "bindings": {"/discount_rate": "discount_rate"},
}
PATH = "/v1/live-calculations"


def make(client: TestClient, **changes: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={**LIVE, **changes})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == answer.json()["links"]["self"]
    found: dict[str, Any] = answer.json()
    return found


def revalue(backplane: Backplane) -> None:
    keep_up(backplane)
    OneWorker(backplane).work()
    keep_up(backplane)


def test_a_live_calculation_follows_the_feed(
    client: TestClient, live: LiveApi, app_backplane: Backplane
) -> None:
    made = make(client)
    assert (made["state"], made["value"], made["latest"]) == ("live", "/npv", None)
    now = present(app_backplane)
    with client_of(live, "/ws") as desk:
        desk.ask("subscribe", "subscribed", channel="calculations")
        for number in (now, now + 1):
            take(app_backplane, number)
            revalue(app_backplane)
        first = desk.await_("calculation_complete")
        second = desk.await_("calculation_complete")
    assert first["calculation_id"] == second["calculation_id"] == made["id"]
    assert second["change"] == pytest.approx(second["value"] - first["value"])
    assert second["value_before"] == first["value"]
    shown = client.get(made["links"]["self"]).json()
    assert (shown["revaluations"], shown["pending"]) == (2, False)
    latest = shown["latest"]
    assert (latest["tick"], latest["value"]) == (now + 1, second["value"])
    assert latest["outcome"] == second["result"]
    job = client.get(shown["links"]["job"]).json()
    assert (job["origin"], job["origin_id"]) == ("live", made["id"])
    rate = client.get("/v1/market").json()["values"]["discount_rate"]
    assert job["parameters"]["discount_rate"] == rate


def test_every_field_of_the_feed_may_be_bound() -> None:
    assert list(get_args(FieldName)) == list(MarketField)


def test_a_socket_asks_for_one_and_hears_of_its_ends(
    client: TestClient, live: LiveApi, app_backplane: Backplane
) -> None:
    now = present(app_backplane)
    with client_of(live, "/ws") as desk:
        desk.send(
            "calculate",
            calculation_id="mine",
            calculation_type="npv",
            parameters=LIVE["parameters"],
            live=True,
        )
        made = desk.await_("calculation_live", "calculation_error")
        assert (made["calculation_id"], made["calculation_type"]) == ("mine", "npv")
        assert made["bindings"] == {"/discount_rate": "discount_rate"}
        for number in (now, now + 1):
            take(app_backplane, number)
            revalue(app_backplane)
        ends = [desk.await_("calculation_complete", "calculation_error") for _ in "12"]
        assert [each["calculation_id"] for each in ends] == [made["live"]] * 2
        assert ends[1]["value_before"] == ends[0]["value"]
        for type_, parameters in (("npv", {}), ("irr", {}), ("solve", {}), ("no", {})):
            desk.send(
                "calculate", calculation_type=type_, parameters=parameters, live=True
            )
            refused = desk.await_("calculation_live", "calculation_error")
            assert refused["code"] == "invalid-input", refused
    assert client.get(f"{PATH}/{made['live']}").json()["revaluations"] == 2


def test_what_is_named_as_a_field_is_bound_unless_others_are_named(
    client: TestClient,
) -> None:
    made = make(client, bindings=None)
    assert made["bindings"] == {"/discount_rate": "discount_rate"}
    made = make(client, bindings={"/cash_flows/1": "tech_index"})
    assert made["bindings"] == {"/cash_flows/1": "tech_index"}


def test_they_are_listed_in_pages_and_forgotten(client: TestClient) -> None:
    ids = [make(client)["id"] for _ in range(3)]
    page = client.get(f"{PATH}?limit=2").json()
    rest = client.get(f"{PATH}?limit=2&after={page['next']}").json()
    listed = [each["id"] for each in (*page["items"], *rest["items"])]
    assert listed == ids[::-1]
    assert rest["next"] == ""
    assert client.delete(f"{PATH}/{ids[0]}").status_code == 204
    assert client.get(f"{PATH}/{ids[0]}").status_code == 404
    assert client.delete(f"{PATH}/{ids[0]}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"calculation": "npw"}, "#/calculation"),
        ({"bindings": {}}, "#/bindings"),
        (
            {"calculation": "irr", "parameters": {}, "bindings": None},
            "#/bindings",
        ),
        ({"bindings": {"/discount_rate": "price"}}, "#/bindings/~1discount_rate"),
        ({"bindings": {"/a/b": "tech_index"}}, "#/bindings/~1a~1b"),
        ({"bindings": {"/rate": "tech_index"}}, "#/parameters/rate"),
        ({"parameters": {}}, "#/parameters/cash_flows"),
        ({"value": "/irr"}, "#/value"),
        ({"value": "/npv/0"}, "#/value"),
        ({"min_change": -1}, "#/min_change"),
        ({"expires_s": 1e9}, "#/expires_s"),
        ({"every": 5}, "#/every"),
    ],
)
def test_what_could_not_be_calculated_is_refused(
    client: TestClient, changes: dict[str, Any], pointer: str
) -> None:
    answer = client.post(PATH, json={**LIVE, **changes})
    assert answer.status_code == 422, answer.text
    found = answer.json()["errors"]
    assert pointer in [each["pointer"] for each in found], found
    assert all(each.get("suggestion") for each in found)


def test_a_caller_may_have_only_so_many(
    make_app: Any, sqlite_url: str, valkey: Any
) -> None:
    app: FastAPI = make_app(
        database_url=sqlite_url, redis_url=valkey.redis_url, live_calculations=2
    )
    client = TestClient(app, client=("127.0.0.1", 50_000))
    make(client)
    make(client)
    answer = client.post(PATH, json=LIVE)
    assert answer.status_code == 429
    assert "SOLVEQUEUE_LIVE_CALCULATIONS" in answer.json()["suggestion"]
