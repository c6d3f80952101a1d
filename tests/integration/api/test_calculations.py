"""Calculations: asked for as jobs, shared where equal, refused with reasons."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.backplane import Backplane
from tests.integration.api.live import LiveApi
from tests.one_worker import OneWorker, working
from tests.waiting import wait_until

FLOWS = [100_000, 120_000, 140_000, 160_000, 180_000]
NPV = {"cash_flows": FLOWS, "discount_rate": 0.1, "initial_investment": 500_000}


def ask(
    client: TestClient, name: str, parameters: Any, **options: Any
) -> dict[str, Any]:
    answer = client.post(
        f"/v1/calculations/{name}", json={"parameters": parameters, **options}
    )
    assert answer.status_code in (201, 202), answer.text
    found: dict[str, Any] = answer.json()
    return found


def work(client: TestClient, backplane: Backplane, job: dict[str, Any]) -> None:
    """Do what there is to do until the job has ended."""
    worker = OneWorker(backplane)

    def has_ended() -> bool:
        worker.work()
        ended = client.get(job["links"]["self"]).json()["finished_at"]
        return ended is not None

    wait_until(has_ended)


def test_a_calculation_is_a_job(client: TestClient, app_backplane: Backplane) -> None:
    asked = ask(client, "npv", NPV)
    assert (asked["kind"], asked["method"], asked["state"]) == (
        *("calculate", "npv"),
        "queued",
    )
    assert client.get(asked["links"]["result"]).status_code == 204
    work(client, app_backplane, asked)
    job = client.get(asked["links"]["self"]).json()
    assert job["state"] == "succeeded"
    assert job["result"]["outcome"]["npv"] == 16314.71
    assert job["parameters"]["discount_rate"] == 0.1
    result = client.get(asked["links"]["result"]).json()
    assert result["final"]
    assert result["outcome"] == job["result"]["outcome"]
    events = client.get(asked["links"]["events"]).json()["items"]
    assert events[-1]["type"] == "job.succeeded"
    assert events[-1]["data"]["calculation"] == "npv"


def test_equal_calculations_share_an_outcome_and_are_counted(
    client: TestClient, app_backplane: Backplane
) -> None:
    first = ask(client, "npv", NPV)
    work(client, app_backplane, first)
    again = ask(client, "npv", {**NPV, "discount_rate": 0.1})
    assert again["state"] == "succeeded"
    assert again["cached_from"] == first["id"]
    anew = ask(client, "npv", NPV, cache=False)
    assert anew["state"] == "queued"
    use = app_backplane.cache.use(["npv", "solve"])
    assert (use["npv"].hits, use["npv"].misses, use["npv"].size) == (1, 1, 1)
    assert use["solve"].misses == 0


def test_who_waits_is_answered_at_the_end(
    live: LiveApi, app_backplane: Backplane
) -> None:
    with working(app_backplane):
        answer = httpx2.post(
            f"{live.url}/v1/calculations/npv",
            timeout=30,
            json={"parameters": NPV},
            headers={"Prefer": "wait=20"},
        )
    assert answer.status_code == 201
    assert answer.json()["result"]["outcome"]["npv"] == 16314.71


@pytest.mark.parametrize(
    ("name", "body", "status", "pointer"),
    [
        ("npv", {"parameters": {"cash_flows": []}}, 422, "#/parameters/cash_flows"),
        ("npv", {"parameters": {"cash_flow": [1]}}, 422, "#/parameters/cash_flows"),
        ("npv", {"parameters": {**NPV, "discount_rate": -1}}, 422, "#/parameters/discount_rate"),  # noqa: E501
        ("npv", {"parameters": []}, 422, "#/parameters"),
        ("npv", {}, 422, "#/parameters"),
        ("npv", {"parameters": NPV, "time_s": 0}, 422, "#/time_s"),
        ("npv", {"parameters": NPV, "webhook_url": "http://127.0.0.1/"}, 422, "#/webhook_url"),  # noqa: E501
        ("nvp", {"parameters": NPV}, 404, None),
    ],
)  # fmt: skip
def test_what_cannot_be_calculated_is_refused(
    client: TestClient, name: str, body: Any, status: int, pointer: str | None
) -> None:
    answer = client.post(f"/v1/calculations/{name}", json=body)
    assert answer.status_code == status
    assert answer.json()["suggestion"]
    if pointer is not None:
        assert pointer in [each["pointer"] for each in answer.json()["errors"]]


def test_the_catalogue_tells_schemas_and_examples_that_work(
    client: TestClient, app: FastAPI, app_backplane: Backplane
) -> None:
    for item in client.get("/v1/calculations").json()["items"]:
        one = client.get(f"/v1/calculations/{item['name']}").json()
        assert one == item
        assert item["parameters"]["type"] == "object"
        job = ask(client, item["name"], item["example"])
        work(client, app_backplane, job)
        job = client.get(job["links"]["self"]).json()
        assert job["state"] == "succeeded", (item["name"], job["error"])
        assert set(job["result"]["outcome"]) == set(item["outcome"]["properties"])


def test_a_calculation_is_not_rerun(
    client: TestClient, app_backplane: Backplane
) -> None:
    asked = ask(client, "npv", NPV)
    work(client, app_backplane, asked)
    for action in ("rerun", "reproduce"):
        answer = client.post(f"{asked['links']['self']}/{action}", json={})
        assert answer.status_code == 409
        assert "cache" in answer.json()["suggestion"]


def test_a_long_one_tells_how_far_it_is_and_keeps_what_it_has_when_cancelled(
    client: TestClient, app_backplane: Backplane
) -> None:
    example = client.get("/v1/calculations/monte_carlo").json()["example"]
    wanted = 10_000_000
    with working(app_backplane):
        asked = ask(client, "monte_carlo", {**example, "paths": wanted})
        path = asked["links"]["self"]

        def progress() -> list[dict[str, Any]]:
            events = client.get(f"{path}/events").json()["items"]
            return [e["data"] for e in events if e["type"] == "job.progress"]

        wait_until(lambda: len(progress()) >= 2)
        client.post(asked["links"]["cancel"])
        wait_until(lambda: client.get(path).json()["finished_at"])
    told = progress()
    fractions = [each["fraction"] for each in told]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] < 1
    assert told[-1]["eta_s"] > 0
    job = client.get(path).json()
    assert job["state"] == "cancelled"
    assert job["result"]["termination"] == "cancelled"
    assert 0 < job["result"]["outcome"]["paths"] < wanted


def test_what_listens_to_nobody_is_cancelled_all_the_same(
    client: TestClient, app_backplane: Backplane
) -> None:
    long = {"expression": "zeta(2.5)", "digits": 10_000}
    with working(app_backplane):
        asked = ask(client, "evaluate", long)
        path = asked["links"]["self"]
        wait_until(lambda: client.get(path).json()["started_at"])
        client.post(asked["links"]["cancel"])
        wait_until(lambda: client.get(path).json()["finished_at"])
        job = client.get(path).json()
        assert (job["state"], job["result"]["outcome"]) == ("cancelled", None)
        after = ask(client, "npv", NPV)
        wait_until(lambda: client.get(after["links"]["self"]).json()["finished_at"])


def test_what_takes_too_long_and_has_nothing_fails_with_the_reason(
    client: TestClient, app_backplane: Backplane
) -> None:
    long = {"expression": "zeta(2.5)", "digits": 10_000}
    asked = ask(client, "evaluate", long, time_s=0.2)
    work(client, app_backplane, asked)
    job = client.get(asked["links"]["self"]).json()
    assert (job["state"], job["error"]["code"]) == ("failed", "time-limit")
