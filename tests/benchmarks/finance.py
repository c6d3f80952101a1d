"""Finance beside numpy-financial, pyxirr and a plain numpy script.

Run as ``python -m tests.benchmarks.finance``; ``FLOWS`` and ``PATHS`` in the
environment change its size. npv, irr and xirr are compared on random flows of mixed
kinds. A disagreement beyond 1e-9 counts as explained if the other's rate is another of
the roots that are proved to be all, or if the value that exact rational arithmetic
(periodic) or arithmetic of 60 digits (dated) gives at the other's rate is larger than
at ours. The times take turns, so that a busy machine slows all.
"""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import isfinite
from statistics import median
from time import perf_counter
from typing import Any

import mpmath
import numpy as np
import numpy_financial
import pyxirr

from worker.finance.internal_rate import InternalRates, irr, xirr
from worker.finance.monte_carlo.distributions import Normal
from worker.finance.monte_carlo.project import PeriodProject
from worker.finance.monte_carlo.simulate import Plan, simulate
from worker.finance.present_value import npv

FLOWS = int(os.environ.get("FLOWS", "10000"))
PATHS = int(os.environ.get("PATHS", "1000000"))
ROUNDS = 7
CLOSE = 1e-9
START = date(2020, 1, 1)


def main() -> int:
    rng = np.random.default_rng(20261122)
    unexplained = sum(
        compare(name, check, FLOWS, rng)
        for name, check in (
            ("npv", check_npv),
            ("irr", check_irr),
            ("xirr", check_xirr),
        )
    )
    time_rates()
    time_paths()
    print(f"unexplained disagreements: {unexplained}")
    return 1 if unexplained else 0


Check = Callable[[list[float], list[date], float], dict[str, str]]


def compare(name: str, check: Check, count: int, rng: np.random.Generator) -> int:
    """Print how often each library agrees; return disagreements without a reason."""
    told: dict[str, Counter[str]] = {}
    for _ in range(count):
        flows = random_flow(rng)
        days = np.sort(rng.choice(4000, len(flows), replace=False))
        dates = [START + timedelta(int(day)) for day in days]
        rate = float(rng.uniform(-0.3, 1.0))
        for library, verdict in check(flows, dates, rate).items():
            told.setdefault(library, Counter())[verdict] += 1
    for library, verdicts in told.items():
        counts = ", ".join(f"{n} {verdict}" for verdict, n in verdicts.most_common())
        print(f"{name:5} {library:16} {count} flows: {counts}")
    return sum(verdicts["UNEXPLAINED"] for verdicts in told.values())


def random_flow(rng: np.random.Generator) -> list[float]:
    """Return an investment, a loan, noise, or a mine that is closed at a cost."""
    size = int(rng.integers(2, 40))
    scale = 10.0 ** rng.integers(0, 7)
    match int(rng.integers(4)):
        case 0:
            gains = rng.uniform(0, 1, size)
            flow = [-gains.sum() * rng.uniform(0.2, 1.5), *gains]
        case 1:
            flow = [1.0] + [-rng.uniform(0.8, 3) / size] * size
        case 2:
            flow = rng.normal(0, 1, size + 1).tolist()
        case _:
            gains = rng.uniform(0, 1, size)
            flow = [-gains.sum() / 3, *gains, -gains.sum() * rng.uniform(0.1, 0.9)]
    return [float(round(scale * amount, 2)) for amount in flow]


def check_npv(flows: list[float], dates: list[date], rate: float) -> dict[str, str]:
    ours = npv(flows, rate)
    exact = value_at(flows, rate)
    size = sum(abs(c) / (1 + rate) ** t for t, c in enumerate(flows)) or 1.0
    others = {
        "numpy-financial": float(numpy_financial.npv(rate, flows)),
        "pyxirr": pyxirr.npv(rate, flows),
    }
    verdicts = {
        "ours": "the nearest double" if ours.value == float(exact) else "UNEXPLAINED"
    }
    for library, other in others.items():
        # Relative to what is added up: where it cancels, doubles can do no better.
        is_close = abs(other - ours.value) <= CLOSE * size
        verdicts[library] = "agree" if is_close else "UNEXPLAINED"
    return verdicts


def check_irr(flows: list[float], dates: list[date], rate: float) -> dict[str, str]:
    ours = irr(flows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        others = {
            "numpy-financial": float(numpy_financial.irr(flows)),
            "pyxirr": pyxirr.irr(flows, silent=True),
        }
    return {
        library: verdict(ours, other, lambda at: abs(value_at(flows, at)))
        for library, other in others.items()
    }


def check_xirr(flows: list[float], dates: list[date], rate: float) -> dict[str, str]:
    ours = xirr(dates, flows)
    other = pyxirr.xirr(dates, flows, silent=True)
    return {
        "pyxirr": verdict(ours, other, lambda at: abs(dated_value(dates, flows, at)))
    }


def verdict(
    ours: InternalRates, other: float | None, miss: Callable[[float], Any]
) -> str:
    """Return how the other's rate stands to what is proved."""
    is_none = other is None or not isfinite(other)
    if not ours.is_complete:
        return "UNEXPLAINED"
    if is_none or other is None:
        return "agree that there is none" if not ours.roots else "it finds none of ours"
    if ours.rate is not None and near(other, ours.rate):
        return "agree"
    if any(near(other, root.rate) for root in ours.roots):
        return "another root of ours"
    if other <= -1:
        return "its rate is -1 or below"
    if not ours.roots:
        return "it tells one, proved to be none" if miss(other) > 0 else "UNEXPLAINED"
    closest = min(ours.roots, key=lambda root: abs(root.rate - other))
    worse = miss(other) > miss(closest.rate)
    return "its value is farther from 0" if worse else "UNEXPLAINED"


def near(first: float, second: float) -> bool:
    return abs(first - second) <= CLOSE * max(1.0, abs(second))


def value_at(flows: Sequence[float], rate: float) -> Fraction:
    factor, value = 1 / (1 + Fraction(rate)), Fraction(0)
    for amount in reversed(flows):
        value = value * factor + Fraction(amount)
    return value


def dated_value(dates: Sequence[date], flows: Sequence[float], rate: float) -> Any:
    with mpmath.workdps(60):
        growth = 1 + mpmath.mpf(rate)
        return mpmath.fsum(
            amount * growth ** (-mpmath.mpf((day - dates[0]).days) / 365)
            for day, amount in zip(dates, flows, strict=True)
        )


def time_rates() -> None:
    """Print the time of one call, each in turn."""
    for name, flows in (
        ("6 flows", [-1e6, 3e5, 3.5e5, 4e5, 4.5e5, 5e5]),
        ("31 flows", [-1000.0, *[60.0] * 30]),
        ("361 flows", [-1e5, *[600.0] * 360]),
        ("361 flows, 180 sign changes", alternating(361)),
    ):
        dates = [START + timedelta(30 * t) for t in range(len(flows))]
        calls: dict[str, Callable[[], Any]] = {
            "irr, all roots proved": lambda flows=flows: irr(flows),
            "pyxirr.irr": lambda flows=flows: pyxirr.irr(flows, silent=True),
            "numpy_financial.irr": lambda flows=flows: numpy_financial.irr(flows),
            "xirr, all roots proved": lambda d=dates, flows=flows: xirr(d, flows),
            "pyxirr.xirr": lambda d=dates, f=flows: pyxirr.xirr(d, f, silent=True),
        }
        times = ", ".join(f"{k} {1e3 * t:.3f} ms" for k, t in in_turns(calls).items())
        print(f"{name}: {times}")


def alternating(size: int) -> list[float]:
    rng = np.random.default_rng(1)
    return [float(x) for x in rng.normal(0, 1, size)]


def in_turns(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Return the median time of each call, in seconds."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begun = perf_counter()
            call()
            taken[name].append(perf_counter() - begun)
    return {name: median(times) for name, times in taken.items()}


def time_paths() -> None:
    """Print the throughput of simulations beside the shortest numpy script."""
    project = PeriodProject(1000.0, [Normal(300.0, 60.0)] * 5, 0.1)
    times = in_turns(
        {
            "simulate": lambda: simulate(project, Plan(paths=PATHS, seed=1)),
            "plain numpy": lambda: plain_numpy(PATHS),
        }
    )
    for name, seconds in times.items():
        print(f"Monte Carlo, {PATHS} paths, {name}: {PATHS / seconds / 1e6:.1f} M/s")
    ratio = times["plain numpy"] / times["simulate"]
    print(f"Monte Carlo, throughput by that of plain numpy: {ratio:.2f}")
    ours = simulate(project, Plan(paths=PATHS, seed=1))
    mean = plain_numpy(PATHS)[0]
    print(f"means {ours.moments.mean:.3f} +- {ours.standard_error:.3f} and {mean:.3f}")


def plain_numpy(paths: int) -> tuple[float, float, float]:
    rng = np.random.default_rng(1)
    flows = rng.normal(300.0, 60.0, (paths, 5))
    values = -1000.0 + (flows / 1.1 ** np.arange(1, 6)).sum(axis=1)
    return float(values.mean()), float(values.std()), float((values < 0).mean())


if __name__ == "__main__":
    sys.exit(main())
