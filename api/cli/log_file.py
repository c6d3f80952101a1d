"""A log in a file, one event a line, to the byte as the service shows it."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import typer
from pydantic import ValidationError

from api.client import Event


def read_log(file: str) -> list[Event]:
    """Return the events of a file, or of standard input."""
    try:
        text = (
            sys.stdin.read()
            if file == "-"
            else Path(file).expanduser().read_text("utf-8")
        )
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}") from None
    # A line has no other ends: the rest are characters of its strings.
    return list(_events(file, text.split("\n")))


class LogFile:
    """Takes a log up where it was left, and begins anew where the log did."""

    def __init__(self, path: Path, written: list[Event]) -> None:
        self._path = path
        self._last = written[-1] if written else None
        self._file: IO[str] = path.open("a", encoding="utf-8", newline="\n")

    @property
    def after(self) -> int:
        """The last number written."""
        return self._last.number if self._last else 0

    @property
    def epoch(self) -> str:
        return self._last.epoch if self._last else ""

    @property
    def has_ended(self) -> bool:
        return self._last is not None and self._last.is_terminal

    def write(self, event: Event) -> None:
        if self._last is not None and event.epoch != self._last.epoch:
            # The service lost its log and began it anew: this is another one.
            self._file.truncate(0)
        self._file.write(event.body + "\n")
        self._file.flush()
        self._last = event

    def close(self) -> None:
        self._file.close()


@contextmanager
def open_log(file: str, job_id: str) -> Iterator[LogFile]:
    """Open a file to go on with a job's log."""
    path = Path(file).expanduser()
    try:
        written = _whole_lines(path) if path.exists() else []
        log = LogFile(path, _of_job(file, written, job_id))
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be written: {error}") from None
    try:
        yield log
    finally:
        log.close()


def _whole_lines(path: Path) -> list[str]:
    """Return the lines that were written to their end; cut off what was not."""
    text = path.read_text("utf-8")
    whole, end, cut = text.rpartition("\n")
    if cut:
        path.write_text(whole + end, "utf-8", newline="\n")
    return whole.split("\n") if whole else []


def _of_job(file: str, lines: Iterable[str], job_id: str) -> list[Event]:
    events = list(_events(file, lines))
    others = {event.subject for event in events} - {job_id}
    if others:
        raise typer.BadParameter(f"{file} is the log of {min(others)}, not {job_id}")
    return events


def _events(file: str, lines: Iterable[str]) -> Iterator[Event]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _event(line)
        except (ValidationError, ValueError):
            raise typer.BadParameter(f"line {number} of {file} is no event") from None


def _event(line: str) -> Event:
    """Return the event of a line; raise ValueError if it is not whole."""
    event = Event.parse(line)
    # What is shown and checked of it is read now, where it can be said what is wrong.
    _ = event.number, event.payload, datetime.fromisoformat(event.time)
    return event
