"""Beat is alive as long as it writes down what it has sent."""

import os
from pathlib import Path

import pytest

from schedules import probe
from schedules.probe import SILENT_SECONDS, is_alive


@pytest.mark.parametrize("name", ["beat-schedule", "beat-schedule.db"])
def test_beat_is_alive_until_it_has_been_silent_for_long(
    tmp_path: Path, name: str
) -> None:
    assert not is_alive(tmp_path, now=0.0)
    path = tmp_path / name
    path.touch()
    os.utime(path, (1000.0, 1000.0))
    assert is_alive(tmp_path, now=1000.0 + SILENT_SECONDS - 1)
    assert not is_alive(tmp_path, now=1000.0 + SILENT_SECONDS)


def test_it_looks_at_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVEQUEUE_HOME", str(tmp_path))
    assert probe.main() == 1
    (tmp_path / "beat-schedule").touch()
    assert probe.main() == 0
