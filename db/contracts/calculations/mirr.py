"""The modified internal rate of return."""

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.calculations.cash_flow import CashFlows, Cost, Rate


class MirrParameters(Parameters):
    """What is invested now, what comes back, and at which rates money is moved."""

    cash_flows: CashFlows
    """At the ends of periods 1, 2, …"""
    initial_investment: Cost
    """Paid at once, as a positive number. With 0 the rate still counts that period."""
    finance_rate: Rate = 0.1
    """At which what goes out is discounted to the beginning."""
    reinvestment_rate: Rate = 0.1
    """At which what comes in grows to the end."""


class MirrOutcome(Outcome):
    """One rate, whatever the signs of the flows."""

    mirr: float | None
    """To four decimals; null unless something goes out and something comes in."""
    mirr_unrounded: float | None


MIRR = Calculation(
    name="mirr",
    version="1",
    summary="The modified internal rate of return.",
    topic="finance",
    parameters=MirrParameters,
    outcome=MirrOutcome,
    function="worker.calculations.mirr:calculate",
    example={
        "cash_flows": [300, 400, 500],
        "initial_investment": 1000,
        "finance_rate": 0.1,
        "reinvestment_rate": 0.12,
    },
)
