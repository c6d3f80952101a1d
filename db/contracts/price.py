"""What jobs cost, as the settings say it, and what follows. Money is decimal."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

CENT = Decimal("0.01")
TOLD = Decimal("0.000001")
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_PART = re.compile(rf"(?P<kind>\w+)=(?P<job>{_NUMBER})(?:\+(?P<second>{_NUMBER})/s)?")

Amount = Annotated[Decimal, Field(ge=0, le=10**9, decimal_places=9)]


class Price(BaseModel):
    """What one kind of job costs."""

    model_config = ConfigDict(frozen=True)

    per_job: Amount = Decimal(0)
    """Each that succeeded, whether it ran or shared another's result."""
    per_cpu_s: Amount = Decimal(0)
    """Each second that a worker's process was at work on it."""

    def of(self, jobs: int, cpu_ms: int) -> Decimal:
        """Return what so much costs, unrounded."""
        return jobs * self.per_job + Decimal(cpu_ms) / 1000 * self.per_cpu_s

    @override
    def __str__(self) -> str:
        each = f"{self.per_job.normalize():f}"
        return each + (f"+{self.per_cpu_s.normalize():f}/s" if self.per_cpu_s else "")


class PriceList(BaseModel):
    """Prices of some kinds; the others cost nothing."""

    model_config = ConfigDict(frozen=True)

    by_kind: Mapping[str, Price] = {}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``solve=0.05+0.002/s,batch=0.1``."""
        by_kind = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            match = _PART.fullmatch(part)
            if match is None or match["kind"] in by_kind:
                raise ValueError(
                    f"{part!r} is no price: write kind=price of a job, or "
                    "kind=price+price of a second/s, such as solve=0.05+0.002/s"
                )
            by_kind[match["kind"]] = Price(
                per_job=Decimal(match["job"]), per_cpu_s=Decimal(match["second"] or 0)
            )
        return cls(by_kind=by_kind)

    @override
    def __str__(self) -> str:
        return ",".join(f"{kind}={price}" for kind, price in self.by_kind.items())


def to_cents(amount: Decimal) -> Decimal:
    """Return an amount as an invoice's line has it: half to even."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def as_told(amount: Decimal) -> float:
    """Return an amount as JSON has it: to a millionth."""
    return float(amount.quantize(TOLD, ROUND_HALF_EVEN))
