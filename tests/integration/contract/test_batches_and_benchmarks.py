"""What /solve/batch and /benchmark do where not all goes well, and how fast."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.backplane import Backplane
from tests.integration.contract.answers import BATCH, BENCHMARK, ERROR
from tests.integration.contract.shapes import faults
from tests.integration.contract.tables import LINEAR, QUADRATIC
from tests.one_worker import OneWorker
from tests.waiting import wait_until
from worker import qap

NUG20 = {
    "instance_name": "nug20",
    "methods": ["fft_laplace", "tabu_search"],
    "num_runs": 2,
    "iterations_per_run": 100,
}


def fail_at_order_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the core refuse every instance of three facilities."""
    solve = qap.solve

    def solve_others(instance: qap.Instance, *given: Any, **named: Any) -> qap.Result:
        if instance.order == 3:
            raise qap.QAPError("three is a crowd")
        return solve(instance, *given, **named)

    monkeypatch.setattr(qap, "solve", solve_others)


@pytest.mark.usefixtures("working")
def test_a_problem_that_fails_fails_alone(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at_order_3(monkeypatch)
    answer = client.post("/solve/batch", json={"problems": [LINEAR, QUADRATIC, LINEAR]})
    told = answer.json()
    assert answer.status_code == 200
    assert faults(BATCH, told) == []
    assert (told["successful"], told["failed"]) == (2, 1)
    assert [each["status"] for each in told["results"]] == [
        "completed",
        "failed",
        "completed",
    ]
    assert ["error" in each for each in told["results"]] == [False, True, False]
    assert told["results"][1]["error"]["message"] == "three is a crowd"
    assert told["results"][1]["error"]["suggestion"]
    (failed,) = client.get("/analytics/history?state=failed").json()["history"]
    assert failed["request_id"] == told["results"][1]["request_id"]
    assert failed["error"] == "three is a crowd"


@pytest.mark.usefixtures("working")
def test_a_run_that_fails_is_left_out_of_the_statistics(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at_order_3(monkeypatch)
    body = {**NUG20, "instance_name": "test_3x3"}
    told = client.post("/benchmark", json=body).json()
    assert (told["status"], told["failed_runs"]) == ("completed", 4)
    assert (told["results"], told["statistics"]) == ([], {})


@pytest.mark.usefixtures("working")
def test_one_after_another_means_just_that(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    problems = [{**QUADRATIC, "random_seed": seed} for seed in range(3)]
    body = {"problems": problems, "parallel": False}
    batch = client.post("/solve/batch", json=body).json()
    jobs = client.get(f"/v1/jobs?parent={batch['batch_id']}").json()["items"]
    spans = sorted(
        (
            datetime.fromisoformat(job["started_at"]),
            datetime.fromisoformat(job["finished_at"]),
        )
        for job in jobs
    )
    assert len(spans) == 3
    for (_, ended), (started, _) in pairwise(spans):
        assert ended <= started


def test_a_batch_that_is_stopped_still_answers_for_every_problem(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    with ThreadPoolExecutor(1) as waiting:
        answer = waiting.submit(
            client.post, "/solve/batch", json={"problems": [LINEAR, QUADRATIC]}
        )
        wait_until(lambda: bool(client.get("/v1/jobs").json()["items"]))
        (job,) = client.get("/v1/jobs").json()["items"]
        client.post(f"/v1/jobs/{job['id']}/cancel")
        OneWorker(sqlite_backplane).work_off(job["id"])
        told = answer.result().json()
    assert faults(BATCH, told) == []
    assert (told["successful"], told["failed"]) == (0, 2)
    for number, each in enumerate(told["results"]):
        assert each["request_id"] == f"{job['id']}-{number}"
        assert each["error"]["code"] == "cancelled"


@pytest.mark.parametrize(
    ("path", "body", "again"),
    [
        ("/solve", LINEAR, "/solve/{}/status"),
        ("/solve/batch", {"problems": [LINEAR]}, "/v1/batches/{}"),
        ("/benchmark", NUG20, "/benchmark/{}"),
    ],
)
def test_what_takes_too_long_is_a_timeout_and_goes_on(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    body: dict[str, Any],
    again: str,
) -> None:
    monkeypatch.setattr("api.waiting.ANSWER_SECONDS", -1e6)
    answer = client.post(path, json=body)
    assert answer.status_code == 408
    assert faults(ERROR, answer.json()) == []
    assert answer.json()["error_code"] == "TIMEOUT_ERROR"
    (job,) = client.get("/v1/jobs").json()["items"]
    assert job["id"] in answer.json()["message"]
    assert client.get(again.format(job["id"])).status_code == 200


@pytest.mark.usefixtures("working")
def test_the_usual_benchmark_answers_within_ten_seconds(client: TestClient) -> None:
    begun = time.monotonic()
    told = client.post("/benchmark", json=NUG20).json()
    assert time.monotonic() - begun < 10
    assert faults(BENCHMARK, told) == []
    assert told["instance"] == "nug20"
    assert len(told["results"]) == 4


def test_a_benchmark_of_several_instances_has_a_place_of_its_own(
    client: TestClient,
) -> None:
    body = {"instances": ["nug12", "nug14"], "methods": ["tabu_search"], "seeds": [1]}
    job = client.post("/v1/benchmarks", json=body).json()
    answer = client.get(f"/benchmark/{job['id']}")
    assert answer.status_code == 404
    assert job["id"] in answer.json()["suggestion"]


def test_a_batch_is_no_solve(client: TestClient, sqlite_backplane: Backplane) -> None:
    items = [{"instance": {"name": "nug12"}, "limits": {"iterations": 5}}]
    job = client.post("/v1/batches", json={"items": items}).json()
    OneWorker(sqlite_backplane).work_off(job["id"])
    assert client.get(f"/solve/{job['id']}/status").status_code == 404
    assert client.get(f"/solve/{job['id']}-0/status").json()["status"] == "completed"
    assert client.get(f"/solve/{job['id']}-1/status").status_code == 404


def test_a_problem_of_a_batch_has_no_webhook_and_no_race(client: TestClient) -> None:
    problems = [
        {**LINEAR, "webhook_url": "https://example.com/told"},
        {**QUADRATIC, "method": "portfolio"},
    ]
    answer = client.post("/solve/batch", json={"problems": problems})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [
        "#/problems/0/webhook_url",
        "#/problems/1/method",
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/solve", LINEAR),
        ("/solve/batch", {"problems": [LINEAR]}),
        ("/solve-async", LINEAR),
        ("/benchmark", NUG20),
    ],
)
def test_while_the_solvers_are_left_alone_nothing_is_accepted(
    app: FastAPI, client: TestClient, path: str, body: dict[str, Any]
) -> None:
    breaker = app.state.solvequeue.breakers.engine
    for _ in range(app.state.solvequeue.settings.breaker_failures):
        breaker.fail()
    answer = client.post(path, json=body)
    assert answer.status_code == 503
    assert faults(ERROR, answer.json()) == []
    assert answer.json()["error_code"] == "CIRCUIT_BREAKER_OPEN"
    assert int(answer.headers["retry-after"]) > 0
    assert client.get(answer.json()["type"]).status_code == 200
    assert client.get("/v1/jobs").json()["items"] == []
