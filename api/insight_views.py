"""Findings and automations, as callers see them."""

import json
import time
from typing import Literal

from api.schemas.insight import (
    AutomationEntryView,
    AutomationsView,
    AutomationView,
    Evidence,
    InsightLinks,
    InsightView,
    Window,
)
from api.state import ApiState
from db.contracts.event import optional_timestamp, timestamp
from db.contracts.insight import AUTOMATIONS, InsightsUpdated
from db.models import AutomationEntry, Insight
from db.repositories import automations, insights


def insights_update(state: ApiState) -> InsightsUpdated:
    """Return all that hold, for those who follow; raises UnavailableError."""
    with state.backplane.database.reading() as connection:
        return InsightsUpdated(data=insights.told(connection))


def insight_view(found: Insight) -> InsightView:
    """Return one with its evidence."""
    return InsightView(
        id=found.id,
        kind=found.kind,
        title=found.title,
        description=found.description,
        confidence=round(found.confidence, 2),
        impact_estimate=found.impact,
        action_type=found.action,
        priority=found.priority,
        state=_state(found),
        superseded_by=found.superseded_by,
        evidence=Evidence(
            test=found.test,
            n=found.n,
            effect=found.effect,
            low=found.low,
            high=found.high,
            unit=found.unit,
            p=found.p,
            adjusted_p=found.adjusted_p,
            hypotheses=found.hypotheses,
            window=Window(
                start=timestamp(found.window_start), end=timestamp(found.window_end)
            ),
            facts=json.loads(found.facts),
        ),
        created_at=timestamp(found.created_at),
        seen_at=timestamp(found.seen_at),
        expires_at=timestamp(found.expires_at),
        ended_at=optional_timestamp(found.ended_at),
        links=InsightLinks(self=f"/v1/insights/{found.id}"),
    )


def _state(found: Insight) -> Literal["open", "ended", "superseded", "stale"]:
    if found.superseded_by is not None:
        return "superseded"
    if found.ended_at is not None:
        return "ended"
    return "open" if found.expires_at > time.time() else "stale"


def automations_view(state: ApiState) -> AutomationsView:
    """Return all, those that nobody has touched included."""
    with state.backplane.database.reading() as connection:
        known = automations.switches(connection)
    items = []
    for name, summary in AUTOMATIONS.items():
        found = known.get(name)
        items.append(
            AutomationView(
                name=name,
                summary=summary,
                enabled=found is not None and found.enabled,
                changed_by=None if found is None else found.changed_by,
                changed_at=None if found is None else timestamp(found.changed_at),
            )
        )
    return AutomationsView(items=items)


def entry_view(found: AutomationEntry) -> AutomationEntryView:
    """Return one thing that was done."""
    return AutomationEntryView(
        id=found.id,
        automation=found.automation,
        insight=found.insight_id,
        subject=found.subject,
        summary=found.summary,
        before=json.loads(found.before),
        after=json.loads(found.after),
        created_at=timestamp(found.created_at),
        undone_at=optional_timestamp(found.undone_at),
        undone_by=found.undone_by,
    )
