"""`solvequeue watch`: the live view of a job that exists."""

from typing import Annotated

import typer

from api.cli.exit_codes import of_state
from api.cli.following import follow
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.client import Client

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The id of a job.")]


def watch(
    job_id: JobId, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show a job from its first event to its end. Ctrl-C leaves it alone."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        ended = follow(client, client.job(job_id), output, cancels=False)
    raise typer.Exit(of_state(ended.state))
