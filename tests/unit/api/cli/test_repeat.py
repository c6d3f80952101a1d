"""An ended job once more: sent with what is to be otherwise, or compared."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result
from werkzeug import Response

from api.cli import app

QUEUED: dict[str, Any] = {
    "id": "job_2",
    "kind": "solve",
    "state": "queued",
    "created_at": "2026-01-02T03:04:05.678Z",
    "instance": {"sha256": "ab" * 32, "name": "nug12", "order": 12},
    "limits": {"iterations": 9},
}
END = {
    "id": "evt_1",
    "source": "/v1/jobs/job_2",
    "type": "job.succeeded",
    "subject": "job_2",
    "time": "2026-01-02T03:04:05.678Z",
    "sequence": "000000000001",
    "epoch": "e1",
    "data": {"attempt": 1},
}
CERTIFICATE = {
    "instance": "ab" * 32,
    "permutation": [0, 1],
    "objective": 578,
    "exact": True,
    "method": "memetic",
    "method_version": "1",
    "seed": 0,
}


def run(server: HTTPServer, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", server.url_for("")])


def serve(server: HTTPServer, what: str, *, reproduction: Any = None) -> None:
    """Serve ``POST …/job_1/<what>`` and the job that it makes."""
    result = {
        "objective": 578,
        "permutation": [0, 1],
        "termination": "iteration_limit",
        "iterations": 9,
        "elapsed_s": 0.1,
        "method": "memetic",
        "method_version": "1",
        "seed": 0,
        "reproduction": reproduction,
        "certificate": CERTIFICATE,
    }
    ended = {**QUEUED, "state": "succeeded", "result": result}
    path = "/v1/jobs/job_2"
    server.expect_request(f"/v1/jobs/job_1/{what}", "POST").respond_with_json(
        QUEUED, 202
    )
    server.expect_request(path).respond_with_json(ended)
    server.expect_request(f"{path}/events").respond_with_data(
        f"id: 1\nevent: job.succeeded\ndata: {json.dumps(END)}\n\n",
        content_type="text/event-stream",
    )


def sent(server: HTTPServer) -> Any:
    request, _ = server.log[0]
    return json.loads(request.data or b"null")


def test_a_rerun_changes_nothing_by_itself(httpserver: HTTPServer) -> None:
    serve(httpserver, "rerun")
    result = run(httpserver, "rerun", "job_1")
    assert (result.exit_code, sent(httpserver)) == (0, {})
    assert "578" in result.stdout


def test_a_rerun_changes_what_is_given(httpserver: HTTPServer) -> None:
    serve(httpserver, "rerun")
    options = "--seed 5 --method memetic --seconds 2 --detach"
    result = run(httpserver, "rerun", "job_1", *options.split())
    assert result.exit_code == 0
    assert "solvequeue watch job_2" in result.stdout
    assert sent(httpserver) == {
        "seed": 5,
        "method": "memetic",
        "limits": {"time_s": 2.0},
    }


@pytest.mark.parametrize(
    ("verdict", "reasons", "code", "words"),
    [
        ("match", [], 0, "match: the same as job_1"),
        ("differ", ["it is another permutation"], 5, "it is another permutation"),
    ],
)
def test_a_reproduction_tells_what_came_out(
    httpserver: HTTPServer, verdict: str, reasons: list[str], code: int, words: str
) -> None:
    told = {
        "of": "job_1",
        "verdict": verdict,
        "objective": 578,
        "expected_objective": 578,
        "reasons": reasons,
    }
    serve(httpserver, "reproduce", reproduction=told)
    result = run(httpserver, "reproduce", "job_1")
    assert result.exit_code == code
    assert words in result.stdout
    as_json = run(httpserver, "reproduce", "job_1", "--json")
    last = json.loads(as_json.stdout.splitlines()[-1])
    assert last["result"]["reproduction"] == told


def test_a_reproduction_that_ended_without_a_word_is_not_done(
    httpserver: HTTPServer,
) -> None:
    serve(httpserver, "reproduce")
    assert run(httpserver, "reproduce", "job_1").exit_code == 1


def test_a_refusal_is_shown_with_its_way_out(httpserver: HTTPServer) -> None:
    problem = {"status": 409, "detail": "it did not run", "suggestion": "Reproduce x."}
    httpserver.expect_request("/v1/jobs/job_1/reproduce").respond_with_json(
        problem, 409
    )
    result = run(httpserver, "reproduce", "job_1")
    assert result.exit_code == 4
    assert "Reproduce x." in result.stderr


def test_a_job_is_deleted(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/jobs/job_1", "DELETE").respond_with_response(
        Response(status=204)
    )
    result = run(httpserver, "jobs", "delete", "job_1", "--yes")
    assert result.exit_code == 0
    assert "job_1 is deleted." in result.stdout
    as_json = run(httpserver, "jobs", "delete", "job_1", "--yes", "--json")
    assert json.loads(as_json.stdout) == {"id": "job_1", "deleted": True}
