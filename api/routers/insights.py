"""/insights/ai, /v1/insights, /v1/automations: what the history says, and is done."""

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import CallerDep, StateDep
from api.insight_views import automations_view, entry_view, insight_view
from api.openapi import body_of
from api.paging import next_after, read_cursor
from api.schemas.insight import (
    AutomationEntryView,
    AutomationLog,
    AutomationPatch,
    AutomationsView,
    InsightPage,
    InsightView,
)
from db.contracts.insight import AutomationName, InsightShort
from db.repositories import automations, insights

router = APIRouter(tags=["insights"])

ID_FORM = re.compile(r"ins_[0-9a-f]{32}")
ENTRY_FORM = re.compile(r"aut_[0-9a-f]{32}")
InsightId = Annotated[str, Path(description="As the listing has it.", max_length=100)]
EntryId = Annotated[str, Path(description="As the log has it.", max_length=100)]
After = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200)]
KindName = Literal[
    "method_wins",
    "more_seconds",
    "anomaly",
    "load_cycle",
    "cache_advice",
    "provider_at_risk",
    "worker_sizing",
]


@router.get("/insights/ai")
def get_told_insights(state: StateDep) -> list[InsightShort]:
    """List what holds, surest first; empty where there is no evidence for anything."""
    with state.backplane.database.reading() as connection:
        return insights.told(connection)


@router.get("/v1/insights")
def list_insights(
    state: StateDep,
    after: After = None,
    limit: Limit = 50,
    kind: KindName | None = None,
    holds: Annotated[
        bool | None, Query(description="Only those that hold, or that do not.")
    ] = None,
) -> InsightPage:
    """List findings with their evidence. ``next`` is ``after`` of the page behind."""
    cursor = read_cursor(after, ID_FORM)
    with state.backplane.database.reading() as connection:
        found = insights.list_insights(
            connection, kind=kind, is_open=holds, after=cursor, limit=limit + 1
        )
    return InsightPage(
        items=[insight_view(each) for each in found[:limit]],
        next=next_after(found, limit),
    )


@router.get("/v1/insights/{insight_id}")
def get_insight(state: StateDep, insight_id: InsightId) -> InsightView:
    """Look at a finding, also when it does not hold any more."""
    # Nothing else may reach the database: no NUL.
    known = insight_id if ID_FORM.fullmatch(insight_id) else ""
    with state.backplane.database.reading() as connection:
        return insight_view(insights.get(connection, known))


@router.get("/v1/automations")
def list_automations(state: StateDep) -> AutomationsView:
    """List what the service may do by itself: nothing until it is switched on."""
    return automations_view(state)


@router.patch(
    "/v1/automations",
    response_model=AutomationsView,
    openapi_extra=body_of(AutomationPatch),
)
async def change_automations(
    request: Request, state: StateDep, caller: CallerDep
) -> AutomationsView:
    """Switch some on or off. What they have done stays until it is undone."""
    require_json(request)
    body = await read_body(request, state.settings)

    def change() -> AutomationsView:
        patch = parse(AutomationPatch, body)
        with state.backplane.database.transaction() as connection:
            for name, enabled in patch.model_dump(exclude_none=True).items():
                automations.switch(
                    connection,
                    AutomationName(name),
                    enabled=enabled,
                    caller=caller.name,
                )
        return automations_view(state)

    return await run_in_threadpool(change)


@router.get("/v1/automations/log")
def list_automation_log(
    state: StateDep, after: After = None, limit: Limit = 50
) -> AutomationLog:
    """List what was done, and why. ``next`` is ``after`` of the page behind."""
    cursor = read_cursor(after, ENTRY_FORM)
    with state.backplane.database.reading() as connection:
        found = automations.list_entries(connection, after=cursor, limit=limit + 1)
    return AutomationLog(
        items=[entry_view(each) for each in found[:limit]],
        next=next_after(found, limit),
    )


@router.post("/v1/automations/log/{entry_id}/undo")
def undo_automation(
    state: StateDep, caller: CallerDep, entry_id: EntryId
) -> AutomationEntryView:
    """Put back what was changed; the same reason does not change it again."""
    known = entry_id if ENTRY_FORM.fullmatch(entry_id) else ""
    with state.backplane.database.transaction() as connection:
        return entry_view(automations.undo(connection, known, caller=caller.name))
