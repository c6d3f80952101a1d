"""Providers that files and the service name: kept as they are named there."""

import logging
from pathlib import Path
from typing import Any

import pytest

from db.backplane import Backplane
from db.contracts.provider import Origin
from db.contracts.provider_faults import OWN_PARTS
from db.models import Provider
from db.repositories import providers
from schedules.provider_registry import synchronise
from tests.conftest import OpenBackplane
from tests.recorded_checks import add_provider, record_check

ONE = """
[[provider]]
name = "One"
category = "market_data"
url = "https://one.example/"
"""
TWO = ONE.replace("One", "Two").replace("one.", "two.")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "providers.toml"
    path.write_text(ONE + TWO, encoding="utf-8")
    return path


@pytest.fixture
def backplane(
    open_backplane: OpenBackplane, database_url: str, file: Path
) -> Backplane:
    return open_backplane(
        database_url=database_url, providers_file=file, provider_parts=False
    )


def named(backplane: Backplane, origin: Origin = Origin.REGISTRY) -> dict[str, Any]:
    with backplane.database.reading() as connection:
        return {each.name: each for each in providers.of_origin(connection, origin)}


def in_force(found: dict[str, Provider]) -> set[str]:
    return {name for name, each in found.items() if not each.paused}


def test_what_is_named_is_watched_and_stays_as_it_is(backplane: Backplane) -> None:
    synchronise(backplane)
    first = named(backplane)
    assert in_force(first) == {"One", "Two"}
    synchronise(backplane)
    assert {each.version for each in named(backplane).values()} == {1}
    assert {each.id for each in named(backplane).values()} == {
        each.id for each in first.values()
    }


def test_what_is_changed_there_is_changed_here(
    backplane: Backplane, file: Path
) -> None:
    synchronise(backplane)
    before = named(backplane)
    file.write_text(ONE + "tier = 1\n" + TWO, encoding="utf-8")
    synchronise(backplane)
    after = named(backplane)
    assert (after["One"].tier, after["One"].version) == (1, 2)
    assert (after["One"].id, after["Two"].version) == (before["One"].id, 1)


def test_who_leaves_is_paused_and_returns_with_its_past(
    backplane: Backplane, file: Path
) -> None:
    synchronise(backplane)
    one = named(backplane)["One"]
    with backplane.database.transaction() as connection:
        record_check(connection, one.id, one.created_at, response_ms=1.0)
    file.write_text(TWO, encoding="utf-8")
    synchronise(backplane)
    synchronise(backplane)
    gone = named(backplane)["One"]
    assert (gone.paused, gone.left_at is not None, gone.checks) == (True, True, 1)
    file.write_text(ONE + TWO, encoding="utf-8")
    synchronise(backplane)
    back = named(backplane)["One"]
    assert (back.id, back.paused, back.left_at, back.checks) == (
        *(one.id, False, None, 1),
    )


@pytest.mark.parametrize("text", ["[[provider]\n", "[[provider]]\nname = 3\n"])
def test_nobody_leaves_a_file_that_cannot_be_understood(
    backplane: Backplane, file: Path, text: str
) -> None:
    synchronise(backplane)
    file.write_text(text, encoding="utf-8")
    synchronise(backplane)
    assert in_force(named(backplane)) == {"One", "Two"}
    file.unlink()
    synchronise(backplane)
    assert in_force(named(backplane)) == {"One", "Two"}


def test_a_faulty_entry_leaves_what_it_was(backplane: Backplane, file: Path) -> None:
    synchronise(backplane)
    file.write_text(ONE + "tier = 7\n" + TWO + "tier = 1\n", encoding="utf-8")
    synchronise(backplane)
    found = named(backplane)
    assert (found["One"].tier, found["Two"].tier) == (2, 1)
    assert in_force(found) == {"One", "Two"}


def test_a_pause_by_the_api_outlasts_changes_of_the_file(
    backplane: Backplane, file: Path
) -> None:
    synchronise(backplane)
    with backplane.database.transaction() as connection:
        providers.set_paused(connection, named(backplane)["One"].id, paused=True)
    file.write_text(ONE + "tier = 1\n" + TWO, encoding="utf-8")
    synchronise(backplane)
    found = named(backplane)["One"]
    assert (found.tier, found.paused) == (1, True)


def test_what_the_api_names_is_never_touched(
    backplane: Backplane,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What other tests have told is not told again.
    monkeypatch.setattr("schedules.provider_registry._told", set())
    add_provider(backplane.database, name="one", tier=3)
    with caplog.at_level(logging.ERROR):
        synchronise(backplane)
        synchronise(backplane)
    mine = named(backplane, Origin.API)["one"]
    assert (mine.tier, mine.version, mine.url) == (
        *(3, 1, "https://prices.example/v1/ping"),
    )
    assert set(named(backplane)) == {"Two"}
    (told,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "One, /name: the API has named" in told.__dict__["reason"]


def test_the_services_own_parts_are_watched_and_can_be_left_alone(
    open_backplane: OpenBackplane, sqlite_url: str
) -> None:
    backplane = open_backplane(database_url=sqlite_url)
    synchronise(backplane)
    synchronise(backplane)
    parts = named(backplane, Origin.SERVICE)
    assert in_force(parts) == set(OWN_PARTS)
    assert {each.kind for each in parts.values()} == {"internal"}
    assert {each.version for each in parts.values()} == {1}
    with backplane.database.transaction() as connection:
        providers.set_paused(connection, parts["beat"].id, paused=True)
    synchronise(backplane)
    assert named(backplane, Origin.SERVICE)["beat"].paused is True
    without = open_backplane(database_url=sqlite_url, provider_parts=False)
    synchronise(without)
    assert in_force(named(without, Origin.SERVICE)) == set()
