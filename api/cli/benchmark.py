"""`solvequeue benchmark`: methods by instances by seeds, compared while they run."""

from typing import Annotated, Any

import typer

from api.cli.batch import Deadline, Detach, MaxParallel, tell_detached
from api.cli.completion import instances, methods
from api.cli.exit_codes import ExitCode
from api.cli.families import follow_family
from api.cli.given import chosen, parse
from api.cli.instance_file import read_instance
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.solve import Iterations, Seconds
from api.client import Client

MAX_SEEDS = 10_000

Given = Annotated[
    list[str],
    typer.Argument(
        help="Names, hashes or files, as `solve` takes them.",
        metavar="INSTANCE...",
        autocompletion=instances,
    ),
]
Methods = Annotated[
    list[str],
    typer.Option(
        "--method",
        help="Of /v1/methods; given once for each. With parameters of its own as JSON: "
        "method, parameters and a label.",
        autocompletion=methods,
    ),
]
Seeds = Annotated[str, typer.Option(help="Such as 1-5 or 1,2,7.")]
TargetGap = Annotated[
    float | None, typer.Option(min=0, help="A run hits its target at this gap.")
]


def benchmark(
    given: Given,
    method: Methods,
    seeds: Seeds = "1-5",
    seconds: Seconds = None,
    iterations: Iterations = None,
    target_gap: TargetGap = None,
    max_parallel: MaxParallel = None,
    deadline: Deadline = None,
    detach: Detach = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Compare methods on instances, with a table that grows while they run.

    Example: solvequeue benchmark nug12 nug15 --method memetic --method breakout
    --seconds 2
    """
    fields: dict[str, Any] = chosen(
        target_gap=target_gap, max_parallel=max_parallel, deadline_s=deadline
    )
    if limits := chosen(time_s=seconds, iterations=iterations):
        fields["limits"] = limits
    output = Output(as_json=as_json)
    subjects = [_subject(each) for each in given]
    contenders = [_contender(each) for each in method]
    with output.outcome(), Client(url, api_key=api_key) as client:
        family = client.benchmarks.create(
            subjects, contenders, seeds=_seeds(seeds), **fields
        )
        if detach:
            tell_detached(family.id, output, family.model_dump(mode="json"))
            raise typer.Exit(ExitCode.OK)
        code = follow_family(client, family, output)
    raise typer.Exit(code)


def _subject(given: str) -> str | dict[str, Any]:
    found = read_instance(given)
    return found["name"] if set(found) == {"name"} else found


def _contender(given: str) -> Any:
    return parse(given, "--method") if given.lstrip().startswith("{") else given


def _seeds(given: str) -> list[int]:
    """Return the seeds of ranges and numbers with commas between them."""
    found: list[int] = []
    for part in given.split(","):
        first, is_range, last = part.partition("-")
        try:
            low = int(first)
            high = int(last) if is_range else low
        except ValueError:
            raise typer.BadParameter(
                f"--seeds takes 1-5 or 1,2,7, not {given}"
            ) from None
        if not 0 <= high - low < MAX_SEEDS:
            raise typer.BadParameter(f"--seeds {part} is no range of up to {MAX_SEEDS}")
        found += range(low, high + 1)
    return found
