"""What the steps came to, as the tables that docs/operations/capacity.md shows."""

from collections.abc import Iterable, Iterator
from typing import Any

from api.capacity.costs import Cost, Costs
from tests.benchmarks.capacity.checking import Compared, Live, Locked
from tests.benchmarks.capacity.simulation import Interval

Lines = Iterator[str]


def measured_tables(told: dict[str, Any]) -> Lines:
    machine = told["machine"]
    for each in told["databases"]:
        held = each["held"]
        yield f"## {each['database']}: trivial jobs"
        yield ""
        yield (
            f"{machine['cores']} cores, {machine['at']}; other work took "
            f"{each['others_cores']:.1f} of them. A job holds the write lock for "
            f"{held['held_ms']:.2f} ms ({held['accepting_ms']:.2f} ms of it when it is "
            f"accepted) in {held['transactions']:.1f} transactions; a look at a job "
            f"costs the API {each['read_ms']:.2f} ms."
        )
        yield ""
        heads = ("processes", "jobs/s", "p50 ms", "p95 ms", "API ms", "worker ms")
        heads = (*heads, "Redis ms", "database ms", "bytes")
        yield from _table(heads, map(_throughput, each["throughputs"]))
        yield ""
        heads = ("n", "body KiB", "accepted ms", "API ms", "worker ms", "solving ms")
        yield from _table((*heads, "stored KiB"), map(_payload, each["payloads"]))
        yield ""
    sockets, providers = told["sockets"], told["providers"]
    heads = ("sockets", "heard", "p50 ms", "p99 ms", "KiB a socket", "cores")
    yield f"## Sockets: {sockets['rate']:g} messages/s to each"
    yield ""
    yield from _table(heads, map(_sockets, sockets["measured"]))
    yield ""
    yield (
        f"Providers: {providers['providers']} checked once a minute take "
        f"{providers['courier_cores']:.2f} cores of a courier, "
        f"{providers['check_cpu_ms']:.1f} ms a check; late by "
        f"{1000 * providers['late_p50_s']:.0f} ms (p50), "
        f"{1000 * providers['late_p99_s']:.0f} ms (p99)."
    )


def costs_table(costs: Costs) -> Lines:
    def row(name: str, *found: str) -> tuple[str, ...]:
        return (name, *found)

    jobs = costs.by_database
    yield ""
    yield from _table(
        ("a job costs", *jobs),
        [
            row("API, ms", *(_cost(each.api_s, 1000) for each in jobs.values())),
            row("worker, ms", *(_cost(each.solver_s, 1000) for each in jobs.values())),
            row("Redis, ms", *(f"{1000 * e.redis_s:.2f}" for e in jobs.values())),
            row("database, ms", *(f"{1000 * e.database_s:.2f}" for e in jobs.values())),
            row("held, ms", *(f"{1000 * e.held_s:.2f}" for e in jobs.values())),
            row("bytes", *(_cost(each.database_bytes, 1) for each in jobs.values())),
        ],
    )
    yield ""
    look, message = 1000 * costs.read_s, 1e6 * costs.message_s
    socket, check = costs.socket_bytes / 1024, 1000 * costs.check_s
    yield (
        f"A look {look:.2f} ms, a message to a socket {message:.1f} us, a socket "
        f"{socket:.1f} KiB, a check {check:.1f} ms. Redis: "
        f"{costs.redis_bytes / 2**20:.1f} MiB, {costs.waiting_bytes:.0f} bytes a "
        f"waiting job, {costs.ended_bytes:.0f} one that ended within ten minutes, "
        f"{costs.event_bytes:.0f} an event."
    )


def queues_table(found: Iterable[Compared]) -> Lines:
    heads = ("jobs/day", "processes", "busy", "cv", "mean, s", "simulated")
    heads = (*heads, "p95, s", "simulated", "off")
    yield from _table(heads, map(_compared, found))
    yield ""


def locked_table(found: Iterable[Locked]) -> Lines:
    heads = ("lock busy", "jobs/day", "processes", "p95 planned, s", "simulated")
    yield from _table(heads, map(_locked, found))


def live_table(found: Iterable[Live]) -> Lines:
    heads = ("processes", "load", "cv", "jobs", "kept, s (planned)", "mean wait, s")
    heads = (*heads, "measured", "p95 wait, s", "measured (95 %)", "replayed")
    yield from _table(heads, map(_live, found))


def _throughput(each: dict[str, Any]) -> tuple[str, ...]:
    cpu = each["cpu_ms"]
    parts = ("api", "solvers", "valkey", "postgresql")
    return (
        str(each["processes"]),
        f"{each['rate_per_s']:.0f}",
        f"{each['p50_ms']:.1f}",
        f"{each['p95_ms']:.1f}",
        *(f"{cpu[part]:.2f}" if part in cpu else "" for part in parts),
        f"{each['database_bytes']:.0f}",
    )


def _payload(each: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(each["order"]),
        f"{each['body_bytes'] / 1024:.1f}",
        f"{each['accepted_ms']:.1f}",
        f"{each['cpu_ms']['api']:.1f}",
        f"{each['cpu_ms']['solvers']:.1f}",
        f"{each['solving_ms']:.1f}",
        f"{each['database_bytes'] / 1024:.1f}",
    )


def _sockets(each: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(each["sockets"]),
        f"{each['heard']}/{each['expected']}",
        f"{each['p50_ms']:.1f}",
        f"{each['p99_ms']:.1f}",
        f"{each['idle_kib']:.1f}",
        f"{each['cpu']:.2f}",
    )


def _compared(each: Compared) -> tuple[str, ...]:
    off = each.p95 / each.simulated_p95.value - 1 if each.simulated_p95.value else 0.0
    is_told = each.simulated_p95.value > 1e-3 or each.p95 > 1e-3
    return (
        f"{each.jobs_per_day:,.0f}",
        str(each.servers),
        f"{each.utilisation:.2f}",
        f"{each.cv:g}",
        f"{each.mean:.3f}",
        _interval(each.simulated_mean),
        f"{each.p95:.3f}",
        _interval(each.simulated_p95),
        f"{off:+.0%}" if is_told else "",
    )


def _locked(each: Locked) -> tuple[str, ...]:
    return (
        f"{each.lock_utilisation:.1f}",
        f"{each.jobs_per_day:,.0f}",
        str(each.workers),
        f"{each.p95:.3f}",
        _interval(each.simulated_p95),
    )


def _live(each: Live) -> tuple[str, ...]:
    return (
        str(each.processes),
        f"{each.utilisation:.0%}",
        f"{each.cv:g}",
        str(each.jobs),
        f"{each.occupied:.3f} ({each.planned_occupied:.3f})",
        f"{each.mean:.3f}",
        f"{each.measured_mean:.3f}",
        f"{each.p95:.3f}",
        f"{each.measured_p95:.3f} ({each.p95_low:.3f} to {each.p95_high:.3f})",
        f"{each.replayed_p95:.3f}",
    )


def _cost(cost: Cost, factor: float) -> str:
    fixed, slope = factor * cost.fixed, factor * cost.per_thousand
    return f"{fixed:.2f} + {slope:.3f} a thousand numbers"


def _interval(interval: Interval) -> str:
    return f"{interval.value:.3f} ± {interval.half:.3f}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Lines:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
