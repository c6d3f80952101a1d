"""The registry of what a socket may ask to be calculated."""

from api.calculations.calculation import Calculation
from api.calculations.offered import offered
from api.calculations.precision import PRECISION
from api.calculations.solve import SOLVE
from db.contracts.calculations import CALCULATIONS as CONTRACTS

CALCULATIONS: dict[str, Calculation] = {
    "solve": SOLVE,
    "precision": PRECISION,
    **{name: offered(contract) for name, contract in CONTRACTS.items()},
}
EVERYONES = frozenset(
    name for name, calculation in CALCULATIONS.items() if calculation.is_everyones
)
"""Types of whose ends all sockets of their owner hear."""
