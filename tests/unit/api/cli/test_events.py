import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result
from werkzeug import Request, Response

from api.cli import app

JOB = "job_1"
PATH = f"/v1/jobs/{JOB}/events"
Event = dict[str, Any]


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["events", *arguments], input=stdin)


def event(number: int, type_: str = "job.incumbent", **data: Any) -> Event:
    told = {"attempt": 1, "method": "tabu_search", "iterations": number}
    if type_ == "job.incumbent":
        told |= {"objective": 1000 - number, "bound": 10 + number, "elapsed_s": number}
    return {
        "specversion": "1.0",
        "id": f"evt_{number}",
        "source": f"/v1/jobs/{JOB}",
        "type": type_,
        "subject": JOB,
        "time": f"2026-01-02T03:04:{number % 60:02d}.000Z",
        "sequence": f"{number:012d}",
        "epoch": "e1",
        "data": told | data,
    }


def whole(count: int = 8) -> list[Event]:
    first = event(1, "job.queued", kind="solve", queue="bulk")
    middle = [event(number) for number in range(2, count)]
    return [first, *middle, event(count, "job.succeeded")]


def lines(events: list[Event]) -> str:
    return "".join(json.dumps(each) + "\n" for each in events)


class Service:
    """Answers with a log of which some is told, as pages and as a stream."""

    def __init__(self, server: HTTPServer) -> None:
        self.log = whole()
        self.told = len(self.log)
        self.size = 3
        server.expect_request(PATH).respond_with_handler(self.answer)
        self.url = server.url_for("")

    def answer(self, request: Request) -> Response:
        epoch = self.log[0]["epoch"]
        after = int(request.args.get("after", request.headers.get("Last-Event-ID", 0)))
        if request.args.get("epoch", epoch) != epoch:
            after = 0
        if "event-stream" in request.headers["Accept"]:
            rest = self.log[after:]
            text = "".join(f"data: {json.dumps(each)}\n\n" for each in rest)
            return Response(text, content_type="text/event-stream")
        limit = min(int(request.args["limit"]), self.size)
        text = lines(self.log[after : min(after + limit, self.told)])
        headers = {"X-Log-Epoch": epoch, "X-Log-Sequence": str(self.told)}
        return Response(text, headers=headers)

    def run(self, *arguments: str) -> Result:
        return run(JOB, "--url", self.url, *arguments)


@pytest.fixture
def service(httpserver: HTTPServer) -> Service:
    return Service(httpserver)


def numbers(text: str) -> list[int]:
    return [int(json.loads(line)["sequence"]) for line in text.splitlines()]


def test_the_log_is_shown_as_far_as_it_goes(service: Service) -> None:
    service.told = 5
    shown = service.run()
    assert shown.exit_code == 0, shown.output
    assert [line.split()[0] for line in shown.stdout.splitlines()] == list("12345")
    assert "objective 998  bound 12" in shown.stdout


def test_json_is_each_event_to_the_byte(service: Service) -> None:
    assert service.run("--json").stdout == lines(service.log)


def test_it_is_followed_to_its_end_from_where_it_is_told(service: Service) -> None:
    service.told = 4
    shown = service.run("--follow", "--from", "2", "--json")
    assert numbers(shown.stdout) == [3, 4, 5, 6, 7, 8]


def test_only_the_types_that_are_named_are_shown(service: Service) -> None:
    shown = service.run("--types", "job.queued, job.succeeded", "--json")
    assert numbers(shown.stdout) == [1, 8]


def test_a_log_of_several_pages_is_exported_whole(
    service: Service, tmp_path: Path
) -> None:
    service.log = whole(50)
    service.told = 50
    file = tmp_path / "log.ndjson"
    assert service.run("--export", str(file)).exit_code == 0
    assert file.read_text() == lines(service.log)


@pytest.mark.parametrize("cut", [0, 1, 30])
def test_an_export_goes_on_where_it_was_left(
    service: Service, tmp_path: Path, cut: int
) -> None:
    file = tmp_path / "log.ndjson"
    text = lines(service.log[:4])
    file.write_text(text[: len(text) - cut])
    service.run("--export", str(file))
    assert file.read_text() == lines(service.log)
    before = file.stat().st_mtime_ns
    service.run("--export", str(file))
    assert file.stat().st_mtime_ns == before


def test_an_export_follows_to_the_end_if_it_is_told_to(
    service: Service, tmp_path: Path
) -> None:
    service.told = 5
    file = tmp_path / "log.ndjson"
    shown = service.run("--export", str(file))
    assert (file.read_text(), shown.exit_code) == (lines(service.log[:5]), 0)
    assert "so far" in shown.stdout
    service.run("--export", str(file), "--follow")
    assert file.read_text() == lines(service.log)


def test_an_export_begins_anew_where_the_log_did(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    file.write_text(lines([{**each, "epoch": "e0"} for each in service.log[:6]]))
    service.run("--export", str(file))
    assert file.read_text() == lines(service.log)


def test_a_file_of_another_job_is_not_written_to(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    other = lines([{**each, "subject": "job_2"} for each in service.log])
    file.write_text(other)
    refused = service.run("--export", str(file))
    assert (refused.exit_code, file.read_text()) == (2, other)


@pytest.mark.parametrize("by", ["file", "standard input"])
def test_an_exported_log_is_shown_and_found_whole(tmp_path: Path, by: str) -> None:
    file = tmp_path / "log.ndjson"
    file.write_text(lines(whole()))
    shown = (
        run("--import", str(file))
        if by == "file"
        else run("--import", "-", stdin=file.read_text())
    )
    assert shown.exit_code == 0, shown.output
    assert "a whole log" in shown.stdout
    assert "998 → 993" in shown.stdout
    assert "12 → 17" in shown.stdout
    assert "█" in shown.stdout
    assert shown.stdout.count("job.incumbent") == 6


Damage = Callable[[list[Event]], list[Event]]
DAMAGES: dict[str, Damage] = {
    "number 4 is missing": lambda log: [*log[:3], *log[4:]],
    "number 5 is missing: 4": lambda log: [*log[:4], log[3], *log[4:]],
    "number 1 is missing": lambda log: log[2:],
    "it has no end": lambda log: log[:-1],
    "it has 2 ends": lambda log: [*log, event(9, "job.failed")],
    "it goes on after its end": lambda log: [*log, event(9)],
    "more than one log": lambda log: [{**log[0], "epoch": "e0"}, *log[1:]],
    "more than one job": lambda log: [{**log[0], "subject": "job_2"}, *log[1:]],
    "the objective rises from 997 to 2000": lambda log: [
        *log[:3],
        event(4, objective=2000),
        *log[4:],
    ],
    "the bound falls from 13 to 1 at number 4": lambda log: [
        *log[:3],
        event(4, bound=1),
        *log[4:],
    ],
    "there is no event": lambda _: [],
}


@pytest.mark.parametrize("finding", DAMAGES)
def test_what_is_wrong_with_a_log_is_found(tmp_path: Path, finding: str) -> None:
    file = tmp_path / "log.ndjson"
    file.write_text(lines(DAMAGES[finding](whole())))
    shown = run("--import", str(file), "--json")
    assert shown.exit_code == 5
    told = json.loads(shown.stdout)
    assert told["valid"] is False
    assert any(finding in reason for reason in told["reasons"]), told
    as_text = run("--import", str(file))
    assert as_text.exit_code == 5
    assert "not a whole log" in as_text.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [JOB, "--import", "FILE"],
        ["--import", "FILE", "--follow"],
        ["--import", "nowhere/at/all"],
        ["--import", "BROKEN"],
        ["--import", "HALF"],
        ["--import", "LATE"],
        [JOB, "--types", "job.news"],
        [JOB, "--from", "-1"],
        [JOB, "--export", "FILE", "--from", "3"],
        [JOB, "--export", "nowhere/at/all"],
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    tmp_path: Path, arguments: list[str]
) -> None:
    files = {"FILE": tmp_path / "a.ndjson", "BROKEN": tmp_path / "b.ndjson"}
    files |= {"HALF": tmp_path / "c.ndjson", "LATE": tmp_path / "d.ndjson"}
    files["FILE"].write_text(lines(whole()))
    files["BROKEN"].write_text("[1, 2]\n")
    files["HALF"].write_text(lines([event(1, "job.queued")]))
    files["LATE"].write_text(lines([{**event(1), "time": "yesterday"}]))
    given = [str(files.get(each, each)) for each in arguments]
    assert run(*given).exit_code == 2
