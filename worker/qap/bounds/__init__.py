"""The bounds: one file each, and one line here; the cheapest first."""

from worker.qap.bounds import dual_ascent, gilmore_lawler, projection, trivial
from worker.qap.bounds.bound import Bound

BOUNDS: dict[str, Bound] = {
    "trivial": trivial.BOUND,
    "gilmore_lawler": gilmore_lawler.BOUND,
    "projection": projection.BOUND,
    "dual_ascent": dual_ascent.BOUND,
}
