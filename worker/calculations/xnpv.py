"""The net present value of dated flows, in the words of its contract."""

from db.contracts.calculations.xnpv import XnpvOutcome, XnpvParameters
from worker.calculations.cash_flow import in_words_of
from worker.calculations.watch import Watch
from worker.finance.present_value import xnpv


def calculate(parameters: XnpvParameters, watch: Watch) -> XnpvOutcome:
    """Discount each amount from its day to the earliest."""
    with in_words_of():
        value = xnpv(parameters.dates, parameters.cash_flows, parameters.discount_rate)
    return XnpvOutcome(
        xnpv=round(value.value, 2),
        xnpv_unrounded=value.value,
        error_bound=value.error_bound,
        valued_at=min(parameters.dates),
    )
