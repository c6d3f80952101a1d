"""/v1/alert-rules: what is worth an alert."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api.alert_rules import changed_rule, new_rule, rule_view
from api.body import parse, read_body, require_json
from api.dependencies import StateDep
from api.openapi import body_of
from api.paging import next_after, read_cursor
from api.schemas.alert import (
    AlertRuleInput,
    AlertRulePage,
    AlertRulePatch,
    AlertRuleView,
)
from db import alarm
from db.announcement import tell_noted
from db.contracts.alert import AlertKind
from db.models import AlertRule
from db.repositories import alert_rules, alerts, providers

router = APIRouter(prefix="/v1/alert-rules", tags=["alerts"])

ID_FORM = re.compile(r"alr_[0-9a-f]{32}")
RuleId = Annotated[str, Path(description="As the listing has it.", max_length=100)]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=AlertRuleView,
    openapi_extra=body_of(AlertRuleInput),
)
async def create_alert_rule(
    request: Request, response: Response, state: StateDep
) -> AlertRuleView:
    """Have an alert raised while something is beyond a limit."""
    require_json(request)
    body = await read_body(request, state.settings)

    def create() -> AlertRuleView:
        given = parse(AlertRuleInput, body)
        with state.backplane.database.transaction() as connection:
            new = new_rule(connection, given)
            made = alert_rules.add(connection, new, limit=state.settings.alert_rules)
            return _views(connection, [made])[0]

    view = await run_in_threadpool(create)
    response.headers["Location"] = view.links.self
    return view


@router.get("")
def list_alert_rules(
    state: StateDep,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    kind: AlertKind | None = None,
) -> AlertRulePage:
    """List rules, newest first. ``next`` is ``after`` of the page behind."""
    cursor = read_cursor(after, ID_FORM)
    with state.backplane.database.reading() as connection:
        found = alert_rules.list_rules(
            connection, kind=kind, after=cursor, limit=limit + 1
        )
        items = _views(connection, found[:limit])
    return AlertRulePage(items=items, next=next_after(found, limit))


@router.get("/{rule_id}")
def get_alert_rule(state: StateDep, rule_id: RuleId) -> AlertRuleView:
    """Look at a rule, and how many of its alerts are open."""
    with state.backplane.database.reading() as connection:
        return _views(connection, [alert_rules.get(connection, _known(rule_id))])[0]


@router.patch(
    "/{rule_id}",
    response_model=AlertRuleView,
    openapi_extra=body_of(AlertRulePatch),
)
async def change_alert_rule(
    request: Request, state: StateDep, rule_id: RuleId
) -> AlertRuleView:
    """Change the fields that are sent. Its open alerts are judged by them from now on.

    ``enabled`` pauses it, and ends its alerts; ``muted_until`` keeps them untold.
    """
    require_json(request)
    body = await read_body(request, state.settings)

    def change() -> AlertRuleView:
        patch = parse(AlertRulePatch, body)
        with state.backplane.database.transaction() as connection:
            found = alert_rules.get(connection, _known(rule_id), is_held=True)
            new = changed_rule(connection, patch, found)
            changed = alert_rules.change(connection, rule_id, new)
            noted = [] if new.enabled else alarm.retire_all_of(connection, rule_id)
            view = _views(connection, [changed])[0]
        tell_noted(state.backplane, noted)
        return view

    return await run_in_threadpool(change)


@router.delete("/{rule_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_alert_rule(state: StateDep, rule_id: RuleId) -> None:
    """Forget the rule, and end its alerts; they are kept. A usual one stays away."""
    with state.backplane.database.transaction() as connection:
        alert_rules.get(connection, _known(rule_id), is_held=True)
        noted = alarm.retire_all_of(connection, rule_id)
        alert_rules.remove(connection, rule_id)
    tell_noted(state.backplane, noted)


def _known(rule_id: str) -> str:
    # Nothing else may reach the database: no NUL.
    return rule_id if ID_FORM.fullmatch(rule_id) else ""


def _views(connection: Connection, found: list[AlertRule]) -> list[AlertRuleView]:
    opened = alerts.count_open(connection, [each.id for each in found])
    named = {each.provider_id for each in found if each.provider_id is not None}
    names = {each: providers.get(connection, each).name for each in named}
    return [
        rule_view(
            each,
            provider=names.get(each.provider_id or ""),
            opened=opened.get(each.id, 0),
        )
        for each in found
    ]
