"""The net present value of yearly cash flows."""

from typing import Annotated

from pydantic import Field

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters


class NpvParameters(Parameters):
    """What is invested now, and what comes back at the end of each period."""

    cash_flows: Annotated[list[float], Field(min_length=1, max_length=10_000)]
    """At the ends of periods 1, 2, …"""
    discount_rate: float = Field(0.1, gt=-1, le=1e6)
    """Of one period; 0.1 is ten per cent."""
    initial_investment: float = 0.0
    """Paid at once."""


class NpvOutcome(Outcome):
    """The net present value."""

    npv: float
    """Rounded to cents."""


NPV = Calculation(
    name="npv",
    version="1",
    summary="The net present value of cash flows.",
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
