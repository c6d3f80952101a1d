"""/v1/insights: what was found out; /insights/ai: the same for the earlier overview."""

import re
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import StateDep
from api.insight_views import insight_view, standing
from api.paging import next_after, read_cursor
from api.schemas.insight import InsightPage, InsightView
from db.contracts.errors import NotFoundError
from db.contracts.insight import InsightShort, InsightState
from db.repositories import insights

router = APIRouter(tags=["insights"])

ID_FORM = re.compile(r"ins_[0-9a-f]{32}")


@router.get("/insights/ai")
def list_standing(state: StateDep) -> list[InsightShort]:
    """List what stands, most certain first; nothing where there is no evidence."""
    return standing(state)


@router.get("/v1/insights")
def list_insights(
    state: StateDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    state_: Annotated[InsightState | None, Query(alias="state")] = None,
    kind: Annotated[str | None, Query(max_length=100, pattern="^[a-z_]+$")] = None,
) -> InsightPage:
    """List findings, newest first. ``next`` is ``after`` of the page behind."""
    cursor = read_cursor(after, ID_FORM)
    with state.backplane.database.reading() as connection:
        found = insights.list_insights(
            connection, state=state_, kind=kind, after=cursor, limit=limit + 1
        )
        verdicts = insights.verdicts(connection)
    return InsightPage(
        items=[insight_view(each, verdicts) for each in found[:limit]],
        next=next_after(found, limit),
    )


@router.get("/v1/insights/{insight_id}")
def get_insight(
    state: StateDep,
    insight_id: Annotated[
        str, Path(description="As the listing has it.", max_length=100)
    ],
) -> InsightView:
    """Look at a finding: what it says, and what it rests on."""
    if not ID_FORM.fullmatch(insight_id):
        raise NotFoundError("there is no such insight")
    with state.backplane.database.reading() as connection:
        found = insights.get_insight(connection, insight_id)
        return insight_view(found, insights.verdicts(connection))
