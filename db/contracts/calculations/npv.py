"""The net present value of periodic cash flows."""

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.calculations.cash_flow import CashFlows, Cost, Rate


class NpvParameters(Parameters):
    """What is invested now, and what comes back at the end of each period."""

    cash_flows: CashFlows
    """At the ends of periods 1, 2, …; negative where money goes out."""
    discount_rate: Rate = 0.1
    """Of one period; 0.1 is ten per cent."""
    initial_investment: Cost = 0.0
    """Paid at once, as a positive number."""


class NpvOutcome(Outcome):
    """The net present value, and how exact it is."""

    npv: float
    """To two decimals."""
    npv_unrounded: float
    """The double nearest to the value of the numbers sent."""
    error_bound: float
    """Proved: `npv_unrounded` is no farther than this from that value."""
    present_value: float
    """Of the cash flows alone, without the investment."""


NPV = Calculation(
    name="npv",
    version="1",
    summary="The net present value of periodic cash flows.",
    topic="finance",
    parameters=NpvParameters,
    outcome=NpvOutcome,
    function="worker.calculations.npv:calculate",
    example={
        "cash_flows": [100000, 120000, 140000, 160000, 180000],
        "discount_rate": 0.1,
        "initial_investment": 500000,
    },
)
