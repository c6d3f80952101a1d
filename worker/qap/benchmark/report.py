"""What a finished table says, as text."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from worker.qap.benchmark.comparison import compare_pairs, friedman
from worker.qap.benchmark.measures import (
    GapSummary,
    expected_running_time,
    hit_rate,
    performance_profile,
    summarise_gaps,
)
from worker.qap.benchmark.peers import PEERS
from worker.qap.benchmark.table import Row, ratio_of_gaps
from worker.qap.benchmark.text import per_cent, seconds, table

_RATIOS = (1, 2, 5, 10, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All seeds of one method on one instance within one budget.

    Parameters
    ----------
    instance, label, budget
        What was run.
    runs
        How many.
    gaps
        To the best known.
    hit_rate
        The share that reached the target.
    time_to_target_s
        The median of those that did; None if none did.
    expected_running_time_s
        With restarts; infinite if none did.
    primal_integral
        The mean, in seconds.
    gap_ratio
        The median of those there are, or None.
    """

    instance: str
    label: str
    budget: str
    runs: int
    gaps: GapSummary
    hit_rate: float
    time_to_target_s: float | None
    expected_running_time_s: float
    primal_integral: float
    gap_ratio: float | None


def summarise(rows: Iterable[Row]) -> list[Summary]:
    """Return a summary of every instance, method and budget.

    Parameters
    ----------
    rows
        A table. Runs without an objective are left out.

    Returns
    -------
    list of Summary
        In the order in which they first occur.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.gap is not None:
            groups.setdefault((row.instance, row.label, row.budget), []).append(row)
    return [_summary(*place, group) for place, group in groups.items()]


def _summary(instance: str, label: str, budget: str, rows: list[Row]) -> Summary:
    gaps = [row.gap for row in rows if row.gap is not None]
    times = [row.time_to_target_s for row in rows]
    reached = [time_s for time_s in times if time_s is not None]
    ratios = [row.gap_ratio for row in rows if row.gap_ratio is not None]
    return Summary(
        instance=instance,
        label=label,
        budget=budget,
        runs=len(rows),
        gaps=summarise_gaps(gaps),
        # By the target, which may be a gap above 0.
        hit_rate=hit_rate([0.0 if t is not None else math.inf for t in times]),
        time_to_target_s=median(reached) if reached else None,
        expected_running_time_s=expected_running_time(
            [row.elapsed_s for row in rows], times
        ),
        primal_integral=fmean(row.primal_integral or 0.0 for row in rows),
        gap_ratio=median(ratios) if ratios else None,
    )


def report(rows: Sequence[Row]) -> str:
    """Return the summaries, the ratios to peers and the tests as text.

    Parameters
    ----------
    rows
        A table with its gap ratios.

    Returns
    -------
    str
        Lines with their ends.
    """
    summaries = summarise(rows)
    parts = [_summary_table(summaries)]
    parts += [_peer_table(summaries), _left_out(rows)]
    for budget in dict.fromkeys(summary.budget for summary in summaries):
        parts.append(_comparison([s for s in summaries if s.budget == budget], budget))
    return "\n".join(part for part in parts if part)


def _summary_table(summaries: Sequence[Summary]) -> str:
    header = [
        *("instance", "method", "budget", "runs", "best%", "mean%", "median%"),
        *("worst%", "hit%", "target_s", "ERT_s", "integral_s", "ratio"),
    ]
    lines = [
        [
            s.instance,
            s.label,
            s.budget,
            str(s.runs),
            per_cent(s.gaps.best),
            per_cent(s.gaps.mean),
            per_cent(s.gaps.median),
            per_cent(s.gaps.worst),
            f"{100 * s.hit_rate:.0f}",
            seconds(s.time_to_target_s),
            seconds(s.expected_running_time_s),
            seconds(s.primal_integral),
            "-" if s.gap_ratio is None else f"{s.gap_ratio:.2f}",
        ]
        for s in summaries
    ]
    return table(header, lines) if lines else "No run has an objective.\n"


def _peer_table(summaries: Sequence[Summary]) -> str:
    """Return our median gap over each peer's, where both ran in the same budget."""
    ours = [s for s in summaries if s.label not in PEERS]
    theirs = {(s.instance, s.budget, s.label): s for s in summaries if s.label in PEERS}
    peers = [name for name in PEERS if any(name == place[2] for place in theirs)]
    lines = []
    for s in ours:
        found = [theirs.get((s.instance, s.budget, peer)) for peer in peers]
        if any(found):
            ratios = [
                f"{ratio_of_gaps(s.gaps.median, f.gaps.median):.2f}" if f else "-"
                for f in found
            ]
            lines.append([s.instance, s.label, s.budget, *ratios])
    if not lines:
        return ""
    header = ["instance", "method", "budget", *(f"over {peer}" for peer in peers)]
    return "Median gap over that of a peer (below 1: ours is nearer):\n" + table(
        header, lines
    )


def _left_out(rows: Sequence[Row]) -> str:
    noted = dict.fromkeys(
        f"{row.instance} · {row.label} · {row.budget}: {row.termination}; {row.note}"
        for row in rows
        if row.note
    )
    return "".join(f"{line}\n" for line in noted)


def _comparison(summaries: Sequence[Summary], budget: str) -> str:
    """Return ranks, tests and profiles of the methods that ran on every instance."""
    instances = list(dict.fromkeys(s.instance for s in summaries))
    cells = {(s.instance, s.label): s for s in summaries}
    labels = [
        label
        for label in dict.fromkeys(s.label for s in summaries)
        if all((instance, label) in cells for instance in instances)
    ]
    if len(labels) < 2 or len(instances) < 2:
        return ""

    def column(value: str) -> NDArray[np.float64]:
        return np.array(
            [
                [
                    cells[i, m].gaps.median
                    if value == "gap"
                    else cells[i, m].expected_running_time_s
                    for m in labels
                ]
                for i in instances
            ]
        )

    gaps, times = column("gap"), column("time")
    ranks = friedman(gaps)
    text = (
        f"{budget}: median gaps of {len(labels)} methods on {len(instances)} "
        f"instances. Friedman: p = {ranks.p_value:.3g}, Kendall's W = "
        f"{ranks.concordance:.2f}\n"
    )
    profile = performance_profile(np.maximum(times, 1e-9), _RATIOS)
    text += table(
        ["method", "rank", *(f"ERT<={ratio}x" for ratio in _RATIOS)],
        [
            [label, f"{rank:.2f}", *(f"{100 * share:.0f}%" for share in shares)]
            for label, rank, shares in zip(
                labels, ranks.average_ranks, profile, strict=True
            )
        ],
    )
    for pair in compare_pairs(gaps):
        text += (
            f"{labels[pair.first]} against {labels[pair.second]}: Wilcoxon's p = "
            f"{pair.test.p_value:.3g}, Holm's {pair.adjusted_p_value:.3g}, effect "
            f"{pair.test.effect:+.2f} ({pair.test.pairs} instances differ)\n"
        )
    return text
