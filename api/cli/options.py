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
Json = Annotated[
    bool, typer.Option("--json", help="Write JSON lines, and nothing else.")
]

__all__ = ["DEFAULT_URL", "Json", "Url"]
