"""The scheduler as the earlier monitoring system told of it, and what its runs were."""

from typing import Literal

from pydantic import BaseModel, Field

JobStatus = Literal["active", "behind", "disabled", "waiting"]


class JobCounts(BaseModel):
    """What the runs of a scheduler job have come to, in all."""

    runs: int
    on_time: int
    """Begun within 1 s of their moment, or within a tenth of the period."""
    late: int
    skipped: int
    """Moments that went by without a run."""
    failed: int
    triggered: int
    """Runs that somebody asked for: they belong to no moment."""
    extra: int
    """Second runs of a moment, as two beats make them."""


class LastRun(BaseModel):
    """The latest run of a scheduler job."""

    started_at: str
    delay_seconds: float
    duration_seconds: float
    outcome: str
    error_type: str | None
    error: str | None
    """For operators only."""


class SchedulerJobView(BaseModel):
    """One job of the scheduler."""

    id: str
    name: str
    next_run: str | None
    """None while nobody knows: it has never run, it is paused, or beat is away."""
    trigger: str
    """When it runs, in words: a period or a cron expression."""
    kind: Literal["system", "user"]
    schedule: str
    """Our own name of it; of a user's the id, as /v1/schedules has it."""
    interval_seconds: float | None
    status: JobStatus
    """``behind``: moments went by since its last run; ``waiting``: it never ran."""
    missed_now: int
    """How many moments have gone by since its last run, and are late by now."""
    running: bool
    last_run: LastRun | None
    counts: JobCounts | None
    """Of what beat starts; users' runs are at /v1/schedules/{id}/runs."""


class SchedulerStatus(BaseModel):
    """Whether beat ticks, and what it starts."""

    total_jobs: int
    is_running: bool
    jobs: list[SchedulerJobView]
    """All of the system's, and up to 200 of the users' that the caller may see."""
    timestamp: str


class Triggered(BaseModel):
    """What was sent."""

    status: Literal["triggered"] = "triggered"
    job_id: str
    schedule: str
    task: str | None
    """The Celery task that was sent; none for a user's schedule, which has a job."""
    queue: str | None
    message_id: str | None
    started_job: str | None
    """The job that a user's schedule has started."""
    message: str
    timestamp: str


class ScheduleRow(BaseModel):
    """One row of the schedule's table: of a provider, its checks of the last hour."""

    provider: str
    category: str
    schedule: str
    schedule_interval: str
    enabled: bool
    last_run: str | None
    next_run: str | None
    on_time_count: int
    late_count: int
    skip_count: int
    failed_count: int | None
    """Runs; what came of a provider's checks stands in its statistics."""
    on_time_percentage: float | None
    status: JobStatus


class CompliancePoint(BaseModel):
    """A day."""

    date: str
    runs: int
    on_time: int
    late: int
    skipped: int
    failed: int
    compliance_percentage: float | None
    """Of the moments of that day: how many had their run on time. None without any."""
    avg_delay_seconds: float | None
    max_delay_seconds: float | None


class ComplianceSeries(BaseModel):
    """One schedule, or all of them."""

    id: str
    name: str
    compliance_percentage: float | None
    points: list[CompliancePoint]


class ComplianceChart(BaseModel):
    """How punctual the schedules were, by UTC day, oldest first."""

    days: int
    timestamp: str
    labels: list[str]
    total: ComplianceSeries
    series: list[ComplianceSeries]


class RunRow(BaseModel):
    """A run of what beat starts."""

    number: int
    cause: Literal["beat", "trigger"]
    expected_at: str | None
    started_at: str
    delay_seconds: float
    duration_seconds: float
    outcome: Literal["ok", "failed"]
    error_type: str | None
    error: str | None
    on_time: bool | None
    skipped: int = Field(description="Moments before its own without a run.")


class RunRows(BaseModel):
    """What is kept of a job's runs, newest first; ``next`` is ``after`` of more."""

    items: list[RunRow]
    next: str
