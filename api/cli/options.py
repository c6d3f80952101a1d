"""Options that several commands share."""

from typing import Annotated

import typer

from api.client.client import DEFAULT_URL

Url = Annotated[
    str,
    typer.Option(
        "--url", envvar="SOLVEQUEUE_URL", help="Where the service is.", metavar="URL"
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key",
        envvar="SOLVEQUEUE_API_KEY",
        help="Your key or token. Others on this machine can read what a command is "
        "given: better set the variable.",
        metavar="KEY",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Write JSON lines, and nothing else.")
]

Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Do not ask; needed where nobody can answer."),
]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, newest first.")]

__all__ = ["DEFAULT_URL", "ApiKey", "Json", "Limit", "Url", "Yes"]
