"""Checks of the service's own parts, by the names of internal providers."""

import time
from collections.abc import Callable

from sqlalchemy import select

from db.backplane import Backplane
from db.contracts.errors import UnavailableError
from db.contracts.provider import CheckOutcome, ErrorType, Seen
from db.engine import now
from schedules.provider_health.own_parts import (
    check_beat,
    check_broker,
    check_relay,
    check_workers,
)

Part = Callable[[Backplane], Seen]


def check_database(backplane: Backplane) -> Seen:
    """Have the database tell the time."""

    def ask() -> None:
        with backplane.database.reading() as connection:
            connection.execute(select(now())).scalar_one()

    return answered(ask)


def check_redis(backplane: Backplane) -> Seen:
    """Have the server of events and counts answer."""
    return answered(backplane.stream.ping)


def answered(ask: Callable[[], None]) -> Seen:
    """Return what is seen of a part that answers, or raises UnavailableError."""
    started = time.monotonic()
    try:
        ask()
    except UnavailableError as error:
        return Seen(
            outcome=CheckOutcome.FAILED,
            response_ms=_ms_since(started),
            error_type=ErrorType.PART,
            error=str(error) or type(error).__name__,
        )
    return Seen(outcome=CheckOutcome.SUCCESS, response_ms=_ms_since(started))


PARTS: dict[str, Part] = {
    "database": check_database,
    "redis": check_redis,
    "broker": check_broker,
    "workers": check_workers,
    "beat": check_beat,
    "relay": check_relay,
}
"""One line a part."""


def check_part(backplane: Backplane, name: str) -> Seen:
    """Check the part of this name."""
    part = PARTS.get(name)
    if part is None:
        return Seen(
            outcome=CheckOutcome.FAILED,
            error_type=ErrorType.PART,
            error=f"there is no part {name!r}; the parts are {', '.join(PARTS)}",
        )
    return part(backplane)


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 3)
