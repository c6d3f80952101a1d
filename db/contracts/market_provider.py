"""Where an outside source of the market feed has its numbers."""

import re
from collections.abc import Iterable
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict
from typing_extensions import override

from db.contracts.json_pointer import number_at
from db.contracts.market import PROVIDER, MarketField
from db.contracts.webhook_address import AllowList, check_url

_PART = re.compile(r"(?P<field>\w+)=(?P<path>(/[^*]*)?)(\*(?P<factor>[^*]+))?")


class NoNumberError(LookupError):
    """The document has no number there."""


class Pointer(BaseModel):
    """Where one number is, and what it is multiplied with: 0.01 makes 4.5 0.045."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    path: str
    """A JSON pointer (RFC 6901)."""
    factor: float = 1.0

    def number(self, document: Any) -> float:
        """Return the number that stands there; raises NoNumberError."""
        found = number_at(document, self.path)
        if found is None:
            raise NoNumberError
        return found * self.factor

    @override
    def __str__(self) -> str:
        return self.path if self.factor == 1 else f"{self.path}*{self.factor!r}"


class Pointers(BaseModel):
    """A pointer for each field that the source has."""

    model_config = ConfigDict(frozen=True)

    by_field: dict[MarketField, Pointer] = {}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``discount_rate=/rates/0/value*0.01,tech_index=/index``."""
        by_field: dict[MarketField, Pointer] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            match = _PART.fullmatch(part)
            try:
                if match is None:
                    raise ValueError
                factor = float(match["factor"] or 1)
                pointer = Pointer(path=unquote(match["path"]), factor=factor)
                by_field[MarketField(match["field"])] = pointer
            except ValueError:
                raise ValueError(
                    f"{part!r} is no pointer: write field=/json/pointer, and *0.01 "
                    f"behind it for per cent; the fields are {', '.join(MarketField)}"
                ) from None
        return cls(by_field=by_field)

    @override
    def __str__(self) -> str:
        return ",".join(f"{field}={at}" for field, at in self.by_field.items())


def check_provider(url: str, pointers: Pointers, *, allow: Iterable[str]) -> None:
    """Refuse an address or pointers that could never give a number."""
    if not url:
        if pointers.by_field:
            raise ValueError(
                "SOLVEQUEUE_MARKET_PROVIDER_POINTERS needs "
                "SOLVEQUEUE_MARKET_PROVIDER_URL: where they point into"
            )
        return
    if not pointers.by_field:
        raise ValueError(
            "SOLVEQUEUE_MARKET_PROVIDER_URL needs "
            "SOLVEQUEUE_MARKET_PROVIDER_POINTERS: where in its answer the numbers are"
        )
    try:
        check_url(url, allow=AllowList(allow))
    except ValueError as error:
        # The URL itself may hold a key.
        raise ValueError(f"SOLVEQUEUE_MARKET_PROVIDER_URL: {error}") from None


def label_of(url: str) -> str:
    """Return what the source is called: its host, and nothing that may be secret."""
    return f"{PROVIDER}{urlsplit(url).hostname}"
