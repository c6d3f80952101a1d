"""The pages that show the schema, and what it shows."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from db.backplane import Backplane
from db.contracts.provider import Key
from db.contracts.settings import Settings
from tests.recorded_checks import add_provider

KEY = Key(environment="COINMARKETCAP_KEY_1", place="bearer")
SCHEMA: dict[str, Any] = create_app(Settings.model_construct()).openapi()


def examples() -> list[tuple[str, dict[str, Any]]]:
    """Return the published examples of bodies that can be sent as they are."""
    return [
        (path, example)
        for path, item in SCHEMA["paths"].items()
        if "{" not in path and "post" in item
        for content in item["post"].get("requestBody", {}).get("content", {}).values()
        for example in _examples(content["schema"])
    ]


def _examples(schema: dict[str, Any]) -> list[dict[str, Any]]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: list[dict[str, Any]] = (
        SCHEMA["components"]["schemas"].get(name, {}).get("examples", [])
    )
    return found


@pytest.mark.parametrize(("path", "example"), examples())
def test_an_example_is_accepted(
    client: TestClient,
    app_backplane: Backplane,
    path: str,
    example: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "provider" in example:
        add_provider(app_backplane.database, name=example["provider"], key=KEY)
    # No worker is there: what waits for the end of a job is told that at once.
    monkeypatch.setattr("api.waiting.ANSWER_SECONDS", -1e6)
    answer = client.post(path, json=example)
    assert answer.status_code in (200, 201, 202, 408), answer.text


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_asks_nobody_else(client: TestClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    assert not re.search(r"https?://|//[a-z]", answer.text)
    assert "<script>" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_finds_all_it_names(client: TestClient, page: str) -> None:
    named = re.findall(r'(?:src|href|spec-url)="(/[^"]+)"', client.get(page).text)
    assert "/docs/assets" in "".join(named)
    for address in named:
        assert client.get(address).status_code == 200, address


def test_what_starts_the_page_shows_our_schema(client: TestClient) -> None:
    script = client.get("/docs/start.js")
    assert "javascript" in script.headers["content-type"]
    assert '"/openapi.json"' in script.text


def test_the_schema_is_served(app: FastAPI, client: TestClient) -> None:
    assert client.get("/openapi.json").json() == app.openapi()
