"""Whose word is taken for an address, and whose is not."""

import asyncio
import ipaddress

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.guard.client_address import ClientAddress

PROXY = "10.0.0.1"
TRUSTED = ("10.0.0.0/8", "2001:db8:ffff::/48")


def found(
    *headers: tuple[str, str],
    peer: str = PROXY,
    trusted: tuple[str, ...] = TRUSTED,
) -> str:
    seen: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope["client"][0])

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def ignore(_: Message) -> None: ...

    scope = {
        "type": "http",
        "client": (peer, 1234),
        "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in headers
        ],
    }
    networks = [ipaddress.ip_network(each) for each in trusted]
    asyncio.run(ClientAddress(app, networks)(scope, nothing, ignore))
    return seen[0]


def told(value: str, **options: object) -> str:
    return found(("X-Forwarded-For", value), **options)  # type: ignore[arg-type]


def test_nobody_is_believed_unless_trusted() -> None:
    assert told("1.2.3.4", trusted=()) == PROXY
    assert told("1.2.3.4", peer="192.0.2.9") == "192.0.2.9"
    assert told("1.2.3.4", peer="testclient") == "testclient"
    assert found(("Forwarded", "for=1.2.3.4"), peer="192.0.2.9") == "192.0.2.9"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        (" 1.2.3.4\t", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("[::ffff:1.2.3.4]:9", "1.2.3.4"),
        # The rightmost that is no proxy of ours; what is further left is hearsay.
        ("6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.2.2.2, 10.3.3.3", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, [2001:db8:ffff::1]:80", "1.2.3.4"),
        ("10.6.6.6, 10.7.7.7", "10.6.6.6"),
        # What is no address ends the walk: the last that was known is taken.
        ("1.2.3.4, unknown", PROXY),
        ("1.2.3.4, unknown, 10.2.2.2", "10.2.2.2"),
        ("1.2.3.4, ", PROXY),
        ("1.2.3.4,,10.2.2.2", "10.2.2.2"),
        ("", PROXY),
        (",", PROXY),
        ("1.2.3", PROXY),
        ("1.2.3.4.5", PROXY),
        ("01.2.3.4", PROXY),
        ("0x1.2.3.4", PROXY),
        ("1.2.3.4:port", PROXY),
        ("1.2.3.4:123456", PROXY),
        ("[1.2.3.4", PROXY),
        ("2001:db8::1]", PROXY),
        ("[2001:db8::1]x", PROXY),
        ("fe80::1%eth0", PROXY),
        ("1.2.3.4 5.6.7.8", PROXY),
        ('"1.2.3.4"', PROXY),
        ("1.2.3.4;", PROXY),
        ("for=1.2.3.4", PROXY),
        ("\xb2.2.3.4", PROXY),
        ("example.com", PROXY),
        ("a" * 100_000, PROXY),
    ],
)
def test_a_proxy_tells_whom_it_was_called_by(value: str, address: str) -> None:
    assert told(value) == address


def test_several_lines_are_one_list() -> None:
    lines = [("X-Forwarded-For", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4")]
    assert found(*lines) == "1.2.3.4"
    assert found(*lines, ("X-Forwarded-For", "10.9.9.9")) == "1.2.3.4"


@pytest.mark.parametrize("count", [1000, 100_000])
def test_of_a_huge_list_only_the_end_is_read(count: int) -> None:
    assert told("6.6.6.6, " * count + "1.2.3.4") == "1.2.3.4"
    # Longer than any chain of proxies: as far left as is looked, and no further.
    assert told("10.0.0.2, " * count + "10.0.0.3") == "10.0.0.2"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("for=1.2.3.4", "1.2.3.4"),
        ("For = 1.2.3.4 ;proto=https;by=10.0.0.1", "1.2.3.4"),
        ('proto=https; for="1.2.3.4:80"', "1.2.3.4"),
        ('for="[2001:db8::1]:4711"', "2001:db8::1"),
        ('for=6.6.6.6, for="[2001:db8::1]"', "2001:db8::1"),
        ("for=1.2.3.4, for=10.2.2.2", "1.2.3.4"),
        ("for=unknown", PROXY),
        ("for=_hidden", PROXY),
        ("for=1.2.3.4;for=6.6.6.6", PROXY),
        ("by=1.2.3.4", PROXY),
        ("xfor=1.2.3.4", PROXY),
        ('host="a;for=6.6.6.6', PROXY),
        ("1.2.3.4", PROXY),
        ("for=", PROXY),
    ],
)
def test_forwarded_says_the_same_in_other_words(value: str, address: str) -> None:
    assert found(("Forwarded", value)) == address


def test_where_the_two_headers_differ_neither_is_believed() -> None:
    both = [("X-Forwarded-For", "1.2.3.4"), ("Forwarded", "for=1.2.3.4")]
    assert found(*both) == "1.2.3.4"
    both[1] = ("Forwarded", "for=6.6.6.6")
    assert found(*both) == PROXY
    both[1] = ("Forwarded", "garbage")
    assert found(*both) == PROXY


@pytest.mark.parametrize(
    "name", ["X-Real-IP", "X-Forwarded_For", "X-Client-IP", "True-Client-IP", "Via"]
)
def test_no_other_header_says_anything(name: str) -> None:
    assert found((name, "1.2.3.4")) == PROXY
