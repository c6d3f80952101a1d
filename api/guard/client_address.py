"""Whose address a request has, where proxies stand before the service."""

import ipaddress
import re
from collections.abc import Iterable, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_HOPS = 32
"""Proxies one behind the other; what stands further left is nobody's word."""
MAX_CHARACTERS = 4096

_PORT = r"(?::\d{1,5})?"
_NODE = re.compile(rf"\[([0-9A-Fa-f:.]{{2,45}})\]{_PORT}|([0-9.]{{7,15}}){_PORT}")
_BARE_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_PAIR = r'\s*[\w-]+\s*=\s*(?:"[^"\\]*"|[^\s;,"=]+)\s*'
_ELEMENT = re.compile(rf"{_PAIR}(?:;{_PAIR})*")
_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^\s;]+))', re.IGNORECASE)


class ClientAddress:
    """Take the address that trusted proxies tell of, and no one else's word.

    Each proxy adds at the right whom it was called by. So the address is the
    rightmost that is no trusted proxy's; what is further left anyone may have written.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        peer = _parse(client[0]) if client else None
        if client and peer is not None and scope["type"] in ("http", "websocket"):
            found = self._find(peer, scope)
            scope["client"] = (str(found), client[1] if found == peer else 0)
        await self._app(scope, receive, send)

    def _find(self, peer: Address, scope: Scope) -> Address:
        if not self._is_trusted(peer):
            return peer
        headers = Headers(scope=scope)
        forwarded = map(_forwarded_for, _hops(headers.getlist("forwarded")))
        told = [
            address
            for hops in (_hops(headers.getlist("x-forwarded-for")), forwarded)
            if (address := self._walk(peer, hops)) is not None
        ]
        # A proxy writes one of the two. Where they differ its caller wrote the other,
        # and nobody knows which.
        return told[0] if told and told.count(told[0]) == len(told) else peer

    def _walk(self, peer: Address, hops: Iterable[str | None]) -> Address | None:
        """Return the rightmost that is not trusted; None if nothing is told."""
        found: Address | None = None
        for hop in hops:
            address = None if hop is None else _parse_node(hop)
            if address is None:
                # Whoever wrote this cannot be believed for what stands before it.
                return found or peer
            found = address
            if not self._is_trusted(address):
                break
        return found

    def _is_trusted(self, address: Address) -> bool:
        return any(
            address.version == network.version and address in network
            for network in self._trusted
        )


def _hops(lines: list[str]) -> list[str]:
    """Return the parts of all lines, from the right."""
    joined = ",".join(lines)[-MAX_CHARACTERS:]
    if not lines:
        return []
    return [part.strip(" \t") for part in reversed(joined.split(",")[-MAX_HOPS:])]


def _forwarded_for(element: str) -> str | None:
    """Return the node of one element of Forwarded (RFC 7239)."""
    if not _ELEMENT.fullmatch(element):
        return None
    found = list(_FOR.finditer(element))
    return found[0][1] or found[0][2] if len(found) == 1 else None


def _parse_node(node: str) -> Address | None:
    """Return the address of ``192.0.2.1:80``, ``[2001:db8::1]:80`` or without ports."""
    found = _NODE.fullmatch(node)
    if found:
        return _parse(found[1] or found[2])
    return _parse(node) if _BARE_IPV6.fullmatch(node) else None


def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
