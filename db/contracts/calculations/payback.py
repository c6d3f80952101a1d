"""How long until an investment has come back."""

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.calculations.cash_flow import CashFlows, Cost


class PaybackParameters(Parameters):
    """What is invested now, and what comes back at the end of each period."""

    cash_flows: CashFlows
    """At the ends of periods 1, 2, …; within a period taken to come evenly."""
    initial_investment: Cost
    """Paid at once, as a positive number."""


class PaybackOutcome(Outcome):
    """When the running total first reaches 0, and what it comes to later."""

    payback_periods: float | None
    """With its fraction; null if the total stays negative."""
    is_final: bool
    """Whether the total stays at or above 0 from then on."""
    running_totals: list[float]
    """At time 0 and after each period, discounted if the flows are."""


PAYBACK = Calculation(
    name="payback",
    version="1",
    summary="How many periods until an investment has come back.",
    topic="finance",
    parameters=PaybackParameters,
    outcome=PaybackOutcome,
    function="worker.calculations.payback:calculate",
    example={
        "cash_flows": [300000, 350000, 400000, 450000, 500000],
        "initial_investment": 1000000,
    },
)
