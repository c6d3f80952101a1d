"""Alerts as rows become alerts as callers see them."""

import json

from api.schemas.alert import AlertEntry, AlertLinks, AlertView
from db.contracts.alert import AlertKind, AlertState, Resolution, Severity
from db.contracts.event import optional_timestamp, timestamp
from db.models import Alert


def alert_view(found: Alert) -> AlertView:
    """Return one alert."""
    path = f"/v1/alerts/{found.id}"
    resolution = found.resolution
    return AlertView(
        id=found.id,
        state=AlertState(found.state),
        kind=AlertKind(found.kind),
        severity=Severity(found.severity),
        message=found.message,
        rule=found.rule_name,
        rule_id=found.rule_id,
        subject=found.subject,
        provider=found.provider,
        provider_id=found.provider_id,
        value=found.value,
        last_value=found.last_value,
        limit=found.limit,
        count=found.count,
        told=found.told,
        data=json.loads(found.data),
        raised_at=timestamp(found.created_at),
        last_at=timestamp(found.last_at),
        resolved_at=optional_timestamp(found.resolved_at),
        resolution=None if resolution is None else Resolution(resolution),
        resolved_by=found.resolved_by,
        acknowledged=found.acknowledged_at is not None,
        acknowledged_at=optional_timestamp(found.acknowledged_at),
        acknowledged_by=found.acknowledged_by,
        note=found.note,
        links=AlertLinks(
            self=path,
            acknowledge=f"{path}/acknowledge",
            resolve=f"{path}/resolve",
            rule=f"/v1/alert-rules/{found.rule_id}",
            provider=None
            if found.provider_id is None
            else f"/v1/providers/{found.provider_id}",
        ),
    )


def alert_entry(found: Alert) -> AlertEntry:
    """Return one alert in the words of the earlier monitor."""
    return AlertEntry(
        id=found.id,
        timestamp=timestamp(found.created_at),
        provider_id=found.provider_id,
        provider=found.provider,
        alert_type=found.kind,
        severity=found.severity,
        message=found.message,
        acknowledged=found.acknowledged_at is not None,
        acknowledged_at=optional_timestamp(found.acknowledged_at),
        acknowledged_by=found.acknowledged_by,
        resolved=found.resolved_at is not None,
        resolved_at=optional_timestamp(found.resolved_at),
    )
