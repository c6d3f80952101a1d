"""Jobs at certain times."""

from typing import Any

from api.client.models.answer import Answer
from api.client.models.jobs import JobWebhook
from db.contracts.job_state import JobState


class ScheduleRun(Answer):
    """What came of a due time."""

    number: int
    due_at: str
    cause: str
    outcome: str
    reason: str | None = None
    job_id: str | None = None
    job_state: JobState | None = None
    times: int
    recorded_at: str


class Schedule(Answer):
    """When a job is due, and how it went so far."""

    id: str
    name: str
    kind: str
    job: dict[str, Any] | None = None
    cron: str | None = None
    time_zone: str | None = None
    every_s: int | None = None
    start_at: str
    end_at: str | None = None
    overlap: str
    catch_up_s: int
    seed: str
    paused: bool
    next_at: str | None = None
    next_times: list[str] | None = None
    waiting_at: str | None = None
    last_run: ScheduleRun | None = None
    runs: int
    skips: int
    webhook: JobWebhook | None = None
    created_at: str
    updated_at: str
