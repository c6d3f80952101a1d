"""What callers send to have jobs repeated, and many treated alike."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from api.schemas.job import (
    MAX_PRIORITY_S,
    MAX_URL_LENGTH,
    JobId,
    MilestoneNames,
    Secret,
    StartInput,
)
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Limits, Sha256
from db.contracts.problem import problem

MAX_ACTED = 1000
Action = Literal["cancel", "rerun", "delete"]


class ReproduceInput(BaseModel):
    """What a reproduction may have of its own; nothing of it touches the run."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{}, {"priority_s": 60}]}
    )

    priority_s: float | None = Field(None, ge=0, le=MAX_PRIORITY_S)
    """The job's, if not given."""
    webhook_url: str | None = Field(None, min_length=1, max_length=MAX_URL_LENGTH)
    webhook_secret: Secret | None = None
    webhook_events_filter: MilestoneNames | None = None


class RerunInput(ReproduceInput):
    """What is to be otherwise this time; without a seed a new one is drawn."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"limits": {"time_s": 60}}]}
    )

    seed: int | None = Field(None, ge=0, lt=2**63)
    method: str | None = Field(None, min_length=1, max_length=64)
    parameters: (
        Annotated[dict[str, bool | int | float], Field(max_length=50)] | None
    ) = None
    """In place of all of the job's; those of another method start from its defaults."""
    limits: Limits | None = None
    """In place of all of the job's."""
    start: StartInput | None = None
    """Null: where the method likes."""
    cache: bool | None = None


def _state(value: object) -> JobState:
    try:
        return JobState(str(value))
    except ValueError:
        raise problem(
            "no such state", f"Choose one of {', '.join(JobState)}."
        ) from None


# Bodies are read strictly, and strictly no text is a member of an enumeration.
State = Annotated[JobState, BeforeValidator(_state)]


def _moment(text: str) -> str:
    try:
        has_zone = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        has_zone = False
    if not has_zone:
        raise problem(
            "not a moment with its time zone", "Send it as 2026-11-22T05:20:52Z."
        )
    return text


Moment = Annotated[
    str,
    Field(max_length=40),
    AfterValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 40}),
]


class ActionFilter(BaseModel):
    """Which jobs; all that is given must hold. Children only by ids or parent."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[JobId], Field(min_length=1, max_length=MAX_ACTED)] | None = None
    state: State | None = None
    kind: str | None = Field(None, max_length=64, pattern=r"^\w+$")
    method: str | None = Field(None, max_length=64, pattern=r"^\w+$")
    instance: Sha256 | None = None
    parent: JobId | None = None
    created_before: Moment | None = None
    created_after: Moment | None = None


class ActionInput(BaseModel):
    """Do the same to many jobs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "action": "cancel",
                    "filter": {"state": "queued", "method": "exact"},
                    "dry_run": True,
                }
            ]
        },
    )

    action: Action
    filter: ActionFilter
    dry_run: bool = False
    """Only tell what would be done."""
    after: str | None = Field(None, max_length=200)
    """``next`` of the answer before, to go on behind it."""


class ActionProblem(BaseModel):
    """Why nothing was done to a job."""

    code: str
    detail: str
    suggestion: str


class ActionOutcome(BaseModel):
    """What became of one job."""

    job: str
    outcome: Literal["done", "refused", "would_be_done"]
    state: JobState | None = None
    """Of the job, before."""
    new_job: str | None = None
    """Of a rerun."""
    problem: ActionProblem | None = None


class ActionView(BaseModel):
    """What became of all of them."""

    action: Action
    dry_run: bool
    chosen: int
    done: int
    """Or, of a dry run, what would be."""
    refused: int
    items: list[ActionOutcome]
    more: bool
    """Whether there are more such jobs: send it again with ``after``."""
    next: str
