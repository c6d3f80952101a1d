"""What is drawn for a path, and the cash flow that follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from worker.finance.exact_flow import MAX_VALUE
from worker.finance.exceptions import RateError
from worker.finance.monte_carlo.distributions import Quantity, Vector

Drawn = Mapping[str, float | Vector]


class Project(Protocol):
    """A cash flow with numbers that are known or drawn."""

    @property
    def quantities(self) -> Mapping[str, Quantity]:
        """Every number by name, the rate as ``discount_rate``."""
        ...

    @property
    def length(self) -> int:
        """How many periods it has."""
        ...

    def flows(self, drawn: Drawn) -> list[float | Vector]:
        """Return the amounts at times 0, 1, …, for all paths at once."""
        ...


@dataclass(frozen=True)
class PeriodProject:
    """Each period's flow is a number of its own: ``flow_1``, ``flow_2`` and so on."""

    initial_investment: Quantity
    periods: Sequence[Quantity]
    discount_rate: Quantity

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Every number by name."""
        named = {f"flow_{t}": flow for t, flow in enumerate(self.periods, 1)}
        return {
            "initial_investment": self.initial_investment,
            **named,
            "discount_rate": self.discount_rate,
        }

    @property
    def length(self) -> int:
        """How many periods it has."""
        return len(self.periods)

    def flows(self, drawn: Drawn) -> list[float | Vector]:
        """Return the amounts at times 0, 1 and so on."""
        later = [drawn[f"flow_{t}"] for t in range(1, len(self.periods) + 1)]
        return [-drawn["initial_investment"], *later]


@dataclass(frozen=True)
class DriverProject:
    r"""Flows of a product that is sold, from drivers drawn once a path.

    .. math:: c_t = \bigl((p - u)\, v\, (1+g)^{t-1} - f\bigr)(1 - \tau),\quad
              t = 1 \dots n,

    plus the salvage value at time :math:`n`: price, unit cost, volume of the first
    period, its growth, fixed cost of a period, tax.
    """

    periods: int
    initial_investment: Quantity
    volume: Quantity
    price: Quantity
    unit_cost: Quantity
    fixed_cost: Quantity
    growth: Quantity
    tax_rate: Quantity
    salvage: Quantity
    discount_rate: Quantity

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Every number by name."""
        return {
            "initial_investment": self.initial_investment,
            "volume": self.volume,
            "price": self.price,
            "unit_cost": self.unit_cost,
            "fixed_cost": self.fixed_cost,
            "growth": self.growth,
            "tax_rate": self.tax_rate,
            "salvage": self.salvage,
            "discount_rate": self.discount_rate,
        }

    @property
    def length(self) -> int:
        """How many periods it has."""
        return self.periods

    def flows(self, drawn: Drawn) -> list[float | Vector]:
        """Return the amounts at times 0, 1 and so on."""
        margin = (drawn["price"] - drawn["unit_cost"]) * drawn["volume"]
        kept, growth = 1 - drawn["tax_rate"], 1 + drawn["growth"]
        flows: list[float | Vector] = [-drawn["initial_investment"]]
        for _ in range(self.periods):
            flows.append((margin - drawn["fixed_cost"]) * kept)
            margin = margin * growth
        flows[-1] = flows[-1] + drawn["salvage"]
        return flows


def present_values(flows: Sequence[float | Vector], rate: float | Vector) -> Vector:
    """Return each path's net present value, by Horner's rule.

    Parameters
    ----------
    flows
        Amounts at times 0, 1, …: one for all paths, or one a path.
    rate
        Likewise.

    Returns
    -------
    Vector
        One a path (of length 1 if nothing differs between paths).

    Raises
    ------
    RateError
        A rate is not above -1, or a value is larger than ``MAX_VALUE``.
    """
    if not np.all(np.asarray(rate) > -1):
        raise RateError(
            "a path drew a discount rate of -1 or below",
            suggestion="Draw it from a distribution that stays above -1.",
            path=("discount_rate",),
        )
    factor = 1 / (1 + np.asarray(rate))
    with np.errstate(all="ignore"):
        value = np.atleast_1d(np.asarray(flows[-1], dtype=np.float64))
        for amount in reversed(flows[:-1]):
            value = value * factor + amount
    if not (np.abs(value) <= MAX_VALUE).all():
        raise RateError(
            f"a path's value is larger than {MAX_VALUE:g}",
            suggestion="Use rates nearer to 0, smaller amounts, or fewer periods.",
            path=("discount_rate",),
        )
    return value
