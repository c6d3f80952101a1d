"""The profitability index, in the words of its contract."""

from db.contracts.calculations.profitability_index import (
    ProfitabilityIndexOutcome,
    ProfitabilityIndexParameters,
)
from worker.calculations.cash_flow import in_words_of
from worker.calculations.watch import Watch
from worker.finance.present_value import npv
from worker.finance.returns import profitability_index


def calculate(
    parameters: ProfitabilityIndexParameters, watch: Watch
) -> ProfitabilityIndexOutcome:
    """Divide what the flows are worth now by what is paid for them."""
    flows, rate = parameters.cash_flows, parameters.discount_rate
    with in_words_of():
        index = profitability_index(parameters.initial_investment, flows, rate)
        gross = npv([0.0, *flows], rate)
    return ProfitabilityIndexOutcome(
        profitability_index=round(index, 4),
        profitability_index_unrounded=index,
        present_value=gross.value,
    )
