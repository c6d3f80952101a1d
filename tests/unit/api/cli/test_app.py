import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result
from werkzeug import Request, Response

from api.cli import app

PERMUTATION = list(range(30))
PROGRESS: dict[str, Any] = {
    "attempt": 1,
    "method": "tabu_search",
    "objective": 6128,
    "bound": 4539,
    "bound_name": "gilmore_lawler",
    "gap_to_bound": 0.2593,
    "best_known": 6124,
    "gap_to_best_known": 0.00065,
    "iterations": 1000,
    "elapsed_s": 0.5,
}
RESULT: dict[str, Any] = {
    **PROGRESS,
    "objective": 6124,
    "gap_to_best_known": 0.0,
    "permutation": PERMUTATION,
    "termination": "time_limit",
    "method_version": "1",
    "seed": 0,
    "certificate": {
        "instance": "ab" * 32,
        "permutation": PERMUTATION,
        "objective": 6124,
        "exact": True,
        "bound": 4539,
        "bound_name": "gilmore_lawler",
        "method": "tabu_search",
        "method_version": "1",
        "seed": 0,
    },
}
QUEUED: dict[str, Any] = {
    "id": "job_1",
    "kind": "solve",
    "state": "queued",
    "created_at": "2026-01-02T03:04:05.678Z",
    "instance": {"sha256": "ab" * 32, "name": "nug30", "order": 30},
    "method": "tabu_search",
    "limits": {"time_s": 5.0},
}
DATA = {
    "job.queued": {"kind": "solve", "queue": "interactive", "attempt": 0},
    "job.started": {"attempt": 1, "worker": "here"},
    "job.incumbent": PROGRESS,
    "job.attempt_lost": {"attempt": 1, "reason": "worker died"},
    "job.succeeded": {"attempt": 1},
    "job.failed": {"attempt": 1},
    "job.cancelled": {"attempt": 1},
}
ERROR = {"code": "internal", "message": "it broke", "suggestion": "report it"}


def run(server: HTTPServer, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", server.url_for("")])


def job(state: str) -> dict[str, Any]:
    result = RESULT if state in {"succeeded", "cancelled"} else None
    return {
        **QUEUED,
        "state": state,
        "result": result,
        "error": ERROR if state == "failed" else None,
    }


def serve(server: HTTPServer, *, ends: str) -> None:
    """Serve one job with its log; it ends in state `ends`."""
    kinds = ["job.queued", "job.started", "job.incumbent", f"job.{ends}"]
    frames = []
    for number, kind in enumerate(kinds, 1):
        event = {
            "id": f"evt_{number}",
            "source": "/v1/jobs/job_1",
            "type": kind,
            "subject": "job_1",
            "time": "2026-01-02T03:04:05.678Z",
            "sequence": f"{number:012d}",
            "epoch": "e1",
            "data": DATA[kind],
        }
        frames.append(f"id: {number}\nevent: {kind}\ndata: {json.dumps(event)}\n\n")
    server.expect_request("/v1/jobs", "POST").respond_with_json(QUEUED, 202)
    server.expect_request("/v1/jobs/job_1").respond_with_json(job(ends))
    server.expect_request("/v1/jobs/job_1/events").respond_with_data(
        "".join(frames), content_type="text/event-stream"
    )


def body(server: HTTPServer) -> Any:
    request: Request = server.log[0][0]
    return json.loads(request.data)


def test_a_solve_ends_with_its_certificate(httpserver: HTTPServer) -> None:
    serve(httpserver, ends="succeeded")
    result = run(httpserver, "solve", "nug30", "--seconds", "5")
    assert result.exit_code == 0
    assert "incumbent 6,128" in result.stdout
    assert "6,124, recomputed, exact integers" in result.stdout
    assert "ab" * 32 in result.stdout
    assert "4,539 by gilmore lawler" in result.stdout


def test_the_options_become_limits(httpserver: HTTPServer) -> None:
    serve(httpserver, ends="succeeded")
    options = "--seconds 5 --iterations 9 --target 6124 --gap 0.5 --seed 3"
    run(httpserver, "solve", "nug30", "--method", "tabu_search", *options.split())
    assert body(httpserver) == {
        "kind": "solve",
        "instance": {"name": "nug30"},
        "method": "tabu_search",
        "seed": 3,
        "limits": {
            "time_s": 5.0,
            "iterations": 9,
            "target_objective": 6124,
            "gap": 0.5,
        },
    }


def test_json_is_every_event_and_then_the_job(httpserver: HTTPServer) -> None:
    serve(httpserver, ends="succeeded")
    result = run(httpserver, "solve", "nug30", "--json")
    *events, last = map(json.loads, result.stdout.splitlines())
    assert [event["sequence"] for event in events] == [
        f"{number:012d}" for number in (1, 2, 3, 4)
    ]
    assert last["result"]["certificate"]["permutation"] == PERMUTATION


@pytest.mark.parametrize(("ends", "words"), [("failed", "it broke"), ("cancelled", "")])
def test_a_job_that_did_not_succeed_is_exit_code_1(
    httpserver: HTTPServer, ends: str, words: str
) -> None:
    serve(httpserver, ends=ends)
    result = run(httpserver, "solve", "nug30")
    assert result.exit_code == 1
    assert words in result.stdout


def test_a_detached_solve_tells_how_to_come_back(httpserver: HTTPServer) -> None:
    serve(httpserver, ends="succeeded")
    result = run(httpserver, "solve", "nug30", "--detach")
    assert result.exit_code == 0
    assert "solvequeue watch job_1" in result.stdout
    assert len(httpserver.log) == 1


def test_a_watched_job_is_shown_from_its_first_event(httpserver: HTTPServer) -> None:
    serve(httpserver, ends="succeeded")
    result = run(httpserver, "watch", "job_1")
    assert result.exit_code == 0
    assert "started, attempt 1" in result.stdout


def test_nobody_there_is_exit_code_3() -> None:
    result = CliRunner().invoke(app, ["jobs", "list", "--url", "http://127.0.0.1:1"])
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "solvequeue up" in result.stderr


@pytest.mark.parametrize("arguments", ["solve nug3", "jobs show x", "jobs cancel x"])
def test_a_refusal_is_exit_code_4(httpserver: HTTPServer, arguments: str) -> None:
    refusal = {"detail": "no such thing", "suggestion": "Look closer.", "status": 404}
    httpserver.expect_request("").respond_with_json(refusal, 404)
    httpserver.expect_request("/v1/jobs", "POST").respond_with_json(refusal, 404)
    httpserver.expect_request("/v1/jobs/x").respond_with_json(refusal, 404)
    httpserver.expect_request("/v1/jobs/x/cancel").respond_with_json(refusal, 404)
    result = run(httpserver, *arguments.split(), "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["error"]["detail"] == "no such thing"
    assert "Look closer." in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        "solve absent.dat",
        "solve nug30 --detach --own-stack",
        "solve",
        "jobs list --state x",
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: str) -> None:
    assert CliRunner().invoke(app, arguments.split()).exit_code == 2


@pytest.mark.parametrize("command", ["", "up", "solve", "watch", "jobs list"])
def test_help_tells_the_exit_codes(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert "Exit codes" in result.stdout


def test_jobs_are_listed_newest_first(httpserver: HTTPServer) -> None:
    items = [{**job("running"), "id": "job_2"}, job("succeeded")]
    httpserver.expect_request(
        "/v1/jobs", query_string={"limit": "20"}
    ).respond_with_json({"items": items, "next": ""})
    result = run(httpserver, "jobs", "list")
    assert result.stdout.index("job_2") < result.stdout.index("job_1")
    lines = run(httpserver, "jobs", "list", "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["job_2", "job_1"]


def test_no_jobs_are_said_to_be_none(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/jobs").respond_with_json({"items": [], "next": ""})
    assert "No jobs" in run(httpserver, "jobs", "list").stdout


def test_a_running_job_is_shown_as_it_stands(httpserver: HTTPServer) -> None:
    running = {**job("running"), "progress": {"sequence": 9, **PROGRESS}}
    httpserver.expect_request("/v1/jobs/job_1").respond_with_json(running)
    shown = run(httpserver, "jobs", "show", "job_1").stdout
    assert "6,128" in shown
    assert "running" in shown


def test_an_ended_job_is_shown_with_its_result(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/jobs/job_1").respond_with_json(job("succeeded"))
    assert "certificate" in run(httpserver, "jobs", "show", "job_1").stdout


def test_cancelling_says_what_became_of_it(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/jobs/job_1/cancel", "POST").respond_with_json(
        job("running"), 202
    )
    assert "was asked to end" in run(httpserver, "jobs", "cancel", "job_1").stdout


def test_the_url_comes_from_the_environment(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/jobs/job_1").respond_with_handler(
        lambda _: Response(json.dumps(job("succeeded")))
    )
    result = CliRunner(env={"SOLVEQUEUE_URL": httpserver.url_for("")}).invoke(
        app, ["jobs", "show", "job_1"]
    )
    assert result.exit_code == 0
