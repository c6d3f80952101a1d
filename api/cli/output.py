"""Where a command writes: words for a person, or JSON lines for a program."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text
from typing_extensions import override

from api.cli.exit_codes import ExitCode
from api.client import (
    ClientError,
    ForbiddenError,
    ProblemError,
    ServerUnreachableError,
    UnauthenticatedError,
)
from api.stack import StackError

PIPE_WIDTH = 100
TABLE_WIDTH = 1000


class _Console(Console):
    """Ends the command without a word when nobody reads any more: `| head`."""

    @override
    def on_broken_pipe(self) -> None:
        end_unread()


class Output:
    """Standard output for what was asked for; standard error for everything else."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = _Console(highlight=False)
        if not self.console.is_terminal:
            self.console.width = PIPE_WIDTH
        self.errors = _Console(stderr=True, highlight=False)

    @property
    def is_live(self) -> bool:
        return self.console.is_terminal and not self.as_json

    def show(self, renderable: RenderableType) -> None:
        """Write for a person; a program gets nothing of it."""
        if self.as_json:
            return
        if isinstance(renderable, str | Text):
            self.console.print(renderable, soft_wrap=True)
        elif isinstance(renderable, Table) and not self.console.is_terminal:
            # A program reads it, or a person whose pager scrolls: no id is folded.
            self.console.width, before = TABLE_WIDTH, self.console.width
            self.console.print(renderable)
            self.console.width = before
        else:
            self.console.print(renderable)

    def emit(self, record: BaseModel | dict[str, Any]) -> None:
        """Write for a program; a person gets nothing of it."""
        if self.as_json:
            if isinstance(record, BaseModel):
                record = record.model_dump(mode="json")
            self.emit_line(json.dumps(record, separators=(",", ":")))

    def emit_line(self, line: str) -> None:
        """Write JSON that there is already, to the byte."""
        if self.as_json:
            self.write(line)

    def write(self, line: str) -> None:
        """Write a line as it is, for person and program alike."""
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            end_unread()

    def note(self, text: str) -> None:
        """Write what happened meanwhile."""
        self.errors.print(Text(text, "yellow"), soft_wrap=True)

    def complain(self, error: Exception) -> None:
        first, *rest = str(error).splitlines() or [type(error).__name__]
        self.errors.print(Text.assemble(("error ", "bold red"), first), soft_wrap=True)
        for line in rest:
            self.errors.print(Text(f"  {line}"), soft_wrap=True)
        if isinstance(error, ProblemError):
            self.emit({"error": error.problem.model_dump(mode="json")})
        else:
            self.emit({"error": {"detail": str(error)}})

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Callable[..., None]]:
        """Yield what is to be called with what is done, and how much of it by now.

        The bar is on standard error, and only at a terminal.
        """
        if not self.errors.is_terminal:
            yield lambda told, done=None: None
            return
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("[dim]{task.fields[told]}"),
            console=self.errors,
            transient=True,
        )
        with bar:
            task = bar.add_task(title, total=total, told="")

            def step(told: str, done: int | None = None) -> None:
                if done is None:
                    bar.update(task, advance=1, told=told)
                else:
                    bar.update(task, completed=done, told=told)

            yield step

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before something is gone; where nobody can answer, refuse."""
        if yes:
            return
        if not sys.stdin.isatty():
            self.complain(ValueError(f"{question} Nobody is here to say: give --yes"))
            raise typer.Exit(ExitCode.USAGE)
        if not typer.confirm(question, err=True):
            self.note("Left as it is.")
            raise typer.Exit(ExitCode.DECLINED)

    @contextmanager
    def goes_on(self, job_id: str) -> Iterator[None]:
        """On Ctrl-C say that the job goes on, and how to follow it."""
        try:
            yield
        except KeyboardInterrupt:
            self.note(
                f"{job_id} goes on: solvequeue watch {job_id}; to end it: solvequeue "
                f"jobs cancel {job_id}"
            )
            raise

    @contextmanager
    def outcome(self) -> Iterator[None]:
        """Turn what went wrong into a message and an exit code."""
        try:
            yield
        except UnauthenticatedError as error:
            self.complain(error)
            raise typer.Exit(ExitCode.UNAUTHENTICATED) from error
        except ForbiddenError as error:
            self.complain(error)
            raise typer.Exit(ExitCode.FORBIDDEN) from error
        except ProblemError as error:
            self.complain(error)
            raise typer.Exit(ExitCode.REFUSED) from error
        except ServerUnreachableError as error:
            self.complain(error)
            raise typer.Exit(ExitCode.UNREACHABLE) from error
        except (ClientError, StackError) as error:
            self.complain(error)
            raise typer.Exit(ExitCode.JOB_NOT_DONE) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(ExitCode.INTERRUPTED) from error


def end_unread() -> NoReturn:
    """End as a program does whose reader has gone, and let nothing complain of it."""
    # What is left in the buffer is written at the end: to nowhere.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    raise typer.Exit(ExitCode.UNREAD)
