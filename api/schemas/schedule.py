"""Schedules as their owners send them and see them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from api.schemas.job import WebhookView
from db.contracts.job_state import JobState
from db.contracts.problem import problem
from db.contracts.schedule import Cause, Overlap, RunOutcome, Seed, SkipReason

MAX_EVERY_S = 366 * 86_400
MAX_CATCH_UP_S = 30 * 86_400
CATCH_UP_S = 3600
MAX_PREVIEW = 100
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
EXAMPLE = "2026-11-22T02:30:00Z"


def parse_instant(value: Any) -> float:
    """Return RFC 3339 as seconds since 1970, with their fraction."""
    if not isinstance(value, str):
        raise problem("not text", f"Send a time such as {EXAMPLE}, in quotes.")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise problem(
            "not a time with its offset from UTC", f"Send a time such as {EXAMPLE}."
        )
    if not EARLIEST <= moment <= LATEST:
        raise problem(
            "a time too far away", f"Times from {EARLIEST:%Y} to {LATEST:%Y} are taken."
        )
    return moment.timestamp()


def parse_moment(value: Any) -> float:
    """Return RFC 3339 as whole seconds since 1970."""
    return float(int(parse_instant(value)))


Instant = Annotated[
    float,
    PlainValidator(parse_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Moment = Annotated[
    float,
    PlainValidator(parse_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Name = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Kind = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\w+$")]
JobBody = Annotated[
    Any,
    WithJsonSchema({"type": "object", "description": "As sent to /v1/jobs."}),
]
CronText = Annotated[str, Field(min_length=1, max_length=200)]
ZoneName = Annotated[str, Field(min_length=1, max_length=64)]
Period = Annotated[int, Field(ge=1, le=MAX_EVERY_S)]
Window = Annotated[int, Field(ge=0, le=MAX_CATCH_UP_S)]
OverlapName = Literal["skip", "queue_one", "replace", "allow"]


class ScheduleSubmission(BaseModel):
    """Ask for jobs of one description at certain times."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "nightly",
                    "job": {"instance": {"name": "nug12"}, "limits": {"time_s": 2}},
                    "cron": "30 2 * * 1-5",
                    "time_zone": "Europe/Berlin",
                },
                {
                    "name": "every ten minutes",
                    "job": {"instance": {"name": "nug12"}, "limits": {"time_s": 2}},
                    "every_s": 600,
                    "overlap": "queue_one",
                },
            ]
        },
    )

    name: Name
    kind: Kind = "solve"
    job: JobBody
    """What would be sent to start the job at once."""
    cron: CronText | None = None
    """Minute, hour, day of month, month, day of week."""
    time_zone: ZoneName | None = None
    """Whose clock ``cron`` goes by, such as ``Europe/Berlin``; without it UTC."""
    every_s: Period | None = None
    """In place of ``cron``: a period, counted from ``start_at``."""
    start_at: Moment | None = None
    end_at: Moment | None = None
    overlap: OverlapName = "skip"
    catch_up_s: Window = CATCH_UP_S
    """A due time that was missed by more than this gets no job afterwards."""
    paused: bool = False


class TimingQuestion(BaseModel):
    """When jobs would start, by a rule that is not recorded yet."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"cron": "30 2 * * 1-5", "time_zone": "Europe/Berlin"},
                {"every_s": 600},
            ]
        },
    )

    cron: CronText | None = None
    time_zone: ZoneName | None = None
    every_s: Period | None = None
    start_at: Moment | None = None
    end_at: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PREVIEW)] = 10
    """How many times are told."""


class TimingAnswer(BaseModel):
    """The next due times; fewer where there is an end."""

    items: list[str]


class SchedulePatch(BaseModel):
    """What is to be changed; a field that is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"paused": True}, {"cron": "0 3 * * *"}]},
    )

    # Made, not given: no default is published that could not be sent.
    name: Name = Field(default_factory=str)
    kind: Kind = "solve"
    job: JobBody = Field(default_factory=dict)
    cron: CronText | None = None
    time_zone: ZoneName | None = None
    every_s: Period | None = None
    start_at: Moment | None = None
    end_at: Moment | None = None
    overlap: OverlapName = "skip"
    catch_up_s: Window = CATCH_UP_S
    paused: bool = False


class RunView(BaseModel):
    """What came of a due time."""

    number: int
    due_at: str
    cause: Cause
    outcome: RunOutcome
    reason: SkipReason | None
    times: int
    """How many due times in a row it stands for, from ``due_at`` on; 1000 or more
    are told as 1000."""
    job_id: str | None
    job_state: JobState | None = None
    """Of the latest run only, while the job is kept."""
    recorded_at: str


class RunPage(BaseModel):
    """Runs, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[RunView]
    next: str


class ScheduleLinks(BaseModel):
    """Where to go from here."""

    self: str
    runs: str
    pause: str
    resume: str
    trigger: str


class ScheduleView(BaseModel):
    """One schedule."""

    id: str
    name: str
    kind: str
    job: dict[str, Any] | None
    """As it was sent, but matrices by their hash, and without a secret. Not in
    listings."""
    cron: str | None
    time_zone: str | None
    every_s: int | None
    start_at: str
    end_at: str | None
    overlap: Overlap
    catch_up_s: int
    seed: Seed
    paused: bool
    next_at: str | None
    next_times: list[str] | None = None
    """The next five; none while it is paused. Not in listings."""
    waiting_at: str | None
    """The due time that waits for the job before it to end."""
    last_run: RunView | None
    runs: int
    skips: int
    webhook: WebhookView | None
    created_at: str
    updated_at: str
    links: ScheduleLinks


class SchedulePage(BaseModel):
    """Schedules, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[ScheduleView]
    next: str
