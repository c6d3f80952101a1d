"""What the service answers, as far as this client reads it.

Fields that a newer service adds are kept, and come out again in ``model_dump``.
"""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.event import PAYLOADS, TERMINAL, EventType
from db.contracts.job_state import JobState
from db.contracts.payload import Payload

Number = int | float


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class InstanceReference(_Answer):
    """Which instance a job is about."""

    sha256: str
    name: str | None = None
    order: int


class Progress(_Answer):
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


class Certificate(_Answer):
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


class Reproduction(_Answer):
    """Whether a run that was repeated came to the same."""

    of: str
    verdict: str
    objective: Number
    expected_objective: Number
    reasons: list[str] = []


class Verdict(_Answer):
    """Whether a certificate holds, and if not, why."""

    valid: bool
    objective: Number | None = None
    reasons: list[str] = []


class Result(_Answer):
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
    reproduction: Reproduction | None = None
    certificate: Certificate


class ResultState(_Answer):
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


class JobError(_Answer):
    """Why a job failed."""

    code: str
    message: str
    suggestion: str = ""
    retryable: bool = False


class Job(_Answer):
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
    seed: int = 0
    limits: dict[str, Any] = {}
    progress: Progress | None = None
    result: Result | None = None
    result_removed_at: str | None = None
    certificate: Certificate | None = None
    """Of a job whose result was removed; else it is in the result."""
    error: JobError | None = None

    @property
    def is_final(self) -> bool:
        return self.state.is_final


class Event(_Answer):
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


class Method(_Answer):
    """One way to search."""

    name: str
    title: str = ""
    summary: str = ""
    kind: str = ""
    version: str = ""
    parameters: list[dict[str, Any]] = []


class Instance(_Answer):
    """An instance that jobs may refer to by name or hash."""

    sha256: str
    name: str | None = None
    order: int
    exact: bool = True
    best_known: Number | None = None
    proven_optimal: bool | None = None
    lower_bound: Number | None = None
    source: str = ""


class ApiKey(_Answer):
    """A key, without its secret."""

    prefix: str
    owner: str
    name: str = ""
    scopes: tuple[str, ...] = ()
    max_queued: int | None = None
    max_running: int | None = None
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    last_used_at: str | None = None


class NewApiKey(ApiKey):
    """A key that was just made."""

    key: str
    """All of it: this once."""


class StreamToken(_Answer):
    """What a browser may follow its topics with, in an address if need be."""

    token: str
    expires_at: str
    topics: tuple[str, ...] = ()


class Webhook(_Answer):
    """Where the events of all one's jobs are told."""

    id: str
    mode: str = "push"
    url: str | None = None
    events: tuple[str, ...] = ()
    payload: str
    description: str = ""
    state: str
    disabled_reason: str | None = None
    failing_since: str | None = None
    created_at: str


class NewWebhook(Webhook):
    """A webhook with a new secret."""

    secret: str
    """All of it: this once."""


class DeliveryAttempt(_Answer):
    """One HTTP request of a delivery: a status code, or why there is none."""

    number: int
    trigger: str = ""
    started_at: str
    duration_ms: float
    status_code: int | None = None
    error: str | None = None
    response_head: str | None = None
    next_attempt_at: str | None = None


class Delivery(_Answer):
    """One event owed to one webhook; its id is the ``webhook-id``."""

    id: str
    endpoint_id: str
    job_id: str | None = None
    event_id: str
    event_type: str
    state: str
    created_at: str
    next_attempt_at: str | None = None
    finished_at: str | None = None
    attempts: tuple[DeliveryAttempt, ...] = ()


class FetchedDelivery(_Answer):
    """A request to be made: these headers and exactly these bytes."""

    id: str
    number: int
    event_type: str
    headers: dict[str, str]
    body: str


class ProblemPart(_Answer):
    """One thing wrong with a request, and where."""

    detail: str
    pointer: str = ""
    suggestion: str | None = None


class Problem(_Answer):
    """The body of a refusal (RFC 9457)."""

    type: str = "about:blank"
    title: str = ""
    status: int
    detail: str = ""
    instance: str = ""
    errors: tuple[ProblemPart, ...] = ()
    suggestion: str = ""
    request_id: str = ""
