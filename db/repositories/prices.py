"""Prices: what the settings say is kept from the moment on when a courier reads it."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, func, insert, select

from db.contracts.price import Price
from db.engine import now
from db.models import PriceVersion
from db.repositories.endpoints import lock

UNKNOWN = 0
"""The version of prices before any is recorded."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a kind costs from one moment on."""

    number: int
    price: Price
    in_force_at: float


class Prices:
    """All that were ever in force."""

    def __init__(self, versions: Mapping[str, Sequence[Version]]) -> None:
        self._by_kind = versions
        self._known = {
            (kind, each.number): each
            for kind, found in versions.items()
            for each in found
        }

    def at(self, kind: str, moment: float) -> Version:
        """Return what a job of this kind cost that ended then."""
        found = self._by_kind.get(kind, ())
        place = bisect_right([each.in_force_at for each in found], moment)
        return found[max(0, place - 1)] if found else Version(UNKNOWN, Price(), 0.0)

    def numbered(self, kind: str, number: int) -> Version:
        """Return the version of this number; of a kind that had no price, nothing."""
        return self._known.get((kind, number), Version(UNKNOWN, Price(), 0.0))

    def newest_first(self) -> list[tuple[str, Version]]:
        """Return all of them, by when they came into force."""
        found = [(kind, each) for kind, of in self._by_kind.items() for each in of]
        return sorted(found, key=lambda each: (-each[1].in_force_at, each[0]))


def keep(connection: Connection, wanted: Mapping[str, Price], *, since: float) -> bool:
    """Record what has changed, in force from now on; return whether anything has.

    ``since`` is when the settings were read: prices that came into force later stay,
    for they are those of whoever read them last. The first of a kind holds for all
    that was there before it.
    """
    if not _changes(connection, wanted, since):
        return False
    lock_revenue(connection)
    changes = _changes(connection, wanted, since)
    newest = connection.execute(select(func.max(PriceVersion.version))).scalar()
    # Read behind the lock: what was added up had ended before.
    moment = connection.execute(select(now())).scalar_one()
    for number, (kind, is_first) in enumerate(changes, start=(newest or UNKNOWN) + 1):
        price = wanted[kind]
        connection.execute(
            insert(PriceVersion).values(
                version=number,
                kind=kind,
                per_job=str(price.per_job),
                per_cpu_s=str(price.per_cpu_s),
                in_force_at=0.0 if is_first else moment,
            )
        )
    return bool(changes)


def read(connection: Connection, *, usual: Mapping[str, Price]) -> Prices:
    """Return all versions; ``usual`` is what will be the first where there is none."""
    versions = {kind: [Version(UNKNOWN, usual[kind], 0.0)] for kind in usual}
    query = select(PriceVersion).order_by(PriceVersion.in_force_at)
    recorded: dict[str, list[Version]] = {}
    for row in connection.execute(query).mappings():
        price = Price(
            per_job=Decimal(row["per_job"]), per_cpu_s=Decimal(row["per_cpu_s"])
        )
        version = Version(row["version"], price, row["in_force_at"])
        recorded.setdefault(row["kind"], []).append(version)
    return Prices({**versions, **recorded})


def lock_revenue(connection: Connection) -> None:
    """Let nobody else add up, nor change a price, until the commit."""
    lock(connection, "revenue")


def _changes(
    connection: Connection, wanted: Mapping[str, Price], since: float
) -> list[tuple[str, bool]]:
    """Return kinds whose price is to be recorded, and whether it is their first."""
    latest = read(connection, usual={})
    found = []
    for kind, price in wanted.items():
        now_in_force = latest.at(kind, float("inf"))
        is_first = now_in_force.number == UNKNOWN
        if is_first or (
            now_in_force.price != price and now_in_force.in_force_at < since
        ):
            found.append((kind, is_first))
    return found
