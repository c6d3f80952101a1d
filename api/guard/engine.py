"""One synchronous solve's way past the breaker before the solvers."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.schemas.job import JobView
from db.breaker import Breaker
from db.contracts import errors
from db.contracts.job_state import JobState

FAULTS = frozenset({errors.InternalError.code, errors.LostTooOftenError.code})
"""Errors of jobs that tell of the solvers, not of what they were given."""
ENDED_BY_SOLVERS = frozenset({JobState.SUCCEEDED, JobState.FAILED})


class Passage:
    """Entered before the job is recorded; tells the breaker what came of it."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._has_failed_before = False

    def enter(self) -> None:
        """Raise CircuitOpenError while the solvers are left alone."""
        self._has_failed_before = self._breaker.admit().failures > 0

    async def give_back(self) -> None:
        """Let another try instead: nothing will be known of this one."""
        if self._has_failed_before:
            await run_in_threadpool(self._breaker.release)

    async def leave(self, request: Request, view: JobView) -> None:
        """Tell how the job ended, or that it did not in the time it was given."""
        is_late = not view.state.is_final and not await request.is_disconnected()
        is_fault = view.error is not None and view.error.code in FAULTS
        if is_late or is_fault:
            await run_in_threadpool(self._breaker.fail)
        elif view.state not in ENDED_BY_SOLVERS:
            await self.give_back()
        elif self._has_failed_before:
            await run_in_threadpool(self._breaker.succeed)
