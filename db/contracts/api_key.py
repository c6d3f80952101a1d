"""API keys as text: ``sq_ab12cd34_`` and 43 characters that only their owner has."""

import hashlib
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from typing import Self

SECRET_BYTES = 32
PREFIX_BYTES = 5
NO_DIGEST = "0" * 64
"""What the secret of a key that there is not is compared with."""
NAME_PATTERN = r"^[^\x00-\x1f\x7f]{0,100}$"
PREFIX = re.compile(r"sq_[a-z2-7]{8}")
_TEXT = re.compile(rf"({PREFIX.pattern})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class KeyText:
    """A whole key. Only its prefix may be shown, logged or stored."""

    prefix: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Return a key that nobody has."""
        name = b32encode(secrets.token_bytes(PREFIX_BYTES)).decode().lower()
        return cls(f"sq_{name}", secrets.token_urlsafe(SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the key that this is, or None."""
        found = _TEXT.fullmatch(text)
        return None if found is None else cls(found[1], found[2])

    @property
    def digest(self) -> str:
        """SHA-256 of the secret, in hex. 256 random bits need no slower hash."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def reveal(self) -> str:
        """Return the key as its owner sends it."""
        return f"{self.prefix}_{self.secret}"
