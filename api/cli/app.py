"""The command's entry point; one file for each of its commands."""

import typer

from api.cli import events, jobs, keys, repeat, solve, up, verify, watch, webhooks
from api.cli.exit_codes import EPILOG

app = typer.Typer(
    name="solvequeue",
    help="Send quadratic assignment problems to a service, and watch them solved.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command(epilog=EPILOG)(up.up)
app.command(epilog=EPILOG)(solve.solve)
app.command(epilog=EPILOG)(watch.watch)
app.command(epilog=EPILOG)(events.events)
app.command(epilog=EPILOG)(repeat.rerun)
app.command(epilog=EPILOG)(repeat.reproduce)
app.command(epilog=EPILOG)(verify.verify)
app.add_typer(jobs.app, name="jobs", epilog=EPILOG)
app.add_typer(keys.app, name="keys", epilog=EPILOG)
app.add_typer(webhooks.app, name="webhooks", epilog=EPILOG)


def main() -> None:
    app()
