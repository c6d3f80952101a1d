"""Run one calculation: here, or where it cannot be stopped, in a process of its own."""

import time

from typing_extensions import override

from db.contracts.calculations import CALCULATIONS
from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.errors import InternalError, InvalidInputError, TimeLimitError
from db.contracts.event import Progress
from db.contracts.kinds.calculate import CalculateRequest, CalculateResult
from db.contracts.termination import Termination
from worker.calculations.watch import StoppedError, Watch
from worker.context import Context
from worker.handler import load_function
from worker.isolation import run_apart

APART_SECONDS = 0.5
"""What cannot be stopped and takes longer than this runs in its own process: while it
runs nothing else in its process does, not even the heartbeat."""


def run(request: CalculateRequest, context: Context) -> CalculateResult:
    """Calculate, until it is done or has to stop."""
    calculation = CALCULATIONS[request.calculation]
    try:
        parameters = calculation.parameters.model_validate(request.parameters)
    except ValueError as error:
        # It was right when it was accepted, by another version.
        raise InvalidInputError(
            f"this version of {calculation.name} does not take these parameters",
            suggestion=f"See /v1/calculations/{calculation.name}, and send it again.",
        ) from error
    watch = _Watch(request, context)
    with context.phase("calculate") as measured:
        outcome = _outcome(
            calculation, parameters, watch, memory_bytes=context.memory_bytes
        )
        measured.tell(calculation=calculation.name)
    return CalculateResult(
        calculation=calculation.name,
        version=calculation.version,
        outcome=None if outcome is None else outcome.model_dump(mode="json"),
        elapsed_s=watch.elapsed_s,
        termination=watch.termination,
    )


def _outcome(
    calculation: Calculation[Parameters, Outcome],
    parameters: Parameters,
    watch: "_Watch",
    *,
    memory_bytes: int,
) -> Outcome | None:
    """Return what it came to; None where it was cancelled with nothing to show."""
    is_apart = not calculation.is_bounded(parameters) or (
        not calculation.is_interruptible
        and calculation.estimate_s(parameters) > APART_SECONDS
    )
    try:
        if is_apart:
            outcome = run_apart(
                calculation, parameters, watch, memory_bytes=memory_bytes
            )
        else:
            outcome = load_function(calculation.function)(parameters, watch)
    except StoppedError:
        if watch.termination in (Termination.CANCELLED, Termination.INTERRUPTED):
            return None
        if watch.termination is None:
            raise InternalError("a calculation stopped that nobody stopped") from None
        raise TimeLimitError(
            f"{calculation.name} was not done within {watch.elapsed_s:.0f} s"
        ) from None
    if not isinstance(outcome, calculation.outcome):
        raise InternalError(f"{calculation.name} came to something else")
    return outcome


class _Watch(Watch):
    """Turns how far it is into the job's progress, and knows when it has to stop."""

    def __init__(self, request: CalculateRequest, context: Context) -> None:
        self._request = request
        self._context = context
        self._began = time.perf_counter()
        self._done = 0.0
        """What was told: it is not taken back, where a step is tried again."""
        self.termination: Termination | None = None
        """Why it has to stop, once it has been told to."""

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self._began

    @override
    def __call__(self, fraction: float, message: str = "") -> bool:
        if self.termination is None:
            self.termination = self._context.why_stop()
        elapsed_s = self.elapsed_s
        if self.termination is None and elapsed_s > self._request.time_s:
            self.termination = Termination.TIME_LIMIT
        if self.termination is not None:
            return False
        self._done = done = min(max(fraction, self._done), 1.0)
        self._context.publish_progress(
            Progress(
                attempt=self._context.attempt,
                method=self._request.calculation,
                objective=None,
                iterations=0,
                elapsed_s=elapsed_s,
                fraction=done,
                eta_s=round(elapsed_s * (1 - done) / done, 3) if done else None,
                message=message or None,
            )
        )
        return True
