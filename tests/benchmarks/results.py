"""What a benchmark found, in one form: ours beside a peer's, as a ratio and how sure.

Ours and the peer's are measured in turn, round by round or case by case; each pair
gives a ratio, and the interval is of their geometric mean. Rounds are few: theirs is
Student's t interval of the logarithms. From `MANY` pairs on it is the bias-corrected
and accelerated bootstrap (Efron 1987), which asks for no distribution but is too
narrow for a handful.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy import stats

CONFIDENCE = 0.95
MANY = 12
RESAMPLES = 9999
KEPT_QUANTILES = 201
T_INTERVAL = "t interval of the logarithms of paired ratios"
BOOTSTRAP = "BCa bootstrap of the logarithms of paired ratios"


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Comparison(_Result):
    """One thing measured of ours and of a peer, in the same run."""

    section: str
    name: str
    peer: str
    unit: str
    better: Literal["higher", "lower"]
    ours: float
    """Median of the rounds, as is the peer's."""
    theirs: float
    ratio: float = Field(gt=0)
    """Ours over the peer's, the geometric mean of the pairs."""
    low: float | None
    """Of the interval; none for a single pair."""
    high: float | None
    method: str | None
    n: int = Field(ge=1)
    """Pairs."""
    conditions: str
    our_rounds: list[float]
    their_rounds: list[float]


class Latency(_Result):
    """How long single ones took, from asking to known to be done."""

    section: str
    name: str
    n: int = Field(ge=1)
    p50_ms: float
    p95_ms: float
    p99_ms: float
    quantiles_ms: list[float]
    """At equal steps from the least to the greatest."""


class Guarantees(_Result):
    """What a way gives, so that its speed is not compared alone."""

    way: str
    settings: str
    durable_record: str
    events: str
    fencing: str
    lost_worker: str


class Section(_Result):
    """What one benchmark found."""

    comparisons: list[Comparison] = []
    latencies: list[Latency] = []
    guarantees: list[Guarantees] = []
    versions: dict[str, str] = {}


class Machine(_Result):
    """Where, and with what else running, it was measured."""

    cores: int
    cpu: str
    system: str
    python: str
    load_before: float
    """Of the last minute, as all loads here."""
    load_after: float
    busy_before: float = Field(ge=0, le=1)
    """Share of all cores that others used in the seconds before the first round."""


class Report(_Result):
    """One run of `make bench-system`."""

    schema_version: Literal[1] = 1
    began: str
    ended: str
    quick: bool
    machine: Machine
    versions: dict[str, str]
    warnings: list[str]
    sections: dict[str, Section]


def paired(
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    section: str,
    name: str,
    peer: str,
    unit: str,
    better: Literal["higher", "lower"],
    conditions: str,
) -> Comparison:
    """Return the comparison of rounds that were measured in turn."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    interval = interval_of(ratios)
    return Comparison(
        section=section,
        name=name,
        peer=peer,
        unit=unit,
        better=better,
        ours=float(np.median(ours)),
        theirs=float(np.median(theirs)),
        ratio=float(np.exp(np.mean(np.log(ratios)))),
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        method=interval[2] if interval else None,
        n=len(ratios),
        conditions=conditions,
        our_rounds=[float(each) for each in ours],
        their_rounds=[float(each) for each in theirs],
    )


def interval_of(ratios: Sequence[float]) -> tuple[float, float, str] | None:
    """Return where the geometric mean lies at `CONFIDENCE`, and by which method."""
    logs = np.log(ratios)
    if len(logs) < 2:
        return None
    mean = float(logs.mean())
    if np.ptp(logs) == 0:
        return float(np.exp(mean)), float(np.exp(mean)), T_INTERVAL
    if len(logs) < MANY:
        half = stats.t.ppf((1 + CONFIDENCE) / 2, len(logs) - 1) * stats.sem(logs)
        return float(np.exp(mean - half)), float(np.exp(mean + half)), T_INTERVAL
    found = stats.bootstrap(
        (logs,),
        np.mean,
        confidence_level=CONFIDENCE,
        n_resamples=RESAMPLES,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    return float(np.exp(found.low)), float(np.exp(found.high)), BOOTSTRAP


def latency(seconds: Sequence[float], *, section: str, name: str) -> Latency:
    """Return the distribution of so many single times, in milliseconds."""
    ms = 1000 * np.asarray(seconds)
    p50, p95, p99 = np.percentile(ms, [50, 95, 99])
    return Latency(
        section=section,
        name=name,
        n=len(ms),
        p50_ms=float(p50),
        p95_ms=float(p95),
        p99_ms=float(p99),
        quantiles_ms=np.quantile(ms, np.linspace(0, 1, KEPT_QUANTILES)).tolist(),
    )
