"""Schedules as rows become schedules as their owners see them."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection

from api.schemas.job import WebhookView
from api.schemas.schedule import RunView, ScheduleLinks, ScheduleView
from db.contracts.event import optional_timestamp, timestamp
from db.contracts.job_state import JobState
from db.contracts.schedule import (
    NEXT_TIMES,
    Cause,
    Overlap,
    RunOutcome,
    Seed,
    SkipReason,
)
from db.models import Schedule, ScheduleRun
from db.repositories import jobs, schedule_runs, schedules


def new_schedule(connection: Connection, schedule: Schedule) -> ScheduleView:
    """Return a schedule with its webhook's secret: this once."""
    view = whole_schedule(connection, schedule)
    if view.webhook is not None:
        view.webhook.secret = schedule.webhook_secret
    return view


def whole_schedule(connection: Connection, schedule: Schedule) -> ScheduleView:
    """Return a schedule with the times to come and how its last job stands."""
    (view,) = listed_schedules(connection, [schedule])
    view.job = json.loads(schedule.submission)
    view.next_times = [timestamp(due) for due in _next_times(schedule)]
    last = view.last_run
    if last is not None and last.job_id is not None:
        job = jobs.find_job(connection, last.job_id)
        last.job_state = None if job is None else JobState(job.state)
    return view


def listed_schedules(
    connection: Connection, found: Sequence[Schedule]
) -> list[ScheduleView]:
    """Return schedules as a listing shows them."""
    numbers = [(each.id, each.records) for each in found if each.records]
    latest = schedule_runs.latest_runs(connection, numbers) if numbers else {}
    return [_view(each, latest.get(each.id)) for each in found]


def run_view(run: ScheduleRun) -> RunView:
    """Return what came of a due time."""
    return RunView(
        number=run.number,
        due_at=timestamp(run.due_at),
        cause=Cause(run.cause),
        outcome=RunOutcome(run.outcome),
        reason=None if run.reason is None else SkipReason(run.reason),
        times=run.times,
        job_id=run.job_id,
        recorded_at=timestamp(run.recorded_at),
    )


def _view(schedule: Schedule, last: ScheduleRun | None) -> ScheduleView:
    path = f"/v1/schedules/{schedule.id}"
    return ScheduleView(
        id=schedule.id,
        name=schedule.name,
        kind=schedule.kind,
        job=None,
        cron=schedule.cron,
        time_zone=schedule.time_zone,
        every_s=schedule.every_s,
        start_at=timestamp(schedule.start_at),
        end_at=optional_timestamp(schedule.end_at),
        overlap=Overlap(schedule.overlap),
        catch_up_s=schedule.catch_up_s,
        seed=Seed(schedule.seed),
        paused=schedule.paused,
        next_at=optional_timestamp(schedule.next_at),
        waiting_at=optional_timestamp(schedule.waiting_at),
        last_run=None if last is None else run_view(last),
        runs=schedule.runs,
        skips=schedule.skips,
        webhook=None
        if schedule.webhook_url is None
        else WebhookView(url=schedule.webhook_url, secret=None),
        created_at=timestamp(schedule.created_at),
        updated_at=timestamp(schedule.updated_at),
        links=ScheduleLinks(
            self=path,
            runs=f"{path}/runs",
            pause=f"{path}/pause",
            resume=f"{path}/resume",
            trigger=f"{path}/trigger",
        ),
    )


def _next_times(schedule: Schedule) -> list[float]:
    if schedule.next_at is None:
        return []
    timetable = schedules.timetable_of(schedule)
    later = timetable.next_times(schedule.next_at, NEXT_TIMES - 1)
    return [schedule.next_at, *later]
