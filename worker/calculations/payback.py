"""The time of payback, in the words of its contract."""

from db.contracts.calculations.payback import PaybackOutcome, PaybackParameters
from worker.calculations.cash_flow import in_words_of, with_investment
from worker.calculations.watch import Watch
from worker.finance.payback import payback


def calculate(parameters: PaybackParameters, watch: Watch) -> PaybackOutcome:
    """Add up until the investment is covered."""
    return paid_back(parameters, 0.0)


def paid_back(parameters: PaybackParameters, rate: float) -> PaybackOutcome:
    """Return when the flows, discounted at the rate, cover the investment."""
    flows = with_investment(parameters.initial_investment, parameters.cash_flows)
    with in_words_of():
        found = payback(flows, rate)
    return PaybackOutcome(
        payback_periods=found.time,
        is_final=found.is_final,
        running_totals=list(found.totals),
    )
