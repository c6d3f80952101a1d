"""Which TCP ports the parts listen on."""

import contextlib
import socket

from api.stack.errors import PortTakenError


def choose_port(host: str, port: int, *, setting: str) -> int:
    """Return `port` if it is free, or any free one for 0."""
    try:
        with _bound(host, port) as listener:
            return int(listener.getsockname()[1])
    except OSError as exc:
        raise PortTakenError(host, port, setting=setting) from exc


def is_listening(host: str, port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection((reachable(host), port), timeout=1.0).close()
        return True
    return False


def reachable(host: str) -> str:
    """Return where to reach a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def http_url(host: str, port: int) -> str:
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)
