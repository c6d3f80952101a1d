"""A worker is alive if it says so, on this host, and its process is there."""

import os
from pathlib import Path

import pytest

from db.backplane import Backplane
from db.contracts.settings import Settings
from tests.sample_workers import solver
from tests.servers.ports import free_port
from worker import probe
from worker.probe import is_alive

DEAD = 2**22 + 1
"""No process has this number: the kernel's own are smaller."""


@pytest.fixture
def settings(sqlite_backplane: Backplane) -> Settings:
    return sqlite_backplane.settings


def test_one_that_says_so_is_alive(
    sqlite_backplane: Backplane, settings: Settings
) -> None:
    ours = {"name": "solvers@here", "host": settings.host, "pid": os.getpid()}
    sqlite_backplane.presence.tell_worker(solver(**ours))
    assert is_alive(settings, "solvers")
    assert not is_alive(settings, "couriers")


@pytest.mark.parametrize("other", [{"host": "elsewhere"}, {"pid": DEAD}])
def test_one_of_another_host_or_that_has_ended_is_not(
    sqlite_backplane: Backplane, settings: Settings, other: dict[str, object]
) -> None:
    ours = {"name": "solvers@here", "host": settings.host, "pid": os.getpid()}
    sqlite_backplane.presence.tell_worker(solver(**{**ours, **other}))
    assert not is_alive(settings, "solvers")


def test_while_nobody_can_be_asked_its_process_is(tmp_path: Path) -> None:
    away = Settings(home=tmp_path, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    assert not is_alive(away, "solvers")
    note = tmp_path / "run" / "solvers.ready"
    note.parent.mkdir()
    note.write_text(str(os.getpid()))
    assert is_alive(away, "solvers")
    note.write_text(str(DEAD))
    assert not is_alive(away, "solvers")


def test_it_wants_a_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["worker.probe"])
    assert probe.main() == 2
    assert "usage" in capsys.readouterr().err
