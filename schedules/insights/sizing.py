"""Whether there are too few who solve, or too many."""

import numpy as np
from scipy import stats

from schedules.insights.claim import Claim, Kind
from schedules.insights.history import History, Load
from schedules.insights.inference import hodges_lehmann, signed_rank

BLOCK_HOURS = 6
"""Neighbouring hours resemble each other: so many are one observation."""
LEAST_BLOCKS = 12
IDLE = 0.2
MOST_SLOTS = 1000


def claims(history: History) -> list[Claim]:
    """Ask whether jobs wait longer than they run, and whether most slots lie idle."""
    blocks: dict[int, list[Load]] = {}
    for each in history.loads:
        if each.jobs > 0 and each.run_s > 0:
            blocks.setdefault(each.hour // BLOCK_HOURS, []).append(each)
    if len(blocks) < LEAST_BLOCKS:
        return []
    loads = [each for block in blocks.values() for each in block]
    waits = np.array(
        [np.mean([(x.wait_s - x.run_s) / x.run_s for x in b]) for b in blocks.values()]
    )
    busy = np.array([np.mean([x.busy for x in b]) for b in blocks.values()])
    slots = float(np.median([x.slots for x in loads]))
    needed = _needed(loads)
    return [_too_few(waits, slots, needed), _too_many(busy, slots, needed)]


def _too_few(waits: np.ndarray, slots: float, needed: int) -> Claim:
    effect, low, high = (x + 1 for x in hodges_lehmann(waits))
    return Claim(
        kind="worker_sizing",
        subject="too_few",
        p=signed_rank(waits, alternative="greater"),
        nothing=1.0,
        n=len(waits),
        effect=effect,
        low=low,
        high=high,
        unit="seconds waited a second run",
        test="Wilcoxon signed rank of six-hour blocks, one-sided",
        title="Jobs wait longer than they run",
        description=(
            f"A job waits {effect:.2f} s for each second that it runs (95 %: "
            f"{low:.2f} to {high:.2f}), with {slots:g} slots."
        ),
        impact=f"{needed} slots would let them wait less than they run",
        action="add_workers",
        priority="high",
        facts={"slots": slots, "needed": needed},
    )


def _too_many(busy: np.ndarray, slots: float, needed: int) -> Claim:
    effect, low, high = (100 * x for x in hodges_lehmann(busy))
    p = signed_rank(busy - IDLE, alternative="less")
    # One slot is the least that there can be.
    return Claim(
        kind="worker_sizing",
        subject="too_many",
        p=p if needed < slots else 1.0,
        nothing=100 * IDLE,
        n=len(busy),
        effect=effect,
        low=low,
        high=high,
        unit="percent of slots busy",
        test=f"Wilcoxon signed rank against {100 * IDLE:g} %, one-sided",
        title="Most slots lie idle",
        description=(
            f"{effect:.1f} % of {slots:g} slots run a job (95 %: {low:.1f} to "
            f"{high:.1f} %)."
        ),
        impact=f"{needed} slots would do for the busiest hour",
        action="remove_workers",
        priority="low",
        facts={"slots": slots, "needed": needed},
    )


def _needed(loads: list[Load]) -> int:
    """Return with how many slots, by Erlang's C, none waits longer than it runs."""
    offered = max(x.jobs * x.run_s / 3600.0 for x in loads)
    for slots in range(max(1, int(offered)), MOST_SLOTS):
        # The mean wait, in runs, is C / (slots - offered).
        if slots > offered and _erlang_c(slots, offered) <= slots - offered:
            return slots
    return MOST_SLOTS


def _erlang_c(slots: int, offered: float) -> float:
    blocked = float(
        np.exp(
            stats.poisson.logpmf(slots, offered) - stats.poisson.logcdf(slots, offered)
        )
    )
    return blocked / (1 - offered / slots * (1 - blocked))


KIND = Kind(
    name="worker_sizing",
    hypothesis="Jobs wait longer than they run; or most slots lie idle.",
    test="Wilcoxon signed rank of six-hour blocks; slots needed by Erlang's C",
    claims=claims,
    horizon_s=7 * 86400.0,
)
