"""A program written for the precision calculator, against this service.

Paths, fields and words are that server's; only the values of its function are right.
"""

import concurrent.futures
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import mpmath
import pytest

from tests.integration.api.live import LiveApi
from tests.integration.api.live_client import client_of

DEFAULT = {"input_value": 3.14159, "precision_level": 6}
CALLERS = 30


@pytest.fixture
def http(live: LiveApi, working: None) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=live.url, timeout=60) as client:
        yield client


def calculate(http: httpx2.Client, **changes: Any) -> dict[str, Any]:
    answer = http.post("/api/v1/calculate", json={**DEFAULT, **changes})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_function_that_its_description_names(http: httpx2.Client) -> None:
    found = calculate(http, metadata={"user": "u1"})
    assert found["precision_result"] == pytest.approx(1.90845e-8, rel=1e-15)
    assert found["value"] == "1.90845e-8"
    assert found["second_algorithm"] != found["algorithm"]
    assert found["terms"] > 0
    assert found["metadata"] == {"user": "u1"}
    assert (found["input_value"], found["precision_level"]) == (3.14159, 6)
    assert found["processing_time_ms"] > 0
    assert found["calculation_id"].startswith("job_")
    assert found["timestamp"].endswith("Z")
    assert calculate(http, input_value=0)["precision_result"] == 0.0


@pytest.mark.parametrize("level", range(1, 16))
def test_every_level_has_its_digits(http: httpx2.Client, level: int) -> None:
    found = calculate(http, input_value=0.7, precision_level=level)
    with mpmath.workdps(40):
        x = mpmath.mpf(0.7)
        true = mpmath.sin(x) * mpmath.exp(-x * x / 2)
        assert found["value"] == mpmath.nstr(true, level, strip_zeros=False)


def test_the_same_again_is_told_of_the_job_that_did_it(http: httpx2.Client) -> None:
    first = calculate(http, metadata={"n": 1})
    again = calculate(http, metadata={"n": 2})
    assert (first["cached"], again["cached"]) == (False, True)
    assert again["calculation_id"] == first["calculation_id"]
    assert again["metadata"] == {"n": 2}
    assert http.get("/api/v1/metrics").json()["total_calculations"] == 1


def test_an_expression_of_its_own(http: httpx2.Client) -> None:
    found = calculate(http, expression="sqrt(x)", input_value=2, precision_level=15)
    assert found["precision_result"] == 1.41421356237310
    refused = http.post("/api/v1/calculate", json={**DEFAULT, "expression": "sqrt(y)"})
    assert refused.status_code == 422


def test_a_value_outside_the_domain_is_refused(http: httpx2.Client) -> None:
    answer = http.post(
        "/api/v1/calculate",
        json={**DEFAULT, "expression": "log(x)", "input_value": -1},
    )
    assert answer.status_code == 422
    assert answer.json()["suggestion"]


@pytest.mark.parametrize(
    "changes",
    [
        *({"precision_level": level} for level in (0, 16, "6", None)),
        *({"input_value": value} for value in ("abc", None, [], True)),
        {"metadata": 7},
        {"shout": 1},
    ],
)
def test_what_it_refused_is_refused(http: httpx2.Client, changes: Any) -> None:
    answer = http.post("/api/v1/calculate", json={**DEFAULT, **changes})
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("value", [1e300, -1e300, 5e-324, 1e-300, 40.0, 1.7e308])
def test_floats_of_any_size_have_a_value(http: httpx2.Client, value: float) -> None:
    found = calculate(http, input_value=value, precision_level=15)
    with mpmath.workdps(700):
        x = mpmath.mpf(value)
        true = mpmath.sin(x) * mpmath.exp(-x * x / 2)
    assert found["precision_result"] == pytest.approx(float(true), rel=1e-14, abs=0)


def test_many_at_once_are_all_answered(http: httpx2.Client) -> None:
    ready = threading.Barrier(CALLERS)

    def ask(number: int) -> float:
        ready.wait()
        return float(calculate(http, input_value=number / 7)["precision_result"])

    with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
        found = list(pool.map(ask, range(CALLERS)))
    assert len(set(found)) == CALLERS


def test_its_numbers_count_what_was_calculated(http: httpx2.Client) -> None:
    for value in (1.0, 2.0):
        calculate(http, input_value=value)
    told = http.get("/api/v1/metrics").json()
    assert told["total_calculations"] == told["last_24h_calculations"] == 2
    assert told["success_rate"] == 1.0
    assert told["average_processing_time_ms"] > 0
    assert told["revenue_summary"] == {
        "total_revenue": 0.3,
        "base_revenue": 0.2,
        "premium_revenue": 0.1,
        "projected_monthly": 9.0,
    }
    health = http.get("/api/v1/health").json()
    assert health["status"] == "healthy"
    assert health["cache_mode"] == "redis"
    assert health["active_connections"] == 0


def test_every_socket_hears_and_who_asked_hears_twice(
    live: LiveApi, http: httpx2.Client
) -> None:
    with client_of(live, "/ws") as asking, client_of(live, "/ws") as other:
        for client in (asking, other):
            assert client.frame()["type"] == "welcome"
        asking.send("request_calculation", data=DEFAULT)
        complete = asking.await_("calculation_complete", "calculation_error")
        result = asking.await_("calculation_result", "calculation_complete")
        assert (complete["type"], result["type"]) == (
            *("calculation_complete", "calculation_result"),
        )
        assert result["data"] == complete["data"]
        data = result["data"]
        assert f"{data['precision_result']:.8e}" == "1.90845000e-08"
        assert data["precision_level"] == 6
        assert data["processing_time_ms"] > 0
        heard = other.await_("calculation_complete")
        assert heard["data"] == complete["data"]
        by_rest = calculate(http, input_value=1.5)
        for client in (asking, other):
            told = client.await_("calculation_complete", "calculation_result")
            assert told["calculation_id"] == by_rest["calculation_id"]
            assert told["data"]["precision_result"] == by_rest["precision_result"]
