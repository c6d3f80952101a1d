"""Histories with nothing in them, and what may be planted there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from schedules.insights.history import History, Hours, Solve

BEGIN = 1_790_000_000 // 86_400 * 86_400.0
DAYS = 14
HOURS = 24 * DAYS
METHODS = ("auto", "memetic", "tabu_search")
PROVIDERS = ("first", "second", "third")


@dataclass(frozen=True)
class Planted:
    """What is so; nothing, unless something is said."""

    better: Mapping[str, float] = field(default_factory=dict)
    """By how many per cent a method's objectives are lower."""
    cycle: float = 0.0
    """Amplitude of the load over the day, as a share of the mean."""
    peak: float = 14.0
    failing: float = 0.0
    """How much more of the jobs of the last three hours fails, as a share."""
    slower: float = 1.0
    """How many times as long answers take in the last three hours."""
    late_gain: float = 0.0
    """Per cent by which the second half of the time lowers objectives."""
    repeats: float = 0.0
    full: float = 0.0
    """Share of the hours with all slots busy and jobs that wait."""
    failing_provider: str = ""


NOTHING = Planted()


def history(rng: np.random.Generator, planted: Planted = NOTHING) -> History:
    """Draw a history: solves of three methods, two weeks of hours, three providers."""
    return History(_solves(rng, planted), Hours(BEGIN, _series(rng, planted)))


def _solves(rng: np.random.Generator, planted: Planted) -> list[Solve]:
    solves = []
    for number in range(80):
        order = int(rng.integers(10, 80))
        scale = float(rng.uniform(1e3, 1e6))
        for method in METHODS:
            # Runs of one method on one instance differ by about 2 %.
            by = 1 - planted.better.get(method, 0.0) / 100
            objective = scale * by * float(np.exp(rng.normal(0, 0.02)))
            gain = planted.late_gain and max(0.0, rng.normal(planted.late_gain, 0.3))
            print_of_work = f"{number} {method}"
            if solves and rng.random() < planted.repeats:
                print_of_work = solves[-1].fingerprint or ""
            solves.append(
                Solve(
                    method=method,
                    instance=f"instance {number}",
                    family=("tai", "sko", "")[number % 3],
                    order=order,
                    time_limit_s=10.0,
                    objective=objective,
                    elapsed_s=10.0,
                    fingerprint=print_of_work,
                    ended_at=BEGIN + 3600.0 * len(solves),
                    improvements=(
                        (0.1, objective * 1.2),
                        (4.0, objective / (1 - gain / 100)),
                        (9.0, objective),
                    ),
                )
            )
    return solves


def _series(rng: np.random.Generator, planted: Planted) -> dict[str, np.ndarray]:
    at = np.arange(HOURS)
    wave = 1 + planted.cycle * np.cos(2 * np.pi * (at - planted.peak) / 24)
    ended = rng.poisson(40 * wave).astype(float)
    rate = np.full(HOURS, 0.05)
    rate[-3:] += planted.failing
    times = np.exp(rng.normal(np.log(0.02), 0.1, HOURS))
    times[-3:] *= planted.slower
    is_full = rng.random(HOURS) < planted.full
    series = {
        "jobs_ended.solve": ended,
        "jobs_failed.solve": rng.binomial(ended.astype(int), rate).astype(float),
        "http_duration": times,
        "worker_slots": np.full(HOURS, 4.0),
        "worker_busy_ratio": np.where(is_full, 0.97, rng.uniform(0, 0.8, HOURS)),
        "queue_oldest_age.standard": np.where(is_full, 90.0, rng.uniform(0, 5, HOURS)),
    }
    for name in PROVIDERS:
        share = np.full(HOURS, 0.02)
        share[-6:] += 0.4 * (name == planted.failing_provider)
        series[f"provider_calls.{name}"] = np.full(HOURS, 12.0)
        series[f"provider_failures.{name}"] = rng.binomial(12, share).astype(float)
    return series


def hole(found: History, *, begin: int, end: int) -> History:
    """Return it without the samples of some hours."""
    series = {name: each.copy() for name, each in found.hours.series.items()}
    for each in series.values():
        each[begin:end] = np.nan
    return replace(found, hours=Hours(found.hours.begin, series))
