"""One planned run, from its plan to its row."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.benchmark.measures import primal_integral
from worker.qap.benchmark.peers import PEERS, restart, supports
from worker.qap.benchmark.plan import PlannedRun, family
from worker.qap.benchmark.table import Number, Row, Trajectory
from worker.qap.certificate import certify
from worker.qap.exceptions import UnsupportedInstanceError
from worker.qap.gap import gap_to_best_known, gap_to_bound
from worker.qap.instance import Instance
from worker.qap.methods import METHODS
from worker.qap.observer import Observer
from worker.qap.qaplib import best_known, load
from worker.qap.result import Progress
from worker.qap.solve import solve
from worker.qap.stop import IterationLimit, StopRule, TargetObjective, TimeLimit

_CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}
_OVERRUN = 1.1


class TrajectoryRecorder(Observer):
    """Remembers when each incumbent came.

    Attributes
    ----------
    trajectory
        Time and objective of each incumbent: about every 50 ms at most, as `solve`
        looks between slices.
    """

    def __init__(self) -> None:
        self.trajectory: list[tuple[float, Number]] = []

    @override
    def on_incumbent(self, progress: Progress, permutation: IntVector) -> None:
        """Add it.

        Parameters
        ----------
        progress
            Its time and objective.
        permutation
            Not kept.
        """
        self.trajectory.append((progress.elapsed_s, progress.objective))


def perform(run: PlannedRun) -> Row:
    """Do one run in this process, on this thread.

    Parameters
    ----------
    run
        What to do.

    Returns
    -------
    Row
        How it went. Of an instance that the method cannot handle, or that a peer is
        spared, the row says so and has no objective.

    Raises
    ------
    UnknownMethodError, UnknownInstanceError, InvalidParameterError
        The plan names something that is not there.
    RuntimeError
        The objective reported is not that of the permutation.

    Examples
    --------
    >>> from worker.qap.benchmark.plan import Budget
    >>> row = perform(PlannedRun(instance="nug12", method="tabu_search", seed=1,
    ...                          budget=Budget(iterations=5000)))
    >>> row.objective, row.gap, row.termination
    (578, 0.0, 'target')
    """
    instance, best = load(run.instance), best_known(run.instance).value
    aim = best if run.target_gap == 0 else best + run.target_gap * abs(best)
    outcome = _peer(run, instance, aim) if run.method in PEERS else None
    if outcome is None:
        outcome = _method(run, instance, aim)
    _verify(instance, outcome)
    value, trajectory = outcome.objective, outcome.trajectory
    reached = (time_s for time_s, number in trajectory if number <= aim)
    horizon_s = run.budget.seconds or outcome.elapsed_s
    return Row(
        instance=run.instance,
        n=instance.order,
        family=family(run.instance),
        method=run.method,
        parameters=run.parameters_text,
        seed=run.seed,
        budget=str(run.budget),
        until=run.until_text,
        bounds=run.bounds_text,
        objective=value,
        best_known=best,
        gap=None if value is None else gap_to_best_known(value, best),
        bound=outcome.bound,
        gap_to_bound=(
            None
            if value is None or outcome.bound is None
            else gap_to_bound(value, outcome.bound)
        ),
        iterations=outcome.iterations,
        elapsed_s=outcome.elapsed_s,
        time_to_best_s=trajectory[-1][0] if trajectory else None,
        target=aim,
        time_to_target_s=next(reached, None),
        primal_integral=(
            primal_integral(trajectory, best, until_s=horizon_s) if trajectory else None
        ),
        termination=outcome.termination,
        note=outcome.note,
        trajectory=trajectory,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    termination: str
    note: str = ""
    objective: Number | None = None
    permutation: IntVector | None = None
    bound: Number | None = None
    iterations: int = 0
    elapsed_s: float = 0.0
    trajectory: Trajectory = ()


def _method(run: PlannedRun, instance: Instance, aim: Number) -> _Outcome:
    rules: list[StopRule] = [TargetObjective(aim)] if run.stops_at_target else []
    if run.budget.iterations is not None:
        rules.append(IterationLimit(run.budget.iterations))
    if run.budget.seconds is not None:
        rules.append(TimeLimit(run.budget.seconds))
    recorder = TrajectoryRecorder()
    known = METHODS.get(run.method)
    is_exact = known is not None and known.kind == "exact"
    try:
        result = solve(
            instance,
            run.method,
            stop=rules,
            rng=np.random.default_rng(run.seed),
            observer=recorder,
            parameters=dict(run.parameters),
            clock=_CLOCKS[run.budget.clock],
            # As jobs do it: an exact method proves its own.
            bounds=() if is_exact else run.bounds,
        )
    except UnsupportedInstanceError as error:
        return _Outcome(termination="unsupported", note=str(error))
    return _Outcome(
        termination=str(result.termination),
        note=_overrun(result.elapsed_s, run, "the run"),
        objective=result.objective,
        permutation=result.permutation,
        bound=result.bound,
        iterations=result.iterations,
        elapsed_s=result.elapsed_s,
        trajectory=tuple(recorder.trajectory),
    )


def _peer(run: PlannedRun, instance: Instance, aim: Number) -> _Outcome:
    peer = PEERS[run.method]
    reason = supports(instance)
    if reason is not None:
        return _Outcome(termination="unsupported", note=reason)
    if instance.order > peer.largest_order and not run.is_patient:
        return _Outcome(
            termination="skipped",
            note=f"one restart takes minutes above n = {peer.largest_order:g}",
        )
    target = aim if run.stops_at_target else None
    clock: Callable[[], float] = _CLOCKS[run.budget.clock]
    rng = np.random.default_rng(run.seed)
    done = restart(peer, instance, rng, budget=run.budget, target=target, clock=clock)
    is_there = target is not None and done.objective <= target
    limit = "iteration_limit" if run.budget.seconds is None else "time_limit"
    return _Outcome(
        termination="target" if is_there else limit,
        note=_overrun(done.elapsed_s, run, f"a restart of {done.longest_s:.3g} s"),
        objective=done.objective,
        permutation=done.permutation,
        iterations=done.count,
        elapsed_s=done.elapsed_s,
        trajectory=done.trajectory,
    )


def _overrun(elapsed_s: float, run: PlannedRun, what: str) -> str:
    # A slice lasts some 50 ms: less is no overrun worth a word.
    allowed = run.budget.seconds if run.budget.seconds is not None else math.inf
    if elapsed_s <= max(allowed * _OVERRUN, allowed + 0.1):
        return ""
    return f"{what} exceeded the budget: {elapsed_s:.3g} s"


def _verify(instance: Instance, outcome: _Outcome) -> None:
    if outcome.permutation is None:
        return
    found = certify(
        instance.flow, instance.distance, instance.linear, outcome.permutation
    )
    if found != outcome.objective:
        raise RuntimeError(
            f"{instance.name}: {outcome.objective} is reported, {found} is true."
        )
