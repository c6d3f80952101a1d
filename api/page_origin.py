"""Which pages a browser may call from."""

from collections.abc import Collection

from starlette.requests import HTTPConnection


def is_welcome(connection: HTTPConnection, origins: Collection[str]) -> bool:
    """Return whether it is no page that asks, one of ours, or one of ``origins``.

    Browsers say the page's origin with every socket and with every request but those
    that only read, and let no page change it.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in origins or "*" in origins:
        return True
    return origin.partition("://")[2] == connection.headers.get("host")
