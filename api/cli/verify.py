"""`solvequeue verify`: whether a certificate holds, without any service."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.exit_codes import ExitCode
from api.cli.numbers import amount
from api.cli.options import Json
from api.cli.output import Output

File = Annotated[
    str,
    typer.Argument(
        help="JSON of a certificate, a result or a job, or what --json wrote; - reads "
        "standard input.",
        metavar="FILE",
    ),
]
Instance = Annotated[
    str | None,
    typer.Option(
        help="The instance: QAPLIB .dat, or .json with flow and distance, or costs. "
        "Those of the library are found by the certificate's hash.",
        metavar="FILE",
    ),
]


def verify(file: File, instance: Instance = None, as_json: Json = False) -> None:
    """Recompute a certificate's objective and check all it claims, offline."""
    # Here: numpy takes longer to load than any other command takes to start.
    from api.cli.checking import check

    output = Output(as_json=as_json)
    certificate, verdict = check(_certificate_in(_read(file)), instance)
    output.emit(
        {
            "valid": verdict.valid,
            "objective": verdict.objective,
            "reasons": list(verdict.reasons),
        }
    )
    if verdict.valid:
        how = "exact integers" if certificate.exact else "rounded floats"
        output.show(
            Text.assemble(
                ("valid", "bold green"),
                f"  objective {amount(verdict.objective)}, recomputed, {how}",
            )
        )
        return
    output.show(Text("not valid", "bold red"))
    for reason in verdict.reasons:
        output.show(Text(f"  {reason}"))
    raise typer.Exit(ExitCode.NOT_VALID)


def _read(file: str) -> Any:
    if file == "-":
        text = sys.stdin.read()
    else:
        try:
            text = Path(file).expanduser().read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{file} cannot be read: {error}") from None
    # Of many lines of JSON, as `solve --json` writes them, the last is the job.
    lines = text.strip().splitlines() or [""]
    for part in (text, lines[-1]):
        try:
            return json.loads(part)
        except (ValueError, RecursionError):
            continue
    raise typer.BadParameter(f"{file} is not JSON")


def _certificate_in(content: Any) -> dict[str, Any]:
    """Return the certificate, however deep in a job or a result it stands."""
    while isinstance(content, dict):
        inner = content.get("certificate") or content.get("result")
        if inner is None and "method_version" in content:
            return content
        content = inner
    raise typer.BadParameter(
        "there is no certificate in it: write one, or a job that has ended"
    )
