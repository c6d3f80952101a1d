"""The time of discounted payback, in the words of its contract."""

from db.contracts.calculations.discounted_payback import DiscountedPaybackParameters
from db.contracts.calculations.payback import PaybackOutcome
from worker.calculations.payback import paid_back
from worker.calculations.watch import Watch


def calculate(parameters: DiscountedPaybackParameters, watch: Watch) -> PaybackOutcome:
    """Add up present values until the investment is covered."""
    return paid_back(parameters, parameters.discount_rate)
