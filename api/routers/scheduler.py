"""/api/scheduler, /api/schedule: what beat and users' schedules start."""

import logging
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api import scheduler_views, scheduling
from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, StateDep
from api.health_views import now_text
from api.openapi import body_of
from api.ownership import SCHEDULES
from api.scheduler_jobs import (
    CHECKS,
    COLLECTED,
    OF_USERS,
    SchedulerJob,
    beaten_jobs,
    find_job,
)
from api.schemas.monitor import ProviderNamed
from api.schemas.scheduler import (
    ComplianceChart,
    RunRows,
    SchedulerJobView,
    ScheduleRow,
    SchedulerStatus,
    Triggered,
)
from api.state import ApiState
from api.vitals import Vitals
from api.watched_providers import ask_now
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError
from db.repositories import beat_runs, jobs, monitoring, providers, schedules
from db.repositories.monitoring import Punctuality

logger = logging.getLogger(__name__)
router = APIRouter(tags=["scheduler"])

MAX_USERS = 200
"""Of users' schedules: /v1/schedules has them all, page by page."""
MAX_PROVIDERS = 1000
WINDOW_SECONDS = 3600.0
TICKING_SECONDS = 16.0
"""Since the last run of whatever: where Redis cannot tell, the record does."""

Name = Annotated[
    str, Path(max_length=100, description="As /api/scheduler/status has it.")
]


@router.get("/api/scheduler/status")
def get_scheduler_status(state: StateDep, caller: CallerDep) -> SchedulerStatus:
    """Tell whether the scheduler runs, and of each of its jobs how it stands."""
    return scheduler_status(state, caller)


def scheduler_status(state: ApiState, caller: Caller) -> SchedulerStatus:
    """Return the jobs that the caller may see, and whether beat ticks."""
    with state.backplane.database.reading() as connection:
        views = _beaten(connection, state, caller) + _users(connection, caller)
        of_users = schedules.count_schedules(connection, caller=caller.sees_of)
        latest = beat_runs.latest_end(connection)
        moment = jobs.database_time(connection)
    ticking = Vitals(state).is_ticking
    if ticking is None:
        ticking = latest is not None and moment - latest < TICKING_SECONDS
    return SchedulerStatus(
        total_jobs=sum(view.kind == "system" for view in views) + of_users,
        is_running=ticking,
        jobs=views,
        timestamp=now_text(),
    )


@router.post("/api/scheduler/trigger/{name}")
def trigger_scheduler_job(name: Name, state: StateDep, caller: CallerDep) -> Triggered:
    """Have a job of the scheduler run now, beside its own turns."""
    if name.startswith(OF_USERS):
        return _trigger_users(state, caller, name)
    job = _find(state, name)
    _make_due(state, job)
    message_id = state.backplane.broker.start(job.schedule)
    logger.info(
        "schedule triggered",
        extra={"action": "beat_triggered", "schedule": job.schedule.name},
    )
    return Triggered(
        job_id=job.id,
        schedule=job.schedule.name,
        task=job.schedule.task,
        queue=job.schedule.queue,
        message_id=message_id,
        started_job=None,
        message=f"{job.schedule.task} was sent to the queue {job.schedule.queue}.",
        timestamp=now_text(),
    )


@router.get("/api/scheduler/jobs/{name}/runs")
def list_scheduler_runs(
    name: Name,
    state: StateDep,
    caller: CallerDep,
    after: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RunRows:
    """List the latest runs, and others that were late, failed or after a gap."""
    job = _find(state, name)
    with state.backplane.database.reading() as connection:
        found = beat_runs.list_runs(
            connection, job.schedule.name, before=after, limit=limit + 1
        )
    shown = found[:limit]
    return RunRows(
        items=[
            scheduler_views.run_row(run, tells_errors=caller.sees_all) for run in shown
        ],
        next=str(shown[-1].number) if len(found) > limit else "",
    )


@router.get("/api/schedule")
def get_schedule_table(state: StateDep, caller: CallerDep) -> list[ScheduleRow]:
    """Return the schedule as a table: when each ran and runs, and how punctually.

    Of providers that are the checks of the last hour.
    """
    with state.backplane.database.reading() as connection:
        views = _beaten(connection, state, caller) + _users(connection, caller)
        moment = jobs.database_time(connection)
        made = monitoring.punctuality(connection, since=moment - WINDOW_SECONDS)
        found = monitoring.all_providers(connection, limit=MAX_PROVIDERS)
    return [scheduler_views.schedule_row(view) for view in views] + [
        scheduler_views.provider_row(
            each,
            made.get(each.id, Punctuality(0, 0)),
            window_s=WINDOW_SECONDS,
            moment=moment,
        )
        for each in found
    ]


@router.post(
    "/api/schedule/trigger",
    response_model=Triggered,
    openapi_extra=body_of(ProviderNamed),
)
async def trigger_provider(
    request: Request, state: StateDep, caller: CallerDep
) -> Triggered:
    """Have a provider checked now; or another row of the schedule's table."""
    require_json(request)
    body = await read_body(request, state.settings)

    def trigger() -> Triggered:
        named = parse(ProviderNamed, body).provider
        known = beaten_jobs(state.backplane)
        is_job = any(named in (job.id, job.schedule.name) for job in known)
        if is_job or named in COLLECTED or named.startswith(OF_USERS):
            return trigger_scheduler_job(named, state, caller)
        found = ask_now(state, named)
        return Triggered(
            job_id=found.name,
            schedule=CHECKS,
            task=None,
            queue=None,
            message_id=None,
            started_job=None,
            message=f"{found.name} is due: the next courier checks it.",
            timestamp=now_text(),
        )

    return await run_in_threadpool(trigger)


@router.get("/api/charts/compliance")
def get_compliance(
    state: StateDep,
    days: Annotated[int, Query(ge=1, le=30)] = 7,
) -> ComplianceChart:
    """Return which share of moments had their run on time, by schedule and UTC day."""
    with state.backplane.database.reading() as connection:
        moment = jobs.database_time(connection)
        begin = scheduler_views.first_day(moment, days)
        counts = beat_runs.counts_since(
            connection, begin, step_seconds=scheduler_views.DAY_SECONDS
        )
    return scheduler_views.compliance_chart(
        beaten_jobs(state.backplane), counts, begin=begin, days=days
    )


def _find(state: ApiState, name: str) -> SchedulerJob:
    with state.backplane.database.reading() as connection:
        rows = monitoring.checked(connection, COLLECTED.values())
    return find_job(state.backplane, name, [row["category"] for row in rows])


def _make_due(state: ApiState, job: SchedulerJob) -> None:
    """Have all providers checked that are meant: their schedule asks who is due."""
    if job.schedule.name != CHECKS:
        return
    with state.backplane.database.transaction() as connection:
        ids = None
        if job.category is not None:
            ids = monitoring.ids_of(connection, job.category)
        providers.make_due(connection, ids)


def _trigger_users(state: ApiState, caller: Caller, name: str) -> Triggered:
    if not SCHEDULES.id_form.fullmatch(name):
        raise NotFoundError("there is no such schedule")
    SCHEDULES.require(state.backplane, caller, name)
    job = scheduling.trigger(state, name, caller=caller)
    return Triggered(
        job_id=name,
        schedule=name,
        task=None,
        queue=job.queue,
        message_id=None,
        started_job=job.id,
        message=f"The job {job.id} was started.",
        timestamp=now_text(),
    )


def _beaten(
    connection: Connection, state: ApiState, caller: Caller
) -> list[SchedulerJobView]:
    moment = jobs.database_time(connection)
    found = beat_runs.standings(connection)
    known = beaten_jobs(state.backplane)
    views = [
        scheduler_views.beaten_view(
            job,
            found.get(job.schedule.name),
            moment,
            tells_errors=caller.sees_all,
        )
        for job in known
    ]
    if not any(job.schedule.name == CHECKS for job in known):
        return views
    names = {category: name for name, category in COLLECTED.items()}
    return views + [
        scheduler_views.category_view(names[row["category"]], row, moment)
        for row in monitoring.checked(connection, COLLECTED.values())
    ]


def _users(connection: Connection, caller: Caller) -> list[SchedulerJobView]:
    moment = jobs.database_time(connection)
    found = schedules.list_schedules(
        connection, after=None, limit=MAX_USERS, caller=caller.sees_of
    )
    return [scheduler_views.user_view(each, moment) for each in found]
