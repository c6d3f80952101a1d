import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from db.contracts.webhook_address import AllowList, ForbiddenAddressError
from db.guarded_http.client import MAX_BODY_BYTES, client, get, post
from db.guarded_http.connection import NoAnswerError

LOOPBACK = AllowList(["127.0.0.0/8"])
HEADERS = {"webhook-id": "evt_1", "content-type": "application/json"}


class Receiver(ThreadingHTTPServer):
    """Answers by path and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[str, dict[str, str], bytes]] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hangs up early: it is meant to."""


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        sent = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append((self.path, sent, body))
        status, headers, answer = ANSWERS[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self) -> None:
        self.server.received.append((self.path, dict(self.headers.items()), b""))
        self.send_response(200)
        self.send_header("ETag", '"seven"')
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"reading")

    @override
    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/ok": (200, {"Set-Cookie": "a=b"}, b"thanks"),
    "/busy": (503, {"Retry-After": "120"}, b""),
    "/moved": (307, {"Location": "/ok"}, b""),
    "/large": (200, {}, b"x" * (MAX_BODY_BYTES + 200_000)),
    "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 10_000_000)),
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Hand the first connection to `answer`; for what http.server is too polite for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                answer(connection)

        serving = threading.Thread(target=serve)
        serving.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        serving.join()


def test_the_bytes_and_headers_given_are_those_sent(
    receiver: Receiver,
) -> None:
    with client(LOOPBACK) as sender:
        url = receiver.url("/ok")
        answer = post(sender, url, content=b'{"a": 1}', headers=HEADERS)
    [(_, headers, body)] = receiver.received
    assert (answer.status, answer.body_head) == (200, b"thanks")
    assert answer.duration_ms >= 0
    assert body == b'{"a": 1}'
    assert headers["webhook-id"] == "evt_1"
    assert headers["host"] == f"127.0.0.1:{receiver.server_port}"


def test_what_is_read_is_cut_where_its_reader_says(receiver: Receiver) -> None:
    with client(LOOPBACK) as sender:
        whole = get(sender, receiver.url("/rates"), headers={"X-Key": "k"})
        cut = get(sender, receiver.url("/rates"), headers={}, max_bytes=4)
    assert (whole.status, whole.body_head, whole.etag) == (200, b"reading", '"seven"')
    assert cut.body_head == b"read"
    assert receiver.received[0][1]["X-Key"] == "k"


def test_a_cookie_is_not_kept(receiver: Receiver) -> None:
    with client(LOOPBACK) as sender:
        for _ in range(2):
            post(sender, receiver.url("/ok"), content=b"", headers=HEADERS)
    for _, headers, _ in receiver.received:
        assert "cookie" not in headers


def test_retry_after_is_handed_on(receiver: Receiver) -> None:
    with client(LOOPBACK) as sender:
        answer = post(sender, receiver.url("/busy"), content=b"", headers=HEADERS)
    assert (answer.status, answer.retry_after) == (503, "120")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with client(LOOPBACK) as sender:
        answer = post(sender, receiver.url("/moved"), content=b"", headers=HEADERS)
    assert answer.status == 307
    assert [path for path, *_ in receiver.received] == ["/moved"]


def test_a_long_body_is_cut(receiver: Receiver) -> None:
    with client(LOOPBACK) as sender:
        answer = post(sender, receiver.url("/large"), content=b"", headers=HEADERS)
    assert answer.body_head == b"x" * MAX_BODY_BYTES


def test_a_compressed_body_stays_compressed(receiver: Receiver) -> None:
    with client(LOOPBACK) as sender:
        answer = post(sender, receiver.url("/bomb"), content=b"", headers=HEADERS)
    assert answer.body_head == ANSWERS["/bomb"][2]


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"],
    ids=["silent-drip", "body-drip"],
)
def test_a_slow_drip_ends_at_the_deadline(head: bytes) -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(head or b"HTTP/1.1 200 OK\r\nX-Slow: ")
        try:
            # Each byte comes long before a time-out of single reads would strike.
            while not gone.wait(0.02):
                connection.sendall(b"x")
        except OSError:
            pass

    with raw_server(drip) as url, client(LOOPBACK, 0.3) as sender:
        started = time.monotonic()
        try:
            with pytest.raises(NoAnswerError, match=r"no whole answer within 0\.3 s"):
                post(sender, url, content=b"{}", headers=HEADERS)
        finally:
            gone.set()
    assert 0.25 < time.monotonic() - started < 3


def test_a_receiver_that_does_not_read_is_left_at_the_deadline() -> None:
    gone = threading.Event()

    def ignore(connection: socket.socket) -> None:
        gone.wait()

    with raw_server(ignore) as url, client(LOOPBACK, 0.3) as sender:
        try:
            with pytest.raises(NoAnswerError, match="no whole answer"):
                post(sender, url, content=bytes(50_000_000), headers=HEADERS)
        finally:
            gone.set()


def test_a_receiver_that_hangs_up_is_no_answer() -> None:
    with (
        raw_server(lambda connection: connection.close()) as url,
        client(LOOPBACK) as sender,
        pytest.raises(NoAnswerError),
    ):
        post(sender, url, content=b"{}", headers=HEADERS)


def test_an_answer_that_is_not_http_is_no_answer() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"SSH-2.0-OpenSSH_9\r\n\r\n")

    with (
        raw_server(answer) as url,
        client(LOOPBACK) as sender,
        pytest.raises(NoAnswerError),
    ):
        post(sender, url, content=b"{}", headers=HEADERS)


def test_a_refused_connection_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with client(LOOPBACK) as sender, pytest.raises(NoAnswerError, match="127"):
        post(sender, url, content=b"{}", headers=HEADERS)


@pytest.mark.parametrize("url", ["http://hooks.example/", "https://[", "", "x" * 3000])
def test_a_url_is_checked_again_at_each_request(url: str) -> None:
    with client(AllowList()) as sender, pytest.raises(ForbiddenAddressError):
        post(sender, url, content=b"{}", headers=HEADERS)
