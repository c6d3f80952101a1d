"""The fleet that a load needs, and what would break first if it grew."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from api.capacity.costs import Costs, JobCosts
from api.capacity.queueing import (
    in_system,
    mean_wait,
    servers_for,
    utilisation,
    wait_quantile,
)
from db.contracts.event_keeping import FIREHOSE_LENGTH, KEEP_ENDED_SECONDS

DAY_SECONDS = 86_400.0
MONTH_DAYS = 30.0
TIMELY_SHARE = 0.95
BUSY_ENOUGH = 0.6
"""Of one that answers people: beyond it they wait longer than they are served."""
SOLVERS_BUSY_ENOUGH = 0.9
"""Beyond it a load that is a tenth larger than was thought has no place at all."""
LOCK_BUSY_ENOUGH = 0.5
"""Of SQLite's write lock: it is asked for in turns of chance, not first come."""
HEARTBEAT_SECONDS = 3.0
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Load:
    """What callers will ask for."""

    jobs_per_day: float
    solve_seconds: float
    """Mean time of solving."""
    cv: float = 1.0
    """Standard deviation of solving times over their mean."""
    p95_wait: float = 5.0
    """Seconds within which 95 % of jobs should start, at the peak."""
    peak: float = 2.0
    """Arrivals of the busiest hour over those of the mean hour."""
    order: int = 30
    new_share: float = 1.0
    """Share of jobs that send matrices of their own, which are stored."""
    reads_per_job: float = 3.0
    events_per_job: float = 20.0
    followers_per_job: float = 1.0
    sockets: int = 0
    provider_checks_per_minute: float = 0.0
    retention_days: float = 30.0

    @property
    def peak_rate(self) -> float:
        """Jobs a second in the busiest hour."""
        return self.jobs_per_day / DAY_SECONDS * self.peak

    @property
    def numbers(self) -> float:
        """Numbers in a job's body, on average: flow and distance."""
        return 2.0 * self.order**2 * self.new_share


@dataclass(frozen=True)
class Limit:
    """Where one part of the planned fleet has no more to give."""

    part: str
    jobs_per_day: float
    """At this load's peak it would be busy all the time."""
    remedy: str


@dataclass(frozen=True)
class Plan:
    """An answer; waits in seconds, sizes in bytes."""

    database: str
    peak_rate: float
    solver_processes: int
    solver_hosts: int
    solver_utilisation: float
    mean_wait: float
    p95_wait: float
    waiting: float
    running: float
    api_processes: int
    api_utilisation: float
    socket_bytes: float
    """That the API holds for sockets beside its own."""
    courier_cores: float
    redis_cores: float
    redis_bytes: float
    database_cores: float
    """PostgreSQL's."""
    lock_utilisation: float
    """SQLite's write lock."""
    database_bytes_a_month: float
    database_bytes_kept: float
    limits: tuple[Limit, ...]
    """The first to break comes first."""


def plan(
    load: Load, costs: Costs, *, database: str | None = None, cores_per_host: int = 8
) -> Plan:
    """Return the smallest fleet for a load.

    The solver processes are one G/G/c queue: as many as 95 % of waits ask for, and so
    many that they are at most nine tenths busy. API,
    Redis and database are stations that every job visits: U = λD each. SQLite is
    chosen while all fits one host and its write lock is free half of the time.
    """
    if database is None:
        alone = _plan(load, costs, SQLITE, cores_per_host)
        fits = alone.solver_hosts == 1 and alone.lock_utilisation <= LOCK_BUSY_ENOUGH
        if fits and alone.api_processes == 1:
            return alone
        database = POSTGRESQL
    return _plan(load, costs, database, cores_per_host)


def _plan(load: Load, costs: Costs, database: str, cores_per_host: int) -> Plan:
    job, rate = costs.by_database[database], load.peak_rate
    overhead = job.solver_s.of(load.numbers)
    occupied = load.solve_seconds + overhead
    # What is added is the same for all: the deviation stays, its share shrinks.
    cv = load.cv * load.solve_seconds / occupied
    timely = servers_for(
        rate,
        occupied,
        share=TIMELY_SHARE,
        longest_wait=load.p95_wait,
        service_cv=cv,
    )
    calm = math.ceil(utilisation(rate, occupied) / SOLVERS_BUSY_ENOUGH)
    processes = max(timely, calm)
    wait = mean_wait(processes, rate, occupied, service_cv=cv)
    api_s = _api_seconds(load, costs, job)
    api_processes = max(1, math.ceil(utilisation(rate, api_s) / BUSY_ENOUGH))
    waiting = in_system(rate, wait)
    running = in_system(rate, occupied)
    lock = (
        utilisation(rate, job.held_s)
        + min(running, processes) * job.transaction_s / HEARTBEAT_SECONDS
    )
    month_jobs = load.jobs_per_day * MONTH_DAYS
    bytes_per_job = job.database_bytes.of(load.numbers)
    return Plan(
        database=database,
        peak_rate=rate,
        solver_processes=processes,
        solver_hosts=math.ceil(processes / cores_per_host),
        solver_utilisation=utilisation(rate, occupied, processes),
        mean_wait=wait,
        p95_wait=wait_quantile(TIMELY_SHARE, processes, rate, occupied, service_cv=cv),
        waiting=waiting,
        running=running,
        api_processes=api_processes,
        api_utilisation=utilisation(rate, api_s, api_processes),
        socket_bytes=load.sockets * costs.socket_bytes,
        courier_cores=load.provider_checks_per_minute / 60 * costs.check_s,
        redis_cores=utilisation(rate, job.redis_s),
        redis_bytes=_redis_bytes(load, costs, waiting, running),
        database_cores=utilisation(rate, job.database_s),
        lock_utilisation=lock if database == SQLITE else 0.0,
        database_bytes_a_month=month_jobs * bytes_per_job,
        database_bytes_kept=load.jobs_per_day * load.retention_days * bytes_per_job,
        limits=tuple(
            sorted(
                _limits(load, job, database, processes, occupied, api_processes, api_s),
                key=lambda limit: limit.jobs_per_day,
            )
        ),
    )


def _api_seconds(load: Load, costs: Costs, job: JobCosts) -> float:
    """Return what a job and those who look at it cost the API."""
    told = load.events_per_job * load.followers_per_job
    return (
        job.api_s.of(load.numbers)
        + load.reads_per_job * costs.read_s
        + told * costs.message_s
    )


def _redis_bytes(load: Load, costs: Costs, waiting: float, running: float) -> float:
    """Return what Redis holds: what waits, runs or ended lately, and the firehose."""
    ended = in_system(load.peak_rate, KEEP_ENDED_SECONDS)
    told = (running + ended) * load.events_per_job + FIREHOSE_LENGTH
    return (
        costs.redis_bytes
        + (waiting + running) * costs.waiting_bytes
        + ended * costs.ended_bytes
        + told * costs.event_bytes
    )


def _limits(
    load: Load,
    job: JobCosts,
    database: str,
    processes: int,
    occupied: float,
    api_processes: int,
    api_s: float,
) -> Iterator[Limit]:
    def at(rate: float) -> float:
        return rate * DAY_SECONDS / load.peak

    yield Limit(
        f"{processes} solver processes", at(processes / occupied), "more worker hosts"
    )
    yield Limit(
        f"{api_processes} API process{'es' if api_processes > 1 else ''}",
        at(api_processes / api_s),
        "more API processes behind a balancer",
    )
    yield Limit(
        "Redis, one core", at(1 / job.redis_s), "a broker of its own (RabbitMQ)"
    )
    if database == SQLITE:
        yield Limit("SQLite's write lock", at(1 / job.held_s), "PostgreSQL")
    else:
        yield Limit(
            "PostgreSQL, of each core", at(1 / job.database_s), "more cores for it"
        )
