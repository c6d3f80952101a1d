import io
import sys

import pytest
import typer

from api.cli.exit_codes import ExitCode
from api.cli.output import Output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_yes_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    Output(as_json=False).confirm("Really?", yes=True)


@pytest.mark.parametrize(("answer", "goes_on"), [("y\n", True), ("n\n", False)])
def test_a_person_is_asked(
    monkeypatch: pytest.MonkeyPatch, answer: str, goes_on: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    if goes_on:
        Output(as_json=False).confirm("Really?", yes=False)
        return
    with pytest.raises(typer.Exit) as ended:
        Output(as_json=False).confirm("Really?", yes=False)
    assert ended.value.exit_code == ExitCode.DECLINED


def test_where_nobody_can_answer_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(typer.Exit) as ended:
        Output(as_json=True).confirm("Really?", yes=False)
    assert ended.value.exit_code == ExitCode.USAGE
    assert "--yes" in capsys.readouterr().err


def test_ctrl_c_says_that_the_job_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False)
    with (
        pytest.raises(typer.Exit) as ended,
        output.outcome(),
        output.goes_on("job_1"),
    ):
        raise KeyboardInterrupt
    assert ended.value.exit_code == ExitCode.INTERRUPTED
    told = capsys.readouterr().err
    assert "job_1 goes on: solvequeue watch job_1" in told
    assert "solvequeue jobs cancel job_1" in told


def test_a_bar_is_drawn_for_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Output(as_json=True).progress("Working", 2) as step:
        step("half")
    assert capsys.readouterr() == ("", "")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Output(as_json=True).progress("Working", 2) as step:
        step("half", 1)
    assert "Working" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_no_color_is_honoured_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    colours = {}
    for name in ("", "NO_COLOR"):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stdout", terminal)
        if name:
            monkeypatch.setenv(name, "1")
        Output(as_json=False).console.print("word", style="green")
        colours[name] = "\x1b[32m" in terminal.getvalue()
    assert colours == {"": True, "NO_COLOR": False}
