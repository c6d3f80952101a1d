"""The registry of what a socket may ask to be calculated: one file, one line each."""

from api.calculations.calculation import Calculation
from api.calculations.solve import SOLVE

CALCULATIONS: dict[str, Calculation] = {
    "solve": SOLVE,
}
