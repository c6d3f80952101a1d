"""The net present value, in the words of its contract."""

import math

from db.contracts.calculations.npv import NpvOutcome, NpvParameters
from worker.calculations.watch import Watch


def calculate(parameters: NpvParameters, watch: Watch) -> NpvOutcome:
    """Discount each flow to the present."""
    factor = 1 + parameters.discount_rate
    flows = enumerate(parameters.cash_flows, 1)
    present = math.fsum(flow / factor**period for period, flow in flows)
    return NpvOutcome(npv=round(present - parameters.initial_investment, 2))
