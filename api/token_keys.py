"""The keys that tokens are checked with, and the one algorithm of each."""

import json
import logging
import threading
import time
from pathlib import Path
from typing import Any, Protocol

import anyio.to_thread
import httpx2
import jwt
from jwt.algorithms import RSAAlgorithm

from db.contracts.errors import UnauthenticatedError, UnavailableError
from db.contracts.settings import Settings

logger = logging.getLogger(__name__)

FETCH_SECONDS = 5.0
MAX_SET_BYTES = 256 * 1024
KEPT_SECONDS = 300.0
"""A fetched set is asked for again after so long."""
PAUSE_SECONDS = 30.0
"""Nor sooner for an unknown key, or after a failure: strangers name keys."""


class TokenKeysError(ValueError):
    """What the settings name holds no key that tokens could be checked with."""


class TokenKeys(Protocol):
    """Where the key for a token comes from."""

    algorithm: str
    """The only one; what a token says of it must be the same."""

    async def find(self, key_id: str | None) -> Any:
        """Return the key with this id; raise UnauthenticatedError if there is none."""
        ...


def token_keys(settings: Settings) -> TokenKeys | None:
    """Return the keys that the settings name; None where there are no tokens."""
    if settings.jwt_secret:
        return OneKey("HS256", settings.jwt_secret.get_secret_value())
    if settings.jwt_public_key:
        return OneKey("RS256", _public_key(settings.jwt_public_key))
    if settings.jwt_jwks_file:
        return KeySet(_read_set(_read_file(settings.jwt_jwks_file, "JWT_JWKS_FILE")))
    if settings.jwt_jwks_url:
        return FetchedKeySet(settings.jwt_jwks_url)
    return None


class OneKey:
    """One key for all tokens; the id that they name does not matter."""

    def __init__(self, algorithm: str, key: Any) -> None:
        self.algorithm = algorithm
        self._key = key

    async def find(self, key_id: str | None) -> Any:
        return self._key


class KeySet:
    """RSA keys by their ids, and no other key whatever a token says."""

    algorithm = "RS256"

    def __init__(self, keys: dict[str | None, Any]) -> None:
        self._keys = keys

    async def find(self, key_id: str | None) -> Any:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        key = None if key_id is None else self._keys.get(key_id)
        if key is None:
            raise UnauthenticatedError("the token is signed by no key that is known")
        return key


class FetchedKeySet:
    """The set at an address that the operator names, fetched when it is needed.

    While the address does not answer the last set goes on.
    """

    algorithm = KeySet.algorithm

    def __init__(self, url: str) -> None:
        self._url = url
        self._set: KeySet | None = None
        self._fetching = threading.Lock()
        self._stale_at = self._again_at = 0.0

    async def find(self, key_id: str | None) -> Any:
        known = await self._current()
        try:
            return await known.find(key_id)
        except UnauthenticatedError:
            # Its issuer may have a new key.
            renewed = await anyio.to_thread.run_sync(self._renew)
            if renewed is None or renewed is known:
                raise
        return await renewed.find(key_id)

    async def _current(self) -> KeySet:
        known = self._set
        if known is None or time.monotonic() >= self._stale_at:
            known = await anyio.to_thread.run_sync(self._renew) or known
        if known is None:
            raise UnavailableError("the keys of the tokens' issuer cannot be fetched")
        return known

    def _renew(self) -> KeySet | None:
        """Return the newest set; asks for it at most twice a minute."""
        with self._fetching:
            if time.monotonic() < self._again_at:
                return self._set
            self._again_at = time.monotonic() + PAUSE_SECONDS
            try:
                self._set = KeySet(_read_set(self._fetch()))
                self._stale_at = time.monotonic() + KEPT_SECONDS
            except (httpx2.HTTPError, TokenKeysError) as error:
                logger.warning(
                    "keys of tokens not fetched",
                    extra={"action": "jwks_failed", "reason": str(error)[:200]},
                )
            return self._set

    def _fetch(self) -> bytes:
        body = bytearray()
        with (
            httpx2.Client(timeout=FETCH_SECONDS, follow_redirects=False) as client,
            client.stream("GET", self._url) as answer,
        ):
            if answer.status_code != httpx2.codes.OK:
                raise TokenKeysError(f"{self._url} answers {answer.status_code}")
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > MAX_SET_BYTES:
                    raise TokenKeysError(f"{self._url} sends too much")
        return bytes(body)


def _public_key(given: str) -> Any:
    """Return the RSA key of PEM text, or of a file that has it."""
    text = given.replace("\\n", "\n").encode()
    if b"-----BEGIN" not in text:
        text = _read_file(given, "JWT_PUBLIC_KEY")
    if b"PRIVATE KEY" in text:
        raise TokenKeysError("JWT_PUBLIC_KEY is a private key; give the public one")
    try:
        return RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(text)
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise TokenKeysError("JWT_PUBLIC_KEY is no RSA key in PEM") from error


def _read_file(path: str, setting: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise TokenKeysError(f"{setting} cannot be read: {error}") from error


def _read_set(text: bytes) -> dict[str | None, Any]:
    """Return the RSA keys of a set (RFC 7517) that are for signatures."""
    try:
        found = jwt.PyJWKSet.from_dict(json.loads(text))
    except (ValueError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise TokenKeysError("there is no set of keys (RFC 7517)") from error
    keys: dict[str | None, Any] = {}
    for key in found.keys:
        is_usable = (
            key.key_type == "RSA"
            and key.algorithm_name == KeySet.algorithm
            and key.public_key_use in (None, "sig")
        )
        if is_usable:
            keys[None if key.key_id is None else str(key.key_id)] = key.key
    if not keys:
        raise TokenKeysError("the set has no RSA key for RS256")
    return keys
