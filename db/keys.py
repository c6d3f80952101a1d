"""Keys, by whoever has the database at hand: `python -m db.keys create ops --scope …`.

The first key with the admin scope is made so: there is no one yet whom a service that
asks for keys would let make it.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from db.contracts.api_key import NAME_PATTERN, PREFIX
from db.contracts.caller import OWNER_PATTERN, Scope, read_scopes
from db.contracts.errors import ServiceError
from db.contracts.event import timestamp
from db.contracts.settings import Settings
from db.engine import Database
from db.models import ApiKey
from db.repositories import api_keys
from db.repositories.api_keys import NewApiKey
from db.schema import ensure_schema

DAY_SECONDS = 86_400.0
USUAL_SCOPES = (Scope.READ, Scope.WRITE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return the exit code."""
    given = _parser().parse_args(arguments)
    act: Callable[[Database, argparse.Namespace], None] = given.act
    try:
        with _database() as database:
            act(database, given)
    except ServiceError as error:
        sys.stderr.write(f"{error.message}\n{error.suggestion}\n")
        return 1
    return 0


def _create(database: Database, given: argparse.Namespace) -> None:
    days = given.expires_days
    new = NewApiKey(
        owner=given.owner,
        name=given.name,
        scopes=read_scopes(given.scope or USUAL_SCOPES),
        expires_s=None if days is None else days * DAY_SECONDS,
        max_queued=given.max_queued,
        max_running=given.max_running,
    )
    with database.transaction() as connection:
        _, text = api_keys.create_key(connection, new)
    sys.stderr.write("Shown this once; keep it where only its owner can read:\n")
    sys.stdout.write(f"{text.reveal()}\n")


def _list(database: Database, _: argparse.Namespace) -> None:
    with database.reading() as connection:
        found = api_keys.list_keys(connection)
    for key in found:
        sys.stdout.write("\t".join(_line(key)) + "\n")


def _revoke(database: Database, given: argparse.Namespace) -> None:
    with database.transaction() as connection:
        api_keys.revoke_key(connection, given.prefix)
    sys.stdout.write(f"{given.prefix} is revoked\n")


def _line(key: ApiKey) -> list[str]:
    moments = {
        "created": key.created_at,
        "expires": key.expires_at,
        "revoked": key.revoked_at,
        "last used": key.last_used_at,
    }
    told = [f"{what} {timestamp(at)}" for what, at in moments.items() if at is not None]
    return [key.prefix, key.owner, key.name, key.scopes, ", ".join(told)]


@contextmanager
def _database() -> Iterator[Database]:
    database = Database(Settings())
    try:
        ensure_schema(database)
        yield database
    finally:
        database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m db.keys", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and show it, this once")
    create.set_defaults(act=_create)
    create.add_argument("owner", type=_matching(OWNER_PATTERN, "an owner's name"))
    create.add_argument(
        "--name",
        default="",
        type=_matching(NAME_PATTERN, "a name of 100 characters at most"),
        help="what it is for",
    )
    create.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="may be given more than once; jobs:read and jobs:write if not given",
    )
    create.add_argument("--expires-days", type=_positive(float), metavar="DAYS")
    create.add_argument("--max-queued", type=_positive(int), metavar="JOBS")
    create.add_argument("--max-running", type=_positive(int), metavar="JOBS")
    listing = actions.add_parser("list", help="show all keys, never their secrets")
    listing.set_defaults(act=_list)
    revoke = actions.add_parser("revoke", help="let a key open nothing any more")
    revoke.set_defaults(act=_revoke)
    revoke.add_argument("prefix", type=_matching(PREFIX.pattern, "a key's prefix"))
    return parser


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
        return text

    return check


def _positive(kind: type[int] | type[float]) -> Callable[[str], int | float]:
    def check(text: str) -> int | float:
        number = kind(text)
        if not 0 < number < 2**31:
            raise argparse.ArgumentTypeError(f"{text} is not a positive number")
        return number

    return check


if __name__ == "__main__":
    sys.exit(main())
