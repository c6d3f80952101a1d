import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from api.client import Client, ProblemError
from api.client._async.pages import PAGE

COUNT = 12
PATH = "/v1/jobs/job_1/events"


def line(number: int, epoch: str = "e1", *, last: int = COUNT) -> str:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"evt_{number}",
        "source": "/v1/jobs/job_1",
        "type": "job.succeeded" if number == last else "job.progress",
        "subject": "job_1",
        "time": "2026-01-02T03:04:05.678Z",
        "sequence": f"{number:012d}",
        "epoch": epoch,
        "data": {"attempt": 1},
    }
    return json.dumps(event)


def page(request: Request, *, told: int = COUNT, size: int = 5) -> Response:
    """Answer as the service does that holds ``told`` of the events."""
    assert request.headers["Accept"] == "application/x-ndjson"
    after = int(request.args["after"])
    if request.args.get("epoch", "e1") != "e1":
        after = 0
    limit = min(int(request.args["limit"]), size)
    numbers = range(after + 1, min(after + limit, told) + 1)
    text = "".join(line(number) + "\n" for number in numbers)
    headers = {"X-Log-Epoch": "e1", "X-Log-Sequence": str(told)}
    return Response(text, content_type="application/x-ndjson", headers=headers)


def test_a_log_of_several_pages_is_told_whole_and_to_the_byte(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_handler(page)
    events = list(client.log("job_1"))
    assert [event.body for event in events] == [line(n) for n in range(1, COUNT + 1)]
    assert len(httpserver.log) == 3


def test_of_a_log_that_goes_on_there_is_what_there_is(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_handler(
        lambda request: page(request, told=5)
    )
    assert [event.number for event in client.log("job_1")] == [1, 2, 3, 4, 5]
    assert [event.number for event in client.log("job_1", after=3)] == [4, 5]
    assert list(client.log("job_1", after=5)) == []


def test_a_log_begun_anew_is_told_from_its_start(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_handler(page)
    numbers = [event.number for event in client.log("job_1", after=9, epoch="e0")]
    assert numbers == list(range(1, COUNT + 1))


def test_what_is_not_there_is_a_problem(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request(PATH).respond_with_json({"detail": "gone"}, 410)
    with pytest.raises(ProblemError, match="gone"):
        list(client.log("job_1"))


def test_pages_are_as_large_as_the_service_gives_them() -> None:
    assert PAGE == 500
