"""The internal rates of return of periodic cash flows."""

from db.contracts.calculations.calculation import Calculation, Parameters
from db.contracts.calculations.cash_flow import (
    CashFlows,
    Cost,
    InternalRateOutcome,
    Rate,
    rates_estimate_s,
)


class IrrParameters(Parameters):
    """What is invested now, and what comes back at the end of each period."""

    cash_flows: CashFlows
    """At the ends of periods 1, 2, …; or the whole flow, with its negative beginning,
    if `initial_investment` is 0: rates do not depend on when time begins."""
    initial_investment: Cost = 0.0
    """Paid at once, as a positive number."""
    guess: Rate = 0.1
    """Of several rates the nearest to this one is told."""


IRR = Calculation(
    name="irr",
    version="1",
    summary="Every internal rate of return of periodic cash flows, proved complete.",
    topic="finance",
    parameters=IrrParameters,
    outcome=InternalRateOutcome,
    function="worker.calculations.irr:calculate",
    estimate_s=lambda parameters: rates_estimate_s(
        [-parameters.initial_investment, *parameters.cash_flows],
        len(parameters.cash_flows),
    ),
    is_interruptible=False,
    example={"cash_flows": [100, 200, 300], "initial_investment": 500},
)
