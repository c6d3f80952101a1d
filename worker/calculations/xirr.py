"""Internal rates of dated flows, in the words of their contract."""

from db.contracts.calculations.cash_flow import InternalRateOutcome
from db.contracts.calculations.xirr import XirrParameters
from worker.calculations.cash_flow import in_words_of, to_outcome
from worker.calculations.watch import Watch
from worker.finance.internal_rate import xirr


def calculate(parameters: XirrParameters, watch: Watch) -> InternalRateOutcome:
    """Find every yearly rate at which the flows are worth nothing."""
    with in_words_of():
        return to_outcome(
            xirr(parameters.dates, parameters.cash_flows, parameters.guess)
        )
