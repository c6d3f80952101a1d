"""Run the numeric core for one instance, and report in the job's words."""

from collections.abc import Sequence

import numpy as np
from typing_extensions import override

from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import InvalidInputError
from db.contracts.event import EventType
from db.contracts.event import Progress as Report
from db.contracts.kinds.solve import Certificate, Number, SolveRequest, SolveResult
from db.contracts.reproduction import course_sha256
from db.contracts.termination import Termination
from worker import qap
from worker.context import Context
from worker.exchange import Exchange
from worker.family import FamilyContext
from worker.qap import qaplib
from worker.qap.arrays import IntVector

INSTANCES_KEPT = 8
MAX_KEPT_ORDER = 256
MAX_IMPROVEMENTS = 200
# By content, and read-only: benchmarks ask for the same few again and again.
_instances: dict[str, qap.Instance] = {}


def run(request: SolveRequest, context: Context) -> SolveResult:
    """Solve, from where the attempt before got to."""
    start = _starting_point(request, context)
    attempt = context.attempt if request.expected is None else 1
    try:
        with context.phase("instance.load"):
            instance = load_instance(request, context)
        observer = _Reporter(request, context)
        with context.phase("solve") as measured:
            result = qap.solve(
                instance,
                request.method,
                stop=_stop_rules(request, context),
                rng=_generator(request.seed, attempt),
                observer=observer,
                parameters=request.parameters,
                start=request.start if start is None else start.permutation,
                immigrants=observer.immigrants,
            )
            measured.tell(method=request.method, order=instance.order)
    except qap.QAPError as error:
        raise InvalidInputError(
            str(error), suggestion=getattr(error, "suggestion", None)
        ) from error
    with context.phase("certify"):
        return observer.final(instance, result)


def _starting_point(request: SolveRequest, context: Context) -> Checkpoint | None:
    """Return where the attempt before got to; what repeats a run begins anew."""
    return context.start if request.expected is None else None


def load_instance(
    request: SolveRequest, context: Context | FamilyContext
) -> qap.Instance:
    """Return what a request is about."""
    if request.instance_name is not None:
        return qaplib.load(request.instance_name)
    known = _instances.get(request.instance)
    if known is not None:
        return known
    matrices = context.load_matrices(request.instance)
    instance = qap.Instance(matrices.flow, matrices.distance, matrices.linear)
    if instance.order <= MAX_KEPT_ORDER:
        if len(_instances) >= INSTANCES_KEPT:
            _instances.clear()
        _instances[request.instance] = instance
    return instance


def _generator(seed: int, attempt: int) -> np.random.Generator:
    """Return the seed's generator; a later attempt must not walk the same way again."""
    return np.random.default_rng(seed if attempt == 1 else [seed, attempt])


def _stop_rules(request: SolveRequest, context: Context) -> list[qap.StopRule]:
    """Return the limits, less what the attempts before have used up."""
    start, limits = _starting_point(request, context), request.limits

    def poll() -> qap.Termination | None:
        reason = context.why_stop()
        return None if reason is None else qap.Termination(reason)

    rules: list[qap.StopRule] = [qap.Interrupt(poll)]
    if request.expected is not None:
        same = qap.SameEnd(request.expected.iterations, request.expected.counted)
        return [*rules, same]
    if limits.target_objective is not None:
        rules.append(qap.TargetObjective(limits.target_objective))
    if limits.gap is not None:
        rules.append(qap.GapLimit(limits.gap))
    if limits.iterations is not None:
        done = 0 if start is None else start.iterations
        rules.append(qap.IterationLimit(max(1, limits.iterations - done)))
    if limits.time_s is not None:
        used = 0.0 if start is None else start.elapsed_s
        rules.append(qap.TimeLimit(max(0.0, limits.time_s - used)))
    if limits.stall_s is not None:
        rules.append(qap.StallLimit(limits.stall_s))
    return rules


class Improvements:
    """When incumbents were found; thinned out where they are many.

    The first and the last are always there, and those in between stay evenly spread.
    """

    def __init__(self, known: Sequence[tuple[float, int | float]]) -> None:
        self._points = list(known)

    def add(self, elapsed_s: float, objective: int | float) -> None:
        """Note a better incumbent."""
        if len(self._points) >= MAX_IMPROVEMENTS:
            self._points = [*self._points[:-1:2], self._points[-1]]
        self._points.append((round(elapsed_s, 6), objective))

    def listed(self) -> list[tuple[float, int | float]]:
        """Return them in order."""
        return list(self._points)


_OF_THE_RUN = {"bound", "bound_name", "iterations", "elapsed_s"}
_OF_THE_INCUMBENT = {
    "objective",
    "gap_to_best_known",
    "permutation",
    "island",
    "method",
}


class _Reporter(qap.Observer):
    """Turns what the core tells into events and checkpoints of the job."""

    def __init__(self, request: SolveRequest, context: Context) -> None:
        self._request = request
        self._context = context
        before = _starting_point(request, context)
        self._iterations_before = 0 if before is None else before.iterations
        self._seconds_before = 0.0 if before is None else before.elapsed_s
        start = context.start
        self._bound = None if start is None else start.bound
        self._bound_name = None if start is None else start.bound_name
        # What the log has said once is not taken back by a later attempt.
        self._told = None if start is None else start.objective
        self._checkpoint = start
        self._improvements = Improvements([] if start is None else start.improvements)
        self._held = None if start is None else _held(request, start)
        self._safe = (self._told, self._bound)
        self._latest: Report | None = None
        self._immigrant: Report | None = None
        self._exchange: Exchange | None = None
        if request.island is not None and context.team is not None:
            self._exchange = Exchange(
                context.team, island=request.island, method=request.method
            )

    def immigrants(self) -> list[int] | None:
        """Return what another island has found, now and then, where that is better."""
        exchange, held, latest = self._exchange, self._held, self._latest
        if exchange is None or held is None or latest is None or not exchange.is_due:
            return None
        if not self._is_safe(held):
            exchange.postpone()
            return None
        found = held.model_dump(include=_OF_THE_INCUMBENT)
        self._immigrant = exchange.meet(latest.model_copy(update=found))
        return None if self._immigrant is None else self._immigrant.permutation

    def _is_safe(self, held: Report) -> bool:
        """Write what is to be told into the job's row; return whether it is there.

        What all have heard of must be found by whoever puts the end together, though
        this worker dies and Redis is away.
        """
        standing = (held.objective, self._bound)
        if standing != self._safe and self._context.write_checkpoint():
            self._safe = standing
        return standing == self._safe

    @override
    def on_incumbent(self, progress: qap.Progress, permutation: IntVector) -> None:
        self._take(progress, self._report(progress, permutation.tolist()))
        if self._exchange is not None:
            self._exchange.has_news()

    @override
    def on_immigrant(self, progress: qap.Progress, permutation: IntVector) -> None:
        assert self._immigrant is not None
        finder = self._immigrant.model_dump(include={"island", "method"})
        report = self._report(progress, permutation.tolist())
        self._take(progress, report.model_copy(update=finder))

    def _take(self, progress: qap.Progress, report: Report) -> None:
        if self._told is not None and progress.objective >= self._told:
            return
        self._told = progress.objective
        self._held = report
        self._improvements.add(report.elapsed_s, progress.objective)
        self._checkpoint = Checkpoint.model_validate(
            {**report.model_dump(), "improvements": self._improvements.listed()}
        )
        self._context.checkpoint(self._checkpoint)
        self._context.publish(EventType.JOB_INCUMBENT, report)

    @override
    def on_bound(self, progress: qap.Progress, bound_name: str) -> None:
        if progress.bound is None:
            return
        if self._bound is not None and progress.bound <= self._bound:
            return
        self._bound, self._bound_name = progress.bound, bound_name
        if self._checkpoint is not None:
            proven = {"bound": self._bound, "bound_name": bound_name}
            self._checkpoint = self._checkpoint.model_copy(update=proven)
            self._context.checkpoint(self._checkpoint)
        self._context.publish(EventType.JOB_BOUND, self._report(progress))

    @override
    def on_slice(self, progress: qap.Progress) -> None:
        report = self._latest = self._report(progress)
        self._context.publish_progress(report)
        if self._checkpoint is not None:
            # The incumbent may be old; the budget that is used up never is.
            used = report.model_dump(include=_OF_THE_RUN)
            self._checkpoint = self._checkpoint.model_copy(update=used)
            self._context.checkpoint(self._checkpoint)

    def final(self, instance: qap.Instance, result: qap.Result) -> SolveResult:
        """Return the job's result, with its certificate."""
        if self._exchange is not None:
            # The others hear of it before they hear that the race is run.
            self._exchange.hurry()
            self.immigrants()
        request, permutation = self._request, result.permutation.tolist()
        certified = qap.certify(
            instance.flow, instance.distance, instance.linear, permutation
        )
        trace = result.improvements
        course = course_sha256(
            zip(trace.iterations.tolist(), trace.objectives.tolist(), strict=True)
        )
        iterations = self._iterations_before + result.iterations
        expected = request.expected
        is_first = self._context.attempt == 1 and self._context.start is None
        is_whole = is_first or expected is not None
        return SolveResult(
            objective=certified,
            permutation=permutation,
            bound=self._bound,
            bound_name=self._bound_name,
            best_known=request.best_known,
            gap_to_bound=gap_to_bound(certified, self._bound),
            gap_to_best_known=gap_to_best_known(certified, request.best_known),
            termination=Termination(result.termination),
            iterations=iterations,
            elapsed_s=self._seconds_before + result.elapsed_s,
            method=result.method,
            method_version=result.method_version,
            seed=request.seed,
            island=None if self._held is None else self._held.island,
            improvements=self._improvements.listed(),
            course_sha256=course if is_whole else None,
            reproduction=None
            if expected is None
            else expected.compare(
                objective=certified,
                permutation=permutation,
                course=course,
                iterations=iterations,
                termination=Termination(result.termination),
            ),
            certificate=certificate_of(
                request,
                exact=instance.is_exact,
                permutation=permutation,
                objective=certified,
                bound=self._bound,
                bound_name=self._bound_name,
                method_version=result.method_version,
            ),
        )

    def _report(
        self, progress: qap.Progress, permutation: list[int] | None = None
    ) -> Report:
        objective = progress.objective
        if self._told is not None:
            objective = min(objective, self._told)
        best_known = self._request.best_known
        return Report(
            attempt=self._context.attempt,
            method=self._request.method,
            objective=objective,
            bound=self._bound,
            bound_name=self._bound_name,
            gap_to_bound=gap_to_bound(objective, self._bound),
            best_known=best_known,
            gap_to_best_known=gap_to_best_known(objective, best_known),
            iterations=self._iterations_before + progress.iterations,
            elapsed_s=self._seconds_before + progress.elapsed_s,
            permutation=permutation,
            island=self._request.island,
        )


def certificate_of(
    request: SolveRequest,
    *,
    exact: bool,
    permutation: list[int],
    objective: Number,
    bound: Number | None,
    bound_name: str | None,
    method_version: str,
) -> Certificate:
    """Return what shows that the request came to this."""
    return Certificate(
        instance=request.instance,
        permutation=permutation,
        objective=objective,
        exact=exact,
        bound=bound,
        bound_name=bound_name,
        method=request.method,
        method_version=method_version,
        seed=request.seed,
    ).sealed()


def _held(request: SolveRequest, start: Checkpoint) -> Report:
    """Return the incumbent that an attempt goes on from."""
    told = {
        "attempt": 1,
        "method": request.method,
        **start.model_dump(exclude_none=True),
    }
    told["gap_to_best_known"] = gap_to_best_known(start.objective, request.best_known)
    return Report.model_validate(told)


def gap_to_bound(objective: float, bound: float | None) -> float | None:
    return None if bound is None else qap.gap_to_bound(objective, bound)


def gap_to_best_known(objective: float, best_known: float | None) -> float | None:
    if best_known is None:
        return None
    gap = qap.gap_to_best_known(objective, best_known)
    # Infinite above a best known of 0, and JSON has no word for it.
    return gap if np.isfinite(gap) else None
