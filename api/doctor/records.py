"""What is looked at of the database, and what it tells."""

from pathlib import Path

from sqlalchemy.engine import make_url

from api.doctor.finding import Finding, note, ok, skipped, wrong
from api.doctor.surroundings import Surroundings
from db.contracts.errors import ServiceError
from db.contracts.job_kind import OF_SOLVES
from db.repositories import jobs
from db.repositories import queues as standings
from db.repositories.deliveries import backlog
from db.schema import revisions


def database(around: Surroundings) -> Finding:
    """Ask it for the time; one that is a file is not made by asking."""
    url = make_url(around.settings.database)
    place = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database)
        if not path.exists():
            return skipped(f"{path} is not there yet: the first start makes it")
    try:
        with around.database.reading() as connection:
            jobs.database_time(connection)
    except ServiceError as error:
        return wrong(
            f"{place} does not answer: {error.__cause__ or error}",
            "Start it, or correct DATABASE_URL (or DATABASE_HOST and its kin).",
        )
    return ok(place)


def schema(around: Surroundings) -> Finding:
    with around.database.reading() as connection:
        found, newest = revisions(connection)
    if found == newest:
        return ok(f"at the newest migration, {newest}")
    if found is not None and found > newest:
        return wrong(
            f"a newer version has migrated it: {found}, this one knows {newest}",
            "Install the newer version here too; there is no way back.",
        )
    return wrong(
        f"it is at migration {found or 'none'}, this version needs {newest}",
        "Run `python -m db.schema`, or start the service: it migrates by itself.",
    )


def queues(around: Surroundings) -> Finding:
    """Find queues of which workers take nothing."""
    with around.database.reading() as connection:
        paused = standings.paused(connection)
        waiting = {
            queue.value: standings.standing_of(connection, queue).waiting
            for queue in OF_SOLVES
        }
    told = ", ".join(f"{count} wait in {name}" for name, count in waiting.items())
    if paused:
        names = ", ".join(sorted(paused))
        return wrong(
            f"paused: {names}; {told}",
            "When what it was paused for is over, as an operator: `solvequeue queues "
            f"resume {min(paused)}`",
        )
    return ok(told)


def webhooks(around: Surroundings) -> Finding:
    """Find what is owed and late, what was given up, and who is not told any more."""
    with around.database.reading() as connection:
        owed = backlog(connection)
    if owed.overdue:
        return wrong(
            f"{owed.overdue} deliveries are more than ten minutes late",
            "Look whether a worker serves the queue webhooks, and raise "
            "SOLVEQUEUE_WEBHOOK_COURIERS if they do not keep up.",
        )
    told = f"{owed.pending} owed, {owed.failed} of the last day given up"
    if owed.failed or owed.disabled:
        return note(
            f"{told}, {owed.disabled} webhooks disabled",
            "Owners see why: `solvequeue webhooks list`, `webhooks deliveries ID`; "
            "then `webhooks resume ID` and `webhooks recover ID --since TIME`.",
        )
    return ok(told)
