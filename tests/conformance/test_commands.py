"""What every command promises, asked of each one that the application has."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result

from api.cli import app, page
from api.cli.exit_codes import EPILOG, ExitCode

# These work without a service; each has tests of its own.
ALONE = {
    "up",
    "verify",
    "doctor",
    "finance show",
    "database status",
    "database backup",
    "database check",
    "database restore",
    "database upgrade",
    "database downgrade",
}
DESTRUCTIVE = {"delete", "revoke"}


def groups(group: Any, path: str = "") -> Iterator[str]:
    yield path
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from groups(command, f"{path} {name}".strip())


ROOT = typer.main.get_command(app)
COMMANDS = dict(page.commands(ROOT))
CALLING = sorted(set(COMMANDS) - ALONE)
GIVEN = {
    "schedules create": ["x", "--instance", "nug12", "--every", "60"],
    "alerts rules create": ["x", "--kind", "disk"],
    "alerts rules change": ["x", "--set", "value=1"],
    "providers add": ["x", "https://x.example", "--category", "data"],
    "finance run": ["npv", "-"],
    "instances upload": ["-"],
    "benchmark": ["nug12", "--method", "memetic"],
    "finance xnpv": ["2026-01-01=-1"],
    "finance xirr": ["2026-01-01=-1"],
    "finance npv": ["1"],
    "finance irr": ["1"],
    **{
        f"finance {name}": ["1", "--initial", "1"]
        for name in ("mirr", "roi", "payback", "discounted-payback")
    },
    "finance profitability-index": ["1", "--initial", "1"],
    "webhooks create": ["https://x.example"],
    "webhooks listen": ["--forward", "http://127.0.0.1:1"],
    "webhooks recover": ["x", "--since", "2026-01-01T00:00:00Z"],
}
"""What a command is given where one word for each of its arguments will not do."""


def call(words: str, *options: str, url: str) -> Result:
    command = COMMANDS[words]
    given = GIVEN.get(words)
    if given is None:
        given = [
            "x"
            for parameter in command.params
            if parameter.param_type_name == "argument" and parameter.required
        ]
    if words == "events":
        given = ["x"]
    names = {name for parameter in command.params for name in parameter.opts}
    yes = ["--yes"] if "--yes" in names else []
    arguments = [*words.split(), *given, *yes, "--json", "--url", url, *options]
    return CliRunner().invoke(app, arguments, input='{"qaplib": "2 0 1 1 0 0 1 1 0"}')


@pytest.fixture(scope="module", autouse=True)
def _built_once() -> Iterator[None]:
    """Let the commands be made once, not for each call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", lambda _: ROOT)
        patch.setattr("api.client.transport.FIRST_PAUSE_SECONDS", 0.0)
        yield


@pytest.fixture(scope="module")
def nobody() -> str:
    """Return an address at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("words", list(COMMANDS))
def test_its_help_tells_what_it_is_for_and_what_codes_mean(words: str) -> None:
    result = CliRunner().invoke(app, [*words.split(), "--help"])
    assert result.exit_code == 0
    assert "Exit codes" in result.stdout
    assert (COMMANDS[words].help or "").strip()


@pytest.mark.parametrize("words", list(groups(ROOT)))
def test_a_group_shows_its_commands(words: str) -> None:
    result = CliRunner().invoke(app, [*words.split(), "--help"])
    assert result.exit_code == 0
    assert "Commands" in result.stdout


@pytest.mark.parametrize("words", list(COMMANDS))
def test_every_option_says_what_it_is_for(words: str) -> None:
    silent = [
        parameter.name
        for parameter in COMMANDS[words].params
        if not getattr(parameter, "help", None) and parameter.name != "help"
    ]
    assert silent == []


@pytest.mark.parametrize("words", list(COMMANDS))
def test_it_writes_json_if_asked(words: str) -> None:
    names = {name for parameter in COMMANDS[words].params for name in parameter.opts}
    assert "--json" in names


@pytest.mark.parametrize("words", CALLING)
def test_nobody_there_is_code_3_and_an_error_in_json(words: str, nobody: str) -> None:
    result = call(words, url=nobody)
    assert result.exit_code == ExitCode.UNREACHABLE, result.output
    (line,) = result.stdout.splitlines()
    assert "nobody answers" in json.loads(line)["error"]["detail"]
    assert "Traceback" not in result.output


def test_a_refusal_is_code_4_and_an_error_in_json(httpserver: HTTPServer) -> None:
    problem = {"status": 404, "detail": "no such thing", "suggestion": "Look."}
    httpserver.expect_request(re.compile(".*")).respond_with_json(problem, 404)
    for words in CALLING:
        result = call(words, url=httpserver.url_for(""))
        assert result.exit_code == ExitCode.REFUSED, (words, result.output)
        (line,) = result.stdout.splitlines()
        assert json.loads(line)["error"]["detail"] == "no such thing", words
        assert "Look." in result.stderr


@pytest.mark.parametrize(
    "words", [each for each in COMMANDS if each.split()[-1] in DESTRUCTIVE]
)
def test_what_is_gone_for_good_is_not_done_unasked(
    words: str, httpserver: HTTPServer
) -> None:
    url = httpserver.url_for("")
    arguments = [*words.split(), "x", "--json", "--url", url]
    result = CliRunner().invoke(app, arguments, input="y\n")
    assert result.exit_code == ExitCode.USAGE
    assert "--yes" in result.stderr
    assert httpserver.log == []


def test_the_page_is_up_to_date() -> None:
    assert page.main(["--check"]) == 0


def test_the_page_and_the_help_tell_every_exit_code() -> None:
    for code in ExitCode:
        assert re.search(rf"^\| {code.value} \|", page.PAGE.read_text(), re.M), code
        assert re.search(rf"\b{code.value} ", EPILOG), code
