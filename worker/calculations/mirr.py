"""The modified internal rate, in the words of its contract."""

from db.contracts.calculations.mirr import MirrOutcome, MirrParameters
from worker.calculations.cash_flow import in_words_of, with_investment
from worker.calculations.watch import Watch
from worker.finance.returns import mirr


def calculate(parameters: MirrParameters, watch: Watch) -> MirrOutcome:
    """Move what goes out to the beginning and what comes in to the end."""
    flows = with_investment(parameters.initial_investment, parameters.cash_flows)
    with in_words_of():
        rate = mirr(flows, parameters.finance_rate, parameters.reinvestment_rate)
    rounded = None if rate is None else round(rate, 4)
    return MirrOutcome(mirr=rounded, mirr_unrounded=rate)
