import json
from typing import Any

import numpy as np
import pytest
from pytest_httpserver import HTTPServer

from api.client import Client, Job, JobFailedError

JOB: dict[str, Any] = {
    "id": "job_1",
    "kind": "calculate",
    "state": "running",
    "created_at": "2026-01-02T03:04:05.678Z",
    "seed": None,
    "limits": None,
}
DONE = {
    **JOB,
    "state": "succeeded",
    "result": {
        "calculation": "npv",
        "version": "1",
        "outcome": {"npv": 2**60 + 1},
        "elapsed_s": 0.1,
        "termination": None,
    },
}
FAILED = {
    **JOB,
    "state": "failed",
    "error": {"code": "time-limit", "message": "too long", "suggestion": "Wait more."},
}
PATH = "/v1/calculations/npv"


def test_one_request_is_enough_for_most(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_oneshot_request(PATH, "POST").respond_with_json(DONE, 201)
    outcome = client.calculations.npv(np.array([1.5, 2]), discount_rate=np.float64(0.1))
    assert outcome == {"npv": 2**60 + 1}
    ((request, _),) = httpserver.log
    assert json.loads(request.data) == {
        "parameters": {"cash_flows": [1.5, 2.0], "discount_rate": 0.1}
    }
    assert request.headers["Prefer"] == "wait=10"


def test_progress_is_told_while_it_lasts(
    httpserver: HTTPServer, client: Client
) -> None:
    half = {**JOB, "progress": {"sequence": 3, "fraction": 0.5, "eta_s": 2.0}}
    httpserver.expect_oneshot_request(PATH, "POST").respond_with_json(JOB, 202)
    for tag, job in [("1", half), ("2", DONE)]:
        httpserver.expect_oneshot_request("/v1/jobs/job_1").respond_with_json(
            job, headers={"ETag": f'"{tag}"'}
        )
    told: list[Job] = []
    job = client.calculations.run("npv", {}, on_progress=told.append, time_s=30)
    assert [each.progress and each.progress.fraction for each in told] == [0.5, None]
    assert job == told[-1]
    assert json.loads(httpserver.log[0][0].data) == {"parameters": {}, "time_s": 30}


def test_one_that_comes_to_nothing_says_why(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH, "POST").respond_with_json(FAILED, 201)
    with pytest.raises(JobFailedError, match="too long") as raised:
        client.calculations.outcome("npv", {})
    assert str(raised.value).endswith("Wait more.")
