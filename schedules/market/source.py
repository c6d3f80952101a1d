"""What a tick's values are asked of: the model, or a provider."""

from dataclasses import dataclass
from typing import Protocol

from db.contracts.market import GapReason, MarketValues
from db.models import MarketTick


@dataclass(frozen=True, slots=True)
class Reading:
    """The values of one tick."""

    values: MarketValues
    validator: str | None = None
    """What the source calls this version of them."""


class GapError(Exception):
    """The source has no values for this tick."""

    def __init__(self, reason: GapReason, detail: str = "") -> None:
        """``detail`` is told to everyone: nothing of the address, and nothing long."""
        super().__init__(f"{reason}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail


class Source(Protocol):
    """One source."""

    label: str
    is_simulated: bool

    def read(self, number: int, before: MarketTick | None) -> Reading:
        """Return the values of this tick; raises GapError where there are none.

        ``before`` is the latest tick that has values.
        """
        ...
