"""The settings of what is metered and sampled, which are a part of all settings."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from db.contracts.kinds import KINDS
from db.contracts.kinds.calculate import CALCULATE
from db.contracts.price import Price, PriceList


class OverviewSettings(BaseSettings):
    """What jobs cost, and how long the service's numbers are kept."""

    # Of kinds of job, such as solve=0.05+0.002/s; what is not named costs nothing, but
    # for calculations, which have a price of their own.
    prices: Annotated[PriceList, NoDecode] = PriceList()
    # Of each calculation, and on top of each of the last 24 hours, in the words of the
    # earlier calculator.
    calculation_price: float = Field(0.10, ge=0, le=10**9)
    calculation_premium: float = Field(0.05, ge=0)
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")

    # How long samples are kept, and what minutes and hours came to.
    metric_sample_hours: float = Field(24.0, gt=0)
    metric_minute_days: float = Field(14.0, gt=0)
    metric_hour_days: float = Field(400.0, gt=0)

    @field_validator("prices", mode="before")
    @classmethod
    def _read_prices(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = PriceList.parse(value)
        unknown = set(found.by_kind) - set(KINDS)
        if unknown:
            raise ValueError(
                f"there is no kind {min(unknown)!r}; the kinds are {', '.join(KINDS)}"
            )
        return found

    @property
    def calculation_prices(self) -> tuple[float, float]:
        """Of each calculation, and on top of each of the last 24 hours."""
        return self.calculation_price, self.calculation_premium

    @property
    def price_list(self) -> dict[str, Price]:
        """What each kind of job costs; decimals as they were written."""
        calculation = Price(
            per_job=round(Decimal(repr(self.calculation_price)), 9).normalize()
        )
        usual = {kind: Price() for kind in KINDS} | {CALCULATE.name: calculation}
        return usual | dict(self.prices.by_kind)
