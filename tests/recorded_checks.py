"""Providers and checks of them, as tests need them."""

from typing import Any

from sqlalchemy import Connection

from db.contracts.provider import CheckOutcome, ErrorType, Origin, Seen
from db.engine import Database
from db.models import Provider
from db.repositories import provider_checks, providers
from db.repositories.provider_checks import Checked, Claimed, Recorded
from db.repositories.providers import Description

URL = "https://prices.example/v1/ping"


def add_provider(
    database: Database, *, origin: Origin = Origin.API, **described: Any
) -> Provider:
    whole = {"name": "Prices", "category": "market_data", "url": URL, **described}
    with database.transaction() as connection:
        return providers.add(connection, Description(**whole), origin=origin)


def record_check(
    connection: Connection,
    provider_id: str,
    at: float,
    outcome: CheckOutcome = CheckOutcome.SUCCESS,
    **seen: Any,
) -> Recorded:
    """Record a check that began at this moment, as one that holds the claim does."""
    checked = Checked(
        at=at,
        endpoint=URL,
        seen=Seen(outcome=outcome, **{k: v for k, v in seen.items() if k != "retries"}),
        retries=seen.get("retries", 0),
    )
    claimed = Claimed(providers.get(connection, provider_id), due_at=at)
    recorded = provider_checks.record(connection, claimed, checked, next_at=at + 60)
    assert recorded is not None
    return recorded


FAILED = {"outcome": CheckOutcome.FAILED, "error_type": ErrorType.NETWORK}
REFUSED = {
    "outcome": CheckOutcome.FAILED,
    "error_type": ErrorType.STATUS,
    "status": 503,
    "response_ms": 40.0,
}
