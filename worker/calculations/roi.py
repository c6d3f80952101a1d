"""The return on an investment, in the words of its contract."""

from math import fsum

from db.contracts.calculations.roi import RoiOutcome, RoiParameters
from worker.calculations.cash_flow import in_words_of
from worker.calculations.watch import Watch
from worker.finance.returns import roi


def calculate(parameters: RoiParameters, watch: Watch) -> RoiOutcome:
    """Compare what comes back with what was paid."""
    investment, flows = parameters.initial_investment, parameters.cash_flows
    with in_words_of():
        gained = roi(investment, flows)
    growth = 1 + gained
    return RoiOutcome(
        roi=gained,
        roi_pct=round(100 * gained, 2),
        net_gain=fsum([*flows, -investment]),
        roi_per_period=growth ** (1 / len(flows)) - 1 if growth >= 0 else None,
    )
