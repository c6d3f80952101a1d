"""A program written for the QAP server, played against this service over plain HTTP.

It knows nothing of us: paths, fields and words are those of that server, and it reads
answers as such programs do, by index and without asking whether a field is there.
"""

import csv
import io
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.api.live import LiveApi
from tests.waiting import wait_until

MATRIX = [[i + j for j in range(5)] for i in range(5)]


@dataclass(frozen=True)
class QAPClient:
    """What a user of that server writes: nothing but the standard library."""

    base: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.base + path, timeout=60) as answer:
            return json.load(answer)

    def download(self, path: str) -> tuple[str, str]:
        with urllib.request.urlopen(self.base + path, timeout=60) as answer:
            return answer.headers["Content-Disposition"], answer.read().decode()

    def post(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.base + path,
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def refused(self, path: str, body: Any) -> tuple[int, Any]:
        try:
            self.post(path, body)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        raise AssertionError("it was not refused")


@pytest.fixture
def qap(live: LiveApi, working: None) -> QAPClient:
    return QAPClient(live.url)


def test_it_solves_waits_compares_and_exports(qap: QAPClient) -> None:
    assert qap.get("/")["status"] == "running"

    solved = qap.post(
        "/solve",
        {
            "problem_matrix": MATRIX,
            "problem_size": 5,
            "method": "fft_laplace",
            "iterations": 50,
        },
    )
    assert solved["status"] == "completed"
    assert solved["objective_value"] > 0
    assert len(solved["best_solution"]) == 5
    speed = 1 / solved["runtime_seconds"]
    assert speed > 0
    assert qap.post("/solve", {"problem_matrix": MATRIX, "iterations": 50})["cached"]

    accepted = qap.post("/solve-async", {"problem_matrix": MATRIX, "random_seed": 3})
    assert accepted["status"] == "queued"
    seen: dict[str, Any] = {}

    def has_completed() -> bool:
        seen.update(qap.get(f"/solve/{accepted['request_id']}/status"))
        return bool(seen["status"] == "completed")

    wait_until(has_completed)
    assert seen["progress"] == 100
    assert seen["result"]["objective_value"] == solved["objective_value"]

    batch = qap.post(
        "/solve/batch",
        {
            "problems": [
                {"problem_matrix": MATRIX, "method": method}
                for method in ("fft_laplace", "tabu_search", "ant_colony")
            ],
            "parallel": True,
        },
    )
    assert (batch["successful"], batch["failed"]) == (3, 0)
    assert batch["total_runtime_seconds"] > 0
    for number, item in enumerate(batch["results"]):
        assert item["request_id"] == f"{batch['batch_id']}-{number}"

    methods = qap.get("/methods")
    assert len(methods) == 8
    fastest = min(methods, key=lambda method: 1 / method["avg_runtime_ms"])
    assert qap.get(f"/methods/{fastest['name']}") == fastest

    compared = qap.post(
        "/benchmark",
        {
            "instance_name": "nug12",
            "methods": ["fft_laplace", "tabu_search"],
            "num_runs": 2,
            "iterations_per_run": 100,
        },
    )
    assert len(compared["results"]) == 4
    best = max(
        compared["statistics"], key=lambda m: compared["statistics"][m]["avg_quality"]
    )
    assert best in compared["methods"]
    assert qap.get(f"/benchmark/{compared['benchmark_id']}") == compared

    history = qap.get("/analytics/history?limit=100")
    assert history["total"] == len(history["history"]) == 9
    assert [e for e in history["history"] if e["error"]] == []
    only = qap.get("/analytics/history?method=tabu_search")["history"]
    assert {entry["method"] for entry in only} == {"tabu_search"}

    named, text = qap.download("/analytics/export/csv")
    assert named == 'attachment; filename="history.csv"'
    assert len(list(csv.DictReader(io.StringIO(text)))) == 9
    _, text = qap.download("/analytics/export/json")
    assert json.loads(text)["total_records"] == 9


def test_it_reads_why_it_was_refused(qap: QAPClient) -> None:
    status, told = qap.refused("/solve", {"problem_matrix": [[1, 2], [3]]})
    assert (status, told["error_code"]) == (422, "VALIDATION_ERROR")
    assert told["message"]
    assert told["suggestion"]
    assert told["request_id"]
    status, told = qap.refused("/benchmark", {"instance_name": "x", "methods": ["y"]})
    assert (status, told["error_code"]) == (422, "VALIDATION_ERROR")


def test_it_shows_how_the_server_is(qap: QAPClient) -> None:
    qap.post("/solve", {"problem_matrix": MATRIX})
    qap.refused("/solve", {})
    health = qap.get("/health")
    # Otherwise it says that it cannot connect to the server.
    assert health["status"] == "healthy"
    assert f"{health['uptime']:.2f}"
    assert qap.get("/ready")["status"] == "ready"
    metrics = qap.get("/metrics")
    assert metrics["total_requests"] > 0
    assert metrics["methods_available"] >= 8
    stats = qap.get("/stats")
    assert 0 <= stats["average_quality"] <= 1
    assert f"{stats['uptime_hours']:.1f}"
    status = qap.get("/admin/status")
    assert status["memory"]["rss_mb"] > 0
    assert qap.post("/admin/clear")["status"] == "cleared"
    assert qap.post("/admin/circuit-breaker/reset")["status"] == "reset"
