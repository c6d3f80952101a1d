"""What is looked at of Redis and of the broker."""

from collections.abc import Mapping
from typing import Any, cast

import redis

from api.doctor.finding import Finding, note, ok, skipped, wrong
from api.doctor.surroundings import Surroundings
from db.contracts.redis_address import place

OLDEST_REDIS = (6, 2)
"""The first with all commands that are used."""


def redis_server(around: Surroundings) -> Finding:
    where = place(around.settings.redis)
    try:
        around.redis.ping()
    except redis.RedisError as error:
        return wrong(f"{where} does not answer: {error}", _start_fix(around))
    return ok(where)


def redis_version(around: Surroundings) -> Finding:
    told = _info(around, "server")
    ours = str(told.get("valkey_version") or told.get("redis_version", "0"))
    name = "Valkey" if told.get("valkey_version") else "Redis"
    # Valkey says here which Redis it is compatible with.
    compatible = tuple(int(part) for part in str(told["redis_version"]).split(".")[:2])
    if compatible >= OLDEST_REDIS:
        return ok(f"{name} {ours}")
    return wrong(
        f"{name} {ours} is too old", "Install Redis 6.2 or newer, or any Valkey."
    )


def redis_eviction(around: Surroundings) -> Finding:
    told = _info(around, "memory")
    policy, limit = told.get("maxmemory_policy", ""), told.get("maxmemory", 0)
    if policy == "noeviction":
        return ok(f"noeviction, {_share(told)}")
    return wrong(
        f"maxmemory-policy is {policy}"
        + ("" if limit else " (no maxmemory is set yet)")
        + ": keys may be evicted, and with them events",
        "redis-cli CONFIG SET maxmemory-policy noeviction, and the same in its "
        "configuration file: a refused write is seen, an evicted one is not.",
    )


def redis_persistence(around: Surroundings) -> Finding:
    told = _info(around, "persistence")
    failed = [
        name
        for name in ("rdb_last_bgsave_status", "aof_last_write_status")
        if told.get(name, "ok") != "ok"
    ]
    if failed:
        return wrong(
            f"it cannot write to its disk: {', '.join(failed)}",
            "Look at its log and at its disk: a server that cannot write refuses "
            "events.",
        )
    if told.get("aof_enabled"):
        return ok("append-only file")
    return note(
        "no append-only file: after a crash it begins empty",
        "Nothing accepted is lost: hints and logs are made again from the database. "
        "For a quicker recovery: CONFIG SET appendonly yes.",
    )


def broker(around: Surroundings) -> Finding:
    from db.broker import Broker

    where = place(around.settings.broker_url or around.settings.redis)
    found = Broker(around.settings)
    try:
        found.ping()
    except Exception as error:
        if not around.settings.broker_url:
            return skipped("it is the server above")
        # Each broker has errors of its own, and all of them mean the same here.
        return wrong(f"{where} does not answer: {error}", _start_fix(around))
    finally:
        found.close()
    return ok(where)


def _info(around: Surroundings, section: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", around.redis.info(section))


def _share(told: Mapping[str, Any]) -> str:
    used, limit = told.get("used_memory", 0), told.get("maxmemory", 0)
    of = f" of {limit / 1e6:.0f} MB" if limit else ""
    return f"{used / 1e6:.3g} MB used{of}"


def _start_fix(around: Surroundings) -> str:
    if around.has_own_valkey:
        return "Start the service: `solvequeue up` starts its own server."
    return "Start that server, or correct REDIS_URL and BROKER_URL."
