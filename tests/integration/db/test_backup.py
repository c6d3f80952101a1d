"""A backup holds the record of one moment, and either database takes it."""

import json
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import MetaData, select, text

from db.backup import BackupError, back_up, check, restore
from db.contracts.job_state import JobState
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database
from db.presence import Presence
from db.schema import ensure_schema, known_revisions, move_to, revisions
from tests.sample_jobs import claim, claim_new, finish, submit
from tests.sample_webhooks import own_endpoint
from tests.sample_workers import SOLVER

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Place:
    """A database and the settings that name it."""

    settings: Settings
    database: Database

    def rows(self) -> Rows:
        """Return all rows of all tables, in one order."""
        found = MetaData()
        with self.database.reading() as connection:
            found.reflect(connection)
            return {
                table.name: sorted(
                    (tuple(row) for row in connection.execute(select(table))), key=repr
                )
                for table in found.sorted_tables
            }


@pytest.fixture
def places(
    urls: tuple[str, str], valkey: EmbeddedValkey, tmp_path: Path
) -> Iterator[dict[str, Place]]:
    """Return a place with jobs, ``from``, and an empty one, ``to``."""
    opened = {}
    for name, url in zip(("from", "to"), urls, strict=True):
        settings = Settings(
            home=tmp_path / name, database_url=url, redis_url=valkey.redis_url
        )
        opened[name] = Place(settings, Database(settings))
    ensure_schema(opened["from"].database)
    fill(opened["from"].database)
    yield opened
    for place in opened.values():
        place.database.close()


@pytest.fixture(
    params=["sqlite", "postgresql", "sqlite-postgresql", "postgresql-sqlite"]
)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Return an URL for the database that is backed up and for the one restored."""

    def url_of(kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        made: str = request.getfixturevalue("postgresql").create_database()
        return made

    kinds = request.param.split("-")
    return url_of(kinds[0], "a"), url_of(kinds[-1], "b")


def fill(database: Database) -> None:
    """Leave a job of each sort: ended with a webhook, running, waiting."""
    own_endpoint(database, submit(database))
    ended = claim_new(database)
    finish(database, ended, JobState.SUCCEEDED, result='{"objective": 7}')
    claim(database, submit(database))
    submit(database)


def test_what_is_restored_is_what_was_backed_up(
    places: dict[str, Place], tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    made = back_up(places["from"].settings, file)
    assert made.revision == known_revisions()[-1]
    assert made.tables["job"].rows == 4
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert check(file) == made
    assert restore(places["to"].settings, file) == made
    assert places["to"].rows() == places["from"].rows()


@pytest.mark.parametrize("urls", ["sqlite", "postgresql"], indirect=True)
def test_jobs_that_are_there_are_kept_unless_it_is_said(
    places: dict[str, Place], tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    source, target = places["from"], places["to"]
    back_up(source.settings, file)
    ensure_schema(target.database)
    submit(target.database)
    before = target.rows()
    with pytest.raises(BackupError, match="holds 1 jobs"):
        restore(target.settings, file)
    assert target.rows() == before
    restore(target.settings, file, replace=True)
    assert target.rows() == source.rows()


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
class TestRefusals:
    """What is not restored, and leaves everything as it was."""

    def test_a_damaged_file(self, places: dict[str, Place], tmp_path: Path) -> None:
        file = tmp_path / "backup"
        back_up(places["from"].settings, file)
        whole = file.read_bytes()
        at = whole.index(b"tables/job.ndjson") + 200
        for damaged in (whole[:-100], whole[:at] + b"\x00\x00\x00" + whole[at + 3 :]):
            file.write_bytes(damaged)
            with pytest.raises(BackupError, match="take another"):
                restore(places["to"].settings, file)
        with pytest.raises(BackupError, match="no file"):
            check(tmp_path / "none")

    def test_a_row_that_was_changed(
        self, places: dict[str, Place], tmp_path: Path
    ) -> None:
        file, changed = tmp_path / "backup", tmp_path / "changed"
        back_up(places["from"].settings, file)
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b'"queued"', b'"failed"'))
        with pytest.raises(BackupError, match="job is not as it was"):
            check(changed)

    def test_one_of_a_later_version(
        self, places: dict[str, Place], tmp_path: Path
    ) -> None:
        file, later = tmp_path / "backup", tmp_path / "later"
        back_up(places["from"].settings, file)
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(later, "w") as new:
            for name in old.namelist():
                body = old.read(name)
                if name == "manifest.json":
                    told = json.loads(body) | {"revision": "9999", "version": "7.0"}
                    body = json.dumps(told).encode()
                new.writestr(name, body)
        with pytest.raises(BackupError, match=r"install version 7\.0"):
            restore(places["to"].settings, later)

    def test_while_workers_work(
        self, places: dict[str, Place], tmp_path: Path, redis: Redis
    ) -> None:
        file = tmp_path / "backup"
        back_up(places["from"].settings, file)
        presence = Presence(places["to"].settings)
        presence.tell_worker(SOLVER)
        with pytest.raises(BackupError, match=SOLVER.name):
            restore(places["to"].settings, file)
        presence.close()

    def test_an_empty_database(self, places: dict[str, Place], tmp_path: Path) -> None:
        file = tmp_path / "backup"
        with pytest.raises(BackupError, match="no tables"):
            back_up(places["to"].settings, file)
        assert list(tmp_path.glob("backup*")) == []


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_the_event_server_forgets_another_history(
    places: dict[str, Place], tmp_path: Path, redis: Redis
) -> None:
    file = tmp_path / "backup"
    back_up(places["from"].settings, file)
    redis.hset("solvequeue:head:job_1", "sequence", 7)
    redis.set("another's", 1)
    restore(places["to"].settings, file)
    assert redis.keys("*") == ["another's"]


@pytest.mark.parametrize("urls", ["sqlite", "postgresql"], indirect=True)
def test_an_earlier_migration_is_restored_and_led_on(
    places: dict[str, Place], tmp_path: Path
) -> None:
    file, earlier = tmp_path / "backup", known_revisions()[-2]
    source, target = places["from"], places["to"]
    ended = [row for row in source.rows()["job"] if JobState.SUCCEEDED in row]
    assert move_to(source.database, earlier) == earlier
    assert back_up(source.settings, file).revision == earlier
    restore(target.settings, file)
    with target.database.reading() as connection:
        assert revisions(connection) == (known_revisions()[-1],) * 2
    assert [row for row in target.rows()["job"] if JobState.SUCCEEDED in row] == ended


@pytest.mark.parametrize("urls", ["sqlite", "postgresql"], indirect=True)
def test_every_migration_may_be_taken_back_and_made_again_with_jobs_there(
    places: dict[str, Place],
) -> None:
    database = places["from"].database

    def held() -> list[tuple[Any, ...]]:
        query = "select id, state, attempt, result, finished_at from job order by id"
        with database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    before = held()
    revisions_back = known_revisions()[-2::-1]
    for revision in revisions_back:
        assert move_to(database, revision) == revision
        assert held() == before
    for revision in known_revisions():
        assert move_to(database, revision) == revision
        assert held() == before
    assert {row[1] for row in before} == {"queued", "running", "succeeded"}
