"""How many requests of a family one caller may send, asked before each of them."""

import ipaddress
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import caller_of
from api.errors import answer_error
from api.guard.families import AUTH_FAILURES, EXEMPT, EXEMPT_BELOW, Family, rates
from db.contracts.caller import Caller
from db.contracts.errors import RateLimitedError
from db.contracts.settings import Settings
from db.limiter import Draw, Limiter

IPV6_PREFIX = 64
"""One customer's network: who has it has all of its addresses."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the answer says of its request's bucket."""

    family: Family
    draw: Draw


class Limits:
    """One application's families and the process' way to their buckets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Now: an application with a wrong setting does not start.
        self.families: Mapping[str, Family] = rates(settings) or {}

    @cached_property
    def limiter(self) -> Limiter:
        return Limiter(self._settings)

    def family_of(self, method: str, path: str) -> Family | None:
        """Return whose bucket a request takes from; None if there are no limits."""
        for family in self.families.values():
            if family.takes(method, path):
                return family
        return None

    async def take(self, family: Family, caller: Caller) -> Draw:
        """Take what one request costs."""
        return await self.limiter.take(_bucket(family, caller), family.rate)

    async def require(self, caller: Caller, method: str, path: str) -> None:
        """Take what a request like this costs; raise RateLimitedError if it may not.

        For what comes over a socket, and does what such a request does.
        """
        family = self.family_of(method, path)
        if family is not None:
            draw = await self.take(family, caller)
            if not draw.is_granted:
                raise _refusal(family, draw)

    async def look(self, family: Family, caller: Caller) -> Draw:
        """Return how the caller's bucket stands."""
        return await self.limiter.take(_bucket(family, caller), family.rate, cost=0)

    def glance(self, family: Family, caller: Caller) -> Draw:
        """Return how it stands as far as this process knows, without asking Redis."""
        return self.limiter.glance(_bucket(family, caller), family.rate)

    def refuse_guessers(self, address: str) -> None:
        """Raise RateLimitedError for an address that has sent too many wrong keys.

        To be asked before a key is looked at, so that a right guess gets no other
        answer than a wrong one.
        """
        family = self.families.get(AUTH_FAILURES)
        if family is not None:
            draw = self.limiter.glance(_bucket_of(family, address), family.rate)
            if not draw.remaining:
                raise _refusal(family, draw)

    async def count_auth_failure(self, address: str) -> None:
        """Count a wrong key or token."""
        family = self.families.get(AUTH_FAILURES)
        if family is not None:
            await self.limiter.take(_bucket_of(family, address), family.rate)

    async def close(self) -> None:
        if "limiter" in self.__dict__:
            await self.limiter.close()


def limits_of(connection: HTTPConnection) -> Limits:
    """Return the application's limits."""
    limits: Limits = connection.app.state.limits
    return limits


class Limit:
    """Refuse a request whose caller has sent too many of its family."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_exempt(scope["path"]):
            await self._app(scope, receive, send)
            return
        family = self._limits.family_of(_method(scope), scope["path"])
        if family is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        draw = await self._limits.take(family, caller_of(request))
        scope["state"]["told"] = Told(family, draw)
        if draw.is_granted:
            await self._app(scope, receive, send)
        else:
            response = answer_error(request, _refusal(family, draw))
            await response(scope, receive, send)


class TellLimits:
    """Say on every answer how its request's bucket stands.

    Outside of what identifies callers and catches faults, so that their answers say it
    too. What took from no bucket says what this process knows of it.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._limits.families:
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = state.get("told") or self._glance(scope)
                message["headers"] = [*message.get("headers", ()), *_headers(told)]
            await send(message)

        await self._app(scope, receive, send_told)

    def _glance(self, scope: Scope) -> Told:
        family = self._limits.family_of(_method(scope), scope["path"])
        assert family is not None
        caller = scope["state"].get("caller") or Caller(name=address_of(scope))
        return Told(family, self._limits.glance(family, caller))


def address_of(scope: Scope) -> str:
    """Return where a request comes from; empty if its server does not say."""
    client = scope.get("client")
    return client[0] if client else ""


def _headers(told: Told) -> list[tuple[bytes, bytes]]:
    family, draw = told.family, told.draw
    # Rounded up, as Retry-After is: who comes back then finds one more.
    t = math.ceil(draw.next_s)
    reset = math.ceil(time.time() + draw.full_s)
    return [
        (b"ratelimit-policy", family.policy.encode()),
        (b"ratelimit", f'"{family.name}";r={draw.remaining};t={t}'.encode()),
        (b"x-ratelimit-limit", b"%d" % family.rate.capacity),
        (b"x-ratelimit-remaining", b"%d" % draw.remaining),
        (b"x-ratelimit-reset", b"%d" % reset),
    ]


def _refusal(family: Family, draw: Draw) -> RateLimitedError:
    rate = family.rate
    return RateLimitedError(
        f"{rate.capacity} requests of the family {family.name} at once and "
        f"{rate.refill_per_s:g} a second after that are the limit",
        retry_after_s=draw.next_s,
        policy=family.name,
    )


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return "GET" if method == "HEAD" else method


def _bucket(family: Family, caller: Caller) -> str:
    if caller.is_known:
        # Apart from addresses: a key may be named like one.
        return f"{family.name}:key:{caller.name}"
    return _bucket_of(family, caller.name)


def _bucket_of(family: Family, address: str) -> str:
    return f"{family.name}:from:{_network(address)}"


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Interface(f"{address}/{IPV6_PREFIX}")
    except ValueError:
        return address
    mapped = found.ip.ipv4_mapped
    return str(found.network if mapped is None else mapped)


def _is_exempt(path: str) -> bool:
    return path in EXEMPT or path.startswith(EXEMPT_BELOW)
