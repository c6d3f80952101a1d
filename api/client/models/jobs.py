"""Jobs, their results and their events."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from api.client.models.answer import Answer, Number
from db.contracts.event import PAYLOADS, TERMINAL, EventType
from db.contracts.job_state import JobState
from db.contracts.payload import Payload

RESULTS = {"calculate": "calculated", "batch": "totals", "benchmark": "totals"}
"""Which field has the result of jobs that are no solves, by kind."""


def _none_as_empty(limits: Any) -> Any:
    return {} if limits is None else limits


class InstanceReference(Answer):
    """Which instance a job is about."""

    sha256: str
    name: str | None = None
    order: int


class Progress(Answer):
    """How a job stands, as its log last told."""

    sequence: int
    objective: Number | None = None
    bound: Number | None = None
    bound_name: str | None = None
    gap_to_bound: float | None = None
    best_known: Number | None = None
    gap_to_best_known: float | None = None
    iterations: int | None = None
    elapsed_s: float | None = None
    fraction: float | None = None
    eta_s: float | None = None
    message: str | None = None


class Counts(Answer):
    """How many jobs of a family are in which state."""

    total: int
    waiting: int = 0
    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0

    @property
    def ended(self) -> int:
        """How many will not change any more."""
        return self.succeeded + self.failed + self.cancelled + self.expired


class Certificate(Answer):
    """What anyone needs to check a result without trusting the solver."""

    instance: str
    permutation: list[int]
    objective: Number
    exact: bool
    bound: Number | None = None
    bound_name: str | None = None
    method: str
    method_version: str
    seed: int
    digest: str | None = None


class Reproduction(Answer):
    """Whether a run that was repeated came to the same."""

    of: str
    verdict: str
    objective: Number
    expected_objective: Number
    reasons: list[str] = []


class Verdict(Answer):
    """Whether a certificate holds, and if not, why."""

    valid: bool
    objective: Number | None = None
    reasons: list[str] = []


class Result(Answer):
    """The best permutation found, what is proven of it, and why the run ended."""

    objective: Number
    permutation: list[int]
    bound: Number | None = None
    bound_name: str | None = None
    best_known: Number | None = None
    gap_to_bound: float | None = None
    gap_to_best_known: float | None = None
    termination: str
    iterations: int
    elapsed_s: float
    method: str
    method_version: str
    seed: int
    improvements: list[tuple[float, Number]] | None = None
    """When a better incumbent was found, in seconds of solving, and its objective."""
    course_sha256: str | None = None
    island: int | None = None
    """Who of several searches found it."""
    reproduction: Reproduction | None = None
    certificate: Certificate


class ResultState(Answer):
    """The best so far, or, once ``final``, the end."""

    final: bool
    state: JobState
    objective: Number
    permutation: list[int]
    bound: Number | None = None
    bound_name: str | None = None
    best_known: Number | None = None
    gap_to_bound: float | None = None
    gap_to_best_known: float | None = None
    iterations: int | None = None
    elapsed_s: float | None = None
    result: Result | None = None


class Calculated(Answer):
    """What a calculation came to."""

    calculation: str
    version: str
    outcome: dict[str, Any] | None = None
    """None if it was stopped before it had something."""
    elapsed_s: float
    termination: str | None = None


class Totals(Answer):
    """What a batch or a benchmark came to, in all."""

    counts: Counts
    elapsed_s: float
    solving_s: float | None = None
    cached: int | None = None
    rejected: int | None = None
    termination: str | None = None
    report: dict[str, Any] | None = None


class Waiting(Answer):
    """Where a job stands in its queue, and when it should start."""

    position: int
    eta_low_at: str | None = None
    eta_high_at: str | None = None


class JobWebhook(Answer):
    """Where a job's events are told."""

    url: str
    secret: str | None = Field(None, repr=False)
    """Only the answer that made it has all of it."""


class JobError(Answer):
    """Why a job failed."""

    code: str
    message: str
    suggestion: str = ""
    retryable: bool = False


class Summary(Answer):
    """What an ended solve came to, in short; listings have it too."""

    objective: int | float
    """Rounded above 2**53; the result has all its digits."""
    gap: float | None = None
    """To the best known objective; to the bound where none is known."""
    elapsed_s: float | None = None
    iterations: int | None = None


class Job(Answer):
    """One job, as it stood when the service answered."""

    id: str
    kind: str
    state: JobState
    attempt: int = 0
    queue: str = ""
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    cancel_requested: bool = False
    instance: InstanceReference | None = None
    method: str | None = None
    parameters: dict[str, Any] = {}
    seed: int | None = 0
    limits: Annotated[dict[str, Any], BeforeValidator(_none_as_empty)] = {}
    islands: int | None = None
    portfolio: list[str] | None = None
    priority_s: float = 0
    deadline_at: str | None = None
    metadata: dict[str, Any] | None = None
    parent: str | None = None
    origin: str | None = None
    origin_id: str | None = None
    follows: str | None = None
    cached_from: str | None = None
    waiting: Waiting | None = None
    progress: Progress | None = None
    counts: Counts | None = None
    result: Result | None = None
    """Of a solve."""
    calculated: Calculated | None = None
    """Of a calculation: the ``result`` of the answer."""
    totals: Totals | None = None
    """Of a batch or a benchmark: the ``result`` of the answer."""
    summary: Summary | None = None
    result_removed_at: str | None = None
    certificate: Certificate | None = None
    """Of a job whose result was removed; else it is in the result."""
    error: JobError | None = None
    webhook: JobWebhook | None = None

    @model_validator(mode="before")
    @classmethod
    def _sort_result(cls, said: Any) -> Any:
        """Give a result the name that its form has here."""
        if not isinstance(said, Mapping) or said.get("result") is None:
            return said
        field = RESULTS.get(said.get("kind", ""), "result")
        return {**said, "result": None, field: said["result"]}

    @model_serializer(mode="wrap")
    def _as_it_was_said(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said: dict[str, Any] = dump(self)
        for field in ("calculated", "totals"):
            result = said.pop(field, None)
            if result is not None:
                said["result"] = result
        return said

    @property
    def is_final(self) -> bool:
        return self.state.is_final


class Event(Answer):
    """One entry of a job's log; they are numbered from 1 without holes."""

    id: str
    type: str
    source: str
    subject: str
    time: str
    sequence: str
    epoch: str = ""
    data: dict[str, Any] = {}
    body: str = Field("", exclude=True, repr=False)
    """The event as the log stores it and every door shows it, to the byte."""

    @classmethod
    def parse(cls, body: str) -> Self:
        """Return the event that these bytes are."""
        return cls.model_validate_json(body).model_copy(update={"body": body})

    @property
    def number(self) -> int:
        return int(self.sequence)

    @property
    def is_terminal(self) -> bool:
        return self.type in TERMINAL

    @property
    def payload(self) -> Payload | None:
        """The data in the contract's form; None for a type newer than this client."""
        try:
            model = PAYLOADS[EventType(self.type)]
        except ValueError:
            return None
        return model.model_validate(self.data)


class Ended(Answer):
    """A solve that has ended, as history keeps it: longer than its result."""

    job_id: str
    request_id: str
    state: str
    status: str
    timestamp: str
    method: str | None = None
    instance: str | None = None
    problem_size: int | None = None
    objective_value: Number | None = None
    quality: float | None = None
    gap_percent: float | None = None
    iterations: int | None = None
    runtime_seconds: float
    cached: bool
    error: str | None = None
    created_at: str
    started_at: str | None = None
