"""Thresholds that tests make, feed with numbers and look at again."""

from typing import Any

from db.alerting import apply_thresholds
from db.contracts.notification import Level
from db.contracts.threshold import MARKET, Condition, Rule, Watched
from db.engine import Database
from db.models import Threshold
from db.repositories import thresholds
from db.repositories.notices import Noted
from db.repositories.thresholds import NewThreshold

RATE = Watched(MARKET, "/discount_rate")
ABOVE = Rule(condition=Condition.ABOVE, value=0.08, hysteresis=0.005)


def add(database: Database, **changes: Any) -> str:
    """Make a rule; return its id."""
    known: dict[str, Any] = {
        "owner": "key:alice",
        "name": "dear money",
        "watched": RATE,
        "rule": ABOVE,
        "level": Level.WARNING,
    }
    with database.transaction() as connection:
        new = NewThreshold(**(known | changes))
        return thresholds.add_threshold(connection, new, limit=100).id


def feed(
    database: Database,
    values: dict[str, Any],
    at: float,
    *,
    source: str = MARKET,
    owner: str | None = None,
) -> list[Noted]:
    """Judge these numbers."""
    with database.transaction() as connection:
        return apply_thresholds(connection, source, values, at, owner=owner)


def look(database: Database, threshold_id: str) -> Threshold:
    """Return a rule's row."""
    with database.reading() as connection:
        return thresholds.get_threshold(connection, threshold_id)
