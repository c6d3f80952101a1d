"""`solvequeue jobs`: what was sent, how it stands, calling it off, forgetting it."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from api.cli.exit_codes import EPILOG
from api.cli.numbers import age, amount, percent
from api.cli.options import DEFAULT_URL, ApiKey, Json, Limit, Url, Yes
from api.cli.output import Output
from api.cli.report import report
from api.cli.standing import Standing
from api.cli.view import STATE_STYLES, picture
from api.cli.watch import JobId
from api.client import Client, Job
from db.contracts.job_state import JobState

app = typer.Typer(help="List, show, cancel and delete jobs.", no_args_is_help=True)

MAX_PAGE = 200

State = Annotated[JobState | None, typer.Option(help="Only jobs in this state.")]
Method = Annotated[str | None, typer.Option(help="Only jobs of this method.")]


@app.command("list", epilog=EPILOG)
def list_jobs(
    state: State = None,
    method: Method = None,
    limit: Limit = 20,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List jobs, newest first."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        page = min(limit, MAX_PAGE)
        found = list(islice(client.jobs(state=state, method=method, limit=page), limit))
    for job in found:
        output.emit(job)
    output.show(_table(found) if found else "No jobs.")


@app.command(epilog=EPILOG)
def show(
    job_id: JobId, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show how one job stands, or its result."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        job = client.job(job_id)
    output.emit(job)
    output.show(report(job) if job.is_final else picture(Standing.of(job)))


@app.command(epilog=EPILOG)
def cancel(
    job_id: JobId, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Ask a job to end; it keeps its incumbent."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        job = client.cancel(job_id)
    output.emit(job)
    word = "is cancelled" if job.is_final else "was asked to end"
    output.show(f"{job.id} {word}.")


@app.command(epilog=EPILOG)
def delete(
    job_id: JobId,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Forget an ended job, with its result, its events and its children."""
    output = Output(as_json=as_json)
    output.confirm(f"Forget {job_id} and all that belongs to it?", yes=yes)
    with output.outcome(), Client(url, api_key=api_key) as client:
        client.delete(job_id)
    output.emit({"id": job_id, "deleted": True})
    output.show(f"{job_id} is deleted.")


def _table(jobs: list[Job]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("job", "state", "instance"):
        table.add_column(heading, no_wrap=True)
    for heading in ("objective", "to best", "age"):
        table.add_column(heading, justify="right", no_wrap=True)
    now = datetime.now(UTC)
    for job in jobs:
        told, ended = job.progress, job.summary
        table.add_row(
            job.id,
            Text(job.state, STATE_STYLES.get(job.state, "")),
            Standing(job).title,
            amount(ended.objective if ended else told.objective if told else None),
            percent(told.gap_to_best_known if told else None),
            age(job.created_at, now),
        )
    return table
