"""/v1/alerts: what is beyond its limit; /api/alerts: the earlier monitor's."""

import re
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from api.alert_views import alert_entry, alert_view
from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, StateDep
from api.health_views import now_text
from api.openapi import body_of
from api.paging import next_after, read_cursor
from api.routers.alert_rules import ID_FORM as RULE_ID_FORM
from api.schemas.alert import (
    PLAIN,
    AcknowledgedView,
    AlertEntry,
    AlertNote,
    AlertPage,
    AlertView,
)
from api.schemas.schedule import Instant
from api.state import ApiState
from db import alarm
from db.announcement import tell_noted
from db.contracts.alert import AlertKind, AlertState, Severity
from db.contracts.event import optional_timestamp
from db.models import Alert
from db.repositories import alerts, jobs
from db.repositories.alerts import AlertFilter

router = APIRouter(tags=["alerts"])

ID_FORM = re.compile(r"alt_[0-9a-f]{32}")
MAX_HOURS = 24 * 366
AlertId = Annotated[str, Path(description="As the listing has it.", max_length=100)]
ProviderText = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=PLAIN, description="A name, or an id."),
]


@router.get("/v1/alerts")
def list_alerts(
    state: StateDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    state_: Annotated[AlertState | None, Query(alias="state")] = None,
    acknowledged: bool | None = None,
    severity: Severity | None = None,
    kind: AlertKind | None = None,
    provider: ProviderText = None,
    rule: Annotated[str | None, Query(pattern=f"^{RULE_ID_FORM.pattern}$")] = None,
    since: Annotated[Instant | None, Query()] = None,
) -> AlertPage:
    """List alerts, newest first. ``next`` is ``after`` of the page behind.

    ``since`` is when they were raised at the earliest.
    """
    cursor = read_cursor(after, ID_FORM)
    wanted = AlertFilter(
        state=state_,
        acknowledged=acknowledged,
        severity=severity,
        kind=kind,
        provider=provider,
        rule_id=rule,
        since=since,
    )
    with state.backplane.database.reading() as connection:
        found = alerts.list_alerts(connection, wanted, after=cursor, limit=limit + 1)
        count = alerts.count_new(connection)
    return AlertPage(
        items=[alert_view(each) for each in found[:limit]],
        next=next_after(found, limit),
        unacknowledged=count,
    )


@router.get("/v1/alerts/{alert_id}")
def get_alert(state: StateDep, alert_id: AlertId) -> AlertView:
    """Look at an alert."""
    with state.backplane.database.reading() as connection:
        return alert_view(alerts.get(connection, _known(alert_id)))


@router.post(
    "/v1/alerts/{alert_id}/acknowledge",
    response_model=AlertView,
    openapi_extra=body_of(AlertNote, is_required=False),
)
async def acknowledge_alert(
    request: Request, state: StateDep, caller: CallerDep, alert_id: AlertId
) -> AlertView:
    """Say that you know of it. Who says so first stays; twice is harmless."""
    note = await _note(request, state)
    return alert_view(
        await run_in_threadpool(_acknowledge, state, alert_id, caller.name, note)
    )


@router.post(
    "/v1/alerts/{alert_id}/resolve",
    response_model=AlertView,
    openapi_extra=body_of(AlertNote, is_required=False),
)
async def resolve_alert(
    request: Request, state: StateDep, caller: CallerDep, alert_id: AlertId
) -> AlertView:
    """Say that it is over; if it is not, it is raised again after the cooldown."""
    note = await _note(request, state)

    def resolve() -> AlertView:
        with state.backplane.database.transaction() as connection:
            ended, noted = alarm.resolve(
                connection, _known(alert_id), by=caller.name, note=note
            )
        tell_noted(state.backplane, noted)
        return alert_view(ended)

    return await run_in_threadpool(resolve)


@router.get("/api/alerts")
def list_alert_entries(
    state: StateDep,
    acknowledged: bool | None = None,
    hours: Annotated[float, Query(gt=0, le=MAX_HOURS)] = 24.0,
    provider: ProviderText = None,
    alert_type: AlertKind | None = None,
    severity: Severity | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> list[AlertEntry]:
    """List the alerts of so many hours, newest first, as the earlier monitor did."""
    with state.backplane.database.reading() as connection:
        wanted = AlertFilter(
            acknowledged=acknowledged,
            severity=severity,
            kind=alert_type,
            provider=provider,
            since=jobs.database_time(connection) - hours * 3600,
        )
        found = alerts.list_alerts(connection, wanted, after=None, limit=limit)
    return [alert_entry(each) for each in found]


@router.post("/api/alerts/{alert_id}/acknowledge")
def acknowledge_entry(
    state: StateDep, caller: CallerDep, alert_id: AlertId
) -> AcknowledgedView:
    """Say that you know of it, as clients of the earlier monitor do."""
    found = _acknowledge(state, alert_id, caller.name, "")
    return AcknowledgedView(
        message=f"Alert {alert_id} acknowledged",
        id=found.id,
        acknowledged=found.acknowledged_at is not None,
        acknowledged_at=optional_timestamp(found.acknowledged_at),
        timestamp=now_text(),
    )


async def _note(request: Request, state: ApiState) -> str:
    body = await read_body(request, state.settings)
    if not body:
        return ""
    require_json(request)
    return parse(AlertNote, body).note


def _acknowledge(state: ApiState, alert_id: str, by: str, note: str) -> Alert:
    with state.backplane.database.transaction() as connection:
        found, noted = alarm.acknowledge(connection, _known(alert_id), by=by, note=note)
    tell_noted(state.backplane, noted)
    return found


def _known(alert_id: str) -> str:
    # Nothing else may reach the database: no NUL.
    return alert_id if ID_FORM.fullmatch(alert_id) else ""
