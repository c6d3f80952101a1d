"""/solve and its kin, in the shapes that clients of the QAP server rely on."""

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from redis import Redis
from starlette.testclient import TestClient

from db.backplane import Backplane
from worker.attempt import run_attempt

SUMS = [[i + j for j in range(5)] for i in range(5)]
FLOW = [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
DISTANCE = [[0, 5, 4], [5, 0, 6], [4, 6, 0]]


@pytest.fixture
def working(app_backplane: Backplane, redis: Redis) -> Iterator[None]:
    """Run jobs as they come."""
    is_over = threading.Event()

    def work() -> None:
        done: set[str] = set()
        while not is_over.wait(0.01):
            for key in redis.keys("solvequeue:head:*"):
                job_id = str(key).rpartition(":")[2]
                if job_id not in done:
                    done.add(job_id)
                    run_attempt(app_backplane, job_id)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    is_over.set()
    thread.join()


def solve(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/solve", json=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.usefixtures("working")
def test_a_matrix_alone_is_assigned_exactly(client: TestClient) -> None:
    solution = solve(client, problem_matrix=SUMS, method="fft_laplace", iterations=50)
    assert solution["status"] == "completed"
    assert solution["objective_value"] == 20
    assert sorted(solution["best_solution"]) == [0, 1, 2, 3, 4]
    assert solution["problem_size"] == 5
    assert solution["runtime_seconds"] > 0
    assert solution["gap_percent"] == 0
    assert solution["cached"] is False
    assert datetime.fromisoformat(solution["timestamp"]).tzinfo is not None
    assert isinstance(solution["method"], str)
    assert isinstance(solution["iterations_completed"], int)


@pytest.mark.usefixtures("working")
def test_with_flows_the_objective_is_that_of_the_assignment(client: TestClient) -> None:
    solution = solve(
        client,
        problem_matrix=DISTANCE,
        flow_matrix=FLOW,
        problem_size=3,
        method="tabu_search",
        iterations=100,
        random_seed=7,
        priority=1,
    )
    p = solution["best_solution"]
    assert solution["method"] == "tabu_search"
    assert solution["objective_value"] == sum(
        FLOW[i][j] * DISTANCE[p[i]][p[j]] for i in range(3) for j in range(3)
    )


def test_a_problem_that_takes_too_long_is_a_timeout_and_goes_on(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.waiting.ANSWER_SECONDS", 0.0)
    answer = client.post("/solve", json={"problem_matrix": SUMS, "timeout_seconds": 1})
    assert answer.status_code == 408
    assert answer.json()["error_code"] == "TIMEOUT_ERROR"
    (job,) = client.get("/v1/jobs").json()["items"]
    assert job["id"] in answer.json()["message"]


def test_an_accepted_problem_is_polled_to_its_end(
    client: TestClient, app_backplane: Backplane, redis: Redis
) -> None:
    body = {"problem_matrix": SUMS, "webhook_url": "https://example.com/told"}
    accepted = client.post("/solve-async", json=body)
    assert accepted.status_code == 200
    told = accepted.json()
    assert (told["status"], told["webhook_configured"]) == ("queued", True)
    assert told["webhook_secret"].startswith("whsec_")
    path = told["poll_url"]
    assert path == f"/solve/{told['request_id']}/status"

    pending = client.get(path).json()
    assert (pending["status"], pending["progress"]) == ("pending", 0)
    assert (pending["problem_size"], pending["result"]) == (5, None)
    assert datetime.fromisoformat(pending["created_at"]).tzinfo is not None

    run_attempt(app_backplane, told["request_id"])
    completed = client.get(path).json()
    assert (completed["status"], completed["progress"]) == ("completed", 100)
    assert completed["request_id"] == completed["result"]["request_id"]
    assert completed["result"]["objective_value"] == 20
    assert completed["method"]


def test_a_problem_without_a_webhook_says_so(client: TestClient) -> None:
    told = client.post("/solve-async", json={"problem_matrix": SUMS}).json()
    assert told["webhook_configured"] is False
    assert not told.get("webhook_secret")


def test_a_cancelled_problem_has_failed(client: TestClient) -> None:
    told = client.post("/solve-async", json={"problem_matrix": SUMS}).json()
    client.post(f"/v1/jobs/{told['request_id']}/cancel")
    status = client.get(told["poll_url"]).json()
    assert status["status"] == "failed"


def test_a_problem_that_never_was_is_not_found(client: TestClient) -> None:
    answer = client.get(f"/solve/job_{'0' * 32}/status")
    assert answer.status_code == 404
    assert answer.json()["suggestion"]


def test_an_invalid_problem_is_a_validation_error_in_all_fields(
    client: TestClient,
) -> None:
    answer = client.post("/solve", json={"problem_matrix": [[0, 1], [1]]})
    told = answer.json()
    assert answer.status_code == 422
    assert told["error_code"] == "VALIDATION_ERROR"
    for field in ("message", "suggestion", "timestamp", "request_id"):
        assert told[field]
