"""Budgets: how many calls a provider allows, and how many were made."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from db.contracts.provider import Limit

WARNING = 80
"""Per cent of a window's calls, from which on it is told."""
CRITICAL = 95
SPENT = 100


class BudgetStatus(StrEnum):
    """How much of a window's calls is left."""

    OK = "ok"
    WARNING = "warning"
    """Four fifths are used up."""
    BLOCKED = "blocked"
    """All are: no call is made before the next window."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How many of the calls that a limit allows were made in its present window."""

    limit: Limit
    used: int
    resets_at: float
    """When the next window begins."""

    @property
    def percentage(self) -> float:
        """From 0 to 100, and above where a limit was lowered."""
        return round(100 * self.used / self.limit.calls, 2)

    @property
    def status(self) -> BudgetStatus:
        """How much is left."""
        if self.used >= self.limit.calls:
            return BudgetStatus.BLOCKED
        if self._reaches(WARNING, self.used):
            return BudgetStatus.WARNING
        return BudgetStatus.OK

    @property
    def crossed(self) -> Literal["warning", "critical"] | None:
        """What the latest call has reached that the one before it had not."""
        for severity, share in (("critical", CRITICAL), ("warning", WARNING)):
            was_there = self._reaches(share, self.used - 1)
            if self._reaches(share, self.used) and not was_there:
                return "critical" if severity == "critical" else "warning"
        return None

    def _reaches(self, share: int, used: int) -> bool:
        return used * 100 >= share * self.limit.calls


def window_of(limit: Limit, at: float) -> int:
    """Return the number of the window that a moment is in."""
    return int(at // limit.per.seconds)


def end_of_window(limit: Limit, window: int) -> float:
    """Return when the next one begins."""
    return float((window + 1) * limit.per.seconds)


class Declared(BaseModel):
    """What a provider says of its own budget, in the headers of an answer."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    limit: int | None = None
    """How many calls it allows in a window."""
    remaining: int
    resets_at: float
    """When there are more."""
    window_s: float | None = None

    @property
    def percentage(self) -> float | None:
        """How much is used up, from 0 to 100; None where no limit is told."""
        if not self.limit:
            return None
        used = max(0, self.limit - self.remaining)
        return round(min(100.0, 100 * used / self.limit), 2)

    def blocks(self, at: float) -> bool:
        """Return whether a call now would be one too many."""
        return self.remaining <= 0 and at < self.resets_at < math.inf
