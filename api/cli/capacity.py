"""`solvequeue capacity`: the fleet that a load needs, and what would break first."""

import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.capacity.costs import Costs, shipped_costs
from api.capacity.plan import SQLITE, Load, Plan, plan
from api.cli.numbers import amount, percent, seconds
from api.cli.options import Json
from api.cli.output import Output
from api.cli.tables import table

BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def capacity(
    jobs_per_day: Annotated[
        float, typer.Option(help="Jobs that end in a day.", min=1e-3)
    ],
    solve_seconds: Annotated[
        float, typer.Option(help="Mean time of solving.", min=1e-4)
    ],
    cv: Annotated[
        float,
        typer.Option(
            help="Standard deviation of solving times over their mean.", min=0
        ),
    ] = Load.cv,
    p95_wait: Annotated[
        float,
        typer.Option(help="Seconds within which 95 % start, at the peak.", min=0),
    ] = Load.p95_wait,
    peak: Annotated[
        float,
        typer.Option(help="Arrivals of the busiest hour over the mean hour's.", min=1),
    ] = Load.peak,
    order: Annotated[
        int, typer.Option(help="n of the problems that are sent.", min=2)
    ] = Load.order,
    new_share: Annotated[
        float,
        typer.Option(
            help="Share of jobs that send matrices, not a name or hash.", min=0, max=1
        ),
    ] = Load.new_share,
    reads_per_job: Annotated[
        float, typer.Option(help="Times that a job is looked at over HTTP.", min=0)
    ] = Load.reads_per_job,
    events_per_job: Annotated[
        float, typer.Option(help="Events in a job's log.", min=0)
    ] = Load.events_per_job,
    followers_per_job: Annotated[
        float, typer.Option(help="Streams and sockets that follow a job.", min=0)
    ] = Load.followers_per_job,
    sockets: Annotated[
        int, typer.Option(help="Sockets open at the same time.", min=0)
    ] = Load.sockets,
    provider_checks_per_minute: Annotated[
        float, typer.Option(help="Checks of providers, all together.", min=0)
    ] = Load.provider_checks_per_minute,
    retention_days: Annotated[
        float, typer.Option(help="SOLVEQUEUE_RETENTION_DAYS.", min=0)
    ] = Load.retention_days,
    cores_per_host: Annotated[
        int, typer.Option(help="Of a worker host; one process each.", min=1)
    ] = 8,
    database: Annotated[
        str, typer.Option(help="sqlite or postgresql; what suffices if not given.")
    ] = "",
    costs: Annotated[
        Path | None,
        typer.Option(
            help="Costs measured on your machine; else those that come along.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Plan a fleet: hosts, processes, data, and which part would break first.

    Nobody is asked: it calculates, with costs measured by make bench-capacity.

    Example: solvequeue capacity --jobs-per-day 1e6 --solve-seconds 2 --cv 1.5
    """
    output = Output(as_json=as_json)
    known = Costs.load(costs) if costs else shipped_costs()
    if database and database not in known.by_database:
        raise typer.BadParameter(f"one of {', '.join(known.by_database)}")
    load = Load(
        jobs_per_day=jobs_per_day,
        solve_seconds=solve_seconds,
        cv=cv,
        p95_wait=p95_wait,
        peak=peak,
        order=order,
        new_share=new_share,
        reads_per_job=reads_per_job,
        events_per_job=events_per_job,
        followers_per_job=followers_per_job,
        sockets=sockets,
        provider_checks_per_minute=provider_checks_per_minute,
        retention_days=retention_days,
    )
    found = plan(load, known, database=database or None, cores_per_host=cores_per_host)
    output.emit({"load": asdict(load), "plan": asdict(found), "costs": known.machine})
    answers = table("", ">needed", "")
    for row in _rows(found):
        answers.add_row(*row)
    output.show(answers)
    limits = table("breaks first", ">at jobs a day", "then")
    for limit in found.limits:
        limits.add_row(limit.part, _rough(limit.jobs_per_day), limit.remedy)
    output.show("")
    output.show(limits)
    output.show("")
    output.show(
        f"Costs of {known.machine}. Where the model is wrong: "
        "docs/operations/capacity.md."
    )


def _rows(found: Plan) -> Iterator[tuple[str, str, str]]:
    busy = percent(found.solver_utilisation)
    noun = "host" if found.solver_hosts == 1 else "hosts"
    hosts = f"on {amount(found.solver_hosts)} {noun}; {busy} busy"
    at = f"at {found.peak_rate:.3g} jobs/s"
    yield "solver processes", amount(found.solver_processes), f"{hosts} {at}"
    there = f"{found.waiting:.3g} wait, {found.running:.3g} run"
    mean = f"on average {seconds(found.mean_wait)}; {there}"
    yield "95 % start within", seconds(found.p95_wait), mean
    each = f"each {percent(found.api_utilisation)} busy"
    if found.socket_bytes:
        each += f"; sockets hold {size(found.socket_bytes)}"
    yield "API processes", amount(found.api_processes), each
    if found.database == SQLITE:
        of_database = f"write lock taken {percent(found.lock_utilisation)} of the time"
    else:
        of_database = f"{found.database_cores:.2g} cores"
    yield "database", found.database, of_database
    kept = f"{size(found.database_bytes_kept)} once as much goes as comes"
    yield "its growth a month", size(found.database_bytes_a_month), kept
    core = f"{percent(found.redis_cores)} of a core"
    yield "Redis or Valkey", size(found.redis_bytes), core
    if found.courier_cores:
        yield "checks of providers", f"{found.courier_cores:.2g} cores", "of couriers"


def size(count: float) -> str:
    """Return bytes in their largest unit, with three figures."""
    power = min(len(BYTE_UNITS) - 1, int(math.log(max(count, 1), 1024)))
    return f"{count / 1024**power:.3g} {BYTE_UNITS[power]}"


def _rough(count: float) -> str:
    """Return two figures: more would claim to be known."""
    digits = 1 - math.floor(math.log10(count))
    return f"{round(count, digits):,.0f}"
