"""Whether host, database and Redis agree on what time it is."""

import time

from api.doctor.finding import Finding, ok, wrong
from api.doctor.surroundings import Surroundings
from db.repositories import jobs

MOST_APART_SECONDS = 2.0


def clocks(around: Surroundings) -> Finding:
    apart = {"the database": _database(around), "Redis": _redis(around)}
    told = ", ".join(f"{name} {seconds:+.3f} s" for name, seconds in apart.items())
    if max(map(abs, apart.values())) <= MOST_APART_SECONDS:
        return ok(f"beside this host's: {told}")
    return wrong(
        f"beside this host's: {told}",
        "Let all machines keep time by NTP (timedatectl set-ntp true): tokens, "
        "signatures of webhooks and due times go by these clocks.",
    )


def _database(around: Surroundings) -> float:
    with around.database.reading() as connection:
        before = time.time()
        told = jobs.database_time(connection)
        after = time.time()
    return _beyond(told, before, after)


def _redis(around: Surroundings) -> float:
    before = time.time()
    seconds, microseconds = around.redis.time()
    after = time.time()
    return _beyond(seconds + microseconds / 1e6, before, after)


def _beyond(told: float, before: float, after: float) -> float:
    """Return how far it lies outside the time in which it was asked."""
    if told < before:
        return told - before
    return max(0.0, told - after)
