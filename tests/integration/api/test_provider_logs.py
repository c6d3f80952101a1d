"""/api/logs: what was recorded of providers, chosen, in pages and in three forms."""

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.provider import CheckOutcome, ErrorType, Seen
from db.engine import now
from db.models import ProviderCollection, ProviderUsage
from db.repositories.provider_logs import STATUSES, LogType
from tests.sample_alerts import BAD, GOOD, add_provider, check, set_check

REFUSED = Seen(
    outcome=CheckOutcome.RATE_LIMITED,
    response_ms=3.5,
    status=429,
    error_type=ErrorType.RATE_LIMITED,
    error="=cmd()",
)
NOT_MADE = Seen(outcome=CheckOutcome.BLOCKED, error_type=ErrorType.BUDGET)
FIELDS = {
    "connection": {
        *("id", "timestamp", "provider_id", "endpoint", "status", "response_time_ms"),
        *("http_status_code", "error_type", "error_message", "retry_count"),
        *("retry_result", "provider", "http_code"),
    },
    "failure": {
        *("id", "timestamp", "provider_id", "endpoint", "error_type", "error_message"),
        *("http_status", "retry_attempted", "retry_result", "remediation_applied"),
        "provider",
    },
    "collection": {
        *("id", "provider_id", "category", "scheduled_time", "actual_fetch_time"),
        *("data_timestamp", "staleness_minutes", "record_count", "payload_size_bytes"),
        *("data_quality_score", "on_schedule", "skip_reason", "provider"),
    },
    "rate_limit": {
        *("id", "timestamp", "provider_id", "limit_type", "limit_value"),
        *("current_usage", "percentage", "reset_time", "provider"),
    },
}
"""The tables of the earlier monitor, and what its dashboard reads besides."""


@pytest.fixture
def provider(app_backplane: Backplane) -> str:
    """Return the id of one provider of two with a line in each log."""
    database = app_backplane.database
    found = add_provider(database, "Etherscan", category="explorer")
    other = add_provider(database, "other")
    for seen in (GOOD, REFUSED, NOT_MADE):
        check(database, found, seen)
    check(database, found, GOOD, retries=1, retry_result=CheckOutcome.SUCCESS)
    check(database, other, BAD)
    with database.transaction() as connection:
        for each in (found, other):
            connection.execute(
                insert(ProviderCollection).values(
                    provider_id=each,
                    number=1,
                    due_at=1_700_000_000.0,
                    at=now(),
                    data_at=1_700_000_000.0,
                    values="{}",
                    records=3,
                    size=120,
                    quality=0.75,
                    staleness_s=90.0,
                    on_schedule=True,
                    skip_reason=None if each == found else "timeout",
                )
            )
            connection.execute(
                insert(ProviderUsage).values(
                    provider_id=each,
                    at=now(),
                    per="minute",
                    limit_value=50,
                    used=40 if each == found else 50,
                    resets_at=2_000_000_000.0,
                )
            )
    return found


def read(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(f"/api/logs{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("log", LogType)
def test_a_line_has_the_fields_of_the_earlier_table(
    client: TestClient, provider: str, log: str
) -> None:
    lines = read(client, f"/{log}", provider="etherscan")
    assert lines
    for line in lines:
        assert set(line) == FIELDS[log]
        assert (line["provider_id"], line["provider"]) == (provider, "Etherscan")


def test_calls_are_told_newest_first_and_those_not_made_are_none(
    client: TestClient, provider: str
) -> None:
    lines = read(client, "/connection", provider=provider)
    assert [each["id"] for each in lines] == [f"{provider}.{n}" for n in (4, 2, 1)]
    refused = lines[1]
    assert (refused["status"], refused["response_time_ms"]) == ("rate_limited", 3.5)
    assert refused["http_code"] == refused["http_status_code"] == 429
    assert refused["error_message"] == "=cmd()"
    assert len(read(client, "/connection")) == 4
    assert [each["id"] for each in read(client, "/connection", limit=1)] == [
        f"{read(client, '/connection', provider='other')[0]['provider_id']}.1"
    ]


def test_failures_are_also_those_that_were_made_good(
    client: TestClient, provider: str
) -> None:
    made_good, refused = read(client, "/failure", provider=provider)
    assert made_good["retry_attempted"] is True
    assert made_good["remediation_applied"]
    assert (refused["retry_attempted"], refused["http_status"]) == (False, 429)


def test_collections_and_budgets_tell_what_was_recorded(
    client: TestClient, provider: str
) -> None:
    (line,) = read(client, "/collection", provider=provider)
    assert (line["record_count"], line["staleness_minutes"]) == (3, 1.5)
    assert line["category"] == "explorer"
    (line,) = read(client, "/rate_limit", provider=provider)
    assert (line["percentage"], line["limit_type"]) == (80.0, "per_minute")


@pytest.mark.parametrize(
    ("log", "status", "count"),
    [
        ("connection", "success", 2),
        ("connection", "timeout", 0),
        ("failure", "success", 1),
        ("failure", "failed", 1),
        ("collection", "collected", 1),
        ("collection", "skipped", 1),
        ("rate_limit", "warning", 1),
        ("rate_limit", "blocked", 1),
        ("rate_limit", "ok", 0),
    ],
)
def test_lines_are_chosen_by_their_status(
    client: TestClient, provider: str, log: str, status: str, count: int
) -> None:
    assert len(read(client, f"/{log}", status=status)) == count


@pytest.mark.parametrize("log", LogType)
def test_lines_are_of_the_hours_that_are_asked_for(
    client: TestClient, app_backplane: Backplane, provider: str, log: LogType
) -> None:
    path = f"/{log}"
    if log in {LogType.CONNECTION, LogType.FAILURE}:
        before = len(read(client, path))
        with app_backplane.database.reading() as connection:
            at = connection.execute(now().select()).scalar_one()
        set_check(app_backplane.database, provider, at=at - 2 * 3600)
        assert len(read(client, path)) < before
        assert len(read(client, path, hours=3)) == before
    assert STATUSES[log]


@pytest.mark.parametrize(
    ("path", "params", "status", "told"),
    [
        ("/connections", {}, 404, "connection"),
        ("/connection", {"status": "succeeded"}, 422, "success"),
        ("/connection", {"provider": "nobody"}, 422, "/v1/providers"),
        ("/connection", {"provider": "\x00"}, 422, ""),
        ("/connection", {"hours": 0}, 422, ""),
        ("/connection", {"hours": "nan"}, 422, ""),
        ("/connection", {"limit": 10_001}, 422, ""),
        ("/connection", {"format": "xml"}, 422, ""),
        ("", {"per_page": 501}, 422, ""),
        ("", {"page": 0}, 422, ""),
        ("", {"from": "soon"}, 422, "2026-11-22"),
        ("", {"to": "0001-01-01"}, 422, "2026-11-22"),
        ("", {"status": "blocked"}, 422, "success"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(
    client: TestClient, path: str, params: dict[str, Any], status: int, told: str
) -> None:
    answer = client.get(f"/api/logs{path}", params=params)
    assert answer.status_code == status, answer.text
    assert told in json.dumps(answer.json())


def test_pages_are_numbered_and_counted(client: TestClient, provider: str) -> None:
    pages = [read(client, "", page=n, per_page=3) for n in (1, 2, 3)]
    assert {key: pages[0][key] for key in ("total", "page", "per_page", "pages")} == {
        "total": 4,
        "page": 1,
        "per_page": 3,
        "pages": 2,
    }
    found = [line["id"] for page in pages for line in page["logs"]]
    assert found == [each["id"] for each in read(client, "/connection")]
    chosen = read(client, "", provider="Etherscan", status="rate_limited")
    assert [each["http_code"] for each in chosen["logs"]] == [429]


def test_times_and_days_bound_what_is_listed(
    client: TestClient, app_backplane: Backplane, provider: str
) -> None:
    # 2023-11-14T22:13:20Z
    set_check(app_backplane.database, provider, at=1_700_000_000.0)
    assert read(client, "")["total"] == 1
    for bounds, total in [
        ({"from": "2023-11-14", "to": "2023-11-14"}, 3),
        ({"from": "2023-11-14", "to": "2023-11-13"}, 0),
        ({"from": "2023-11-14T22:13:20Z", "to": "2023-11-14T22:13:21"}, 3),
        ({"from": "2023-11-14T23:13:21+01:00", "to": "2023-11-15"}, 0),
        ({"to": "2023-11-14T22:13:21Z"}, 3),
    ]:
        assert read(client, "", **bounds)["total"] == total, bounds


@pytest.mark.parametrize("by", ["format", "accept"])
@pytest.mark.parametrize("path", ["", "/connection"])
def test_the_same_lines_are_a_file(
    client: TestClient, provider: str, path: str, by: str
) -> None:
    expected = read(client, "/connection")

    def file(form: str, media: str) -> str:
        chosen: dict[str, Any] = (
            {"params": {"format": form}}
            if by == "format"
            else {"headers": {"Accept": media}}
        )
        answer = client.get(f"/api/logs{path}", **chosen)
        assert answer.headers["content-type"].startswith(media)
        assert f"connection.{form}" in answer.headers["content-disposition"]
        return answer.text

    lines = file("ndjson", "application/x-ndjson").splitlines()
    assert [json.loads(each) for each in lines] == expected
    rows = list(csv.DictReader(io.StringIO(file("csv", "text/csv"))))
    assert [each["id"] for each in rows] == [each["id"] for each in expected]
    # What a spreadsheet would run is text.
    assert "'=cmd()" in {each["error_message"] for each in rows}


def test_an_export_goes_on_over_many_pages(
    client: TestClient, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.provider_logs.PAGE", 1)
    found = client.get("/api/logs/connection", params={"format": "ndjson", "limit": 3})
    ids = [json.loads(each)["id"] for each in found.text.splitlines()]
    assert ids == [each["id"] for each in read(client, "/connection")][:3]
