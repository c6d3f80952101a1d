"""Every row of the contract's tables, asked of the running application."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from typing import Any

import httpx2
import pytest
from redis import Redis
from starlette.testclient import TestClient

from api.main import create_app
from db.backplane import Backplane
from db.contracts.job_kind import Queue
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.conftest import OWN_HOST
from tests.integration.contract.answers import ERROR
from tests.integration.contract.shapes import faults
from tests.integration.contract.tables import (
    DISTANCE,
    EIGHT,
    ERROR_CODES,
    FLOW,
    LINEAR,
    QUADRATIC,
    REFUSALS,
    ROWS,
    Refusal,
    Row,
)
from tests.one_worker import working
from worker.standing import Standing


@dataclass(frozen=True)
class Served:
    """A client of an application that has done something already."""

    client: TestClient
    names: dict[str, str]

    def send(self, row: Row) -> httpx2.Response:
        path = row.path.format(**self.names)
        return self.client.request(row.method, path, json=row.body, headers=row.headers)


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
    migrated_sqlite: Path,
    _valkey_of_the_session: EmbeddedValkey,
) -> Iterator[Served]:
    """Yield one application with a worker, for all rows."""
    home = tmp_path_factory.mktemp("contract")
    copy(migrated_sqlite, home / "solvequeue.db")
    url = _valkey_of_the_session.redis_url
    with Redis.from_url(url) as connection:
        connection.flushall()
    settings = Settings(
        home=home, database_url=f"sqlite:///{home / 'solvequeue.db'}", redis_url=url
    )
    app, backplane = create_app(settings), Backplane.open(settings)
    standing = Standing(settings)
    standing.begin(name="test", slots=1, queues=[queue.value for queue in Queue])
    client = TestClient(app, raise_server_exceptions=False, client=OWN_HOST)
    try:
        with working(backplane):
            yield Served(client, _something_done(client))
    finally:
        standing.end()
        app.state.solvequeue.close()
        backplane.close()


def _something_done(client: TestClient) -> dict[str, str]:
    def post(path: str, body: dict[str, Any]) -> Any:
        answer = client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    comparison = {"instance_name": "nug12", "methods": ["tabu_search"], "num_runs": 1}
    return {
        "solve": post("/solve", {**QUADRATIC, "method": "tabu_search"})["request_id"],
        "batch": post("/solve/batch", {"problems": [LINEAR]})["batch_id"],
        "benchmark": post("/benchmark", comparison)["benchmark_id"],
    }


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_answers_in_its_shape(served: Served, row: Row) -> None:
    answer = served.send(row)
    assert answer.status_code == row.status, answer.text[:500]
    assert answer.headers["content-type"].startswith(row.media_type)
    if row.shape is not None:
        assert faults(row.shape, answer.json()) == []


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_a_refusal_is_the_one_error_of_all(served: Served, refusal: Refusal) -> None:
    answer = served.client.request(refusal.method, refusal.path, json=refusal.body)
    told = answer.json()
    assert answer.status_code == told["status"] == refusal.status
    assert faults(ERROR, told) == []
    assert told["error_code"] == refusal.error_code
    if refusal.pointer is not None:
        assert told["errors"][0]["pointer"] == refusal.pointer
    if refusal.status == 405:
        assert "POST" in answer.headers["allow"]
    assert served.client.get(told["type"]).status_code == 200


def test_validation_is_named_as_the_contract_names_it() -> None:
    named = {refusal.error_code for refusal in REFUSALS if refusal.status == 422}
    assert named <= set(ERROR_CODES)


@pytest.mark.parametrize(
    ("path", "headers", "content", "status"),
    [
        ("/solve", {"Content-Type": "text/plain"}, b"{}", 415),
        ("/solve/batch", {"Content-Type": "application/xml"}, b"{}", 415),
        ("/benchmark", {"Content-Encoding": "gzip"}, b"{}", 415),
        ("/solve/batch", {"Content-Length": "99999999999"}, b"", 413),
        ("/benchmark", {"Content-Length": "99999999999"}, b"", 413),
        ("/solve/batch", {}, b"{", 422),
        ("/benchmark", {}, b'{"instance_name": NaN}', 422),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    served: Served, path: str, headers: dict[str, str], content: bytes, status: int
) -> None:
    sent = {"Content-Type": "application/json", **headers}
    answer = served.client.post(path, content=content, headers=sent)
    assert answer.status_code == status
    assert faults(ERROR, answer.json()) == []
    assert answer.json()["error_code"] == "VALIDATION_ERROR"


def test_a_linear_problem_has_the_objective_that_it_always_had(served: Served) -> None:
    told = served.client.post("/solve", json={**LINEAR, "iterations": 50}).json()
    assert told["objective_value"] == 20
    assert told["gap_percent"] == 0


def test_a_quadratic_problem_counts_flow_times_distance(served: Served) -> None:
    told = served.client.post("/solve", json=QUADRATIC).json()
    place = told["best_solution"]
    assert told["objective_value"] == sum(
        FLOW[i][j] * DISTANCE[place[i]][place[j]] for i in range(3) for j in range(3)
    )


def test_what_was_solved_before_is_cached(served: Served) -> None:
    body = {**QUADRATIC, "random_seed": 77}
    first, again = (served.client.post("/solve", json=body).json() for _ in range(2))
    assert (first["cached"], again["cached"]) == (False, True)
    # Nothing was accepted: it is the answer of the solve that there was.
    assert first["request_id"] == again["request_id"]
    assert first["best_solution"] == again["best_solution"]


def test_there_are_exactly_eight_methods_and_no_two_are_alike(served: Served) -> None:
    methods = served.client.get("/methods").json()
    assert {method["name"] for method in methods} == set(EIGHT)
    pairs = {(method["avg_quality"], method["avg_runtime_ms"]) for method in methods}
    assert len(pairs) == len(EIGHT)


def test_a_batch_answers_in_order_and_under_its_own_names(served: Served) -> None:
    told = served.client.post(
        "/solve/batch", json={"problems": [LINEAR, QUADRATIC]}
    ).json()
    assert (told["total_problems"], told["successful"], told["failed"]) == (2, 2, 0)
    assert [each["problem_size"] for each in told["results"]] == [5, 3]
    for place, each in enumerate(told["results"]):
        assert each["request_id"] == f"{told['batch_id']}-{place}"
        assert "error" not in each
        status = served.client.get(f"/solve/{each['request_id']}/status").json()
        assert status["result"]["objective_value"] == each["objective_value"]


def test_a_benchmark_measures_quality_by_the_best_known(served: Served) -> None:
    body = {"instance_name": "nug12", "methods": ["tabu_search"], "num_runs": 3}
    told = served.client.post("/benchmark", json=body).json()
    assert [run["run"] for run in told["results"]] == [1, 2, 3]
    for run in told["results"]:
        # 578 is proven for nug12.
        assert run["quality"] == pytest.approx(578 / run["objective_value"])
        assert run["gap_percent"] == pytest.approx(
            100 * (run["objective_value"] - 578) / 578
        )
    (summed,) = told["statistics"].values()
    qualities = [run["quality"] for run in told["results"]]
    assert summed["avg_quality"] == pytest.approx(sum(qualities) / 3)
    assert (summed["min_quality"], summed["max_quality"]) == (
        min(qualities),
        max(qualities),
    )


def test_a_synthetic_instance_is_the_same_each_time(served: Served) -> None:
    body = {"instance_name": "test_9x9", "methods": ["tabu_search"], "num_runs": 1}
    first, again = (
        served.client.post("/benchmark", json=body).json() for _ in range(2)
    )
    assert first["instance"] == "test_9x9"
    assert [run["objective_value"] for run in first["results"]] == [
        run["objective_value"] for run in again["results"]
    ]


def test_exports_are_attachments(served: Served) -> None:
    for name in ("csv", "json"):
        answer = served.client.get(f"/analytics/export/{name}")
        assert answer.headers["content-disposition"] == (
            f'attachment; filename="history.{name}"'
        )


def test_the_csv_has_the_history(served: Served) -> None:
    lines = served.client.get("/analytics/export/csv?limit=3").text.splitlines()
    assert lines[0].startswith(
        "request_id,timestamp,method,problem_size,objective_value,runtime_seconds,error"
    )
    assert len(lines) == 4


def test_every_answer_names_its_request_and_its_time(served: Served) -> None:
    for path in ("/", "/methods", "/nothing"):
        answer = served.client.get(path, headers={"X-Request-ID": "mine"})
        assert answer.headers["x-request-id"] == "mine"
        assert answer.headers["x-response-time"]


SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-xss-protection": "",
    "strict-transport-security": "31536000",
    "content-security-policy": "default-src 'self'",
}


def test_every_answer_has_the_security_headers(served: Served) -> None:
    for path in ("/", "/methods", "/nothing"):
        headers = served.client.get(path).headers
        for name, value in SECURITY_HEADERS.items():
            assert value in headers[name]


@pytest.mark.parametrize("path", ["/", "/methods", "/health", "/nothing"])
def test_every_answer_tells_the_rate_limit(served: Served, path: str) -> None:
    headers = served.client.get(path).headers
    for name in ("limit", "remaining", "reset"):
        assert int(headers[f"x-ratelimit-{name}"]) >= 0


@pytest.mark.parametrize("path", ["/", "/methods", "/analytics/history", "/health"])
def test_what_can_be_got_can_be_asked_for_its_head(served: Served, path: str) -> None:
    answer = served.client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_what_is_longer_than_1000_bytes_is_compressed(served: Served) -> None:
    answer = served.client.get("/methods", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_prometheus_reads_the_contracts_metrics(served: Served) -> None:
    answer = served.client.get("/metrics/prometheus")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for name in (
        "qap_requests_total",
        "qap_errors_total",
        'qap_request_duration_seconds{quantile="0.5"}',
        'qap_request_duration_seconds{quantile="0.95"}',
        'qap_request_duration_seconds{quantile="0.99"}',
        "qap_uptime_seconds",
        "qap_active_requests",
    ):
        assert f"\n{name} " in answer.text


def test_health_stays_healthy_after_errors_of_clients(served: Served) -> None:
    for _ in range(20):
        served.client.get("/nothing")
        served.client.post("/solve", json={})
    assert served.client.get("/health").json()["status"] == "healthy"
