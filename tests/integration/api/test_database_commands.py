"""`solvequeue database`, as an operator types it: what it says, and how it refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli.exit_codes import ExitCode
from db.schema import known_revisions


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_HOST", "REDIS_URL", "REDIS_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOLVEQUEUE_HOME", str(tmp_path / "home"))


def call(*words: object) -> Result:
    return CliRunner().invoke(app, ["database", *map(str, words)])


def test_a_backup_is_made_checked_and_restored(tmp_path: Path) -> None:
    file = tmp_path / "backup"
    assert call("status").exit_code == ExitCode.UNWELL
    assert call("backup", file).exit_code == ExitCode.REFUSED
    assert call("upgrade").exit_code == ExitCode.OK
    assert call("status").exit_code == ExitCode.OK
    assert call("backup", file).exit_code == ExitCode.OK
    assert call("backup", file).exit_code == ExitCode.REFUSED
    told = json.loads(call("check", file, "--json").stdout)
    assert told["revision"] == known_revisions()[-1]
    assert call("restore", file).exit_code == ExitCode.OK


def test_a_migration_is_taken_back_when_it_is_said(tmp_path: Path) -> None:
    earlier = known_revisions()[-2]
    assert call("upgrade").exit_code == ExitCode.OK
    assert call("downgrade", earlier).exit_code == ExitCode.USAGE
    assert call("downgrade", "9999", "--yes").exit_code == ExitCode.REFUSED
    assert call("downgrade", earlier, "--yes").exit_code == ExitCode.OK
    assert json.loads(call("status", "--json").stdout)["revision"] == earlier


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("no backup")
    assert call("upgrade").exit_code == ExitCode.OK
    for words in (
        ("backup", tmp_path / "nowhere" / "backup"),
        ("check", other),
        ("check", tmp_path / "none"),
        ("restore", other),
    ):
        result = call(*words)
        assert result.exit_code == ExitCode.REFUSED, result.output
        assert "error" in result.stderr
    assert call("restore", other, "--replace").exit_code == ExitCode.USAGE


def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/x")
    result = call("status")
    assert result.exit_code == ExitCode.JOB_NOT_DONE
    assert "solvequeue doctor" in result.stderr
    assert "secret" not in result.output
