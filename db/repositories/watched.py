"""How the providers that are watched stand, all together."""

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from db.contracts.provider import CheckOutcome, ProviderKind, ProviderState
from db.engine import now
from db.models import Provider, ProviderCheck

HOUR_SECONDS = 3600.0
HEALTHY_FROM, DEGRADED_FROM = 0.8, 0.5
"""Shares of them that are online, for words that the earlier monitor had."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Counts of those that are not paused."""

    total: int
    online: int
    degraded: int
    offline: int
    outside: int
    """Of all, outside services; the others are parts of this one."""
    outside_online: int
    mean_response_ms: float | None
    """Of the latest answers of those that have given one."""
    requests_hour: int
    """Calls made in the last hour."""
    failures_hour: int
    """Of these, without success."""

    @property
    def health(self) -> str | None:
        """Return one word for all of them; None where none has been asked."""
        return health_of(self.online, self.online + self.degraded + self.offline)


def health_of(online: float, asked: float) -> str | None:
    """Return the word for so many that are online; None where none has been asked."""
    if not asked:
        return None
    share = online / asked
    if share >= HEALTHY_FROM:
        return "healthy"
    return "degraded" if share >= DEGRADED_FROM else "critical"


def watched(connection: Connection) -> Watched:
    """Return how they stand; checks of an hour are counted by an index."""
    is_outside = Provider.kind == ProviderKind.HTTP.value
    rows = connection.execute(
        select(
            Provider.state,
            func.count().label("number"),
            func.count(case((is_outside, 1))).label("outside"),
            func.count(Provider.last_response_ms).label("timed"),
            func.sum(Provider.last_response_ms).label("response_ms"),
        )
        .where(Provider.paused.is_(False))
        .group_by(Provider.state)
    ).all()
    by_state = {row.state: row.number for row in rows}
    timed = sum(row.timed for row in rows)
    calls = connection.execute(
        select(
            func.count().label("number"),
            func.count(
                case((ProviderCheck.outcome == CheckOutcome.SUCCESS.value, 1))
            ).label("succeeded"),
        ).where(
            ProviderCheck.at > now() - HOUR_SECONDS,
            ProviderCheck.outcome != CheckOutcome.BLOCKED.value,
        )
    ).one()
    return Watched(
        total=sum(by_state.values()),
        online=by_state.get(ProviderState.ONLINE.value, 0),
        degraded=by_state.get(ProviderState.DEGRADED.value, 0),
        offline=by_state.get(ProviderState.OFFLINE.value, 0),
        outside=sum(row.outside for row in rows),
        outside_online=sum(
            row.outside for row in rows if row.state == ProviderState.ONLINE.value
        ),
        mean_response_ms=sum(row.response_ms or 0.0 for row in rows) / timed
        if timed
        else None,
        requests_hour=calls.number,
        failures_hour=calls.number - calls.succeeded,
    )
