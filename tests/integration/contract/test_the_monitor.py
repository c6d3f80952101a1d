"""The providers of the monitoring system: its rows, and what moves each field."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from starlette.testclient import TestClient

from api.failure_views import ADVICE
from db.backplane import Backplane
from db.contracts.provider import (
    CheckOutcome,
    Collection,
    ErrorType,
    Key,
    Limit,
    ProviderState,
    Window,
)
from db.models import MetricPoint, Provider, ProviderCollection, ProviderUsage
from db.repositories import jobs, providers
from tests.integration.contract.answers import ERROR
from tests.integration.contract.monitor_answers import ROWS
from tests.integration.contract.shapes import faults
from tests.recorded_checks import FAILED, REFUSED, add_provider, record_check

UNKNOWN = (
    "/api/providers/Price",
    "/api/providers/Price/stats",
    "/api/rate-limits/Price",
    "/api/charts/health-history?provider=Price",
)
REFUSED_QUERIES = (
    ("/api/providers?status=up", "#query/status"),
    ("/api/providers/x/stats?hours=0", "#query/hours"),
    ("/api/status/metrics?hours=-1", "#query/hours"),
    ("/api/analytics/failures?hours=9999", "#query/hours"),
    ("/api/charts/health-history?hours=169", "#query/hours"),
    ("/api/charts/rate-limit-history?hours=0", "#query/hours"),
    ("/api/charts/freshness-history?hours=x", "#query/hours"),
)
COUNTED = ("providers", "providers_online", "providers_degraded", "providers_offline")
SAMPLED = dict(zip(COUNTED, (4.0, 2.0, 1.0, 1.0), strict=True)) | {
    f"provider_{name}": mean
    for name, mean in (("response", 12.5), ("requests_hour", 60), ("failures_hour", 7))
}
LIMITS = (Limit(per=Window.HOUR, calls=10), Limit(per=Window.DAY, calls=1000))
KEY = Key(environment="ETHERSCAN_KEY_1", place="query", name="apikey")
PRICES = Collection(series={"price": "/price"}, stale_after_s=600.0)


def get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def prices(sqlite_backplane: Backplane) -> Provider:
    return add_provider(
        sqlite_backplane.database, limits=LIMITS, key=KEY, collection=PRICES
    )


def clock(backplane: Backplane) -> float:
    with backplane.database.reading() as connection:
        return jobs.database_time(connection)


def check(backplane: Backplane, of: Provider, ago: float, **seen: Any) -> None:
    with backplane.database.transaction() as connection:
        at = jobs.database_time(connection) - ago
        record_check(connection, of.id, at, **seen)


def collect(backplane: Backplane, of: Provider, ago: float, **values: Any) -> None:
    at = clock(backplane) - ago
    row = {
        "provider_id": of.id,
        "number": round(1e6 - ago),
        "due_at": at,
        "at": at,
        "data_at": at,
        "values": '{"price": 1.0}',
        "records": 1,
        "size": 10,
        "quality": 1.0,
        "staleness_s": 60.0,
        "on_schedule": True,
        **values,
    }
    with backplane.database.transaction() as connection:
        connection.execute(insert(ProviderCollection).values(row))


@pytest.fixture
def history(sqlite_backplane: Backplane, prices: Provider) -> None:
    """Make something that each of the rows can tell of."""
    check(sqlite_backplane, prices, 120.0, response_ms=100.0)
    check(sqlite_backplane, prices, 60.0, **FAILED)
    collect(sqlite_backplane, prices, 30.0)
    at = clock(sqlite_backplane)
    with sqlite_backplane.database.transaction() as connection:
        usage = {"provider_id": prices.id, "at": at - 60.0, "per": "hour"}
        usage |= {"limit_value": 10, "used": 5, "resets_at": at}
        connection.execute(insert(ProviderUsage).values(usage))
        for series, mean in SAMPLED.items():
            point = {"series": series, "at": at - 20.0, "samples": 2}
            point |= {"total": 2 * mean}
            for tier in ("raw", "minute"):
                of_tier = insert(MetricPoint).values(point | {"tier": tier})
                connection.execute(of_tier)


@pytest.mark.usefixtures("history")
def test_each_row_answers_in_its_shape(client: TestClient) -> None:
    for path, shape in ROWS.items():
        assert faults(shape, get(client, path)) == [], path


@pytest.mark.usefixtures("prices")
def test_an_unknown_provider_is_not_there_and_one_like_it_is_named(
    client: TestClient,
) -> None:
    for path in UNKNOWN:
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert faults(ERROR, answer.json()) == []
        assert "Prices" in answer.json()["suggestion"]


def test_a_window_that_is_none_is_refused(client: TestClient) -> None:
    for path, pointer in REFUSED_QUERIES:
        answer = client.get(path)
        assert answer.status_code == 422, path
        assert answer.json()["errors"][0]["pointer"] == pointer


def test_checks_move_a_provider_and_its_statistics(
    client: TestClient, sqlite_backplane: Backplane, prices: Provider
) -> None:
    before = get(client, "/api/providers/Prices")
    assert (before["status"], before["last_fetch"]) == ("unknown", None)
    assert not before["has_key"]
    check(sqlite_backplane, prices, 60.0, response_ms=100.0)
    check(sqlite_backplane, prices, 50.0, response_ms=300.0)
    check(sqlite_backplane, prices, 40.0, **FAILED)
    check(sqlite_backplane, prices, 30.0, outcome=CheckOutcome.TIMEOUT)
    check(sqlite_backplane, prices, 20.0, outcome=CheckOutcome.RATE_LIMITED)
    after = get(client, "/api/providers/prices")
    assert after["id"] == get(client, f"/api/providers/{prices.id}")["id"]
    assert after["status"] != "unknown"
    assert after["last_fetch"] is not None
    collect(sqlite_backplane, prices, 30.0, quality=0.5, staleness_s=120.0)
    told = get(client, "/api/providers/Prices/stats?hours=1")
    assert told["connection_stats"] == {
        "total_attempts": 5,
        "successful": 2,
        "failed": 1,
        "timeout": 1,
        "rate_limited": 1,
        "success_rate": 40.0,
        "avg_response_time_ms": 200.0,
    }
    assert told["failure_count"] == 3
    assert told["data_collection_stats"] == {
        "total_collections": 1,
        "total_records": 1,
        "total_bytes": 10,
        "avg_quality_score": 0.5,
        "avg_staleness_minutes": 2.0,
    }


def test_filters_choose_providers(
    client: TestClient, sqlite_backplane: Backplane, prices: Provider
) -> None:
    add_provider(sqlite_backplane.database, name="News", category="news")
    check(sqlite_backplane, prices, 0.0, response_ms=10.0)

    def names(query: str) -> set[str]:
        return {each["name"] for each in get(client, f"/api/providers?{query}")}

    assert {"News", "Prices"} <= names("")
    assert names("category=news") == {"News"}
    assert "Prices" in names("status=online")
    assert "News" not in names("status=online")
    assert names("search=PRIC") == {"Prices"}
    assert names("category=nothing") == set()


def test_calls_fill_a_budget(
    client: TestClient, sqlite_backplane: Backplane, prices: Provider
) -> None:
    for _ in range(9):
        at = clock(sqlite_backplane)
        sqlite_backplane.budgets.spend(prices.id, LIMITS, at)
    told = get(client, "/api/rate-limits/Prices")
    assert (told["limit_type"], told["current_usage"]) == ("per_hour", 9)
    assert (told["percentage"], told["status"]) == (90.0, "warning")
    assert 0 < told["reset_in_seconds"] <= 3600
    assert [each["limit_type"] for each in told["limits"]] == ["per_hour", "per_day"]
    rows = get(client, "/api/rate-limits")
    assert [each["percentage"] for each in rows] == [90.0, 0.9]
    shown = get(client, "/api/providers/Prices")["rate_limit"]
    assert shown == {"used": 9, "total": 10, "period": "hour", "text": "9/10 per hour"}
    sqlite_backplane.budgets.spend(prices.id, LIMITS, clock(sqlite_backplane))
    assert get(client, "/api/rate-limits/Prices")["status"] == "blocked"
    add_provider(sqlite_backplane.database, name="Free")
    assert client.get("/api/rate-limits/Free").status_code == 404


@pytest.mark.parametrize(
    ("online", "offline", "status", "category"),
    [
        (9, 1, "healthy", "online"),
        (8, 2, "degraded", "online"),
        (5, 5, "critical", "degraded"),
        (1, 9, "critical", "critical"),
    ],
)
def test_states_move_the_status_and_the_categories(
    client: TestClient,
    sqlite_backplane: Backplane,
    online: int,
    offline: int,
    status: str,
    category: str,
) -> None:
    made = [
        add_provider(sqlite_backplane.database, name=f"P{n}", category="many")
        for n in range(online + offline)
    ]
    states = [ProviderState.ONLINE] * online + [ProviderState.OFFLINE] * offline
    with sqlite_backplane.database.transaction() as connection:
        for each, state in zip(made, states, strict=True):
            connection.execute(
                update(Provider)
                .where(Provider.id == each.id)
                .values(state=state.value, last_response_ms=50.0, last_check_at=1e9)
            )
    told = get(client, "/api/status")
    assert (told["total_apis"], told["online"]) == (online + offline, online)
    assert (told["offline"], told["system_health"]) == (offline, status)
    assert told["last_update"].startswith("2001-09-09")
    (row,) = get(client, "/api/categories")
    assert (row["online_sources"], row["offline_sources"]) == (online, offline)
    assert (row["status"], row["avg_response_time_ms"]) == (category, 50.0)


@pytest.mark.usefixtures("history")
def test_samples_are_told_as_they_were_taken(
    client: TestClient, sqlite_backplane: Backplane
) -> None:
    for hours in (1, 2):
        (point,) = get(client, f"/api/status/metrics?hours={hours}")
        assert (point["total_providers"], point["online_count"]) == (4, 2)
        assert (point["degraded_count"], point["offline_count"]) == (1, 1)
        assert point["avg_response_time_ms"] == 12.5
        assert (point["total_requests_hour"], point["total_failures_hour"]) == (60, 7)
        assert point["system_health"] == "degraded"
    # What was not sampled is no zero.
    with sqlite_backplane.database.transaction() as connection:
        its = MetricPoint.series == "provider_response"
        connection.execute(delete(MetricPoint).where(its))
    (point,) = get(client, "/api/status/metrics?hours=1")
    assert point["avg_response_time_ms"] is None


def test_failures_are_counted_by_type_and_provider(
    client: TestClient, sqlite_backplane: Backplane, prices: Provider
) -> None:
    other = add_provider(sqlite_backplane.database, name="News")
    for ago in (50.0, 40.0):
        check(sqlite_backplane, prices, ago, **REFUSED)
    check(sqlite_backplane, prices, 30.0, **FAILED)
    check(sqlite_backplane, prices, 25.0, retries=1)
    check(sqlite_backplane, other, 20.0, retries=2, **FAILED)
    # Long ago: of no window that is asked for.
    check(sqlite_backplane, other, 3 * 3600.0, **REFUSED)
    told = get(client, "/api/analytics/failures?hours=1")
    assert told["failures_by_error_type"] == [
        {"error_type": "network", "count": 2},
        {"error_type": "status", "count": 2},
    ]
    assert told["top_failing_providers"] == [
        {"provider": "Prices", "failure_count": 3, "failure_rate": 75.0},
        {"provider": "News", "failure_count": 1, "failure_rate": 100.0},
    ]
    assert told["retry_statistics"] == {
        "total_retries": 2,
        "successful_retries": 1,
        "retry_success_rate": 50.0,
    }
    assert told["total_failures"] == 4
    told = get(client, "/api/failures?hours=1")
    assert told["error_type_distribution"] == {"network": 2, "status": 2}
    assert len(told["recent_failures"]) == 4
    assert told["recent_failures"][0]["provider"] == "News"
    assert told["recent_failures"][-1]["http_code"] == 503
    advised = {each["provider"]: each for each in told["remediation_suggestions"]}
    assert advised["Prices"]["issue"] == "status"
    assert advised["News"]["suggestion"] == ADVICE[ErrorType.NETWORK]


def test_there_is_advice_on_every_type_of_error() -> None:
    assert set(ADVICE) == set(ErrorType)


@pytest.mark.parametrize(
    ("age", "status"), [(60.0, "fresh"), (400.0, "aging"), (700.0, "stale")]
)
def test_numbers_grow_stale(
    client: TestClient,
    sqlite_backplane: Backplane,
    prices: Provider,
    age: float,
    status: str,
) -> None:
    (before,) = get(client, "/api/freshness")
    assert (before["status"], before["staleness_minutes"]) == ("stale", None)
    collect(sqlite_backplane, prices, age, quality=0.75)
    (after,) = get(client, "/api/freshness")
    assert after["status"] == status
    assert after["staleness_minutes"] == pytest.approx(age / 60, abs=0.5)
    assert (after["ttl_minutes"], after["quality_score"]) == (10.0, 0.75)


def test_charts_tell_what_was(
    client: TestClient, sqlite_backplane: Backplane, prices: Provider
) -> None:
    check(sqlite_backplane, prices, 0.0, response_ms=100.0)
    check(sqlite_backplane, prices, 0.0, **FAILED)
    chart = get(client, "/api/charts/health-history?hours=5")
    assert len(chart["points"]) == 5
    assert sum(point["total"] for point in chart["points"]) == 2
    assert chart["success_rate"][-1] == 50.0
    assert chart["points"][-1]["avg_response_time_ms"] == 100.0
    other = add_provider(sqlite_backplane.database, name="News")
    chart = get(client, f"/api/charts/health-history?provider={other.name}")
    assert sum(point["total"] for point in chart["points"]) == 0
    at = clock(sqlite_backplane)
    with sqlite_backplane.database.transaction() as connection:
        for used, ago in ((3, 5.0), (7, 2.0), (4, 1.0)):
            usage = {"provider_id": prices.id, "at": at - ago, "per": "hour"}
            usage |= {"limit_value": 10, "used": used, "resets_at": at}
            connection.execute(insert(ProviderUsage).values(usage))
    (series,) = get(client, "/api/charts/rate-limit-history?hours=2")["series"]
    assert max(point["percentage"] for point in series["points"]) == 70.0
    collect(sqlite_backplane, prices, 2.0, staleness_s=60.0)
    collect(sqlite_backplane, prices, 1.0, staleness_s=180.0, on_schedule=False)
    (series,) = get(client, "/api/charts/freshness-history?hours=2")["series"]
    assert sum(point["collections"] for point in series["points"]) == 2


def test_a_trigger_makes_a_provider_due(
    client: TestClient, sqlite_backplane: Backplane, prices: Provider
) -> None:
    def later(**values: Any) -> None:
        with sqlite_backplane.database.transaction() as connection:
            connection.execute(update(Provider).values(next_at=9e9, **values))

    def is_due() -> bool:
        with sqlite_backplane.database.reading() as connection:
            found = providers.get(connection, prices.id)
        return found.next_at is not None and found.next_at < 8e9

    later()
    body = {"provider": "prices"}
    answer = client.post("/api/schedule/trigger", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["job_id"] == "Prices"
    assert is_due()
    later()
    answer = client.post("/api/config/keys/test", json=body)
    assert (answer.json()["status"], is_due()) == ("missing", False)
    later(paused=True)
    answer = client.post("/api/schedule/trigger", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/provider"
    answer = client.post("/api/schedule/trigger", json={"provider": "Price"})
    assert answer.status_code == 404
    assert "Prices" in answer.json()["suggestion"]
    assert client.post("/api/schedule/trigger", json={}).status_code == 422


def test_the_schedules_table_has_providers(
    client: TestClient, sqlite_backplane: Backplane, prices: Provider
) -> None:
    with sqlite_backplane.database.transaction() as connection:
        long_ago = {"every_s": 600.0, "created_at": 1.0}
        connection.execute(update(Provider).values(**long_ago))
    check(sqlite_backplane, prices, 1200.0)
    check(sqlite_backplane, prices, 600.0)
    (row,) = (
        each for each in get(client, "/api/schedule") if each["provider"] == "Prices"
    )
    assert (row["on_time_count"], row["late_count"], row["skip_count"]) == (2, 0, 4)
    assert row["schedule_interval"] == "every 10 minutes"
    assert row["on_time_percentage"] == pytest.approx(100 / 3, abs=0.01)
