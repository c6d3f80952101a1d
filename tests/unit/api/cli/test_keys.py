import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result

from api.cli import app

KEY = "sq_abcdefgh_" + "A" * 43
VIEW: dict[str, Any] = {
    "prefix": "sq_abcdefgh",
    "owner": "team-a",
    "name": "nightly",
    "scopes": ["jobs:read", "jobs:write"],
    "max_queued": None,
    "max_running": None,
    "created_at": "2026-01-02T03:04:05.678Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
}
PROBLEM = {"title": "Refused", "detail": "no", "suggestion": "ask", "request_id": "r"}


def run(server: HTTPServer, *arguments: str, key: str | None = "mine") -> Result:
    return CliRunner(env={"SOLVEQUEUE_API_KEY": key}).invoke(
        app, ["keys", *arguments, "--url", server.url_for("")]
    )


def test_a_key_is_made_and_shown(httpserver: HTTPServer) -> None:
    httpserver.expect_request(
        "/v1/keys", "POST", headers={"Authorization": "Bearer mine"}
    ).respond_with_json({**VIEW, "key": KEY}, 201)
    result = run(
        httpserver,
        *("create", "team-a", "--scope", "jobs:read", "--scope", "admin"),
        *("--expires-days", "30", "--max-queued", "5", "--max-running", "2"),
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [KEY]
    request, _ = httpserver.log[0]
    assert json.loads(request.data) == {
        "owner": "team-a",
        "scopes": ["jobs:read", "admin"],
        "expires_days": 30.0,
        "max_queued": 5,
        "max_running": 2,
    }


def test_what_is_not_given_is_the_services_to_choose(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/keys", "POST").respond_with_json(
        {**VIEW, "key": KEY}, 201
    )
    result = run(httpserver, "create", "team-a", "--json")
    assert json.loads(result.stdout)["key"] == KEY
    request, _ = httpserver.log[0]
    assert json.loads(request.data) == {"owner": "team-a"}


def test_a_listing_says_which_are_still_good(httpserver: HTTPServer) -> None:
    past, later = "2020-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"
    states = [
        VIEW,
        {**VIEW, "revoked_at": past},
        {**VIEW, "expires_at": past},
        {**VIEW, "expires_at": later, "last_used_at": past},
    ]
    httpserver.expect_request("/v1/keys").respond_with_json({"items": states})
    shown = run(httpserver, "list").stdout
    for word in ("good", "revoked", "expired", "to 2999-01-01", "sq_abcdefgh"):
        assert word in shown


def test_a_key_is_revoked_by_its_prefix(httpserver: HTTPServer) -> None:
    path = "/v1/keys/sq_abcdefgh"
    httpserver.expect_request(path, "DELETE").respond_with_data(status=204)
    result = run(httpserver, "revoke", "sq_abcdefgh", "--yes")
    assert (result.exit_code, result.stdout) == (0, "sq_abcdefgh is revoked.\n")


@pytest.mark.parametrize(("status", "code"), [(401, 6), (403, 7), (404, 4)])
def test_the_exit_code_says_who_has_to_do_something(
    httpserver: HTTPServer, status: int, code: int
) -> None:
    httpserver.expect_request("/v1/keys").respond_with_json(
        {**PROBLEM, "status": status}, status
    )
    result = run(httpserver, "list")
    assert result.exit_code == code
    assert "ask" in result.stderr


def test_without_a_key_none_is_sent(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/keys").respond_with_json({"items": []})
    assert run(httpserver, "list", key=None).stdout == "No keys.\n"
    request, _ = httpserver.log[0]
    assert "Authorization" not in request.headers


def test_the_option_comes_before_the_variable(httpserver: HTTPServer) -> None:
    httpserver.expect_request(
        "/v1/keys", headers={"Authorization": "Bearer other"}
    ).respond_with_json({"items": []})
    assert run(httpserver, "list", "--api-key", "other").exit_code == 0


def test_what_is_no_key_is_not_sent_and_not_shown(httpserver: HTTPServer) -> None:
    result = run(httpserver, "list", "--api-key", "sq_one\nX-Evil: 1")
    assert result.exit_code == 1
    assert "sq_one" not in result.output
    assert httpserver.log == []
