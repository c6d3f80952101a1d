"""`solvequeue doctor`: what is wrong, and what to do about it."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.exit_codes import ExitCode
from api.cli.options import ApiKey, Json
from api.cli.output import Output
from api.doctor import (
    LEAST_DISK_BYTES,
    Finding,
    Surroundings,
    Verdict,
    checks_of,
    examine,
)

MEGABYTE = 1_000_000
MARKS = {
    Verdict.OK: Text("ok", "green"),
    Verdict.NOTE: Text("note", "yellow"),
    Verdict.WRONG: Text("wrong", "bold red"),
    Verdict.SKIPPED: Text("skipped", "dim"),
}

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="SOLVEQUEUE_URL",
        help="A service elsewhere, of which only what HTTP tells is looked at. "
        "Without it this machine and the service on it are.",
        metavar="URL",
        show_default=False,
    ),
]
LeastDisk = Annotated[
    int,
    typer.Option(min=0, help="So many MB have to be free where the service keeps all."),
]


def doctor(
    least_disk_mb: LeastDisk = LEAST_DISK_BYTES // MEGABYTE,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Look at everything that the service needs, and say what to do.

    It changes nothing, and works while the service is down. Exit code 8 says that
    something has to be done.
    """
    output = Output(as_json=as_json)
    found: list[Finding] = []
    around = Surroundings(
        url=url or None, api_key=api_key, least_disk_bytes=least_disk_mb * MEGABYTE
    )
    with (
        output.outcome(),
        around,
        output.progress("Looking", total=len(checks_of(around))) as step,
    ):
        for finding in examine(around):
            found.append(finding)
            step(finding.check)
            output.emit(finding)
    output.show(_table(found))
    output.show(_sum(found, is_afar=bool(url)))
    if any(each.verdict is Verdict.WRONG for each in found):
        raise typer.Exit(ExitCode.UNWELL)


def _table(found: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for finding in found:
        told = Text(finding.detail)
        if finding.fix:
            told.append(f"\n→ {finding.fix}", "cyan")
        table.add_row(MARKS[finding.verdict], finding.check, told)
    return table


def _sum(found: list[Finding], *, is_afar: bool) -> Text:
    wrong = sum(each.verdict is Verdict.WRONG for each in found)
    told = f"{wrong} to be mended." if wrong else "Nothing has to be done."
    if is_afar:
        told += " Run it on the service's own machine to have all looked at."
    return Text(f"\n{told}", "bold red" if wrong else "bold green")
