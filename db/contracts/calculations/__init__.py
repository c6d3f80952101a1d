"""The registry of calculations: one file and one line each."""

from typing import Any

from db.contracts.calculations.calculation import Calculation
from db.contracts.calculations.comprehensive_roi import COMPREHENSIVE_ROI
from db.contracts.calculations.convergence import CONVERGENCE
from db.contracts.calculations.discounted_payback import DISCOUNTED_PAYBACK
from db.contracts.calculations.evaluate import EVALUATE
from db.contracts.calculations.irr import IRR
from db.contracts.calculations.mirr import MIRR
from db.contracts.calculations.monte_carlo import MONTE_CARLO
from db.contracts.calculations.npv import NPV
from db.contracts.calculations.payback import PAYBACK
from db.contracts.calculations.profitability_index import PROFITABILITY_INDEX
from db.contracts.calculations.roi import ROI
from db.contracts.calculations.scenario import SCENARIO
from db.contracts.calculations.sensitivity import SENSITIVITY
from db.contracts.calculations.tabulate import TABULATE
from db.contracts.calculations.xirr import XIRR
from db.contracts.calculations.xnpv import XNPV

CALCULATIONS: dict[str, Calculation[Any, Any]] = {
    "evaluate": EVALUATE,
    "tabulate": TABULATE,
    "convergence": CONVERGENCE,
    "npv": NPV,
    "irr": IRR,
    "xnpv": XNPV,
    "xirr": XIRR,
    "mirr": MIRR,
    "roi": ROI,
    "payback": PAYBACK,
    "discounted_payback": DISCOUNTED_PAYBACK,
    "profitability_index": PROFITABILITY_INDEX,
    "comprehensive_roi": COMPREHENSIVE_ROI,
    "sensitivity": SENSITIVITY,
    "scenario": SCENARIO,
    "monte_carlo": MONTE_CARLO,
}
