"""Put together what the islands of a solve have found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.contracts.catalogue import catalogue
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import ErrorRecord, NothingFoundError
from db.contracts.event import Progress
from db.contracts.job_state import JobState
from db.contracts.kinds.islands import (
    Island,
    IslandsRequest,
    IslandsResult,
    ends_race,
)
from db.contracts.kinds.solve import Number, SolveResult
from db.contracts.termination import Termination
from worker import qap
from worker.family import FamilyContext
from worker.jobs.solve import (
    Improvements,
    certificate_of,
    gap_to_best_known,
    gap_to_bound,
    load_instance,
)

Found = SolveResult | Checkpoint | Progress
Curve = list[tuple[float, Number]]


@dataclass(frozen=True, slots=True)
class End:
    """How one island ended."""

    island: int
    job: str
    state: JobState
    started_s: float
    """Seconds after the whole."""
    finished_s: float
    left: SolveResult | Checkpoint | None
    """Its result, or where it had got to."""
    error: ErrorRecord | None = None

    @property
    def result(self) -> SolveResult | None:
        """What it told at its end; one that was lost had no chance to."""
        return self.left if isinstance(self.left, SolveResult) else None


def summarise(request: IslandsRequest, family: FamilyContext) -> IslandsResult:
    """Return the best that any island has found, with the greatest bound."""
    ends = _ends(family)
    lefts = [end.left for end in ends if end.left is not None]
    told, latest = family.told()
    # First, so that of equals the one counts that was told of first.
    found: list[Found] = [*lefts] if told is None else [told, *lefts]
    termination = why_ended(ends, family.why_ended)
    if not found or termination is None:
        raise _nothing_found(ends)
    best = best_of(found)
    bound, bound_name = proven_by(found if latest is None else [latest, *found])
    instance, solve = load_instance(request.solve, family), request.solve
    permutation = best.permutation or []
    objective = qap.certify(
        instance.flow, instance.distance, instance.linear, permutation
    )
    finder = request.island(best.island or 0)
    version = catalogue().methods[finder.method].version
    return IslandsResult(
        objective=objective,
        permutation=permutation,
        bound=bound,
        bound_name=bound_name,
        best_known=solve.best_known,
        gap_to_bound=gap_to_bound(objective, bound),
        gap_to_best_known=gap_to_best_known(objective, solve.best_known),
        termination=termination,
        iterations=sum(left.iterations for left in lefts),
        elapsed_s=family.elapsed_s,
        method=finder.method,
        method_version=version,
        seed=finder.seed,
        island=finder.island,
        improvements=merge_improvements(
            (end.started_s, end.left.improvements) for end in ends if end.left
        ),
        certificate=certificate_of(
            finder,
            exact=instance.is_exact,
            permutation=permutation,
            objective=objective,
            bound=bound,
            bound_name=bound_name,
            method_version=version,
        ),
        solving_s=sum(left.elapsed_s for left in lefts),
        islands=[_island(request, end) for end in ends],
        counts=family.counts,
    )


def why_ended(ends: Sequence[End], stopped: Termination | None) -> Termination | None:
    """Return why all ended; None where no island came to an end of its own."""
    if stopped in (Termination.CANCELLED, Termination.DEADLINE):
        return stopped
    arrived = [end for end in ends if end.state is JobState.SUCCEEDED and end.result]
    for end in sorted(arrived, key=lambda end: end.finished_s):
        if end.result is not None and ends_race(end.result):
            return end.result.termination
    return Termination.STALLED if arrived else None


def best_of(found: Sequence[Found]) -> Found:
    """Return what has the lowest objective."""
    return min(found, key=lambda each: (each.objective is None, each.objective))


def proven_by(found: Sequence[Found]) -> tuple[Number | None, str | None]:
    """Return the greatest bound and its name."""
    proven = [(each.bound, each.bound_name) for each in found if each.bound is not None]
    return max(proven, key=lambda each: each[0], default=(None, None))


def merge_improvements(curves: Iterable[tuple[float, Curve]]) -> Curve:
    """Return when the best of all got better, each curve beginning at its moment."""
    points = sorted(
        (begun_s + seconds, objective)
        for begun_s, curve in curves
        for seconds, objective in curve
    )
    merged = Improvements([])
    least: Number | None = None
    for seconds, objective in points:
        if least is None or objective < least:
            least = objective
            merged.add(seconds, objective)
    return merged.listed()


def _ends(family: FamilyContext) -> list[End]:
    ends = []
    for row in family.ended_children():
        left: SolveResult | Checkpoint | None = None
        if row.result is not None:
            left = SolveResult.model_validate_json(row.result)
        elif row.checkpoint is not None:
            left = Checkpoint.parse(row.checkpoint)
        ends.append(
            End(
                island=row.position,
                job=row.id,
                state=row.state,
                started_s=max(0.0, (row.started_at or 0.0) - family.started_at),
                finished_s=max(0.0, (row.finished_at or 0.0) - family.started_at),
                left=left,
                error=None
                if row.error is None
                else ErrorRecord.model_validate_json(row.error),
            )
        )
    return ends


def _island(request: IslandsRequest, end: End) -> Island:
    asked, left = request.island(end.island), end.left
    return Island(
        island=end.island,
        job=end.job,
        method=asked.method,
        seed=asked.seed,
        state=end.state,
        objective=None if left is None else left.objective,
        bound=None if left is None else left.bound,
        termination=None if end.result is None else end.result.termination,
        iterations=None if left is None else left.iterations,
        elapsed_s=None if left is None else left.elapsed_s,
    )


def _nothing_found(ends: Sequence[End]) -> NothingFoundError:
    for end in ends:
        if end.error is not None:
            return NothingFoundError(
                f"island {end.island}, {end.job}: {end.error.message}",
                suggestion=end.error.suggestion,
            )
    if any(end.state is JobState.EXPIRED for end in ends):
        return NothingFoundError("the deadline came before any island began")
    return NothingFoundError()
