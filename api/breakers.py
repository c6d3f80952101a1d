"""The breaker before synchronous solves, as the earlier server told of it."""

from dataclasses import dataclass

from api.state import ApiState
from db.breaker import ENGINE


@dataclass(frozen=True, slots=True)
class BreakerView:
    """How it stands."""

    state: str
    failures: int
    threshold: int
    last_failure: float | None
    """Seconds since 1970."""


def engine_breaker(state: ApiState) -> BreakerView:
    """Return how the breaker before the engine stands."""
    found = state.breakers.state_of(ENGINE)
    return BreakerView(
        found.state.value, found.failures, found.threshold, found.last_failure
    )


def reset_breakers(state: ApiState) -> None:
    """Close all breakers and forget their failures."""
    state.breakers.reset()
