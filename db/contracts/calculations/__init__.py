"""The registry of calculations: one file and one line each."""

from typing import Any

from db.contracts.calculations.calculation import Calculation
from db.contracts.calculations.comprehensive_roi import COMPREHENSIVE_ROI
from db.contracts.calculations.evaluate import EVALUATE
from db.contracts.calculations.irr import IRR
from db.contracts.calculations.npv import NPV

CALCULATIONS: dict[str, Calculation[Any, Any]] = {
    "evaluate": EVALUATE,
    "npv": NPV,
    "irr": IRR,
    "comprehensive_roi": COMPREHENSIVE_ROI,
}
