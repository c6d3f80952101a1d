"""The command's entry point; one file for each of its commands."""

import typer

from api.cli import (
    alerts,
    batch,
    benchmark,
    calc,
    capacity,
    database,
    doctor,
    events,
    finance,
    insights,
    instances,
    jobs,
    keys,
    methods,
    providers,
    queues,
    repeat,
    schedules,
    solve,
    up,
    verify,
    watch,
    webhooks,
)
from api.cli.exit_codes import EPILOG

app = typer.Typer(
    name="solvequeue",
    help="Send quadratic assignment problems to a service, and watch them solved.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
COMMANDS = (
    up.up,
    solve.solve,
    batch.batch,
    benchmark.benchmark,
    calc.calc,
    watch.watch,
    events.events,
    repeat.rerun,
    repeat.reproduce,
    verify.verify,
    doctor.doctor,
    capacity.capacity,
)
GROUPS = {
    "jobs": jobs.app,
    "finance": finance.app,
    "instances": instances.app,
    "methods": methods.app,
    "schedules": schedules.app,
    "queues": queues.app,
    "providers": providers.app,
    "alerts": alerts.app,
    "insights": insights.app,
    "webhooks": webhooks.app,
    "keys": keys.app,
    "database": database.app,
}
for each in COMMANDS:
    app.command(epilog=EPILOG)(each)
for name, group in GROUPS.items():
    app.add_typer(group, name=name, epilog=EPILOG)


def main() -> None:
    app()
