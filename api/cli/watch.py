"""`solvequeue watch`: the live view of a job that exists."""

from typing import Annotated

import typer

from api.cli.calculating import ended, picture
from api.cli.exit_codes import ExitCode, of_state
from api.cli.families import family_of, follow_family
from api.cli.following import follow
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.client import Client, Job

JobId = Annotated[
    str,
    typer.Argument(metavar="JOB", help="The id of a job."),
]
FAMILIES = ("batch", "benchmark")


def watch(
    job_id: JobId, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show a job from its first event to its end: a solve, a batch, a benchmark.

    Incumbent and bound are drawn over time. Ctrl-C leaves the job alone. Example:
    solvequeue watch job_…
    """
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        code = _follow(client, client.job(job_id), output)
    raise typer.Exit(code)


def _follow(client: Client, job: Job, output: Output) -> ExitCode:
    if job.kind in FAMILIES:
        family = family_of(client, job.kind, job.id)
        return follow_family(client, family, output)
    if job.kind == "calculate":
        found = ended(client, output, job)
        output.emit(found)
        output.show(picture(found))
        return ExitCode.OK
    with output.goes_on(job.id):
        return of_state(follow(client, job, output, cancels=False).state)
