"""`solvequeue batch`: many instances under one job."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.completion import instances
from api.cli.exit_codes import ExitCode
from api.cli.families import follow_family
from api.cli.given import STDIN, chosen, read_json, read_lines
from api.cli.instance_file import read_instance
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.solve import Iterations, Method, Seconds
from api.client import Client

LINES = (".jsonl", ".ndjson")

Given = Annotated[
    list[str],
    typer.Argument(
        help="Instances, as `solve` takes them: names, hashes, files. Or files of "
        "jobs: .jsonl with one a line, or .json with a list of them; - reads such "
        "lines from standard input.",
        metavar="INSTANCE...",
        autocompletion=instances,
    ),
]
Seed = Annotated[int | None, typer.Option(help="Of those that name none.", min=0)]
Skip = Annotated[
    bool, typer.Option("--skip-invalid", help="Run the others where some are wrong.")
]
InOrder = Annotated[
    bool, typer.Option("--in-order", help="Each after the end of the one before.")
]
MaxParallel = Annotated[
    int | None, typer.Option(min=1, help="So many at once, at most.")
]
Deadline = Annotated[
    float | None, typer.Option(help="Stop what has not ended after so many seconds.")
]
Detach = Annotated[
    bool, typer.Option("--detach", help="Send it and return; see `watch`.")
]


def batch(
    given: Given,
    method: Method = None,
    seconds: Seconds = None,
    iterations: Iterations = None,
    seed: Seed = None,
    skip_invalid: Skip = False,
    in_order: InOrder = False,
    max_parallel: MaxParallel = None,
    deadline: Deadline = None,
    detach: Detach = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Solve many instances as one job, and show what comes of each.

    Options hold for jobs that say nothing of their own. Example: solvequeue batch
    nug12 nug15 my/*.dat --seconds 5
    """
    usual = chosen(method=method, seed=seed)
    if limits := chosen(time_s=seconds, iterations=iterations):
        usual["limits"] = limits
    jobs = [{**usual, **job} for each in given for job in _jobs(each)]
    fields: dict[str, Any] = chosen(max_parallel=max_parallel, deadline_s=deadline)
    if skip_invalid:
        fields["on_error"] = "skip"
    if in_order:
        fields["parallel"] = False
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        family = client.batches.create(jobs, **fields)
        if detach:
            tell_detached(family.id, output, family.model_dump(mode="json"))
            raise typer.Exit(ExitCode.OK)
        code = follow_family(client, family, output)
    raise typer.Exit(code)


def tell_detached(job_id: str, output: Output, record: dict[str, Any]) -> None:
    output.emit(record)
    output.show(f"{job_id} was sent. Follow it: solvequeue watch {job_id}")


def _jobs(given: str) -> list[dict[str, Any]]:
    """Return the jobs that one argument stands for."""
    suffix = Path(given).suffix
    if given == STDIN or suffix in LINES:
        return [_job(each, given) for each in read_lines(given)]
    if suffix == ".json" and Path(given).is_file():
        found = read_json(given)
        if isinstance(found, dict) and isinstance(found.get("items"), list):
            found = found["items"]
        if isinstance(found, list):
            return [_job(each, given) for each in found]
    return [{"instance": read_instance(given)}]


def _job(given: Any, file: str) -> dict[str, Any]:
    """Return a job: whole, or of an instance alone, or of a name alone."""
    if isinstance(given, str):
        return {"instance": {"name": given}}
    if not isinstance(given, dict):
        raise typer.BadParameter(f"{file} holds something that is no job: {given}")
    return given if "instance" in given else {"instance": given}
