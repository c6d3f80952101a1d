"""Addresses of Redis: of one server, or of the sentinels that know which it is."""

import ssl
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

SENTINEL_PORT = 26379
_OWN_NAMES = (
    ("valkey://", "redis://"),
    ("valkeys://", "rediss://"),
    ("redis+sentinel://", "sentinel://"),
    ("rediss+sentinel://", "sentinels://"),
)
_OF_SERVERS = {"sentinel": "redis", "sentinels": "rediss"}
_CHECKS = {
    "none": ssl.CERT_NONE,
    "optional": ssl.CERT_OPTIONAL,
    "required": ssl.CERT_REQUIRED,
}
_OF_A_CERTIFICATE = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")

Option = str | int | bool


def as_redis(url: str) -> str:
    """Return the URL with the schemes that redis-py and Celery know."""
    for ours, theirs in _OWN_NAMES:
        if url.startswith(ours):
            return theirs + url.removeprefix(ours)
    return url


@dataclass(frozen=True, slots=True)
class Sentinels:
    """``sentinel://user:password@host:port,host:port/0?master=name``."""

    hosts: tuple[tuple[str, int], ...]
    master: str
    server_url: str = field(repr=False)
    """Of a server, with all that it asks for; which one is for the sentinels to say."""
    username: str | None = None
    """Of the sentinels, where they ask for one."""
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, url: str) -> Self | None:
        """Return what the URL says, or None where it is not of sentinels."""
        scheme, _, rest = url.partition("://")
        if scheme not in _OF_SERVERS:
            return None
        before, _, query = rest.partition("?")
        place, _, database = before.partition("/")
        who, _, hosts = place.rpartition("@")
        options = dict(parse_qsl(query))
        master = options.pop("master", "")
        if not master:
            raise ValueError(f"{scheme}:// needs ?master=, the name that they watch")
        username = options.pop("sentinel_username", None)
        password = options.pop("sentinel_password", None)
        login = f"{who}@" if who else ""
        query = f"?{urlencode(options)}" if options else ""
        found = tuple(_host(each) for each in hosts.split(","))
        return cls(
            hosts=found,
            master=master,
            server_url=(
                f"{_OF_SERVERS[scheme]}://{login}{found[0][0]}/{database or 0}{query}"
            ),
            username=username,
            password=password,
        )

    def login(self) -> dict[str, str]:
        """Return how to enter at the sentinels themselves."""
        told = {"username": self.username, "password": self.password}
        return {name: value for name, value in told.items() if value}


def _host(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("a sentinel has no name; write sentinel://host:port,host:port")
    return parts.hostname, parts.port or SENTINEL_PORT


def tls_options(url: str) -> dict[str, Option] | None:
    """Return how a server's certificate is checked, as Celery wants it; None: no TLS.

    The same as redis-py does by itself: Celery would check nothing unless told to.
    """
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return None
    given = dict(parse_qsl(parts.query))
    checks = given.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")
    if checks not in _CHECKS:
        raise ValueError("ssl_cert_reqs is none, optional or required")
    told: dict[str, Option] = {"ssl_cert_reqs": _CHECKS[checks]}
    told |= {name: given[name] for name in _OF_A_CERTIFICATE if name in given}
    if "ssl_check_hostname" in given:
        wants = given["ssl_check_hostname"].lower()
        told["ssl_check_hostname"] = wants not in ("false", "no", "0")
    elif told["ssl_cert_reqs"] is ssl.CERT_NONE:
        told["ssl_check_hostname"] = False
    return told


def place(url: str) -> str:
    """Return where it is, without who may enter."""
    sentinels = Sentinels.read(url)
    if sentinels is not None:
        hosts = ",".join(f"{host}:{port}" for host, port in sentinels.hosts)
        return f"{sentinels.master} of sentinels {hosts}"
    parts = urlsplit(url)
    if parts.hostname is None:
        return f"{parts.scheme}://{unquote(parts.path)}"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
