"""`solvequeue database`: keep the record in a file, get it back, and migrate it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.cli.exit_codes import EPILOG, ExitCode
from api.cli.options import Json, Yes
from api.cli.output import Output
from api.cli.tables import table
from api.stack import StackError
from api.stack.home import HomeLock
from db.backup import BackupError, Manifest, back_up, refuse_while_in_use, restore
from db.backup import check as check_backup
from db.contracts.errors import ServiceError
from db.contracts.settings import Settings
from db.engine import Database
from db.schema import known_revisions, move_to, revisions

app = typer.Typer(
    help="Back the record up, restore it, and migrate it: on the service's own machine,"
    " by the same environment as the service.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="The backup.", dir_okay=False)]
Replace = Annotated[
    bool, typer.Option("--replace", help="Forget the jobs that the database holds.")
]


@app.command(epilog=EPILOG)
def status(as_json: Json = False) -> None:
    """Tell at which migration the database is, and which one this version needs."""
    output = Output(as_json=as_json)
    with _outcome(output), _opened() as database, database.reading() as connection:
        found, newest = revisions(connection)
    output.emit({"revision": found, "needed": newest})
    if found == newest:
        output.show(f"At {found}, as this version needs it.")
        return
    output.show(f"At {found or 'nothing'}; this version needs {newest}.")
    raise typer.Exit(ExitCode.UNWELL)


@app.command(epilog=EPILOG)
def backup(
    file: File,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the whole record into a file, from one moment. The service may go on.

    The file holds secrets of webhooks: it is made for its owner's eyes only.
    """
    output = Output(as_json=as_json)
    with _outcome(output):
        if file.exists() and not force:
            raise BackupError(f"{file} is there already: give another name, or --force")
        _tell(back_up(Settings(), file), f"Written to {file}.", output)


@app.command(epilog=EPILOG)
def check(file: File, as_json: Json = False) -> None:
    """Tell what a backup holds, and whether every byte of it is as it was."""
    output = Output(as_json=as_json)
    with _outcome(output):
        _tell(check_backup(file), "The backup is whole.", output)


@app.command("restore", epilog=EPILOG)
def restore_(
    file: File, replace: Replace = False, yes: Yes = False, as_json: Json = False
) -> None:
    """Put a backup into the database, and migrate it to what this version needs.

    The service has to be down. A backup of SQLite may be restored into PostgreSQL, and
    the other way round.
    """
    output = Output(as_json=as_json)
    settings = Settings()
    if replace:
        output.confirm("All jobs of the database are forgotten. Go on?", yes=yes)
    with _outcome(output), _alone(settings):
        restored = restore(settings, file, replace=replace)
        _tell(restored, "Restored. Start the service: what ran goes on.", output)


@app.command(epilog=EPILOG)
def upgrade(as_json: Json = False) -> None:
    """Bring the tables to what this version needs; `solvequeue up` does it too."""
    _move("head", as_json=as_json)


@app.command(epilog=EPILOG)
def downgrade(
    revision: Annotated[
        str, typer.Argument(help="The migration to go back to, such as 0022.")
    ],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take migrations back, before an earlier version of SolveQueue is installed.

    The service has to be down. What only later tables can hold is lost: back up first.
    """
    output = Output(as_json=as_json)
    output.confirm(
        f"What the tables of {revision} cannot hold is lost. Go on?", yes=yes
    )
    _move(revision, as_json=as_json)


def _move(revision: str, *, as_json: bool) -> None:
    output = Output(as_json=as_json)
    settings = Settings()
    with _outcome(output), _alone(settings), _opened() as database:
        if revision not in {"head", *known_revisions()}:
            known = ", ".join(known_revisions())
            raise BackupError(f"there is no migration {revision}: there are {known}")
        if revision != "head":
            refuse_while_in_use(settings)
        found = move_to(database, revision)
    output.emit({"revision": found})
    output.show(f"At {found}.")


@contextmanager
def _opened() -> Iterator[Database]:
    database = Database(Settings())
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep a stack from beginning here meanwhile. Raises AlreadyUpError."""
    lock = HomeLock(settings.home).acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _outcome(output: Output) -> Iterator[None]:
    with output.outcome():
        try:
            yield
        except BackupError as error:
            output.complain(error)
            raise typer.Exit(ExitCode.REFUSED) from error
        except ServiceError as error:
            raise StackError(f"{error}: solvequeue doctor says more") from error


def _tell(manifest: Manifest, told: str, output: Output) -> None:
    output.emit(manifest)
    rows = table("table", ">rows")
    for name, member in sorted(manifest.tables.items()):
        if member.rows:
            rows.add_row(name, f"{member.rows:,}")
    output.show(rows)
    facts = (
        f"{manifest.rows:,} rows at migration {manifest.revision}, from "
        f"{manifest.database} on {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC."
    )
    output.show(facts)
    output.show(Text(told, "bold green"))
