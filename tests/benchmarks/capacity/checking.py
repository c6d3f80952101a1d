"""The planner's waits beside those of a simulation, and of the running service."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from api.capacity.costs import Costs
from api.capacity.plan import DAY_SECONDS, TIMELY_SHARE, Load, plan
from api.capacity.queueing import mean_wait, wait_quantile
from tests.benchmarks.capacity import simulation, steady
from tests.benchmarks.capacity.network import Way, stations
from tests.benchmarks.capacity.simulation import Interval
from tests.benchmarks.capacity.stage import stage

SEED = 20261123
SIMULATED_JOBS = 1_000_000
STATION_JOBS = 30_000
SOLVE_SECONDS, CV = 2.0, 1.5
LOCK_UTILISATIONS = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class Compared:
    """One queue, by formula and by simulation; waits in seconds."""

    jobs_per_day: float
    servers: int
    utilisation: float
    cv: float
    mean: float
    simulated_mean: Interval
    p95: float
    simulated_p95: Interval


def queues(costs: Costs) -> Iterator[Compared]:
    """Compare the fleets that would be planned, and some that are busier or calmer."""
    rng = np.random.default_rng(SEED)
    for jobs_per_day in (1e4, 1e5, 1e6, 5e6):
        load = Load(jobs_per_day, SOLVE_SECONDS, cv=CV, p95_wait=5.0, peak=1.0)
        servers = plan(load, costs).solver_processes
        yield _compare(jobs_per_day / DAY_SECONDS, servers, CV, rng)
    for servers in (2, 24, 200):
        for cv in (0.0, 1.0, 1.5, 3.0):
            for utilisation in (0.6, 0.9):
                rate = utilisation * servers / SOLVE_SECONDS
                yield _compare(rate, servers, cv, rng)


def _compare(
    rate: float, servers: int, cv: float, rng: np.random.Generator
) -> Compared:
    arrivals = simulation.poisson(rate, SIMULATED_JOBS, rng)
    services = simulation.gamma(SOLVE_SECONDS, cv, SIMULATED_JOBS, rng)
    found = simulation.waits(arrivals.tolist(), services.tolist(), servers)
    given = (servers, rate, SOLVE_SECONDS)
    return Compared(
        rate * DAY_SECONDS,
        servers,
        rate * SOLVE_SECONDS / servers,
        cv,
        mean_wait(*given, service_cv=cv),
        simulation.by_batches(found),
        wait_quantile(TIMELY_SHARE, *given, service_cv=cv),
        simulation.by_batches(found, TIMELY_SHARE),
    )


@dataclass(frozen=True)
class Locked:
    """The whole way on SQLite, at a given utilisation of its write lock."""

    lock_utilisation: float
    jobs_per_day: float
    workers: int
    p95: float
    """As planned: without the time for which workers wait for the lock."""
    simulated_p95: Interval


def locked(costs: Costs) -> Iterator[Locked]:
    """Compare where the lock is ever busier: the formula knows no such waits."""
    job = costs.by_database["sqlite"]
    rng = np.random.default_rng(SEED)
    accepting = job.accepting_s
    for utilisation in LOCK_UTILISATIONS:
        rate = utilisation / job.held_s
        solving = simulation.gamma(0.2, 1.0, STATION_JOBS, rng)
        occupied = 0.2 + (job.held_s - accepting)
        workers = max(2, round(rate * occupied / 0.85))
        way = Way(job.api_s.fixed, accepting, job.held_s - accepting, solving)
        found = stations(
            simulation.poisson(rate, STATION_JOBS, rng),
            way,
            api=max(1, round(rate * job.api_s.fixed / 0.6)),
            workers=workers,
            rng=rng,
        )
        yield Locked(
            utilisation,
            rate * DAY_SECONDS,
            workers,
            wait_quantile(TIMELY_SHARE, workers, rate, occupied),
            simulation.by_batches(found, TIMELY_SHARE),
        )


@dataclass(frozen=True)
class Live:
    """A real run that no cost was fitted to; waits in seconds."""

    processes: int
    utilisation: float
    """That was asked for."""
    cv: float
    jobs: int
    occupied: float
    """Mean time for which a job kept its worker, measured."""
    planned_occupied: float
    mean: float
    measured_mean: float
    p95: float
    measured_p95: float
    p95_low: float
    p95_high: float
    """Between which the measured one may lie (95 %, by blocks of time)."""
    replayed_p95: float
    """Simulated with these very arrivals and solving times."""


LIVE_SOLVE_SECONDS = 0.5
LIVE_LOADS = ((0.6, 1.0), (0.8, 0.0))
BLOCK_JOBS = 25


def live(costs: Costs, *, processes: int, minutes: float) -> Iterator[Live]:
    """Run steady loads on SQLite, and compare the waits with what was planned."""
    overhead = costs.by_database["sqlite"].solver_s.fixed
    occupied = LIVE_SOLVE_SECONDS + overhead
    for utilisation, cv in LIVE_LOADS:
        rng = np.random.default_rng(SEED)
        rate = utilisation * processes / occupied
        arrivals = steady.draw(
            rate=rate, mean_s=LIVE_SOLVE_SECONDS, cv=cv, seconds=60 * minutes, rng=rng
        )
        with (
            tempfile.TemporaryDirectory() as folder,
            stage(Path(folder) / "h", processes=processes, server=None) as on,
        ):
            # Kernels are loaded, and connections made, before it counts.
            steady.live(on, steady.draw(rate=1, mean_s=0.1, cv=0, seconds=8, rng=rng))
            waited = steady.live(on, arrivals)
        planned_cv = cv * LIVE_SOLVE_SECONDS / occupied
        given = (processes, rate, occupied)
        low, high = _interval(waited.waits, rng)
        replayed = simulation.waits(
            arrivals.at, [each + overhead for each in arrivals.solving], processes
        )
        yield Live(
            processes,
            utilisation,
            cv,
            len(waited.waits),
            float(np.mean(waited.occupied)),
            occupied,
            mean_wait(*given, service_cv=planned_cv),
            float(np.mean(waited.waits)),
            wait_quantile(TIMELY_SHARE, *given, service_cv=planned_cv),
            float(np.quantile(waited.waits, TIMELY_SHARE)),
            low,
            high,
            float(np.quantile(replayed, TIMELY_SHARE)),
        )


def _interval(waits: list[float], rng: np.random.Generator) -> tuple[float, float]:
    """Return the p95's interval: neighbours wait alike, so blocks are drawn anew."""
    found, count = np.array(waits), len(waits)
    drawn = []
    for _ in range(1000):
        begins = rng.integers(0, count, -(-count // BLOCK_JOBS))
        places = (begins[:, None] + np.arange(BLOCK_JOBS)).ravel()[:count] % count
        drawn.append(np.quantile(found[places], TIMELY_SHARE))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
