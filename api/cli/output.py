"""Where a command writes: words for a person, or JSON lines for a program."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.text import Text

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


class Output:
    """Standard output for what was asked for; standard error for everything else."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False)
        if not self.console.is_terminal:
            self.console.width = PIPE_WIDTH
        self.errors = Console(stderr=True, highlight=False)

    @property
    def is_live(self) -> bool:
        return self.console.is_terminal and not self.as_json

    def show(self, renderable: RenderableType) -> None:
        """Write for a person; a program gets nothing of it."""
        if not self.as_json:
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
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

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
