"""A program written for the finance server, against this service over plain HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.integration.api.live import LiveApi

NPV = {
    "cash_flows": [100_000, 120_000, 140_000, 160_000, 180_000],
    "discount_rate": 0.10,
    "initial_investment": 500_000,
}


@pytest.fixture
def http(live: LiveApi, working: None) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=live.url, timeout=60) as client:
        yield client


def ask(http: httpx2.Client, path: str, parameters: Any) -> dict[str, Any]:
    answer = http.post(path, json=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["status"] == "success"
    assert found["timestamp"]
    return found


def test_its_golden_numbers(http: httpx2.Client) -> None:
    assert ask(http, "/api/financial/npv", NPV)["data"]["npv"] == 16314.71
    flows = {"cash_flows": [100, 200, 300], "initial_investment": 500}
    assert ask(http, "/api/financial/irr", flows)["data"]["irr"] == 0.0821


def test_an_outcome_that_was_there_is_told_and_counted(http: httpx2.Client) -> None:
    asked = [ask(http, "/api/financial/npv", NPV)["cached"] for _ in range(3)]
    assert asked == [False, True, True]
    told = http.get("/api/financial/cache-stats").json()["data"]["npv"]
    assert (told["hit_count"], told["miss_count"], told["size"]) == (2, 1, 1)
    assert told["hit_rate"] == pytest.approx(2 / 3, abs=1e-4)
    assert (told["max_size"], told["ttl_seconds"]) == (1000, 1800)


def test_what_makes_no_sense_is_refused_where_it_stands(http: httpx2.Client) -> None:
    answer = http.post("/api/financial/npv", json={**NPV, "discount_rate": -2})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/discount_rate"


def test_it_says_what_there_is(http: httpx2.Client) -> None:
    told = http.get("/api").json()
    assert "/financial/npv" in told["data"]["endpoints"]
    assert http.get("/api/docs").status_code in (200, 307)
