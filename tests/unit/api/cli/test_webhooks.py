import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result

from api.cli import app

VIEW: dict[str, Any] = {
    "id": "ep_1",
    "mode": "push",
    "url": "https://example.com/told",
    "events": ["job.failed", "job.succeeded"],
    "payload": "thin",
    "description": "planning",
    "state": "active",
    "created_at": "2026-01-02T03:04:05.678Z",
}
DELIVERY: dict[str, Any] = {
    "id": "msg_1",
    "endpoint_id": "ep_1",
    "job_id": "job_1",
    "event_id": "evt_1.3",
    "event_type": "job.succeeded",
    "state": "pending",
    "created_at": "2026-01-02T03:04:05.678Z",
    "next_attempt_at": "2026-01-02T03:09:05.678Z",
    "attempts": [
        {
            "number": 1,
            "started_at": "2026-01-02T03:04:05.678Z",
            "duration_ms": 3.5,
            "status_code": 503,
        }
    ],
}
SECRET = "whsec_" + "A" * 44


def run(server: HTTPServer, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["webhooks", *arguments, "--url", server.url_for("")]
    )


def sent(server: HTTPServer) -> Any:
    request, _ = server.log[-1]
    return json.loads(request.data)


def test_a_webhook_is_made_and_its_secret_shown(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/webhooks", "POST").respond_with_json(
        {**VIEW, "secret": SECRET}, 201
    )
    result = run(
        httpserver,
        *("create", "https://example.com/told", "--event", "job.started"),
        *("--event", "job.failed", "--payload", "full", "--description", "planning"),
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [SECRET]
    assert sent(httpserver) == {
        "url": "https://example.com/told",
        "events": ["job.started", "job.failed"],
        "payload": "full",
        "description": "planning",
    }


def test_a_listing_says_why_a_webhook_is_disabled(httpserver: HTTPServer) -> None:
    gone = {**VIEW, "id": "ep_2", "state": "disabled", "disabled_reason": "410"}
    first = {"items": [VIEW], "next": "more"}
    httpserver.expect_ordered_request("/v1/webhooks").respond_with_json(first)
    httpserver.expect_ordered_request(
        "/v1/webhooks", query_string={"after": "more"}
    ).respond_with_json({"items": [gone], "next": ""})
    shown = run(httpserver, "list").stdout
    for word in ("ep_1", "active", "ep_2", "disabled: 410", "planning"):
        assert word in shown


@pytest.mark.parametrize(
    ("command", "path", "answer", "told"),
    [
        (["pause", "ep_1"], "/v1/webhooks/ep_1/pause", VIEW, "paused"),
        (["resume", "ep_1"], "/v1/webhooks/ep_1/resume", VIEW, "active"),
        (
            ["test", "ep_1"],
            "/v1/webhooks/ep_1/test",
            {"delivery_id": "msg_7", "links": {}},
            "msg_7",
        ),
        (["resend", "msg_1"], "/v1/deliveries/msg_1/resend", DELIVERY, "pending"),
        (
            ["rotate", "ep_1", "--keep-old-s", "0"],
            "/v1/webhooks/ep_1/rotate-secret",
            {**VIEW, "secret": SECRET},
            SECRET,
        ),
        (
            ["recover", "ep_1", "--since", "2026-01-02T00:00:00Z"],
            "/v1/webhooks/ep_1/recover",
            {"recovered": 7},
            "7 deliveries",
        ),
    ],
)
def test_a_command_is_one_request(
    httpserver: HTTPServer,
    command: list[str],
    path: str,
    answer: dict[str, Any],
    told: str,
) -> None:
    httpserver.expect_request(path, "POST").respond_with_json(answer, 202)
    result = run(httpserver, *command)
    assert result.exit_code == 0, result.output
    assert told in result.stdout
    as_json = json.loads(run(httpserver, *command, "--json").stdout)
    assert answer.items() <= as_json.items() or set(as_json) & set(answer)


def test_what_a_command_is_given_is_sent(httpserver: HTTPServer) -> None:
    path = "/v1/webhooks/ep_1"
    httpserver.expect_request(f"{path}/rotate-secret").respond_with_json(
        {**VIEW, "secret": SECRET}
    )
    run(httpserver, "rotate", "ep_1", "--keep-old-s", "0")
    assert sent(httpserver) == {"keep_old_s": 0}
    httpserver.expect_request(f"{path}/recover").respond_with_json({"recovered": 0})
    run(httpserver, "recover", "ep_1", "--since", "2026-01-02T00:00:00Z")
    assert sent(httpserver) == {"since": "2026-01-02T00:00:00Z"}


def test_deliveries_are_listed_with_what_came_of_them(httpserver: HTTPServer) -> None:
    httpserver.expect_request(
        "/v1/webhooks/ep_1/deliveries", query_string={"state": "pending"}
    ).respond_with_json({"items": [DELIVERY] * 3, "next": ""})
    arguments = ("deliveries", "ep_1", "--state", "pending", "--limit", "2")
    shown = run(httpserver, *arguments).stdout
    assert shown.count("msg_1") == 2
    assert "503" in shown
    lines = run(httpserver, *arguments, "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["msg_1", "msg_1"]


def test_a_webhook_is_deleted(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/webhooks/ep_1", "DELETE").respond_with_data(
        status=204
    )
    assert run(httpserver, "delete", "ep_1", "--yes").exit_code == 0


def test_listening_forwards_what_is_owed_and_tidies_up(httpserver: HTTPServer) -> None:
    body = '{"type":"job.succeeded","subject":"job_1","time":"2026-01-02T03:04:05Z"}'
    fetched = {
        "id": "msg_1",
        "number": 1,
        "event_type": "job.succeeded",
        "headers": {"webhook-id": "msg_1", "webhook-signature": "v1,abc"},
        "body": body,
    }
    pulled = {**VIEW, "mode": "pull", "url": None, "secret": SECRET}
    expect = httpserver.expect_ordered_request
    expect("/v1/webhooks", "POST").respond_with_json(pulled, 201)
    # Once away, it is asked again.
    expect("/v1/webhooks/ep_1/fetch").respond_with_json({"title": "away"}, 503)
    expect("/v1/webhooks/ep_1/fetch").respond_with_json({"items": [fetched]})
    expect("/local", "POST", data=body, headers=fetched["headers"]).respond_with_data(
        "got it", 202
    )
    expect("/v1/deliveries/msg_1/outcome").respond_with_json(DELIVERY)
    expect("/v1/webhooks/ep_1", "DELETE").respond_with_data(status=204)
    result = run(
        httpserver,
        *("listen", "--forward", httpserver.url_for("/local"), "--count", "1"),
        *("--event", "job.succeeded", "--json"),
    )
    httpserver.check()
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["id"], told["status_code"], told["response_head"]) == (
        "msg_1",
        202,
        "got it",
    )
    assert told["event"]["subject"] == "job_1"
    outcome = json.loads(httpserver.log[-2][0].data)
    assert (outcome["number"], outcome["status_code"]) == (1, 202)
    assert json.loads(httpserver.log[0][0].data)["mode"] == "pull"
