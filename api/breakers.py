"""The breaker before synchronous solves, as the earlier server told of it."""

from dataclasses import dataclass

from api.state import ApiState


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
    breakers = getattr(state, "breakers", None)
    if breakers is None:
        return BreakerView("closed", 0, 0, None)
    found = breakers.state_of("optimization_engine")
    return BreakerView(
        found.state.value, found.failures, found.threshold, found.last_failure
    )


def reset_breakers(state: ApiState) -> None:
    """Close all breakers and forget their failures."""
    breakers = getattr(state, "breakers", None)
    if breakers is not None:
        breakers.reset()


def active_buckets(state: ApiState) -> int:
    """Return how many buckets of the rate limiter are not full."""
    limiter = getattr(state, "limiter", None)
    return 0 if limiter is None else limiter.active_buckets()
