"""The net present value, in the words of its contract."""

from db.contracts.calculations.npv import NpvOutcome, NpvParameters
from worker.calculations.cash_flow import in_words_of, with_investment
from worker.calculations.watch import Watch
from worker.finance.present_value import npv


def calculate(parameters: NpvParameters, watch: Watch) -> NpvOutcome:
    """Discount each flow to the present."""
    rate, flows = parameters.discount_rate, parameters.cash_flows
    with in_words_of():
        net = npv(with_investment(parameters.initial_investment, flows), rate)
        gross = npv([0.0, *flows], rate)
    return NpvOutcome(
        npv=round(net.value, 2),
        npv_unrounded=net.value,
        error_bound=net.error_bound,
        present_value=gross.value,
    )
