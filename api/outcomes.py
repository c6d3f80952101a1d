"""Calculations whose outcome is the answer: asked for, waited for, or refused."""

from collections.abc import Callable
from typing import Annotated, NamedTuple

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.body import read_body, require_json
from api.dependencies import CallerDep, HubDep, StateDep, made
from api.schemas.job import JobView
from api.solutions import not_run
from api.submit import Proposal, answer_or_submit
from api.views import accepted_job
from api.waiting import wait_for_end
from db.contracts.errors import (
    InvalidInputError,
    TimeLimitError,
    TooMuchMemoryError,
    WaitTimeoutError,
    as_raised,
)
from db.contracts.job_state import JobState
from db.contracts.kinds.calculate import DEFAULT_SECONDS, CalculateResult

REFUSALS = (InvalidInputError, TimeLimitError, TooMuchMemoryError)
"""Ends of a job that its request is to blame for."""


class Found(NamedTuple):
    """A job with the outcome that was asked for."""

    job: JobView
    is_cached: bool
    """Whether it had been done before it was asked for."""


class Outcomes:
    """A request that wants an outcome: routes depend on it, and ask it for the job."""

    def __init__(
        self, request: Request, state: StateDep, hub: HubDep, caller: CallerDep
    ) -> None:
        self._request, self._state, self._hub = request, state, hub
        self._caller = caller

    async def find(self, resolve: Callable[[bytes], Proposal]) -> Found:
        """Return the job that did what the body asks for, and whether it had.

        Raises what there is to say where it came to none.
        """
        request, state = self._request, self._state
        require_json(request)
        body = await read_body(request, state.settings)

        def take() -> Found:
            job, was_done = answer_or_submit(state, resolve(body), caller=self._caller)
            return Found(accepted_job(job, None)[0], was_done)

        view, is_cached = await run_in_threadpool(take)
        if not view.state.is_final:
            view = await wait_for_end(
                request,
                state=state,
                hub=self._hub,
                job_id=view.id,
                seconds=DEFAULT_SECONDS,
            )
        if not view.state.is_final:
            raise WaitTimeoutError(
                f"not calculated within {DEFAULT_SECONDS:g} s; it goes on as {view.id}",
                suggestion=f"See /v1/jobs/{view.id}.",
            )
        if view.state is not JobState.SUCCEEDED:
            raise as_raised(view.error or not_run(view.state), *REFUSALS)
        return Found(view, is_cached or view.cached_from is not None)


OutcomesDep = Annotated[Outcomes, made(Outcomes)]


def result_of(view: JobView) -> CalculateResult:
    """Return the result of a calculation that has succeeded."""
    assert isinstance(view.result, CalculateResult)
    return view.result
