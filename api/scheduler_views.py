"""From rows of runs to the scheduler as its clients see it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import RowMapping

from api.health_views import now_text
from api.scheduler_jobs import CHECKS, SchedulerJob
from api.schemas.scheduler import (
    ComplianceChart,
    CompliancePoint,
    ComplianceSeries,
    JobCounts,
    JobStatus,
    LastRun,
    RunRow,
    SchedulerJobView,
    ScheduleRow,
)
from db.contracts import beat_run
from db.contracts.event import optional_timestamp, timestamp
from db.models import BeatRun, BeatStanding, Provider, Schedule
from db.repositories.beat_runs import Counts
from db.repositories.monitoring import Punctuality

DAY_SECONDS = 86_400
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def beaten_view(
    job: SchedulerJob,
    standing: BeatStanding | None,
    moment: float,
    *,
    tells_errors: bool,
) -> SchedulerJobView:
    """Return one of beat's schedules as it stands at this moment.

    The text of an error may hold what only operators should read; its type does not.
    """
    every = job.schedule.every_seconds
    missed = _missed(standing, every, moment)
    next_at = None
    if standing is not None and standing.sent_at is not None and not missed:
        next_at = standing.sent_at + every
    return SchedulerJobView(
        id=job.id,
        name=job.schedule.summary,
        next_run=optional_timestamp(next_at),
        trigger=f"every {in_words(every)}",
        kind="system",
        schedule=job.schedule.name,
        interval_seconds=every,
        status=_status(standing, missed),
        missed_now=missed,
        running=standing is not None and _runs(standing, every, moment),
        last_run=None
        if standing is None
        else _last_run(standing, tells_errors=tells_errors),
        counts=None if standing is None else _counts(standing),
    )


def category_view(name: str, row: RowMapping, moment: float) -> SchedulerJobView:
    """Return what is checked and collected of a category's providers, as a job."""
    every, due = row["every_s"], row["next_at"]
    missed = 0
    if due is not None:
        missed = beat_run.overdue(moment - due + every, every)
    return SchedulerJobView(
        id=name,
        name=f"Check and collect the providers of {row['category']}.",
        next_run=optional_timestamp(due),
        trigger=f"every {in_words(every)}",
        kind="system",
        schedule=CHECKS,
        interval_seconds=every,
        status="behind" if missed else "active",
        missed_now=missed,
        running=False,
        last_run=None,
        counts=None,
    )


def user_view(schedule: Schedule, moment: float) -> SchedulerJobView:
    """Return a user's schedule as a job of the scheduler."""
    every = schedule.every_s
    late = 0
    if schedule.next_at is not None and every:
        late = beat_run.overdue(moment - schedule.next_at + every, every)
    elif schedule.next_at is not None:
        late = int(moment - schedule.next_at > beat_run.ON_TIME_SECONDS)
    status: JobStatus = "behind" if late else "active"
    return SchedulerJobView(
        id=schedule.id,
        name=schedule.name,
        next_run=optional_timestamp(schedule.next_at),
        trigger=f"every {in_words(every)}" if every else f"cron {schedule.cron}",
        kind="user",
        schedule=schedule.id,
        interval_seconds=every,
        status="disabled" if schedule.paused else status,
        missed_now=late,
        running=False,
        last_run=None,
        counts=None,
    )


def provider_row(
    found: Provider, made: Punctuality, *, window_s: float, moment: float
) -> ScheduleRow:
    """Return a provider's checks as a row of the schedule's table."""
    known_s = min(window_s, moment - found.created_at)
    expected = 0 if found.paused else int(known_s // found.every_s)
    skipped = max(0, expected - made.checks)
    late = made.checks - made.on_time
    behind = found.next_at is not None and bool(
        beat_run.overdue(moment - found.next_at + found.every_s, found.every_s)
    )
    return ScheduleRow(
        provider=found.name,
        category=found.category,
        schedule=found.id,
        schedule_interval=f"every {in_words(found.every_s)}",
        enabled=not found.paused,
        last_run=optional_timestamp(found.last_check_at),
        next_run=optional_timestamp(found.next_at),
        on_time_count=made.on_time,
        late_count=late,
        skip_count=skipped,
        failed_count=None,
        on_time_percentage=_percent(made.on_time, late, skipped),
        status="disabled" if found.paused else "behind" if behind else "active",
    )


def schedule_row(view: SchedulerJobView) -> ScheduleRow:
    """Return a job as a row of the schedule's table."""
    found = view.counts
    on_time, late, skipped, failed = (
        (found.on_time, found.late, found.skipped, found.failed) if found else [0] * 4
    )
    return ScheduleRow(
        provider=view.id,
        category=view.kind,
        schedule=view.schedule,
        schedule_interval=view.trigger,
        enabled=view.status != "disabled",
        last_run=None if view.last_run is None else view.last_run.started_at,
        next_run=view.next_run,
        on_time_count=on_time,
        late_count=late,
        skip_count=skipped,
        failed_count=failed,
        on_time_percentage=_percent(on_time, late, skipped),
        status=view.status,
    )


def run_row(run: BeatRun, *, tells_errors: bool) -> RunRow:
    """Return a run as it is told."""
    return RunRow(
        number=run.number,
        cause="trigger" if run.expected_at is None else "beat",
        expected_at=optional_timestamp(run.expected_at),
        started_at=timestamp(run.started_at),
        delay_seconds=round(run.delay_s, 6),
        duration_seconds=round(run.duration_s, 6),
        outcome="ok" if run.error_type is None else "failed",
        error_type=run.error_type,
        error=run.error if tells_errors else None,
        on_time=run.on_time,
        skipped=run.skipped,
    )


def first_day(moment: float, days: int) -> float:
    """Return when the first of so many UTC days began, the last being today's."""
    return moment // DAY_SECONDS * DAY_SECONDS - (days - 1) * DAY_SECONDS


def compliance_chart(
    jobs: Sequence[SchedulerJob], counts: Sequence[Counts], *, begin: float, days: int
) -> ComplianceChart:
    """Return how punctual each was, and all together, day by day."""
    begins = [int(begin) + number * DAY_SECONDS for number in range(days)]
    series = [
        _series(
            job.id,
            job.schedule.summary,
            [each for each in counts if each.name == job.schedule.name],
            begins,
        )
        for job in jobs
    ]
    known = {job.schedule.name for job in jobs}
    return ComplianceChart(
        days=days,
        timestamp=now_text(),
        labels=[_date(each) for each in begins],
        total=_series(
            "all", "All of them.", [c for c in counts if c.name in known], begins
        ),
        series=series,
    )


def in_words(seconds: float) -> str:
    """Return a period in the largest unit that it is a whole number of."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            number = int(seconds // size)
            return unit if number == 1 else f"{number} {unit}s"
    return f"{seconds:g} seconds"


def _series(
    of: str, name: str, counts: Sequence[Counts], begins: Sequence[int]
) -> ComplianceSeries:
    return ComplianceSeries(
        id=of,
        name=name,
        compliance_percentage=_percent(
            sum(each.on_time for each in counts),
            sum(each.late for each in counts),
            sum(each.skipped for each in counts),
        ),
        points=[
            _point(begin, [each for each in counts if each.begins_at == begin])
            for begin in begins
        ],
    )


def _point(begin: int, counts: Sequence[Counts]) -> CompliancePoint:
    on_time = sum(each.on_time for each in counts)
    late = sum(each.late for each in counts)
    skipped = sum(each.skipped for each in counts)
    judged = on_time + late
    delays = sum(each.delay_sum_s for each in counts)
    return CompliancePoint(
        date=_date(begin),
        runs=sum(each.runs for each in counts),
        on_time=on_time,
        late=late,
        skipped=skipped,
        failed=sum(each.failed for each in counts),
        compliance_percentage=_percent(on_time, late, skipped),
        avg_delay_seconds=round(delays / judged, 6) if judged else None,
        max_delay_seconds=round(max(each.delay_max_s for each in counts), 6)
        if judged
        else None,
    )


def _percent(on_time: int, late: int, skipped: int) -> float | None:
    share = beat_run.compliance(on_time, late, skipped)
    return None if share is None else round(share * 100, 3)


def _date(begin: int) -> str:
    return (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=begin)).date().isoformat()
    )


def _missed(standing: BeatStanding | None, every: float, moment: float) -> int:
    if standing is None or standing.sent_at is None or _runs(standing, every, moment):
        return 0
    return beat_run.overdue(moment - standing.sent_at, every)


def _runs(standing: BeatStanding, every: float, moment: float) -> bool:
    # Who was killed has not said that it ended: after a period nobody believes it.
    return standing.begun_at is not None and moment - standing.begun_at < every


def _status(
    standing: BeatStanding | None, missed: int
) -> Literal["active", "behind", "waiting"]:
    if standing is None:
        return "waiting"
    return "behind" if missed else "active"


def _last_run(standing: BeatStanding, *, tells_errors: bool) -> LastRun | None:
    if standing.started_at is None or standing.outcome is None:
        return None
    return LastRun(
        started_at=timestamp(standing.started_at),
        delay_seconds=round(standing.delay_s or 0.0, 6),
        duration_seconds=round(standing.duration_s or 0.0, 6),
        outcome=standing.outcome,
        error_type=standing.error_type,
        error=standing.error if tells_errors else None,
    )


def _counts(standing: BeatStanding) -> JobCounts:
    return JobCounts(
        runs=standing.records,
        on_time=standing.on_time,
        late=standing.late,
        skipped=standing.skipped,
        failed=standing.failed,
        triggered=standing.triggered,
        extra=standing.extra,
    )
