import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app, completion

ROOT = Path(__file__).parents[4]
WORDS = {
    "bash": {"COMP_WORDS": "solvequeue {line}", "COMP_CWORD": "{place}"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "solvequeue {line}"},
    "fish": {
        "_TYPER_COMPLETE_ARGS": "solvequeue {line}",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    },
}


def offered(shell: str, line: str) -> str:
    """Return what a shell is told when it asks."""
    filled = {
        name: text.format(line=line, place=len(line.split()))
        for name, text in WORDS[shell].items()
    }
    asked = {**filled, "_SOLVEQUEUE_COMPLETE": f"complete_{shell}"}
    done = CliRunner(env=asked).invoke(app, [], prog_name="solvequeue")
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", WORDS)
def test_a_shell_is_offered_methods(shell: str) -> None:
    told = offered(shell, "solve nug12 --method mem")
    assert "memetic" in told
    assert "breakout" not in told


def test_a_shell_is_offered_commands_and_instances() -> None:
    assert "benchmark" in offered("bash", "bench")
    assert "nug30" in offered("bash", "solve nug3")


def test_the_script_of_a_shell_is_shown() -> None:
    # A process of its own: which shell it is, is asked when it begins.
    program = "import sys; sys.argv = ['solvequeue', '--show-completion', 'fish']"
    shown = subprocess.run(
        [sys.executable, "-c", f"{program}\nfrom api.cli import main; main()"],
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "_SOLVEQUEUE_COMPLETE=complete_fish" in shown


def test_files_are_offered_where_instances_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nugget.dat").touch()
    (tmp_path / "nugget.txt").touch()
    (tmp_path / "nuggets").mkdir()
    monkeypatch.chdir(tmp_path)
    names = [name for name, _ in completion.instances("nugg")]
    assert names == ["nugget.dat", "nuggets/"]


@pytest.mark.parametrize("typed", ["/", "**", "", "\x00", "no/such/"])
def test_whatever_is_typed_nothing_breaks(typed: str) -> None:
    completion.instances(typed)


def test_calculations_are_offered() -> None:
    assert [name for name, _ in completion.calculations("xi")] == ["xirr"]
