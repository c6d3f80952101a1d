"""The market feed's source that is a watched provider."""

from typing import Any

import pytest
from sqlalchemy import select

from db.contracts.collection import Collected
from db.contracts.market import GapReason, MarketValues
from db.contracts.provider import CheckOutcome, Collection, Seen
from db.engine import Database, now
from db.repositories import provider_checks
from db.repositories.provider_checks import Checked
from schedules.market.source import GapError
from schedules.market.watched import Watched
from tests.recorded_checks import add_provider

SERIES = {"discount_rate": "/r", "tech_index": "/t", "volume": "/v"}


def collect(database: Database, *, age_s: float = 0.0, **values: Any) -> None:
    """Have the provider collected, with numbers of so long ago."""
    with database.transaction() as connection:
        (claimed,) = provider_checks.claim_due(
            connection, ahead_s=1e9, hold_s=lambda _: 60.0, limit=1
        )
        at = connection.execute(select(now())).scalar_one()
        collected = Collected(values=values, data_at=at - age_s, quality=1.0)
        checked = Checked(
            at=at,
            endpoint="https://rates.example/",
            seen=Seen(outcome=CheckOutcome.SUCCESS, status=200, response_ms=1.0),
            collected=collected if values else Collected(skip_reason="status"),
        )
        provider_checks.record(connection, claimed, checked, next_at=at)


def watch(database: Database, series: dict[str, str] | None = None) -> Watched:
    wanted = Collection(series=series or SERIES, stale_after_s=60)
    add_provider(database, name="Rates", collection=wanted)
    return Watched("rates", database)


def test_the_series_that_are_named_as_fields_are_the_values(sqlite: Database) -> None:
    source = watch(sqlite)
    collect(sqlite, discount_rate=0.05, tech_index=101.5, volume=7)
    # What came of the checks since does not matter while the numbers are fresh.
    collect(sqlite)
    read = source.read(1, None)
    assert read.values == MarketValues(discount_rate=0.05, tech_index=101.5)
    assert (source.label, source.is_simulated) == ("provider:rates", False)


@pytest.mark.parametrize(
    ("values", "age_s", "reason", "detail"),
    [
        ({}, 0.0, GapReason.NOT_COLLECTED, ""),
        ({"discount_rate": 0.05, "tech_index": 1.0}, 61.0, GapReason.STALE, ""),
        (
            {"discount_rate": 0.05, "tech_index": None},
            0.0,
            GapReason.NO_VALUE,
            "tech_index",
        ),
        (
            {"discount_rate": 50.0, "tech_index": 1.0},
            0.0,
            GapReason.OUT_OF_RANGE,
            "discount_rate",
        ),
    ],
)
def test_what_is_not_there_is_a_gap(
    sqlite: Database,
    values: dict[str, float | None],
    age_s: float,
    reason: GapReason,
    detail: str,
) -> None:
    source = watch(sqlite)
    collect(sqlite, age_s=age_s, **values)
    with pytest.raises(GapError) as gap:
        source.read(1, None)
    assert (gap.value.reason, gap.value.detail) == (reason, detail)


def test_nobody_is_watched_under_that_name(sqlite: Database) -> None:
    with pytest.raises(GapError) as gap:
        Watched("nobody", sqlite).read(1, None)
    assert gap.value.reason is GapReason.NOT_COLLECTED


def test_a_provider_without_any_field_is_a_gap(sqlite: Database) -> None:
    source = watch(sqlite, {"volume": "/v"})
    collect(sqlite, volume=7)
    with pytest.raises(GapError) as gap:
        source.read(1, None)
    assert gap.value.reason is GapReason.NO_VALUE
