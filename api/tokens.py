"""JSON Web Tokens: whose they are, if they can be believed (RFC 7519, RFC 8725)."""

from typing import Any

import jwt

from api.token_keys import TokenKeys, token_keys
from db.contracts.caller import BY_TOKEN, Caller, read_scopes
from db.contracts.errors import UnauthenticatedError
from db.contracts.settings import Settings

MAX_TOKEN_CHARACTERS = 8192
MAX_SUBJECT_CHARACTERS = 190
LEEWAY_SECONDS = 30.0
"""How far two clocks may differ."""
REASONS: dict[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidAudienceError: "the token is for another service",
    jwt.InvalidIssuerError: "the token is from another issuer",
    jwt.MissingRequiredClaimError: "the token lacks a claim that is needed here",
}

UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
"""A header may be nested as deep as it is long, and a time be any number."""


class Tokens:
    """Checks tokens with the one key, or set of keys, that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._keys: TokenKeys | None = token_keys(settings)
        self._audience = settings.jwt_audience or None
        self._issuer = settings.jwt_issuer or None
        self._scopes_claim = settings.jwt_scopes_claim
        needed = {"exp", "sub"}
        if self._issuer is not None:
            needed.add("iss")
        self._needed = sorted(needed)

    async def find(self, token: str) -> Caller:
        """Return who the token stands for; raise UnauthenticatedError if nobody."""
        if self._keys is None:
            raise UnauthenticatedError("this is no API key, and tokens are not taken")
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise UnauthenticatedError("the token is too long")
        try:
            header = jwt.get_unverified_header(token)
            key_id = header.get("kid")
            if key_id is not None and not isinstance(key_id, str):
                raise UnauthenticatedError("this is no token")
            if "crit" in header:
                raise UnauthenticatedError("the token needs what is not known here")
            key = await self._keys.find(key_id)
            claims = jwt.decode(
                token,
                key,
                algorithms=[self._keys.algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": self._needed},
            )
        except UNREADABLE as error:
            raise UnauthenticatedError(_reason(error)) from error
        return self._caller(claims)

    def _caller(self, claims: dict[str, Any]) -> Caller:
        subject = claims["sub"]
        is_name = isinstance(subject, str) and subject.isprintable() and subject.strip()
        if not is_name or len(subject) > MAX_SUBJECT_CHARACTERS:
            raise UnauthenticatedError("the token's subject is no name")
        given = claims.get(self._scopes_claim, "")
        words = given.split() if isinstance(given, str) else given
        if not isinstance(words, list):
            words = []
        scopes = read_scopes(word for word in words if isinstance(word, str))
        return Caller(name=BY_TOKEN + subject, scopes=scopes, is_known=True)


def _reason(error: Exception) -> str:
    return next(
        (words for kind, words in REASONS.items() if isinstance(error, kind)),
        "the token cannot be believed",
    )
