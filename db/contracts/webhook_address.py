"""Where a webhook may go: public addresses, and networks the operator allows."""

import re
import socket
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

MAX_URL_CHARACTERS = 2048
PORTS = frozenset({80, 443, 8443})
DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*\.?")
URL_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")

# Our own list: `ipaddress.is_global` calls some of these public (NAT64, multicast).
PRIVATE_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform address
        "169.254.0.0/16",  # link-local; cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
    )
)
# Outside it: unspecified, loopback, v4-compatible, NAT64, discard-only, SRv6,
# unique-local, link-local, site-local, multicast.
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
PRIVATE_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, benchmarking, ORCHID and other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


class ForbiddenAddressError(ValueError):
    """A webhook may not go there: use a public https address."""


class AllowList:
    """Networks opened on purpose: any port and plain http are fine inside them."""

    def __init__(
        self,
        cidrs: Iterable[str] = (),
        *,
        setting: str = "SOLVEQUEUE_WEBHOOK_ALLOW_CIDRS",
    ) -> None:
        self.setting = setting
        """The way out that is named to whoever is refused."""
        try:
            self.networks = tuple(ip_network(cidr) for cidr in cidrs)
        except ValueError as exc:
            raise ValueError(
                f"{setting}: {exc}; write networks such as 127.0.0.0/8"
            ) from exc

    def __contains__(self, address: str) -> bool:
        parsed = _unwrapped(address)
        return any(parsed in network for network in self.networks)

    def __bool__(self) -> bool:
        return bool(self.networks)


def check_url(url: str, *, allow: AllowList) -> None:
    """Refuse what can be refused without a name server; the client checks the rest."""
    parts = _split(url)
    host = (parts.hostname or "").removesuffix(".")
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    address = _literal(host)
    if address is not None:
        check_address(address, scheme=parts.scheme, port=port, allow=allow)
    elif not allow:
        # With an allow list, the addresses that the name has decide, at connect.
        _check_scheme_and_port(parts.scheme, port)


def check_address(address: str, *, scheme: str, port: int, allow: AllowList) -> None:
    """Check an address that a connection is about to be made to."""
    if address in allow:
        return
    if not is_public(address) or _is_own(address):
        raise ForbiddenAddressError(
            f"{address} is not a public address: "
            f"use one, or have its network put into {allow.setting}"
        )
    _check_scheme_and_port(scheme, port)


def is_public(address: str) -> bool:
    """Tell whether anyone may be called there; false for text that is no address.

    A v4-mapped address is judged by the v4 address inside. The other forms that carry
    one (NAT64, 6to4, Teredo, v4-compatible) are never public, whatever they carry.
    """
    try:
        parsed = _unwrapped(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in PRIVATE_V4)
    return parsed in GLOBAL_UNICAST_V6 and not any(
        parsed in network for network in PRIVATE_V6
    )


def _unwrapped(address: str) -> IPv4Address | IPv6Address:
    parsed = ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _is_own(address: str) -> bool:
    """Tell whether this host has the address: only its owner can bind it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_CHARACTERS:
        raise ForbiddenAddressError(
            f"the URL is longer than {MAX_URL_CHARACTERS} characters: shorten it"
        )
    if not URL_CHARACTERS.fullmatch(url):
        raise ForbiddenAddressError(
            "the URL has characters that belong into no URL: percent-encode them, "
            "and write an international host name in its xn-- form"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise ForbiddenAddressError(f"this is no URL: {exc}") from exc
    if parts.scheme not in DEFAULT_PORTS:
        raise ForbiddenAddressError("the URL must begin with https://")
    if "@" in parts.netloc:
        raise ForbiddenAddressError("take the user name and password out of the URL")
    if not parts.hostname or port == 0:
        raise ForbiddenAddressError("the URL needs a host, and a port other than 0")
    return parts


def _literal(host: str) -> str | None:
    """Return the address that `host` writes out, in any of its forms; None for names.

    Name servers are not asked for 127.1, 2130706433 and 0x7f.1: they are addresses.
    """
    try:
        if ":" in host and "%" not in host:
            return str(ip_address(host))
    except ValueError:
        pass
    if not HOST_NAME.fullmatch(host):
        raise ForbiddenAddressError(f"{host!r} is no host name: correct it")
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _check_scheme_and_port(scheme: str, port: int) -> None:
    if scheme != "https":
        raise ForbiddenAddressError("the URL must begin with https://")
    if port not in PORTS:
        raise ForbiddenAddressError(
            f"port {port} is not open to calls: use one of {sorted(PORTS)}"
        )
