"""How many requests one caller may send, as the settings say it."""

import math
from functools import cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

MICROSECONDS = 1_000_000


class Rate(BaseModel):
    """A token bucket: how many tokens it holds, and how fast it fills."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    capacity: int = Field(ge=1, le=1_000_000)
    refill_per_s: float = Field(ge=0.001, le=100_000)

    def __init__(self, capacity: int, refill_per_s: float) -> None:
        super().__init__(capacity=capacity, refill_per_s=refill_per_s)

    @override
    def __str__(self) -> str:
        return f"{self.capacity}/{self.refill_per_s:g}"

    @cached_property
    def interval_us(self) -> int:
        """Microseconds between two tokens: whole, so that nothing is ever rounded."""
        return round(MICROSECONDS / self.refill_per_s)

    @property
    def window_s(self) -> int:
        """Seconds in which an empty bucket fills."""
        return math.ceil(self.capacity * self.interval_us / MICROSECONDS)


class RateLimits(BaseModel):
    """Rates for some families of requests instead of their own, or none for any."""

    model_config = ConfigDict(frozen=True)

    is_on: bool = True
    by_family: dict[str, Rate] = {}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``solve=100/1,submit=600/10`` or ``off``."""
        if text.strip().lower() == "off":
            return cls(is_on=False)
        by_family = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            family, _, rate = part.partition("=")
            capacity, _, refill = rate.partition("/")
            try:
                by_family[family.strip()] = Rate(int(capacity), float(refill))
            except ValueError:
                raise ValueError(
                    f"{part!r} is no rate: write family=capacity/refill per second, "
                    "such as solve=100/1, or off"
                ) from None
        return cls(by_family=by_family)

    @override
    def __str__(self) -> str:
        if not self.is_on:
            return "off"
        return ",".join(f"{family}={rate}" for family, rate in self.by_family.items())
