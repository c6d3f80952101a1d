import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from api.client import Client, ProblemError, ServerUnreachableError
from db.contracts.event import Progress
from tests.unit.api.client.conftest import OpenClient

COUNT = 12
PATH = "/v1/jobs/job_1/events"


def frame(number: int) -> str:
    """Return event `number` of a log of `COUNT`, as the service streams it."""
    kind = "job.succeeded" if number == COUNT else "job.incumbent"
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"evt_{number}",
        "source": "/v1/jobs/job_1",
        "type": kind,
        "subject": "job_1",
        "time": "2026-01-02T03:04:05.678Z",
        "sequence": f"{number:012d}",
        "epoch": "e1",
        "data": {
            "attempt": 1,
            "method": "tabu_search",
            "objective": 100 - number,
            "iterations": number,
            "elapsed_s": number / 10,
        },
    }
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(event)}\n\n"


def position(request: Request) -> int:
    return int(request.headers["Last-Event-ID"])


def stream(text: str) -> Response:
    return Response(text, content_type="text/event-stream")


def whole(request: Request) -> Response:
    return stream("".join(map(frame, range(position(request) + 1, COUNT + 1))))


def test_a_log_is_read_from_its_first_event_to_its_last(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_handler(whole)
    events = list(client.events("job_1"))
    assert [event.number for event in events] == list(range(1, COUNT + 1))
    assert isinstance(events[0].payload, Progress)
    assert [event.is_terminal for event in events] == [False] * (COUNT - 1) + [True]


def test_reading_begins_where_it_is_told(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_handler(whole)
    assert [event.number for event in client.events("job_1", after=COUNT - 1)] == [
        COUNT
    ]


@pytest.mark.parametrize("cut", ["between", "inside"])
@pytest.mark.parametrize("every", [1, 5])
def test_a_cut_stream_is_taken_up_where_it_was(
    httpserver: HTTPServer, client: Client, every: int, cut: str
) -> None:
    def some(request: Request) -> Response:
        start = position(request)
        last = min(start + every, COUNT)
        text = "".join(map(frame, range(start + 1, last + 1)))
        if cut == "inside" and last < COUNT:
            text += frame(last + 1)[:-40]
        return stream(text)

    httpserver.expect_request(PATH).respond_with_handler(some)
    numbers = [event.number for event in client.events("job_1")]
    assert numbers == list(range(1, COUNT + 1))


def test_what_is_told_twice_is_heard_once(
    httpserver: HTTPServer, client: Client
) -> None:
    def overlapping(request: Request) -> Response:
        start = max(0, position(request) - 3)
        return stream("".join(map(frame, range(start + 1, min(start + 7, COUNT) + 1))))

    httpserver.expect_request(PATH).respond_with_handler(overlapping)
    numbers = [event.number for event in client.events("job_1")]
    assert numbers == list(range(1, COUNT + 1))


def test_pings_and_retry_hints_are_no_events(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_handler(
        lambda _: stream(f": ping\nretry: 2000\n\n{frame(COUNT)}: ping\n\n")
    )
    assert [event.number for event in client.events("job_1")] == [COUNT]


def test_nothing_more_to_come_is_an_end(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=204)
    assert list(client.events("job_1", after=COUNT)) == []


def test_a_service_that_was_away_for_a_moment_is_asked_again(
    httpserver: HTTPServer, client: Client
) -> None:
    answers = iter([stream(frame(1)), Response("away", 503)])
    httpserver.expect_request(PATH).respond_with_handler(
        lambda request: next(answers, None) or whole(request)
    )
    numbers = [event.number for event in client.events("job_1")]
    assert numbers == list(range(1, COUNT + 1))


def test_a_service_that_stays_away_is_given_up(
    httpserver: HTTPServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for colour in ("_async", "_sync"):
        module = f"api.client.{colour}.follow.PATIENCE_SECONDS"
        monkeypatch.setattr(module, 0.0)
    answers = iter([stream(frame(1)), Response("away", 503)])
    httpserver.expect_request(PATH).respond_with_handler(lambda _: next(answers))
    with pytest.raises(ProblemError, match="503"):
        list(client.events("job_1"))


def test_a_job_that_is_not_there_is_a_problem_at_once(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request(PATH).respond_with_json({"detail": "no such job"}, 404)
    with pytest.raises(ProblemError, match="no such job"):
        list(client.events("job_1"))


def test_nobody_there_is_said_at_once(open_client: OpenClient) -> None:
    with (
        open_client("http://127.0.0.1:1") as client,
        pytest.raises(ServerUnreachableError, match="nobody answers"),
    ):
        list(client.events("job_1"))


def test_a_type_newer_than_the_client_is_an_event_without_a_payload(
    httpserver: HTTPServer, client: Client
) -> None:
    newer = frame(1).replace("job.incumbent", "job.moved")
    httpserver.expect_request(PATH).respond_with_handler(
        lambda _: stream(newer + frame(COUNT))
    )
    first, last = client.events("job_1")
    assert (first.type, first.payload) == ("job.moved", None)
    assert last.is_terminal
