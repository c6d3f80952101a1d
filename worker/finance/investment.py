"""Cost of ownership, risk and productivity of an investment, beside its value."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from worker.finance.exact_flow import MAX_VALUE, check_rate
from worker.finance.exceptions import RateError
from worker.finance.present_value import npv

RISK_FREE_RATE = 0.03
MAINTENANCE_SHARE = 0.15
RISK_PREMIUMS = {"Low": 0.05, "Medium": 0.10, "High": 0.20, "Very High": 0.35}


@dataclass(frozen=True, slots=True)
class Ownership:
    """Present values of what an investment costs."""

    initial: float
    operating: float
    maintenance: float
    years: int

    @property
    def total(self) -> float:
        """The sum, rounded once."""
        return fsum((self.initial, self.operating, self.maintenance))


@dataclass(frozen=True, slots=True)
class Risk:
    """What an investment's risk asks for, and whether it brings that."""

    expected_return: float
    premium: float

    @property
    def required_return(self) -> float:
        """The risk-free rate and the premium."""
        return RISK_FREE_RATE + self.premium

    @property
    def adjusted_return(self) -> float:
        """What is left once the risk is paid."""
        return self.expected_return - self.premium

    @property
    def sharpe_ratio(self) -> float:
        r""":math:`(\mu - r_f)/\sigma`, with the premium in the place of the deviation.

        Sharpe's ratio needs a deviation, and one flow has none: see `monte_carlo` for
        a measured one.
        """
        return (self.expected_return - RISK_FREE_RATE) / self.premium

    @property
    def is_acceptable(self) -> bool:
        """Whether the expected return is at least the required one."""
        return self.expected_return >= self.required_return


@dataclass(frozen=True, slots=True)
class Productivity:
    """The worth of saved work."""

    annual: float
    total: float
    present: float


def ownership(
    investment: float, operating_costs: Sequence[float], years: int, rate: float
) -> Ownership:
    r"""Return the total cost of ownership.

    .. math:: I + \sum_{t=1}^{n} \frac{o_t + 0.15\,I}{(1+r)^t}

    Parameters
    ----------
    investment
        :math:`I`, a positive amount at time 0.
    operating_costs
        :math:`o_t`, positive, at the ends of years; none if empty.
    years
        :math:`n`.
    rate
        :math:`r` of one year, above -1.

    Returns
    -------
    Ownership
        Each part to a few ulps: discounted in doubles, as the earlier servers did,
        so that their numbers come out to the last digit.

    Raises
    ------
    RateError
        The rate is not above -1, or takes a part out of the range of doubles.
    """
    check_rate(rate)
    return Ownership(
        initial=investment,
        operating=_in_doubles(operating_costs, rate),
        maintenance=_in_doubles([MAINTENANCE_SHARE * investment] * years, rate),
        years=years,
    )


def _in_doubles(costs: Sequence[float], rate: float) -> float:
    with np.errstate(all="ignore"):
        growth = np.power(1 + rate, np.arange(1, len(costs) + 1, dtype=np.float64))
        parts = np.asarray(costs, dtype=np.float64) / growth
    if not (np.abs(parts) <= MAX_VALUE).all():
        raise RateError(
            f"a discounted cost is larger than {MAX_VALUE:g}",
            suggestion="Use a rate nearer to 0, or fewer years.",
            path=("discount_rate",),
        )
    return fsum(parts)


def productivity(
    employees: int, salary: float, gain_pct: float, *, years: int, rate: float
) -> Productivity:
    """Return what the work is worth that so many people save.

    Parameters
    ----------
    employees, salary, gain_pct
        How many, what each costs a year, and by how many per cent each does more.
    years, rate
        For how long, and at which rate of a year.

    Returns
    -------
    Productivity
        In the salary's currency.

    Raises
    ------
    FlowError, RateError
        See `npv`.
    """
    annual = employees * salary * (gain_pct / 100)
    present = npv([0.0] + [annual] * years, rate).value
    return Productivity(annual, annual * years, present)
