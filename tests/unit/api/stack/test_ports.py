import socket

import pytest

from api.stack import PortTakenError
from api.stack.ports import choose_port, http_url, is_listening


def test_zero_means_any_free_port() -> None:
    assert choose_port("127.0.0.1", 0, setting="X") > 0


def test_a_taken_port_says_how_to_choose_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert is_listening("127.0.0.1", port)
        with pytest.raises(PortTakenError, match=f"SOLVEQUEUE_API_PORT={port + 1}"):
            choose_port("127.0.0.1", port, setting="SOLVEQUEUE_API_PORT")
    assert not is_listening("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
    ],
)
def test_a_listener_on_everything_is_reached_on_this_machine(
    host: str, url: str
) -> None:
    assert http_url(host, 8000) == url
