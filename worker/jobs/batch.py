"""Put the results of a batch together."""

from db.contracts.kinds.batch import BatchRequest, BatchResult
from db.contracts.kinds.solve import SolveResult
from worker.family import FamilyContext


def summarise(request: BatchRequest, family: FamilyContext) -> BatchResult:
    """Count the children; each one's own result stays with it."""
    solving_s, cached = 0.0, 0
    for child in family.ended_children():
        cached += child.cached_from is not None
        if child.result is not None and child.cached_from is None:
            solving_s += SolveResult.model_validate_json(child.result).elapsed_s
    return BatchResult(
        counts=family.counts,
        rejected=len(request.rejected),
        elapsed_s=family.elapsed_s,
        solving_s=solving_s,
        cached=cached,
        termination=family.why_ended,
    )
