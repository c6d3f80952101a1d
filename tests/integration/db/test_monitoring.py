"""What the monitor's routes ask of the record, on both databases."""

from typing import Any

import pytest
from sqlalchemy import Connection, insert

from db.contracts.provider import CheckOutcome, Collection, Key, Limit, Window
from db.engine import Database
from db.models import Provider, ProviderCollection, ProviderUsage
from db.repositories import jobs, monitoring, provider_checks, providers
from db.repositories.provider_statistics import hour_of
from tests.recorded_checks import FAILED, add_provider, record_check

KEY = Key(environment="ETHERSCAN_KEY_1", place="query", name="apikey")
LIMITS = (Limit(per=Window.HOUR, calls=10),)
PRICES = Collection(series={"price": "/price"})


@pytest.fixture
def prices(database: Database) -> Provider:
    made = {"limits": LIMITS, "key": KEY, "collection": PRICES, "tier": 1}
    return add_provider(database, every_s=60.0, **made)


def collect(connection: Connection, of: Provider, number: int, **values: Any) -> None:
    at = jobs.database_time(connection)
    row = {"provider_id": of.id, "number": number, "due_at": at, "at": at}
    row |= {"data_at": at, "values": "{}", "records": 1, "size": 1, "quality": 0.5}
    row |= {"staleness_s": 60.0, "on_schedule": True, "skip_reason": None}
    connection.execute(insert(ProviderCollection).values(row | values))


def test_who_is_watched_is_counted(database: Database, prices: Provider) -> None:
    other = add_provider(database, name="News", category="news", paused=True)
    with database.reading() as connection:
        fleet = monitoring.fleet(connection)
        assert (fleet.total, fleet.with_keys) == (2, 1)
        assert fleet.by_category == {"market_data": 1, "news": 1}
        assert fleet.by_tier == {1: 1, 2: 1}
        assert monitoring.names_of(connection) == ["News", "Prices"]
        assert [each.id for each in monitoring.keyed(connection)] == [prices.id]
        limited = monitoring.limited(connection, limit=10)
        assert [each.id for each in limited] == [prices.id]
        assert monitoring.count_limited(connection) == 1
        both = [prices.id, other.id]
        assert set(monitoring.names_by_id(connection, both)) == set(both)
        assert monitoring.ids_of(connection, "news") == [other.id]
        (row,) = monitoring.checked(connection, ["market_data", "news"])
        assert (row["category"], row["every_s"]) == ("market_data", 60.0)
        (row,) = monitoring.by_category(connection)
        assert (row["category"], row["total"], row["unknown"]) == ("market_data", 1, 1)


def test_checks_are_counted_by_hour_and_by_how_punctual_they_were(
    database: Database, prices: Provider
) -> None:
    with database.transaction() as connection:
        at = jobs.database_time(connection)
        record_check(connection, prices.id, at, response_ms=10.0)
        record_check(connection, prices.id, at, **FAILED)
        late = provider_checks.Claimed(providers.get(connection, prices.id), at - 100)
        checked = provider_checks.Checked(
            at=at,
            endpoint="x",
            seen=provider_checks.Seen(outcome=CheckOutcome.TIMEOUT),
        )
        provider_checks.record(connection, late, checked, next_at=at)
    with database.reading() as connection:
        found = monitoring.punctuality(connection, since=at - 10)[prices.id]
        assert (found.checks, found.on_time) == (3, 2)
        row = monitoring.checks_by_hour(
            connection, since=at - 10, provider_id=prices.id
        )[hour_of(at)]
        assert (row["success"], row["failed"], row["timed"]) == (1, 2, 1)
        failures = monitoring.recent_failures(connection, since=at - 10, limit=10)
        assert {each["provider"] for each in failures} == {"Prices"}
        assert len(failures) == 2
        assert monitoring.failures_kept(connection, since=at - 10) == 2
        assert monitoring.last_check_at(connection) == at


def test_budgets_are_told_at_their_fullest(
    database: Database, prices: Provider
) -> None:
    with database.transaction() as connection:
        at = jobs.database_time(connection) // 3600 * 3600
        for used, ago in ((3, 5.0), (7, 2.0), (4, 3600.0)):
            usage = {"provider_id": prices.id, "at": at + 60 - ago, "per": "hour"}
            usage |= {"limit_value": 10, "used": used, "resets_at": at}
            connection.execute(insert(ProviderUsage).values(usage))
        rows = monitoring.usage_by_hour(
            connection, since=at - 7200, provider_id=None, budgets=5
        )
    assert [(row["hour"], float(row["percentage"])) for row in rows] == [
        (hour_of(at) - 1, 40.0),
        (hour_of(at), 70.0),
    ]


def test_the_latest_collection_that_was_had_says_how_fresh_it_is(
    database: Database, prices: Provider
) -> None:
    add_provider(database, name="Empty", collection=PRICES)
    with database.transaction() as connection:
        collect(connection, prices, 1, quality=0.25)
        collect(connection, prices, 2)
        collect(connection, prices, 3, skip_reason="status", on_schedule=False)
        empty, found = monitoring.freshness(connection, limit=10)
        assert (empty["name"], empty["at"]) == ("Empty", None)
        assert (found["name"], found["quality"]) == ("Prices", 0.5)
        (row,) = monitoring.collected_by_hour(
            connection,
            since=jobs.database_time(connection) - 60,
            provider_id=prices.id,
            limit=10,
        )
    assert (row["collections"], row["rows"], row["on_schedule"]) == (2, 3, 2)
    assert (float(row["stale_s"]), float(row["quality"])) == (60.0, 0.375)
