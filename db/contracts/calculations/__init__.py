"""The registry of calculations: one file and one line each."""

from typing import Any

from db.contracts.calculations.calculation import Calculation
from db.contracts.calculations.convergence import CONVERGENCE
from db.contracts.calculations.evaluate import EVALUATE
from db.contracts.calculations.npv import NPV
from db.contracts.calculations.tabulate import TABULATE

CALCULATIONS: dict[str, Calculation[Any, Any]] = {
    "convergence": CONVERGENCE,
    "evaluate": EVALUATE,
    "npv": NPV,
    "tabulate": TABULATE,
}
