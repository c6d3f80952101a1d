"""The registry of what a socket may ask to be calculated."""

from api.calculations.calculation import Calculation
from api.calculations.offered import offered
from api.calculations.solve import SOLVE
from db.contracts.calculations import CALCULATIONS as CONTRACTS

CALCULATIONS: dict[str, Calculation] = {
    "solve": SOLVE,
    **{name: offered(contract) for name, contract in CONTRACTS.items()},
}
