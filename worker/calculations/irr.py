"""Internal rates of return, in the words of their contract."""

from db.contracts.calculations.cash_flow import InternalRateOutcome
from db.contracts.calculations.irr import IrrParameters
from worker.calculations.cash_flow import in_words_of, to_outcome, with_investment
from worker.calculations.watch import Watch
from worker.finance.internal_rate import irr


def calculate(parameters: IrrParameters, watch: Watch) -> InternalRateOutcome:
    """Find every rate at which the flows are worth nothing."""
    flows = with_investment(parameters.initial_investment, parameters.cash_flows)
    with in_words_of():
        return to_outcome(irr(flows, parameters.guess))
