"""How long until an investment has come back at present value."""

from db.contracts.calculations.calculation import Calculation
from db.contracts.calculations.cash_flow import Rate
from db.contracts.calculations.payback import PaybackOutcome, PaybackParameters


class DiscountedPaybackParameters(PaybackParameters):
    """What is invested now, what comes back, and what waiting costs."""

    discount_rate: Rate = 0.1
    """Of one period; 0.1 is ten per cent."""


DISCOUNTED_PAYBACK = Calculation(
    name="discounted_payback",
    version="1",
    summary="How many periods until an investment has come back at present value.",
    topic="finance",
    parameters=DiscountedPaybackParameters,
    outcome=PaybackOutcome,
    function="worker.calculations.discounted_payback:calculate",
    example={
        "cash_flows": [300000, 350000, 400000, 450000, 500000],
        "initial_investment": 1000000,
        "discount_rate": 0.1,
    },
)
