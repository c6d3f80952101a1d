"""Jobs as callers send them and see them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.instance import InstanceInput
from db.contracts.errors import ErrorRecord
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Limits, SolveResult

MAX_URL_LENGTH = 2048


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
    """One of ``/v1/methods``; without it, the one that suits the instance."""
    parameters: Annotated[dict[str, bool | int | float], Field(max_length=50)] = {}
    seed: int = Field(0, ge=0, lt=2**63)
    limits: Limits = Field(default_factory=lambda: Limits())
    webhook_url: str | None = Field(None, min_length=1, max_length=MAX_URL_LENGTH)
    """Told of the job's end, signed to Standard Webhooks."""
    webhook_secret: str | None = Field(
        None, pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$"
    )
    """Signs what is sent; without it one is made and shown once, in the answer."""


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
    seed: int
    limits: Limits
    progress: ProgressView | None
    result: SolveResult | None
    """Of an ended job; not in listings."""
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
    result: SolveResult | None = None
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
