"""Present value for each unit invested."""

from typing import Annotated

from pydantic import Field

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.calculations.cash_flow import CashFlows, Cost, Rate


class ProfitabilityIndexParameters(Parameters):
    """What is invested now, and what comes back at the end of each period."""

    cash_flows: CashFlows
    """At the ends of periods 1, 2, …"""
    initial_investment: Annotated[Cost, Field(gt=0)]
    """Paid at once, as a positive number."""
    discount_rate: Rate = 0.1
    """Of one period; 0.1 is ten per cent."""


class ProfitabilityIndexOutcome(Outcome):
    """Above 1 where the net present value is positive."""

    profitability_index: float
    """Present value of the flows / investment, to four decimals."""
    profitability_index_unrounded: float
    present_value: float
    """Of the flows alone."""


PROFITABILITY_INDEX = Calculation(
    name="profitability_index",
    version="1",
    summary="Present value for each unit invested.",
    topic="finance",
    parameters=ProfitabilityIndexParameters,
    outcome=ProfitabilityIndexOutcome,
    function="worker.calculations.profitability_index:calculate",
    example={
        "cash_flows": [100000, 120000, 140000, 160000, 180000],
        "initial_investment": 500000,
        "discount_rate": 0.1,
    },
)
