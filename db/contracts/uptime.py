"""How long a provider was in each state: what its changes say of a window."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from db.contracts.provider import ProviderState


@dataclass(frozen=True, slots=True)
class StateChange:
    """From the moment ``at`` on, the state was ``new``."""

    at: float
    old: ProviderState
    new: ProviderState


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds of a window by state."""

    seconds: dict[ProviderState, float] = field(default_factory=dict)

    @property
    def known_s(self) -> float:
        """Return how long anything was known of it."""
        unknown = self.seconds.get(ProviderState.UNKNOWN, 0.0)
        return sum(self.seconds.values()) - unknown

    def share(self, state: ProviderState) -> float | None:
        """Return the state's share of the time that is known; None where none is."""
        known = self.known_s
        return self.seconds.get(state, 0.0) / known if known > 0 else None

    @property
    def up(self) -> float | None:
        """Return the share of the time in which it was not offline: late is up."""
        known = self.known_s
        if known <= 0:
            return None
        return 1.0 - self.seconds.get(ProviderState.OFFLINE, 0.0) / known


def uptime_of(
    changes: Sequence[StateChange],
    *,
    begin: float,
    end: float,
    state: ProviderState,
    since: float,
) -> Uptime:
    """Return how long it was in each state from ``begin`` to ``end``.

    ``changes`` are those of the window in their order, and the last one before it if
    there is one; ``state`` is where it stands now, and ``since`` when. What nothing is
    known of is `ProviderState.UNKNOWN`.
    """
    seconds = dict.fromkeys(ProviderState, 0.0)
    if end <= begin:
        return Uptime(seconds)
    # Before the first change it was what that change says it had been.
    current = changes[0].old if changes else ProviderState.UNKNOWN
    moment = begin
    for each in changes:
        at = min(max(each.at, moment), end)
        seconds[current] += at - moment
        moment, current = at, each.new
    if not changes:
        # Not one is kept: as it is now, it has been since it became so.
        at = min(max(since, begin), end)
        seconds[ProviderState.UNKNOWN] += at - begin
        moment, current = at, state
    seconds[current] += end - moment
    return Uptime(seconds)
