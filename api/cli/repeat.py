"""`solvequeue rerun` and `reproduce`: an ended job once more, and watch it solved."""

from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.exit_codes import ExitCode, of_state
from api.cli.following import follow
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.solve import (
    Detach,
    Iterations,
    Method,
    Seconds,
    follow_or_leave,
    tell_detached,
)
from api.cli.watch import JobId
from api.client import Client, Job

NewSeed = Annotated[
    int | None, typer.Option(help="A new one is drawn if not given.", min=0)
]


def rerun(
    job_id: JobId,
    seed: NewSeed = None,
    method: Method = None,
    seconds: Seconds = None,
    iterations: Iterations = None,
    detach: Detach = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Send an ended job again, with a new seed and what is given here."""
    limits = {"time_s": seconds, "iterations": iterations}
    limits = {name: value for name, value in limits.items() if value is not None}
    changes: dict[str, Any] = {"seed": seed, "method": method, "limits": limits or None}
    changes = {name: value for name, value in changes.items() if value is not None}
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        job = client.rerun(job_id, **changes)
        if detach:
            tell_detached(job, output)
            raise typer.Exit(ExitCode.OK)
        ended = follow_or_leave(client, job, output)
    raise typer.Exit(of_state(ended.state))


def reproduce(
    job_id: JobId, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Repeat a job's run exactly and tell whether the same comes out."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        ended = follow(client, client.reproduce(job_id), output, cancels=True)
    raise typer.Exit(_tell_verdict(ended, output))


def _tell_verdict(ended: Job, output: Output) -> ExitCode:
    found = None if ended.result is None else ended.result.reproduction
    if found is None:
        return ExitCode.JOB_NOT_DONE
    if found.verdict == "match":
        output.show(Text(f"match: the same as {found.of}", "bold green"))
        return ExitCode.OK
    output.show(Text(f"differs from {found.of}", "bold red"))
    for reason in found.reasons:
        output.show(Text(f"  {reason}"))
    return ExitCode.NOT_VALID
