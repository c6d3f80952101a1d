"""Findings, put into the shapes that clients read."""

from collections.abc import Mapping

from api.schemas.insight import InsightView
from api.state import ApiState
from db.contracts.event import timestamp
from db.contracts.insight import (
    Confidence,
    Evidence,
    InsightShort,
    InsightState,
    InsightsUpdated,
    confidence_of,
)
from db.models import Insight
from db.repositories import insights

MOST = 50
"""What the earlier overview's clients are shown at once."""

Verdicts = Mapping[str, tuple[int, int]]


def insights_update(state: ApiState) -> InsightsUpdated:
    """Return what stands, for those who follow; raises UnavailableError."""
    return InsightsUpdated(items=standing(state))


def standing(state: ApiState) -> list[InsightShort]:
    """Return what stands, most certain first, in the words of the earlier overview."""
    with state.backplane.database.reading() as connection:
        found = insights.standing(connection, limit=MOST)
        verdicts = insights.verdicts(connection)
    return [
        InsightShort(
            id=each.id,
            title=each.title,
            description=each.description,
            confidence=_confidence(each, verdicts).percent,
            impact_estimate=each.impact,
            action_type=each.action,
            priority=each.priority,
            timestamp=timestamp(each.seen_at),
        )
        for each in found
    ]


def insight_view(found: Insight, verdicts: Verdicts) -> InsightView:
    """Return all that is known of a finding."""
    return InsightView(
        id=found.id,
        kind=found.kind,
        state=InsightState(found.state),
        title=found.title,
        description=found.description,
        impact=found.impact,
        action=found.action,
        priority=found.priority,
        evidence=Evidence.model_validate_json(found.evidence),
        confidence=_confidence(found, verdicts),
        created_at=timestamp(found.created_at),
        since=timestamp(found.since),
        seen_at=timestamp(found.seen_at),
    )


def _confidence(found: Insight, verdicts: Verdicts) -> Confidence:
    return confidence_of(*verdicts.get(found.kind, (0, 0)), found.p_adjusted)
