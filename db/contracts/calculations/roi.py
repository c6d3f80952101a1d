"""The return on an investment, undiscounted."""

from typing import Annotated

from pydantic import Field

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.calculations.cash_flow import CashFlows, Cost


class RoiParameters(Parameters):
    """What is invested, and what comes back."""

    cash_flows: CashFlows
    """One a period."""
    initial_investment: Annotated[Cost, Field(gt=0)]
    """As a positive number."""


class RoiOutcome(Outcome):
    """What comes back beyond the investment."""

    roi: float
    """(sum of the flows - investment) / investment, as a fraction."""
    roi_pct: float
    """The same in per cent, to two decimals."""
    net_gain: float
    """Sum of the flows less the investment."""
    roi_per_period: float | None
    """The rate that compounds to `roi` over the periods; null if more than all is
    lost."""


ROI = Calculation(
    name="roi",
    version="1",
    summary="The return on an investment, undiscounted.",
    topic="finance",
    parameters=RoiParameters,
    outcome=RoiOutcome,
    function="worker.calculations.roi:calculate",
    example={
        "cash_flows": [300000, 350000, 400000, 450000, 500000],
        "initial_investment": 1000000,
    },
)
