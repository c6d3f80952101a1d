"""What a soak's numbers say: which promises were kept, and what has grown."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from tests.benchmarks.soak.journal import read_lines
from tests.benchmarks.soak.trend import (
    Estimate,
    Judgement,
    ratio,
    slope,
    tellable_share,
)

SEED = 1
HOUR, MINUTE = 3600.0, 60.0
BLOCK_SECONDS = 300.0
WARM_SHARE = 0.5
"""Of the run: until then caches fill and imports happen; memory is judged after it."""
THRESHOLDS = {"rss_mib": 5.0, "files": 6.0, "threads": 3.0}
"""An hour, of one process: growth that is still called flat.

RSS, not PSS: the share of a library's pages changes with every other stack that runs
on the machine. Pages that a child has of its parent count for both, and do not grow.
"""
LATENCY_RATIO = 1.5
MIN_THIRD = 20
NOT_OF_THE_SERVICE = frozenset({"begun after it was due"})


@dataclass(frozen=True)
class Grown:
    """How something that a process holds has changed, an hour."""

    process: str
    measure: str
    at_half: float
    at_end: float
    growth: Estimate
    judgement: Judgement


@dataclass(frozen=True)
class Slowed:
    """Latencies of the last third beside those of the first."""

    kind: str
    count: int
    quantiles_ms: tuple[float, float, float]
    """The whole run's p50, p95, p99."""
    share: float
    """Which quantile was compared."""
    ratio: Estimate | None
    judgement: Judgement


@dataclass(frozen=True)
class Busy:
    """Cores in use, on average."""

    service: float
    driver: float
    others: float
    probe_ratio: float
    """What a fixed piece of work took in the last third, beside the first."""
    by_process: dict[str, float]


def grown(samples: list[dict[str, Any]]) -> Iterator[Grown]:
    """Judge what lived all through the second half; what is new there is not flat."""
    rng = np.random.default_rng(SEED)
    warm = samples[int(WARM_SHARE * len(samples)) :]
    names = {name: None for sample in warm for name in sample["processes"]}
    for name in names:
        found = [sample["processes"].get(name) or None for sample in warm]
        for measure, threshold in THRESHOLDS.items():
            pairs = [
                (sample["at_s"] / HOUR, each[measure])
                for sample, each in zip(warm, found, strict=True)
                if each is not None
            ]
            if len(pairs) == len(warm):
                yield _grown(name, measure, pairs, threshold, rng)
    pairs = [(sample["at_s"] / HOUR, sample["valkey"]["used_mib"]) for sample in warm]
    yield _grown("valkey 1", "used_mib", pairs, THRESHOLDS["rss_mib"], rng)


def _grown(
    name: str,
    measure: str,
    pairs: list[tuple[float, float]],
    threshold: float,
    rng: Generator,
) -> Grown:
    times, values = zip(*pairs, strict=True)
    step = HOUR * (times[-1] - times[0]) / max(1, len(times) - 1)
    block = max(2, min(len(values) // 4, round(BLOCK_SECONDS / step)))
    growth = slope(times, values, block=block, rng=rng)
    return Grown(name, measure, values[0], values[-1], growth, growth.judged(threshold))


def replaced(samples: list[dict[str, Any]]) -> list[str]:
    """Return the processes that came or went after the first sample."""
    lives = [set(sample["processes"]) for sample in samples]
    return sorted(set.union(*lives) - set.intersection(*lives))


def slowed(latencies: list[list[Any]], seconds: float) -> Iterator[Slowed]:
    """Judge each kind by the highest quantile that its thirds can tell."""
    rng = np.random.default_rng(SEED)
    by_kind: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for at, kind, took in latencies:
        by_kind[kind].append((at, took))
    for kind, found in sorted(by_kind.items()):
        first = [each for each in found if each[0] < seconds / 3]
        last = [each for each in found if each[0] >= 2 * seconds / 3]
        share = tellable_share(min(len(first), len(last)))
        estimate = None
        if min(len(first), len(last)) >= MIN_THIRD:
            estimate = ratio(_minutes(first), _minutes(last), share=share, rng=rng)
        p50, p95, p99 = np.quantile([took for _, took in found], [0.5, 0.95, 0.99])
        yield Slowed(
            kind,
            len(found),
            (1000 * float(p50), 1000 * float(p95), 1000 * float(p99)),
            share,
            estimate,
            estimate.judged(LATENCY_RATIO) if estimate else Judgement.UNDECIDED,
        )


def _minutes(found: list[tuple[float, float]]) -> list[list[float]]:
    by_minute: dict[int, list[float]] = defaultdict(list)
    for at, took in found:
        by_minute[int(at // MINUTE)].append(took)
    return list(by_minute.values())


def busy(samples: list[dict[str, Any]]) -> Busy:
    """Return who used the machine; what others did is told beside what was measured."""
    first, last = samples[0], samples[-1]
    seconds = last["at_s"] - first["at_s"]
    service = {
        name: (each["cpu_s"] - first["processes"][name]["cpu_s"]) / seconds
        for name, each in last["processes"].items()
        if each and first["processes"].get(name)
    }
    ours = sum(service.values())
    driver = (last["driver_cpu_s"] - first["driver_cpu_s"]) / seconds
    machine = (last["machine_busy_s"] - first["machine_busy_s"]) / seconds
    probes = [sample["probe_ms"] for sample in samples]
    third = max(1, len(probes) // 3)
    return Busy(
        service=ours,
        driver=driver,
        others=max(0.0, machine - ours - driver),
        probe_ratio=float(np.median(probes[-third:]) / np.median(probes[:third])),
        by_process=service,
    )


def database_bytes_per_job(samples: list[dict[str, Any]]) -> float:
    """Return what the second half's jobs added to the database, by job."""
    warm = samples[int(WARM_SHARE * len(samples)) :]
    jobs = warm[-1]["accepted"] - warm[0]["accepted"]
    grown_mib = warm[-1]["database_mib"] - warm[0]["database_mib"]
    return grown_mib * 2**20 / max(1, jobs)


def read_run(folder: Path) -> tuple[list[dict[str, Any]], list[list[Any]], list[Any]]:
    """Return the samples, latencies and errors of a run."""
    samples, latencies, errors = (
        read_lines(folder / f"{name}.jsonl")
        for name in ("samples", "latencies", "errors")
    )
    return samples, latencies, errors
