"""Descriptions of providers that are refused: where they are wrong, and what to do."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.integration.api.test_providers import PATH, PRICES


def refused(client: TestClient, **body: Any) -> dict[str, str]:
    """Return by pointer what is suggested where a description is wrong."""
    answer = client.post(PATH, json=PRICES | body)
    assert answer.status_code == 422, answer.text
    return {each["pointer"]: each["suggestion"] for each in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("body", "pointer", "advice"),
    [
        ({"name": ""}, "#/name", "matches"),
        ({"name": "a/b"}, "#/name", "matches"),
        ({"name": "Redis"}, "#/name", "our Redis"),
        ({"category": "solvequeue"}, "#/category", "another"),
        ({"url": "http://prices.example/"}, "#/url", "https"),
        ({"url": "https://127.0.0.1/"}, "#/url", "SOLVEQUEUE_PROVIDER_ALLOW_CIDRS"),
        ({"url": "https://a.example:22/"}, "#/url", "443"),
        ({"url": "https://a.example/?apikey=x"}, "#/url", "with key"),
        ({"url": "https://a.example/#x"}, "#/url", "Leave"),
        ({"second_url": PRICES["url"]}, "#/second_url", "another"),
        ({"key": {"environment": "BSCSCAN_KEY"}}, "#/key/name", "header"),
        (
            {"key": {"environment": "BSCSCAN_KEY", "place": "bearer", "name": "x"}},
            "#/key/name",
            "Leave",
        ),
        (
            {"key": {"environment": "BSCSCAN_KEY", "name": "Host"}},
            "#/key/name",
            "X-Api-Key",
        ),
        (
            {"key": {"environment": "BSCSCAN_KEYS", "place": "bearer"}},
            "#/key/environment",
            "Did you mean BSCSCAN_KEY?",
        ),
        (
            {"limits": [{"per": "hour", "calls": 1}, {"per": "hour", "calls": 2}]},
            "#/limits/1/per",
            "lower",
        ),
        ({"limits": [{"per": "week", "calls": 1}]}, "#/limits/0/per", "'minute'"),
        (
            {"expectation": {"degraded_ms": 900, "offline_ms": 800}},
            "#/expectation/offline_ms",
            "900",
        ),
        ({"expectation": {"offline_ms": 1}}, "#/expectation/offline_ms", "2000"),
        ({"expectation": {"statuses": [200, 200]}}, "#/expectation/statuses", "once"),
        ({"expectation": {"statuses": [99]}}, "#/expectation/statuses/0", "100"),
        ({"expectation": {"pointer": "a"}}, "#/expectation/pointer", "RFC 6901"),
        ({"expectation": {"timeout": 3}}, "#/expectation/timeout", "timeout_ms"),
        (
            {"collection": {"series": {"a": "b"}}},
            "#/collection/series/a",
            "RFC 6901",
        ),
        ({"collection": {"series": {"a": ""}}}, "#/collection/series/a", "/data"),
        (
            {"collection": {"series": {"a": "/b"}, "data_time": "c"}},
            "#/collection/data_time",
            "RFC 6901",
        ),
        ({"tier": 4}, "#/tier", "3"),
        ({"every_s": 0.5}, "#/every_s", "1"),
        ({"every": 5}, "#/every", "every_s"),
    ],
)
def test_what_is_wrong_is_pointed_to(
    client: TestClient, body: dict[str, Any], pointer: str, advice: str
) -> None:
    found = refused(client, **body)
    assert list(found) == [pointer]
    assert advice in found[pointer]


def test_all_that_is_wrong_is_told_at_once(client: TestClient) -> None:
    found = refused(
        client,
        url="http://prices.example/",
        key={"environment": "PATH", "place": "bearer"},
        expectation={"offline_ms": 1, "pointer": "x"},
    )
    assert set(found) == {
        *("#/url", "#/key/environment"),
        *("#/expectation/offline_ms", "#/expectation/pointer"),
    }
