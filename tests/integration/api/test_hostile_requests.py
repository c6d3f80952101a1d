"""Paths, queries, headers and connections that no one should send."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.contracts.settings import Settings
from tests.integration.api.live import LiveApi
from tests.integration.api.story import Story

MAX_BYTES = 4096
HUGE = [2**63, -(2**63), 2**64, 10**30, -(10**30)]
ODD_SEGMENTS = {
    "NUL": "%00",
    "invalid UTF-8": "%ff%fe",
    "a surrogate": "%ed%a0%80",
    "a slash": "a%2Fb",
    "dots": "%2e%2e%2f%2e%2e",
    "a line end": "a%0d%0ab",
    "long": "a" * 8000,
    "long and odd": "%00" * 4000,
    "a huge number": str(10**30),
    "a negative number": "-1",
    "a right form": "job_" + "0" * 32,
    "too long for an id": "job_" + "0" * 64,
    "capitals": "JOB_" + "A" * 32,
    "quotes": "%22%27%3B--",
    "brackets": "%5B%5D",
    "astral": "%F0%9F%92%A9",
}
SLOTS = [
    ("GET", "/v1/jobs/{}"),
    ("GET", "/v1/jobs/{}/events"),
    ("GET", "/v1/jobs/{}/result"),
    ("POST", "/v1/jobs/{}/cancel"),
    ("POST", "/v1/jobs/{}/rerun"),
    ("POST", "/v1/jobs/{}/reproduce"),
    ("DELETE", "/v1/jobs/{}"),
    ("GET", "/solve/{}/status"),
    ("GET", "/v1/instances/{}"),
    ("GET", "/v1/methods/{}"),
    ("GET", "/{}"),
]


def assert_problem(answer: httpx2.Response, *statuses: int) -> dict[str, object]:
    assert answer.status_code in statuses, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) <= MAX_BYTES
    told: dict[str, object] = answer.json()
    assert told["status"] == answer.status_code
    for field in ("type", "title", "detail", "suggestion", "request_id"):
        assert told[field]
    return told


@pytest.mark.parametrize(("method", "path"), SLOTS)
def test_a_name_that_is_none_is_not_found(
    client: TestClient, method: str, path: str
) -> None:
    for segment in ODD_SEGMENTS.values():
        answer = client.request(method, path.format(segment))
        assert_problem(answer, 404, 405, 422)


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/jobs", "limit"),
        ("/v1/instances", "limit"),
        ("/v1/jobs/{}/events", "after"),
        ("/v1/jobs/{}/events", "limit"),
    ],
)
def test_a_number_beyond_its_range_is_pointed_at(
    client: TestClient, story: Story, path: str, name: str, number: int
) -> None:
    answer = client.get(path.format(story.job_id), params={name: number})
    (found,) = assert_problem(answer, 422)["errors"]  # type: ignore[misc]
    assert found["pointer"] == f"#query/{name}"
    assert found["suggestion"].startswith("Send ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "ten"),
        ("limit", ""),
        ("limit", "1.5"),
        ("limit", "NaN"),
        ("state", "done"),
        ("state", "\0"),
        ("kind", "a b"),
        ("kind", "a" * 5000),
        ("method", "\0"),
        ("instance", "nug12"),
        ("instance", "0" * 65),
        ("after", "garbage"),
        ("after", ""),
        ("after", "\0"),
        ("after", "é"),
        ("after", "A" * 201),
        # Cursors of our form, with what no database should see.
        ("after", "bmFuIGpvYl8wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="),
        ("after", "aW5mIGpvYl8wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="),
        ("after", "MS4wIABqb2I="),
        ("after", "MS4w"),
    ],
)
def test_a_bad_filter_is_pointed_at(client: TestClient, name: str, value: str) -> None:
    answer = client.get("/v1/jobs", params={name: value})
    (found,) = assert_problem(answer, 422)["errors"]  # type: ignore[misc]
    assert found["pointer"].startswith(f"#query/{name}")


def test_seven_states_are_too_many(client: TestClient) -> None:
    assert_problem(client.get("/v1/jobs", params={"state": ["queued"] * 7}), 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"Prefer": "wait=-1"},
        {"Prefer": "wait=never"},
        {"Prefer": "wait"},
        {"Prefer": "respond-async; wait=0"},
        {"Prefer": ";;;,,,=" * 500},
        {"If-None-Match": "garbage"},
        {"If-None-Match": '"' * 5000},
        {"If-None-Match": "," * 5000},
        {"If-None-Match": "W/"},
        {"Accept": "garbage"},
        {"Accept": "*/*;q=nan" * 200},
        {"Accept": "\xff\xfe"},
        {"Last-Event-ID": "9" * 5000},
        {"Last-Event-ID": "-1"},
        {"Last-Event-ID": "one"},
        {"Last-Event-ID": "1e3"},
        {"Last-Event-ID": "\xb2"},
        {"X-Request-ID": "a b"},
        {"X-Request-ID": "a" * 65},
        {"X-Request-ID": "a%0d%0aSet-Cookie: b"},
        {"X-Request-ID": "\xff"},
        {"Host": "["},
        {"Host": "]:99999999"},
        {"Host": ""},
        {"Cookie": "\xff=\xfe"},
        {"Content-Length": "-1"},
        {"Content-Type": "\xff"},
    ],
    ids=lambda headers: " ".join(map(str, headers.items()))[:40],
)
def test_a_header_that_makes_no_sense_harms_nothing(
    client: TestClient, story: Story, headers: dict[str, str]
) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    for path in ("", "/events", "/result"):
        answer = client.get(f"/v1/jobs/{story.job_id}{path}", headers=encoded)
        assert answer.status_code in (200, 204), answer.text[:300]
        sent = headers.get("X-Request-ID", "")
        assert answer.headers["x-request-id"].startswith("req_") or not sent


@pytest.mark.parametrize("last", ["9" * 5000, "-1", "one", "\xb2", "3.0"])
def test_a_stream_after_an_odd_event_id_tells_everything(
    client: TestClient, story: Story, last: str
) -> None:
    story.improve(2).end()
    headers = {"Accept": "text/event-stream", "Last-Event-ID": last.encode("latin-1")}
    answer = client.get(f"/v1/jobs/{story.job_id}/events", headers=headers)
    assert answer.text.count("\nid: ") == 5


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1//jobs"])
def test_an_unknown_path_is_a_problem(client: TestClient, path: str) -> None:
    assert_problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/jobs", {"GET", "POST"}),
        ("PUT", "/v1/methods", {"GET"}),
        ("GET", "/solve", {"POST"}),
        ("PATCH", "/healthz", {"GET"}),
        ("BREW", "/healthz", {"GET"}),
    ],
)
def test_a_method_that_is_not_offered_is_a_problem_with_those_that_are(
    client: TestClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.request(method, path)
    assert_problem(answer, 405)
    assert allowed <= set(answer.headers["allow"].replace(" ", "").split(","))


def test_a_method_that_is_made_up_makes_no_metric(client: TestClient) -> None:
    client.request("BREW", "/healthz")
    text = client.get("/metrics/prometheus").text
    assert 'method="other"' in text
    assert "BREW" not in text


def test_a_fault_of_ours_is_a_problem_that_is_named_and_counted(
    app: FastAPI, client: TestClient
) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    answer = client.get("/broken", headers={"X-Request-ID": "mine"})
    told = assert_problem(answer, 500)
    assert told["request_id"] == answer.headers["x-request-id"] == "mine"
    assert "secret" not in answer.text
    assert 'status="500"' in client.get("/metrics/prometheus").text


def _chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * 2**16


@pytest.mark.parametrize(
    "path", ["/v1/jobs", "/v1/instances", "/solve", "/solve-async"]
)
def test_a_body_that_does_not_tell_its_size_is_counted(
    client: TestClient, path: str
) -> None:
    count = Settings().max_body_bytes // 2**16 + 1
    headers = {"Content-Type": "application/json"}
    answer = client.post(path, content=_chunks(count), headers=headers)
    assert_problem(answer, 413)


def test_a_client_that_sends_64_mb_hears_of_the_limit_before_it_is_done(
    live: LiveApi,
) -> None:
    head = "POST /v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 2**16 + b"\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", live.port), timeout=30) as connection:
        connection.sendall(head.encode())
        connection.setblocking(False)
        answer = b""
        while not answer and sent < 2**26:
            # A reset is of what was sent after the answer, which lies there by then.
            with suppress(BlockingIOError, ConnectionResetError):
                sent += connection.send(chunk[sent % len(chunk) :])
            with suppress(BlockingIOError):
                answer = connection.recv(2**16)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "/problems/too-large"
    assert sent < 2**26
