"""All that is watched, in short; and the word for how it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from db.contracts.provider import ProviderState

HEALTHY_FROM = 0.8
"""This share of the providers has to be online."""
DEGRADED_FROM = 0.5


class WatchedHealth(StrEnum):
    """How the watched are, in the words of the earlier monitor."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Watched:
    """All providers that are not paused, the service's own parts among them."""

    by_state: Mapping[ProviderState, int] = field(default_factory=dict)
    outside: Mapping[ProviderState, int] = field(default_factory=dict)
    """Those of them that are no parts of the service."""
    categories: tuple[str, ...] = ()
    """What sorts there are, by name."""
    calls_of_hour: int = 0
    """Checks that began in the last hour, for which a call was made."""
    failures_of_hour: int = 0
    """Of them, those that did not succeed."""
    mean_ms: float | None = None
    """Of the answers of that hour; None where there was none."""

    def count(self, state: ProviderState) -> int:
        """Return how many are in a state."""
        return self.by_state.get(state, 0)

    @property
    def total(self) -> int:
        """Return how many there are, those included of which nothing is known yet."""
        return sum(self.by_state.values())

    @property
    def online_share(self) -> float | None:
        """Return the share of those whose state is known; None where none is."""
        known = self.total - self.count(ProviderState.UNKNOWN)
        return self.count(ProviderState.ONLINE) / known if known else None


def health_of(
    online_share: float,
    *,
    healthy_from: float = HEALTHY_FROM,
    degraded_from: float = DEGRADED_FROM,
) -> WatchedHealth:
    """Return the word for a share of providers that are online."""
    if online_share >= healthy_from:
        return WatchedHealth.HEALTHY
    if online_share >= degraded_from:
        return WatchedHealth.DEGRADED
    return WatchedHealth.CRITICAL
