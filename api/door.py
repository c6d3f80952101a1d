"""Who is let in, and as whom."""

from functools import lru_cache
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from api.key_ring import KeyRing
from api.state import ApiState
from api.stream_tokens import StreamTokens, is_stream_token
from api.tokens import Tokens
from db.contracts.api_key import KeyText
from db.contracts.caller import EVERY_SCOPE, Caller, Scope
from db.contracts.errors import UnauthenticatedError
from db.contracts.settings import is_loopback

WITHOUT_KEY = frozenset({Scope.READ, Scope.WRITE})
NOTHING: frozenset[Scope] = frozenset()
MAX_HOSTS = 1024
MAX_NAME = 256
"""Of a Host; a name of the internet has a dot before that."""


class Door:
    """Knows callers by their keys and tokens, or else by where they come from."""

    def __init__(self, state: ApiState) -> None:
        settings = state.settings
        settings.refuse_if_open()
        self.keys = KeyRing(state)
        self.streams = StreamTokens(state, self.keys)
        self._mode = settings.auth_mode
        self._tokens = Tokens(settings) if self.looks else None

    @property
    def looks(self) -> bool:
        """Whether keys and tokens matter at all."""
        return self._mode != "off"

    async def admit(self, connection: HTTPConnection) -> Caller:
        """Return who sends this; what it may do is another question.

        Raises UnauthenticatedError where a key or token is sent that is not good.
        """
        credential = read_credential(connection.headers) if self.looks else None
        if credential is not None:
            return await self.recognise(credential)
        return self.stranger(connection)

    async def recognise(self, credential: str) -> Caller:
        """Return who this key or token stands for, or raise UnauthenticatedError."""
        key = KeyText.parse(credential)
        if key is not None:
            return await self.keys.find(key)
        if self._tokens is None:
            raise UnauthenticatedError("keys and tokens are not looked at here")
        return await self._tokens.find(credential)

    async def recognise_again(self, credential: str) -> Caller:
        """Do so for what was opened with it; that may be a stream token too."""
        if is_stream_token(credential):
            return await self.streams.find_again(credential)
        return await self.recognise(credential)

    def stranger(self, connection: HTTPConnection) -> Caller:
        """Return whoever shows no key and no token."""
        client = connection.scope.get("client")
        named = "" if self.looks else connection.headers.get("host", "")[:MAX_NAME]
        return _stranger(client[0] if client else "", self._mode, named)


def read_credential(headers: Headers) -> str | None:
    """Return the key or token that was sent; raise if there are two."""
    sent = headers.getlist("authorization")
    keys = headers.getlist("x-api-key")
    if len(sent) > 1 or len(keys) > 1:
        raise UnauthenticatedError("several keys or tokens at once")
    found = [key.strip() for key in keys]
    for value in sent:
        scheme, _, credential = value.strip().partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise UnauthenticatedError("the Authorization is not a Bearer's")
        found.append(credential.strip())
    if len(set(found)) > 1:
        raise UnauthenticatedError("several keys or tokens at once")
    return found[0] if found else None


@lru_cache(MAX_HOSTS)
def _stranger(host: str, mode: str, named: str) -> Caller:
    scopes = WITHOUT_KEY
    if mode == "required":
        scopes = NOTHING
    elif mode == "off" and is_loopback(host) and _is_local_name(named):
        scopes = EVERY_SCOPE
    return Caller(name=_as_name(host), scopes=scopes)


def _is_local_name(named: str) -> bool:
    """Return whether a Host header names this machine as only its own users do.

    A page of the internet whose name was made to lead here has its own name in it.
    """
    name = named.rpartition(":")[0] if named.rpartition(":")[2].isdecimal() else named
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return "." not in name or name.endswith(".localhost")
    return True


def _as_name(host: str) -> str:
    """Return the address as a caller's name; none can look like a key's owner."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.replace(":", "")[:100]
