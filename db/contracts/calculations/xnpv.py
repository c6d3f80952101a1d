"""The net present value of dated cash flows."""

from db.contracts.calculations.calculation import Calculation, Outcome
from db.contracts.calculations.cash_flow import (
    DatedFlows,
    Day,
    Rate,
)


class XnpvParameters(DatedFlows):
    """Amounts, the days on which they are paid, and at what rate they are valued."""

    discount_rate: Rate = 0.1
    """Of a year of 365 days (actual/365 fixed); 0.1 is ten per cent."""


class XnpvOutcome(Outcome):
    """The net present value at the earliest date, and how exact it is."""

    xnpv: float
    """To two decimals."""
    xnpv_unrounded: float
    """The double nearest to the value of the numbers sent."""
    error_bound: float
    """Proved: `xnpv_unrounded` is no farther than this from that value."""
    valued_at: Day
    """The earliest date."""


XNPV = Calculation(
    name="xnpv",
    version="1",
    summary="The net present value of dated cash flows.",
    topic="finance",
    parameters=XnpvParameters,
    outcome=XnpvOutcome,
    function="worker.calculations.xnpv:calculate",
    example={
        "dates": ["2026-01-01", "2026-07-01", "2027-03-15"],
        "cash_flows": [-1000, 500, 650],
        "discount_rate": 0.08,
    },
)
