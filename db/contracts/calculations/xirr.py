"""The internal rates of return of dated cash flows."""

from db.contracts.calculations.calculation import Calculation
from db.contracts.calculations.cash_flow import (
    DatedFlows,
    InternalRateOutcome,
    Rate,
    rates_estimate_s,
)


class XirrParameters(DatedFlows):
    """Amounts, the days on which they are paid, and a rate to begin at."""

    guess: Rate = 0.1
    """Of several rates the nearest to this one is told."""


def _estimate_s(parameters: XirrParameters) -> float:
    dated = sorted(zip(parameters.dates, parameters.cash_flows, strict=True))
    days = (dated[-1][0] - dated[0][0]).days
    # As many coefficients as days, most of them 0.
    return rates_estimate_s([flow for _, flow in dated], days) / 4


XIRR = Calculation(
    name="xirr",
    version="1",
    summary="Every yearly internal rate of dated cash flows (actual/365).",
    topic="finance",
    parameters=XirrParameters,
    outcome=InternalRateOutcome,
    function="worker.calculations.xirr:calculate",
    estimate_s=_estimate_s,
    is_interruptible=False,
    example={
        "dates": ["2026-01-01", "2026-07-01", "2027-03-15"],
        "cash_flows": [-1000, 500, 650],
    },
)
