"""Jobs as callers send them and see them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.instance import InstanceInput
from db.contracts.errors import ErrorRecord
from db.contracts.event import Counts
from db.contracts.job_state import JobState
from db.contracts.kinds.batch import BatchResult
from db.contracts.kinds.benchmark import BenchmarkResult
from db.contracts.kinds.calculate import CalculateResult
from db.contracts.kinds.islands import MAX_ISLANDS, IslandsResult
from db.contracts.kinds.solve import Certificate, Limits, SolveResult
from db.contracts.problem import problem

MAX_URL_LENGTH = 2048

JobId = Annotated[str, Field(pattern=r"^job_[0-9a-f]{32}$")]
_BASE64 = (
    r"([A-Za-z0-9+/]{4}){8,21}([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?"
)
Secret = Annotated[str, Field(pattern=f"^whsec_{_BASE64}$")]
MilestoneName = Literal[
    "job.queued",
    "job.started",
    "job.attempt_lost",
    "job.succeeded",
    "job.failed",
    "job.cancelled",
    "job.expired",
    "batch.completed",
    "benchmark.completed",
]
MilestoneNames = Annotated[list[MilestoneName], Field(min_length=1, max_length=20)]


class StartInput(BaseModel):
    """Where the search is to start: at a permutation, or where a job has got to."""

    model_config = ConfigDict(extra="forbid")

    permutation: Annotated[list[int], Field(min_length=2, max_length=5000)] | None = (
        None
    )
    """``permutation[i]`` is the location of facility ``i``, from 0."""
    job: JobId | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.permutation is None) == (self.job is None):
            raise problem(
                "a start is either a permutation or a job",
                "Send one of the two.",
            )
        return self


MAX_PRIORITY_S = 3600.0


class SolveSubmission(BaseModel):
    """Ask for one instance to be solved."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "solve",
                    "instance": {"name": "nug12"},
                    "limits": {"time_s": 2},
                },
                {
                    "kind": "solve",
                    "instance": {
                        "flow": [[0, 3, 1], [3, 0, 2], [1, 2, 0]],
                        "distance": [[0, 5, 4], [5, 0, 6], [4, 6, 0]],
                    },
                    "limits": {"iterations": 1000},
                    "seed": 7,
                },
            ]
        },
    )

    kind: Literal["solve"] = "solve"
    instance: InstanceInput
    method: str | None = Field(None, min_length=1, max_length=64)
    """One of ``/v1/methods``, or ``portfolio``: several race and share what they find.
    Without it, the one that suits the instance."""
    parameters: Annotated[dict[str, bool | int | float], Field(max_length=50)] = {}
    seed: int = Field(0, ge=0, lt=2**63)
    limits: Limits = Field(default_factory=lambda: Limits())
    start: StartInput | None = None
    """Where the search starts; without it, where the method likes."""
    islands: int | None = Field(None, ge=1, le=MAX_ISLANDS)
    """By how many searches at once, each a job of its own with a seed of its own, that
    share what they find."""
    portfolio: (
        Annotated[
            list[Annotated[str, Field(min_length=1, max_length=64)]],
            Field(min_length=2, max_length=MAX_ISLANDS),
        ]
        | None
    ) = None
    """Which methods race; islands take them in turn."""
    cache: bool = True
    """Whether a result that equal work has found will do; false runs anew."""
    priority_s: float = Field(0.0, ge=0, le=MAX_PRIORITY_S)
    """Taken as if it had been sent so many seconds earlier."""
    webhook_url: str | None = Field(None, min_length=1, max_length=MAX_URL_LENGTH)
    """Told of the job's end, signed to Standard Webhooks."""
    webhook_secret: Secret | None = None
    """Signs what is sent; without it one is made and shown once, in the answer."""
    webhook_events_filter: MilestoneNames | None = None
    """Which of its events are told, in place of its end."""


class InstanceReference(BaseModel):
    """Which instance a job is about."""

    sha256: str
    name: str | None
    order: int


class WebhookView(BaseModel):
    """Where a job's end is told."""

    url: str
    secret: str | None
    """Only in the answer that accepts the job."""


class JobLinks(BaseModel):
    """Where to go from here."""

    self: str
    events: str
    result: str
    cancel: str


class ProgressView(BaseModel):
    """How the job stands, as its log last told."""

    sequence: int
    objective: int | float | None = None
    bound: int | float | None = None
    bound_name: str | None = None
    gap_to_bound: float | None = None
    best_known: int | float | None = None
    gap_to_best_known: float | None = None
    iterations: int | None = None
    elapsed_s: float | None = None
    fraction: float | None = None
    """How much of a calculation is done, from 0 to 1."""
    eta_s: float | None = None
    """In about how many seconds a calculation will have ended."""
    message: str | None = None


class QueueView(BaseModel):
    """Where a waiting job stands in its queue."""

    position: int
    """How many are taken before it, by what is known now."""
    eta_low_at: str | None = None
    eta_high_at: str | None = None
    """Between these it should start, if the queue goes on as it did lately."""


class SummaryView(BaseModel):
    """What an ended solve came to, in short; kept when its result is removed."""

    objective: int | float
    """Rounded above 2**53; the result has all its digits."""
    gap: float | None = None
    """To the best known objective; to the bound where none is known."""
    elapsed_s: float | None = None
    iterations: int | None = None


class JobView(BaseModel):
    """One job."""

    id: str
    kind: str
    state: JobState
    attempt: int
    queue: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    cancel_requested: bool
    deadline_at: str | None
    instance: InstanceReference | None
    method: str | None
    parameters: dict[str, Any]
    seed: int | None
    limits: Limits | None
    metadata: dict[str, Any] | None = None
    """Whatever its caller wanted back."""
    islands: int | None = None
    """How many searches share what they find, where there are several."""
    portfolio: list[str] | None = None
    """The methods that race, where there are several."""
    priority_s: float
    parent: str | None
    """The job that it is part of: a batch, a benchmark, or a solve by islands."""
    origin: str | None
    """``rerun``, ``reproduce`` or ``schedule``, of which `origin_id`."""
    origin_id: str | None
    follows: str | None
    """The equal job whose end it waits for."""
    cached_from: str | None
    """The job that did the work, where this one did not run itself."""
    waiting: QueueView | None = None
    progress: ProgressView | None
    counts: Counts | None = None
    """Of its children, by state."""
    result: (
        IslandsResult
        | SolveResult
        | BatchResult
        | BenchmarkResult
        | CalculateResult
        | None
    )
    """Of an ended job; not in listings."""
    summary: SummaryView | None = None
    """Of an ended solve that found something; in listings too."""
    result_removed_at: str | None = None
    certificate: Certificate | None = None
    """Kept when the result is removed; until then it is part of the result."""
    error: ErrorRecord | None
    webhook: WebhookView | None = None
    links: JobLinks


class JobPage(BaseModel):
    """Jobs, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[JobView]
    next: str


class ResultView(BaseModel):
    """The best so far, or the end."""

    final: bool
    state: JobState
    objective: int | float
    permutation: list[int]
    bound: int | float | None = None
    bound_name: str | None = None
    best_known: int | float | None = None
    gap_to_bound: float | None = None
    gap_to_best_known: float | None = None
    iterations: int | None = None
    elapsed_s: float | None = None
    result: IslandsResult | SolveResult | None = None
    """Whole, with its certificate, once ``final``."""


class EventPage(BaseModel):
    """Events of one log, in order."""

    epoch: str
    items: list[dict[str, Any]]
    last_sequence: int
    """Of the whole log so far."""
    ended: bool
    next: str
    """Where to read on; empty once the terminal event is in ``items``."""
