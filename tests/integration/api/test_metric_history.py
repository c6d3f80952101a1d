"""The service's numbers over time: every period, gaps included, as JSON and CSV."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.series import SERIES
from db.engine import Database
from db.repositories import metric_history, metric_points
from db.repositories.metric_points import Totals
from db.tally import Histogram
from tests.integration.api.keyed import client_of

BEGIN = 1_800_000_000.0


def at(seconds: float) -> str:
    return datetime.fromtimestamp(BEGIN + seconds, UTC).isoformat()


def fill(database: Database, *, leave_out: range = range(0)) -> None:
    """Sample two minutes and a little."""
    times = Histogram()
    for number in range(13):
        if number in leave_out:
            continue
        times.add("48", 2)
        times.add("sum", 0.02)
        totals = Totals(
            BEGIN + 10 * number,
            {
                "http_requests": 20.0 * number,
                "http_errors": 5.0 * number,
                "cache_hits": 0.0,
                "cache_misses": 0.0,
            },
            {"http_duration": times},
        )
        with database.transaction() as connection:
            metric_points.record(
                connection, BEGIN + 10 * number, {"workers": float(number)}, totals
            )
            metric_points.roll_up(connection)


def ask(client: TestClient, series: str, **asked: str) -> dict[str, Any]:
    params = {"series": series, "from": at(0), "to": at(180), **asked}
    answer = client.get("/v1/metrics/history", params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_gauge_is_told_period_by_period_with_its_gaps(
    client: TestClient, app_backplane: Backplane
) -> None:
    fill(app_backplane.database, leave_out=range(3, 6))
    told = ask(client, "workers", tier="raw", to=at(80))
    assert (told["kind"], told["tier"], told["period_s"]) == ("gauge", "raw", 10)
    assert [each["samples"] for each in told["items"]] == [1, 1, 1, 0, 0, 0, 1, 1]
    assert [each["value"] for each in told["items"]][2:7] == [2, None, None, None, 6]
    first, second, third = ask(client, "workers")["items"]
    assert (first["samples"], first["min"], first["max"], first["value"]) == (
        *(3, 0, 2),
        1,
    )
    assert (second["samples"], second["value"]) == (6, 8.5)
    # It is not over yet.
    assert (third["samples"], third["value"]) == (0, None)
    assert third["time"] == "2027-01-15T08:02:00.000Z"


def test_counters_ratios_and_quantiles_are_told(
    client: TestClient, app_backplane: Backplane
) -> None:
    fill(app_backplane.database)
    assert ask(client, "http_requests")["items"][1]["value"] == 120
    assert ask(client, "http_error_ratio")["items"][1]["value"] == 0.25
    assert ask(client, "http_error_ratio")["items"][2]["value"] is None
    # It was sampled, and nobody looked anything up.
    nothing = ask(client, "cache_hit_ratio")["items"][1]
    assert (nothing["samples"], nothing["value"]) == (6, None)
    times = ask(client, "http_duration")["items"][1]
    assert (times["count"], times["value"]) == (12, pytest.approx(0.01))
    assert 0.009 < times["p50"] < times["p95"] < times["p99"] <= 0.0101


def test_a_table_has_the_same(client: TestClient, app_backplane: Backplane) -> None:
    fill(app_backplane.database)
    answer = client.get(
        "/v1/metrics/history",
        params={"series": "workers", "from": at(0), "to": at(180)},
        headers={"Accept": "text/csv"},
    )
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["value"] for row in rows] == ["2.5", "8.5", ""]
    assert [row["samples"] for row in rows] == ["6", "6", "0"]


def test_by_default_the_last_periods_are_told(client: TestClient) -> None:
    told = client.get("/v1/metrics/history?series=workers").json()
    assert (told["tier"], len(told["items"])) == ("minute", 360)
    assert {each["samples"] for each in told["items"]} == {0}


def test_every_series_is_listed_and_may_be_asked_for(client: TestClient) -> None:
    listed = client.get("/v1/metrics/series").json()["items"]
    assert [each["name"] for each in listed] == list(SERIES)
    for each in listed:
        assert ask(client, each["name"])["unit"] == each["unit"]
        assert each["help"]


@pytest.mark.parametrize(
    ("asked", "pointer", "hint"),
    [
        ({"series": "workrs"}, "#query/series", "workers"),
        ({"series": "workers", "tier": "day"}, "#query/tier", ""),
        ({"series": "workers", "from": "2020-01-01T00:00:00Z"}, "#query/from", "tier"),
        ({"series": "workers", "to": "yesterday"}, "#query/to", ""),
        ({}, "#query/series", ""),
    ],
)
def test_what_cannot_be_told_is_refused(
    client: TestClient, asked: dict[str, str], pointer: str, hint: str
) -> None:
    answer = client.get("/v1/metrics/history", params=asked)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["pointer"] == pointer
    assert hint in problem.get("suggestion", "")


def test_who_is_nobody_is_told_nothing(guarded: FastAPI) -> None:
    answer = client_of(guarded, "").get("/v1/metrics/history?series=workers")
    assert answer.status_code == 401


def test_the_watched_are_told_as_rows_of_the_earlier_monitor(
    database: Database,
) -> None:
    names = ("providers", "providers_online", "providers_degraded", "providers_offline")
    told = {
        0: dict(zip(names, (0, 0, 0, 0), strict=True)),
        10: dict(zip(names, (6, 4, 0, 1), strict=True)) | {"provider_response": 12.5},
        30: dict(zip(names, (6, 2, 2, 2), strict=True)) | {"provider_response": 80.0},
    }
    hourly = {"provider_requests_hour": 60.0, "provider_failures_hour": 7.0}
    for seconds, gauges in told.items():
        with database.transaction() as connection:
            metric_points.record(connection, BEGIN + seconds, gauges | hourly, None)
    with database.reading() as connection:
        rows = metric_history.watched_over_time(
            connection, since=BEGIN, until=BEGIN + 60
        )
    assert [row.timestamp - BEGIN for row in rows] == [0, 10, 30]
    assert [row.system_health for row in rows] == [None, "healthy", "critical"]
    assert rows[0].avg_response_time_ms is None
    newest = rows[-1]
    assert (newest.total_providers, newest.online_count, newest.offline_count) == (
        *(6, 2),
        2,
    )
    assert (newest.avg_response_time_ms, newest.total_failures_hour) == (80, 7)
