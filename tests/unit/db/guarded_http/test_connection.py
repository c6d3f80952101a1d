import socket
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from db.contracts.webhook_address import AllowList, ForbiddenAddressError
from db.guarded_http import connection
from db.guarded_http.client import client, post
from db.guarded_http.connection import NoAnswerError, Resolver, resolve

NOWHERE = AllowList()
LOOPBACK = AllowList(["127.0.0.0/8"])


class Network:
    """Stands for the network: notes who is called, and lets nobody through."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def create_connection(
        self, address: tuple[str, int], timeout: float
    ) -> socket.socket:
        self.called.append(address[0])
        raise ConnectionRefusedError("refused by the test")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    closed = Network()
    monkeypatch.setattr(socket, "create_connection", closed.create_connection)
    return closed


def answering(*answers: Sequence[str]) -> Resolver:
    left = iter(answers)
    return lambda host, port: next(left)


def send(resolver: Resolver, *, url: str = "https://hooks.example/") -> None:
    with client(NOWHERE, resolver=resolver) as sender:
        post(sender, url, content=b"{}", headers={})


def test_a_name_is_resolved_once_and_the_checked_address_called(
    network: Network,
) -> None:
    rebinding = answering(["8.8.8.8"], ["127.0.0.1"])
    with pytest.raises(NoAnswerError, match="refused by the test"):
        send(rebinding)
    assert network.called == ["8.8.8.8"]


def test_a_name_that_turns_private_is_refused_at_the_next_request(
    network: Network,
) -> None:
    rebinding = answering(["8.8.8.8"], ["127.0.0.1"])
    with client(NOWHERE, resolver=rebinding) as sender:
        with pytest.raises(NoAnswerError):
            post(sender, "https://hooks.example/", content=b"{}", headers={})
        with pytest.raises(ForbiddenAddressError, match=r"127\.0\.0\.1"):
            post(sender, "https://hooks.example/", content=b"{}", headers={})
    assert network.called == ["8.8.8.8"]


@pytest.mark.parametrize(
    "addresses",
    [
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["2606:4700:4700::1111", "::1"],
        ["8.8.8.8"] * 20 + ["10.0.0.1"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::7f00:1"],
        ["fe80::1%eth0"],
    ],
)
def test_one_private_address_is_enough_to_refuse(
    network: Network, addresses: list[str]
) -> None:
    with pytest.raises(ForbiddenAddressError, match="not a public address"):
        send(answering(addresses))
    assert network.called == []


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]"]
)
def test_no_spelling_of_loopback_is_called(network: Network, host: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        send(resolve, url=f"https://{host}/")
    assert network.called == []


def test_plain_http_to_a_name_outside_the_allowed_networks_is_refused(
    network: Network,
) -> None:
    with (
        client(LOOPBACK, resolver=answering(["8.8.8.8"])) as sender,
        pytest.raises(ForbiddenAddressError, match="https://"),
    ):
        post(sender, "http://hooks.example/", content=b"{}", headers={})
    assert network.called == []


def test_the_next_address_is_called_when_one_fails(network: Network) -> None:
    with pytest.raises(NoAnswerError):
        send(answering(["2606:4700:4700::1111", "8.8.8.8"]))
    assert network.called == ["2606:4700:4700::1111", "8.8.8.8"]


def test_few_addresses_are_called_when_a_name_has_many(network: Network) -> None:
    with pytest.raises(NoAnswerError):
        send(answering([f"8.8.8.{last}" for last in range(100)]))
    assert len(network.called) == connection.MAX_ADDRESSES_TRIED


@pytest.mark.parametrize("error", [socket.gaierror("unknown"), UnicodeError("label")])
def test_a_name_that_does_not_resolve_is_no_answer(error: Exception) -> None:
    def fail(host: str, port: int) -> Sequence[str]:
        raise error

    with pytest.raises(NoAnswerError, match=r"hooks\.example: "):
        send(fail)


def test_a_name_without_addresses_is_no_answer() -> None:
    with pytest.raises(NoAnswerError, match="no address"):
        send(answering([]))


def test_a_silent_name_server_is_left_at_the_deadline() -> None:
    gone = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        gone.wait()
        return []

    try:
        with (
            client(NOWHERE, 0.2, resolver=hang) as sender,
            pytest.raises(NoAnswerError, match="no whole answer within"),
        ):
            post(sender, "https://hooks.example/", content=b"{}", headers={})
    finally:
        gone.set()


@pytest.fixture
def one_hello() -> Iterator[tuple[int, Callable[[], bytes]]]:
    """Take one connection, keep its first bytes, and hang up."""
    first: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            accepted, _ = listener.accept()
            with accepted:
                first.append(accepted.recv(65536))

        serving = threading.Thread(target=serve)
        serving.start()

        def heard() -> bytes:
            serving.join()
            return first[0]

        yield listener.getsockname()[1], heard


def test_the_name_stays_in_the_tls_greeting(
    one_hello: tuple[int, Callable[[], bytes]],
) -> None:
    port, heard = one_hello
    with (
        client(LOOPBACK, resolver=answering(["127.0.0.1"])) as sender,
        pytest.raises(NoAnswerError),
    ):
        post(sender, f"https://hooks.example:{port}/", content=b"{}", headers={})
    assert b"hooks.example" in heard()


def test_the_name_stays_in_the_host_header(
    one_hello: tuple[int, Callable[[], bytes]],
) -> None:
    port, heard = one_hello
    with (
        client(LOOPBACK, resolver=answering(["127.0.0.1"])) as sender,
        pytest.raises(NoAnswerError),
    ):
        post(sender, f"http://hooks.example:{port}/", content=b"{}", headers={})
    assert f"host: hooks.example:{port}".encode() in heard().lower()
