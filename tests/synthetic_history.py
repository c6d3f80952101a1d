"""Histories that are made up: noise alone, or noise with planted facts."""

from dataclasses import dataclass

import numpy as np

from schedules.insights.history import (
    HOUR,
    Count,
    History,
    Load,
    Mean,
    Solved,
    Work,
)

END_HOUR = 480_000
DAYS = 28


@dataclass(frozen=True)
class Planted:
    """What is true beside the noise; nothing by default."""

    b_is_worse: float = 0.0
    """By how much, as a share, tabu_search ends above memetic."""
    last_half_buys: float = 0.0
    failing_hour_rate: float | None = None
    slow_hour_times: float = 1.0
    slower_since_days: int | None = None
    cycle: float = 0.0
    """Of the load: amplitude, as a share of its mean; it peaks at 14 h."""
    redone: float = 0.0
    waits: float = 0.3
    busy: float = 0.5
    provider_fails: float | None = None


def synthetic(seed: int, planted: Planted | None = None) -> History:
    """Return four weeks of a service; its failures come in flocks, its tails are heavy.

    The noise is not that which the tests assume: rates differ from hour to hour, times
    are lognormal, instances differ in how hard they are and how much methods differ.
    """
    rng = np.random.default_rng(seed)
    true = planted or Planted()
    hours = np.arange(END_HOUR - 24 * DAYS, END_HOUR)
    cycle = 1 + true.cycle * np.cos(2 * np.pi * (hours % 24 - 14) / 24)
    arrived = rng.poisson(60 * rng.gamma(50, 1 / 50, len(hours)) * cycle)
    rates = rng.beta(2, 98, len(hours))
    if true.failing_hour_rate is not None:
        rates[-5] = true.failing_hour_rate
    failed = rng.binomial(arrived, rates)
    times = 4 * rng.lognormal(0, 0.15, len(hours))
    times[-5] *= true.slow_hour_times
    if true.slower_since_days is not None:
        times[-24 * true.slower_since_days :] *= 1.5
    fails = rng.beta(1, 49, (3, len(hours)))
    if true.provider_fails is not None:
        fails[0, -24:] = true.provider_fails
    checks = rng.binomial(12, fails)
    runs = rng.lognormal(0.7, 0.3, len(hours))
    return History(
        start=float(hours[0] * HOUR),
        end=float(END_HOUR * HOUR),
        solved=tuple(_solved(rng, true)),
        failures={
            "jobs": _counts(hours, arrived, failed),
            **{
                f"prv_{i}": _counts(hours, np.full(len(hours), 12), of)
                for i, of in enumerate(checks)
            },
        },
        latencies={
            "solve": tuple(
                Mean(int(h), float(t)) for h, t in zip(hours, times, strict=True)
            )
        },
        arrivals=_counts(hours, arrived, failed),
        loads=tuple(
            Load(
                int(hour),
                jobs=int(jobs),
                wait_s=float(run * true.waits * rng.lognormal(0, 0.3)),
                run_s=float(run),
                busy=float(np.clip(true.busy * rng.lognormal(0, 0.1), 0, 1)),
                slots=4,
            )
            for hour, jobs, run in zip(hours, arrived, runs, strict=True)
        ),
        works=tuple(
            Work(float(hours[-1] * HOUR), bool(again), 2.0)
            for again in rng.random(500) < true.redone
        ),
    )


def _solved(rng: np.random.Generator, true: Planted) -> list[Solved]:
    solved = []
    for number in range(40):
        order = 60 if number < 25 else 100
        level = float(rng.lognormal(12, 1))
        taste = rng.normal(0, 0.01, 3)
        for place, method in enumerate(("memetic", "tabu_search", "breakout")):
            for _ in range(2):
                noise = float(np.exp(taste[place] + rng.normal(0, 0.005)))
                worse = 1 + true.b_is_worse * (method == "tabu_search")
                objective = level * noise * worse
                gain = true.last_half_buys * rng.lognormal(0, 0.3)
                gain += abs(rng.normal(0, 0.0004))
                solved.append(
                    Solved(
                        at=float((END_HOUR - rng.uniform(1, 24 * DAYS)) * HOUR),
                        instance=f"i{number}",
                        order=order,
                        method=method,
                        time_s=10.0,
                        objective=objective,
                        half_objective=objective / (1 - gain),
                    )
                )
    return solved


def _counts(
    hours: np.ndarray, totals: np.ndarray, bad: np.ndarray
) -> tuple[Count, ...]:
    return tuple(
        Count(int(h), int(t), int(b))
        for h, t, b in zip(hours, totals, bad, strict=True)
    )
