"""`solvequeue schedules`: jobs at certain times."""

from enum import StrEnum
from itertools import islice
from typing import Annotated, Any

import typer

from api.cli.exit_codes import EPILOG
from api.cli.given import chosen, read_object
from api.cli.instance_file import read_instance
from api.cli.options import DEFAULT_URL, ApiKey, Json, Limit, Url, Yes
from api.cli.output import Output
from api.cli.solve import Method, Seconds
from api.cli.tables import facts, state, table
from api.client import Client, Schedule

app = typer.Typer(
    help="Have jobs started at certain times, and see what came of it.",
    no_args_is_help=True,
)


class Overlap(StrEnum):
    """What a due time does while a job of the schedule has not ended."""

    SKIP = "skip"
    QUEUE_ONE = "queue_one"
    REPLACE = "replace"
    ALLOW = "allow"


class Kind(StrEnum):
    """What is started."""

    SOLVE = "solve"
    BATCH = "batch"
    BENCHMARK = "benchmark"
    CALCULATE = "calculate"


Id = Annotated[str, typer.Argument(help="The schedule's: sch_…", metavar="SCHEDULE")]
Name = Annotated[str, typer.Argument(help="Yours; need not be unique.")]
Instance = Annotated[
    str | None,
    typer.Option(help="To solve: a name, a hash or a file, as `solve` takes it."),
]
JobFile = Annotated[
    str | None,
    typer.Option(
        "--job",
        help="JSON of the job, as the route of its kind takes it; - reads standard "
        "input.",
        metavar="FILE",
    ),
]
JobKind = Annotated[Kind, typer.Option("--kind", help="Of --job.")]
Cron = Annotated[
    str | None,
    typer.Option(help="Minute, hour, day, month, day of week: '0 6 * * mon-fri'."),
]
Zone = Annotated[
    str | None, typer.Option("--time-zone", help="Whose clock: Europe/Berlin.")
]
Every = Annotated[
    int | None, typer.Option("--every", min=1, help="Every so many seconds.")
]
OverlapOption = Annotated[
    Overlap | None, typer.Option(help="What to do while the one before still runs.")
]
Start = Annotated[str | None, typer.Option("--start", help="From when on.")]
End = Annotated[str | None, typer.Option("--end", help="Until when.")]
Paused = Annotated[bool, typer.Option("--paused", help="Start nothing yet.")]


@app.command("list", epilog=EPILOG)
def list_schedules(
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List schedules, newest first."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(islice(client.schedules.all(), limit))
    rows = table("schedule", "name", "starts", "when", "next", ">runs", ">skips")
    for each in found:
        output.emit(each)
        rows.add_row(
            each.id,
            each.name,
            each.kind,
            _when(each),
            state("paused") if each.paused else each.next_at or "",
            str(each.runs),
            str(each.skips),
        )
    output.show(rows if found else "No schedules.")


@app.command(epilog=EPILOG)
def show(
    schedule: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show a schedule, with its job and its next times."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.schedules.get(schedule)
    _show(found, output)


@app.command(epilog=EPILOG)
def create(
    name: Name,
    instance: Instance = None,
    method: Method = None,
    seconds: Seconds = None,
    job: JobFile = None,
    kind: JobKind = Kind.SOLVE,
    cron: Cron = None,
    time_zone: Zone = None,
    every: Every = None,
    overlap: OverlapOption = None,
    start: Start = None,
    end: End = None,
    paused: Paused = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Make a schedule: of an instance to solve, or of any job in a file.

    Example: solvequeue schedules create nightly --instance tai50a --cron '0 2 * * *'
    """
    if (instance is None) == (job is None):
        raise typer.BadParameter("name what to start: --instance, or --job FILE")
    if (cron is None) == (every is None):
        raise typer.BadParameter("say when: --cron, or --every")
    body: dict[str, Any]
    if instance is not None:
        body = {"instance": read_instance(instance), **chosen(method=method)}
        if seconds is not None:
            body["limits"] = {"time_s": seconds}
    else:
        body = read_object(job or "")
    fields = chosen(
        cron=cron,
        time_zone=time_zone,
        every_s=every,
        overlap=None if overlap is None else overlap.value,
        start_at=start,
        end_at=end,
        paused=paused or None,
    )
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.schedules.create(name, body, kind=kind.value, **fields)
    _show(found, output)


@app.command(epilog=EPILOG)
def pause(
    schedule: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Start nothing by it until it is resumed."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.schedules.pause(schedule)
    output.emit(found)
    output.show(f"{found.id} is paused.")


@app.command(epilog=EPILOG)
def resume(
    schedule: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Go on; what was due meanwhile is not caught up on."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.schedules.resume(schedule)
    output.emit(found)
    output.show(f"{found.id} goes on, next at {found.next_at or 'no time'}.")


@app.command(epilog=EPILOG)
def run(
    schedule: Id, url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Start a job of it now, whatever the time."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        job = client.schedules.trigger(schedule)
    output.emit(job)
    output.show(f"{job.id} was started. Follow it: solvequeue watch {job.id}")


@app.command(epilog=EPILOG)
def delete(
    schedule: Id,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Forget a schedule; its jobs stay, and those that run go on."""
    output = Output(as_json=as_json)
    output.confirm(f"Forget {schedule}?", yes=yes)
    with output.outcome(), Client(url, api_key=api_key) as client:
        client.schedules.delete(schedule)
    output.emit({"id": schedule, "deleted": True})
    output.show(f"{schedule} is deleted.")


@app.command(epilog=EPILOG)
def runs(
    schedule: Id,
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List what came of its due times, newest first."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = list(islice(client.schedules.runs(schedule), limit))
    rows = table(">number", "due", "by", "outcome", "why not", "job", "state")
    for each in found:
        output.emit(each)
        rows.add_row(
            str(each.number),
            each.due_at,
            each.cause,
            state(each.outcome),
            each.reason or "",
            each.job_id or "",
            each.job_state or "",
        )
    output.show(rows if found else "No due time yet.")


def _when(schedule: Schedule) -> str:
    if schedule.cron is not None:
        zone = schedule.time_zone or "UTC"
        return schedule.cron if zone == "UTC" else f"{schedule.cron} ({zone})"
    return f"every {schedule.every_s} s"


def _show(found: Schedule, output: Output) -> None:
    output.emit(found)
    output.show(facts(found))
