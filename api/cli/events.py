"""`solvequeue events`: a job's log, as it is and as it grows, to and from files."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.text import Text

from api.cli import log_view
from api.cli.exit_codes import ExitCode
from api.cli.log_check import findings
from api.cli.log_file import LogFile, open_log, read_log
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.client import Client, Event
from db.contracts.event import EventType

Job = Annotated[
    str | None,
    typer.Argument(metavar="[JOB]", help="The id of a job.", show_default=False),
]
Follow = Annotated[
    bool, typer.Option("--follow", help="Go on until the job has ended.")
]
From = Annotated[
    int, typer.Option("--from", min=0, help="Begin after this number.", metavar="N")
]
Types = Annotated[
    str,
    typer.Option(help="Only events of these types, with commas between them."),
]
Export = Annotated[
    str | None,
    typer.Option(
        help="Write the log to a file, one event a line. What the file has of it is "
        "gone on with.",
        metavar="FILE",
    ),
]
Import = Annotated[
    str | None,
    typer.Option(
        "--import",
        help="Show and check the log that a file has, of any service; - reads "
        "standard input.",
        metavar="FILE",
    ),
]


def events(
    job_id: Job = None,
    follow: Follow = False,
    after: From = 0,
    types: Types = "",
    export: Export = None,
    import_: Import = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Show a job's events, write them to a file, or show and check such a file."""
    output, chosen = Output(as_json=as_json), _chosen(types)
    if (job_id is None) == (import_ is None):
        raise typer.BadParameter("name a job, or a file with --import")
    if import_ is not None:
        if follow or export is not None:
            raise typer.BadParameter("--import takes no --follow and no --export")
        _show_file(read_log(import_), output, chosen, after)
        return
    assert job_id is not None
    with output.outcome(), Client(url, api_key=api_key) as client:
        if export is None:
            told = _told(client, job_id, after, follow=follow)
            _show(told, output, chosen)
        elif after or chosen:
            raise typer.BadParameter(
                "--export writes whole logs: no --from, no --types"
            )
        else:
            with open_log(export, job_id) as log:
                _export(client, job_id, log, output, follow=follow)


def _told(
    client: Client, job_id: str, after: int, *, follow: bool, epoch: str = ""
) -> Iterator[Event]:
    """Yield what is in the log, and if it is followed what comes."""
    last = None
    for event in client.log(job_id, after=after, epoch=epoch):
        yield (last := event)
    if follow and not (last and last.is_terminal):
        if last is not None:
            after, epoch = last.number, last.epoch
        yield from client.events(job_id, after=after, epoch=epoch)


def _show(told: Iterator[Event], output: Output, chosen: frozenset[str]) -> None:
    first = None
    for event in told:
        first = first or event
        if chosen and event.type not in chosen:
            continue
        output.emit_line(event.body)
        # One by one: the next may be long in coming.
        output.show(log_view.line(event, since=first))


def _export(
    client: Client, job_id: str, log: LogFile, output: Output, *, follow: bool
) -> None:
    before = log.after
    if not log.has_ended:
        for event in _told(client, job_id, before, follow=follow, epoch=log.epoch):
            log.write(event)
    told = {"job": job_id, "last_sequence": log.after, "ended": log.has_ended}
    output.emit(told)
    end = "to its end" if log.has_ended else "so far; the job goes on"
    output.show(f"{job_id}: {log.after} events, {end}.")


def _show_file(
    told: Sequence[Event], output: Output, chosen: frozenset[str], after: int
) -> None:
    wrong = findings(told)
    shown = [
        event
        for event in told
        if event.number > after and (not chosen or event.type in chosen)
    ]
    if told:
        if shown:
            output.show(log_view.table(shown))
        output.show(log_view.trajectory(told, valid=not wrong))
    for finding in wrong:
        output.show(Text(f"not a whole log: {finding}", "red"))
    output.emit({"valid": not wrong, "events": len(told), "reasons": wrong})
    if wrong:
        raise typer.Exit(ExitCode.NOT_VALID)


def _chosen(types: str) -> frozenset[str]:
    named = frozenset(part.strip() for part in types.split(",") if part.strip())
    unknown = named - set(EventType)
    if unknown:
        raise typer.BadParameter(
            f"there is no type {min(unknown)}; the types are {', '.join(EventType)}"
        )
    return named
