"""`solvequeue solve`: send one instance and watch it solved."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from api.cli.completion import instances, methods
from api.cli.exit_codes import ExitCode, of_state
from api.cli.following import follow
from api.cli.instance_file import read_instance
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.starting import ending_in_order, starting
from api.client import Client, Job
from api.stack import own_stack

Number = int | float

Instance = Annotated[
    str,
    typer.Argument(
        help="A name of the library (nug30), the hash of a known instance, or a "
        "file: QAPLIB .dat, or .json with flow and distance, or costs; - reads either "
        "from standard input.",
        autocompletion=instances,
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        help="One of /v1/methods, or portfolio; the one that suits if not given.",
        autocompletion=methods,
    ),
]
Seconds = Annotated[
    float | None, typer.Option(help="Stop after so many seconds of solving.")
]
Iterations = Annotated[int | None, typer.Option(help="Stop after so many iterations.")]
Target = Annotated[float | None, typer.Option(help="Stop at an objective this small.")]
Gap = Annotated[
    float | None, typer.Option(help="Stop at this gap to the bound: 0.05 is 5 %.")
]
Seed = Annotated[int, typer.Option(help="Same seed, same search.")]
Islands = Annotated[
    int | None,
    typer.Option(help="So many searches at once, which share what they find."),
]
Detach = Annotated[
    bool, typer.Option("--detach", help="Send it and return; see `watch`.")
]
OwnStack = Annotated[
    bool,
    typer.Option(
        "--own-stack", help="Start a stack for this solve alone, and end it after."
    ),
]


def solve(
    instance: Instance,
    method: Method = None,
    seconds: Seconds = None,
    iterations: Iterations = None,
    target: Target = None,
    gap: Gap = None,
    seed: Seed = 0,
    islands: Islands = None,
    detach: Detach = False,
    own: OwnStack = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Solve one instance and show the incumbent, the bound and the gap meanwhile.

    Ctrl-C asks the job to end and keeps its incumbent; a second one detaches.
    With --json every event is a line, and the ended job is the last.
    """
    if detach and own:
        raise typer.BadParameter("--detach needs a stack that stays: leave --own-stack")
    given = read_instance(instance)
    limits = {
        "time_s": seconds,
        "iterations": iterations,
        "target_objective": _whole(target),
        "gap": gap,
    }
    limits = {name: value for name, value in limits.items() if value is not None}
    output = Output(as_json=as_json)
    with output.outcome(), _service(url, api_key, output, own=own) as client:
        job = client.submit_solve(
            given, method=method or None, seed=seed, limits=limits, islands=islands
        )
        if detach:
            tell_detached(job, output)
            raise typer.Exit(ExitCode.OK)
        ended = (
            follow(client, job, output, cancels=True)
            if own
            else follow_or_leave(client, job, output)
        )
    raise typer.Exit(of_state(ended.state))


@contextmanager
def _service(
    url: str, api_key: str | None, output: Output, *, own: bool
) -> Iterator[Client]:
    if not own:
        with Client(url, api_key=api_key) as client:
            yield client
        return
    with ExitStack() as running, ending_in_order():
        with starting(output) as on_ready:
            stack = running.enter_context(own_stack(on_ready=on_ready))
        yield running.enter_context(Client(stack.api_url))


def follow_or_leave(client: Client, job: Job, output: Output) -> Job:
    """Show the job to its end; left alone, it goes on, and how is told."""
    with output.goes_on(job.id):
        return follow(client, job, output, cancels=True)


def tell_detached(job: Job, output: Output) -> None:
    """Say how to see what was sent."""
    output.emit(job)
    output.show(f"{job.id} is {job.state}: solvequeue watch {job.id}")


def _whole(number: float | None) -> Number | None:
    """Return an integer where it is one: objectives of integer instances are exact."""
    return int(number) if number is not None and number.is_integer() else number
