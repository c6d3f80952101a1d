"""Batches and benchmarks as callers send them and see them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.instance import InstanceInput
from api.schemas.job import MAX_URL_LENGTH, MilestoneNames, Secret, WebhookView
from db.contracts.errors import ErrorRecord, InputProblem
from db.contracts.event import Counts
from db.contracts.job_state import JobState
from db.contracts.kinds.batch import MAX_ITEMS
from db.contracts.kinds.benchmark import MAX_EACH, Report
from db.contracts.kinds.solve import Limits, SolveResult

Name = Annotated[str, Field(min_length=1, max_length=64)]


class _Submission(BaseModel):
    model_config = ConfigDict(extra="forbid")

    priority_s: float = Field(0.0, ge=0, le=3600.0)
    """Taken as if it had been sent so many seconds earlier."""
    deadline_s: float | None = Field(None, gt=0, le=30 * 86_400)
    """Seconds from acceptance; what has not ended by then is stopped."""
    max_parallel: int | None = Field(None, ge=1, le=MAX_ITEMS)
    """How many children may be open at once."""
    webhook_url: str | None = Field(None, min_length=1, max_length=MAX_URL_LENGTH)
    """Told once, of the end of it all."""
    webhook_secret: Secret | None = None
    webhook_events_filter: MilestoneNames | None = None
    """Which of its own events are told, in place of its end."""


class BatchSubmission(_Submission):
    """Ask for many solves under one job."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {"instance": {"name": "nug12"}, "limits": {"time_s": 1}},
                        {"instance": {"name": "nug15"}, "limits": {"time_s": 1}},
                    ]
                }
            ]
        }
    )

    items: Annotated[list[Any], Field(min_length=1, max_length=MAX_ITEMS)]
    """Each is what ``POST /v1/jobs`` takes, without a webhook of its own."""
    parallel: bool = True
    """Whether they may run beside each other; else in order, one after another."""
    on_error: Literal["reject_all", "skip"] = "reject_all"
    """What to do where items are not valid: refuse all, or leave those out."""


class ContenderInput(BaseModel):
    """A method with parameters, under a name of its own."""

    model_config = ConfigDict(extra="forbid")

    method: str = Field(min_length=1, max_length=64)
    parameters: Annotated[dict[str, bool | int | float], Field(max_length=50)] = {}
    label: str | None = Field(None, min_length=1, max_length=100)


class BenchmarkSubmission(_Submission):
    """Ask for instances by methods by seeds under one budget."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "instances": ["nug12", "chr12a"],
                    "methods": ["tabu_search", {"method": "memetic"}],
                    "seeds": [1, 2, 3],
                    "limits": {"time_s": 1},
                }
            ]
        }
    )

    instances: Annotated[
        list[Name | InstanceInput], Field(min_length=1, max_length=MAX_EACH)
    ]
    """Names of the shipped library, or instances as ``POST /v1/jobs`` takes them."""
    methods: Annotated[list[Name | ContenderInput], Field(min_length=1, max_length=50)]
    seeds: Annotated[
        list[Annotated[int, Field(ge=0, lt=2**63)]],
        Field(min_length=1, max_length=MAX_EACH),
    ] = [1, 2, 3, 4, 5]
    limits: Limits = Field(default_factory=lambda: Limits())
    """Of each run."""
    target_gap: float = Field(0.0, ge=0, le=10)
    """A run hits its target at this gap to the best known."""


class FamilyLinks(BaseModel):
    """Where to go from here."""

    self: str
    job: str
    events: str
    cancel: str
    children: str
    results: str | None = None
    report: str | None = None


class FamilyView(BaseModel):
    """A job that is made of others."""

    id: str
    kind: str
    state: JobState
    created_at: str
    started_at: str | None
    finished_at: str | None
    counts: Counts
    rejected: list["RejectedView"] = []
    """Items that were left out, by index; in the answer that accepts a batch."""
    elapsed_s: float | None = None
    solving_s: float | None = None
    """Seconds of solving, summed over the children."""
    cached: int | None = None
    """Children that were answered from equal work done before."""
    termination: str | None = None
    error: ErrorRecord | None = None
    webhook: WebhookView | None = None
    links: FamilyLinks


class RejectedView(BaseModel):
    """An item that was left out."""

    index: int
    errors: list[InputProblem]


class ItemResult(BaseModel):
    """One line of a batch's results."""

    index: int
    job: str
    state: JobState
    cached: bool
    result: SolveResult | None
    error: ErrorRecord | None


class ReportView(BaseModel):
    """What a benchmark shows: live while it runs, and whole at its end."""

    final: bool
    state: JobState
    report: Report
