"""A service that asks who one is, with the limits that are usual."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from db.contracts.caller import read_scopes
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from db.repositories import api_keys
from db.repositories.api_keys import NewApiKey
from tests.api_processes import ApiProcess, api_processes
from tests.browser.conftest import PATIENCE_MS
from tests.browser.screen import Screen, opened

# What a browser says of answers of 401, and of a socket that wants a key.
NOT_KNOWN = ("status of 401", "WebSocket connection to .* failed")


@pytest.fixture
def guarded(
    tmp_path: Path, sqlite_url: str, own_valkey: EmbeddedValkey
) -> Iterator[ApiProcess]:
    """Run an API alone: who may come in is not up to workers."""
    environment = {
        "SOLVEQUEUE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": own_valkey.redis_url,
        "BROKER_URL": own_valkey.broker_url,
        "AUTH_MODE": "required",
    }
    with api_processes(1, environment, tmp_path) as (process,):
        yield process


@pytest.fixture
def screen(browser: Browser, guarded: ApiProcess) -> Iterator[Screen]:
    with opened(browser, guarded.url, PATIENCE_MS) as screen:
        yield screen
        assert screen.watch.faults == []


@pytest.fixture
def key(sqlite: Database) -> str:
    new = NewApiKey(owner="ann", scopes=read_scopes(["admin"]))
    with sqlite.transaction() as connection:
        _, text = api_keys.create_key(connection, new)
    return text.reveal()


def test_a_key_opens_the_page_for_this_tab_alone(screen: Screen, key: str) -> None:
    screen.watch.allow(*NOT_KNOWN)
    screen.show("#/desk")
    expect(screen.page.get_by_role("dialog", name="Your key")).to_be_visible()
    screen.field("API key or token").fill(key)
    screen.press("Use it")
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    screen.sees("Live since")
    screen.sees("No jobs yet.")
    # Known still after a reload, and in no other tab.
    screen.page.reload()
    screen.sees("No jobs yet.")
    assert key not in screen.page.url
    other = screen.page.context.new_page()
    other.goto(screen.page.url)
    expect(other.get_by_role("dialog", name="Your key")).to_be_visible()
