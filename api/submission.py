"""How every submission is answered, whatever kind of job it asks for."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Protocol, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api import idempotency
from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, HubDep, StateDep, WaitSeconds, made
from api.idempotency import Answer
from api.schemas.job import JobView
from api.state import ApiState
from api.submit import Proposal, submit
from api.views import accepted_job, load_job
from api.waiting import THE_END, Loaded, wait_until
from db.contracts.caller import Caller
from db.contracts.identifier import new_id

POLL_AFTER_SECONDS = "1"

Submission = TypeVar("Submission", bound=BaseModel)
Wanted = TypeVar("Wanted", contravariant=True)


class Links(Protocol):
    """Where the answer is found again."""

    self: str


class Rendered(Protocol):
    """A job as its own resource shows it."""

    @property
    def links(self) -> Links: ...

    def model_dump_json(self) -> str: ...


class Resolve(Protocol[Wanted]):
    """Says what a submission means."""

    def __call__(
        self, state: ApiState, submission: Wanted, /, *, caller: Caller
    ) -> Proposal: ...


class Submitting:
    """A request that asks for a job: routes depend on it, and let it answer."""

    def __init__(
        self,
        request: Request,
        state: StateDep,
        hub: HubDep,
        caller: CallerDep,
        wait_seconds: WaitSeconds,
    ) -> None:
        self._request, self._state, self._hub = request, state, hub
        self._caller, self._wait_seconds = caller, wait_seconds

    async def answer(
        self,
        model: type[Submission],
        resolve: Resolve[Submission],
        render: Callable[[JobView], Rendered],
        *,
        nothing: bytes = b"",
    ) -> Response:
        """Accept what the body asks for and answer with the job.

        ``nothing`` is what an empty body stands for.
        Waits for the end as long as the caller wishes; with an ``Idempotency-Key``
        that came before, gives the first answer again.
        """
        state, wait_seconds = self._state, self._wait_seconds
        require_json(self._request)
        body = await read_body(self._request, state.settings)
        key = idempotency.read_key(self._request, body, self._caller, wait_seconds)
        if key is not None:
            known = await run_in_threadpool(idempotency.find, state.backplane, key)
            if known is not None:
                return await _again(known, state, render)
        job_id = new_id("job")

        async def accept() -> Loaded:
            def record() -> Loaded:
                wanted = parse(model, body or nothing)
                proposal = resolve(state, wanted, caller=self._caller)
                job = submit(
                    state, proposal, caller=self._caller, job_id=job_id, key=key
                )
                return accepted_job(job, proposal.webhook)

            return await run_in_threadpool(record)

        view, tag = await wait_until(
            THE_END,
            self._request,
            state=state,
            hub=self._hub,
            job_id=job_id,
            seconds=wait_seconds,
            first=accept,
        )
        answer = _answer(view, render)
        if key is not None:
            await run_in_threadpool(idempotency.keep, state.backplane, key, answer)
        headers = {"ETag": tag}
        if wait_seconds:
            headers["Preference-Applied"] = f"wait={wait_seconds:.0f}"
        return _respond(answer, headers)


SubmittingDep = Annotated[Submitting, made(Submitting)]


def _answer(view: JobView, render: Callable[[JobView], Rendered]) -> Answer:
    status = HTTPStatus.CREATED if view.state.is_final else HTTPStatus.ACCEPTED
    shown = render(view)
    return Answer(status, shown.model_dump_json(), shown.links.self)


async def _again(
    known: Answer | str, state: ApiState, render: Callable[[JobView], Rendered]
) -> Response:
    """Give the first answer, or if it never came to one, the job as it is now."""
    if isinstance(known, str):
        view, _ = await run_in_threadpool(load_job, state.backplane, known)
        known = _answer(view, render)
    return _respond(known, {"Idempotent-Replayed": "true"})


def _respond(answer: Answer, headers: dict[str, str]) -> Response:
    headers["Location"] = answer.location
    if answer.status == HTTPStatus.ACCEPTED:
        headers["Retry-After"] = POLL_AFTER_SECONDS
    return Response(
        answer.body, answer.status, media_type="application/json", headers=headers
    )
