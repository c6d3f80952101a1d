"""What an ended job's row keeps of what it came to."""

import math

from db.contracts.event import JobEnded
from db.contracts.quality import quality_of

MEASURES = ("objective", "quality", "gap", "elapsed_s", "iterations")
"""Columns of the job."""


def measures_of(payload: JobEnded) -> dict[str, float | int | None]:
    """Return the columns, told by the event of the end; none may be left out."""
    objective, best_known = payload.objective, payload.best_known
    gap = payload.gap_to_bound if best_known is None else payload.gap_to_best_known
    if best_known is None and payload.gap_to_bound == 0:
        # Published nowhere, and proven here: nothing better exists.
        best_known = payload.objective
    return {
        "objective": None if objective is None else float(objective),
        "quality": None if objective is None else quality_of(objective, best_known),
        "gap": gap if gap is not None and math.isfinite(gap) else None,
        "elapsed_s": payload.elapsed_s,
        "iterations": payload.iterations,
    }
