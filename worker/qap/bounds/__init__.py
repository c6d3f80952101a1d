"""The bounds: one file each, and one line here."""

from worker.qap.bounds import gilmore_lawler
from worker.qap.bounds.bound import Bound

BOUNDS: dict[str, Bound] = {
    "gilmore_lawler": gilmore_lawler.BOUND,
}
