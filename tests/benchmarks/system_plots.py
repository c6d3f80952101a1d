"""The report's plots, as SVG: rates, latencies and all ratios with their intervals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from tests.benchmarks.results import Comparison, Report

# The same bytes for the same report; text stays text.
mpl.rcParams.update({"svg.hashsalt": "solvequeue", "svg.fonttype": "none"})
OURS, THEIRS = "#1f6feb", "#8b949e"


def draw(report: Report, folder: Path) -> list[Path]:
    """Draw what there is data for; return the files."""
    made = []
    jobs = report.sections.get("jobs")
    if jobs and jobs.comparisons:
        made.append(_save(_throughput(jobs.comparisons), folder / "throughput.svg"))
    if jobs and jobs.latencies:
        made.append(_save(_latencies(report), folder / "latency.svg"))
    if all_comparisons(report):
        made.append(_save(_forest(report), folder / "ratios.svg"))
    return made


def all_comparisons(report: Report) -> list[Comparison]:
    return [c for s in report.sections.values() for c in s.comparisons]


def _save(figure: Figure, path: Path) -> Path:
    figure.savefig(path, metadata={"Date": None})
    return path


def _throughput(comparisons: list[Comparison]) -> Figure:
    """Bars of the mean rate; the whisker is the t interval over the rounds."""
    rounds = dict(_rates(comparisons))
    figure = Figure(figsize=(8, 0.5 * len(rounds) + 1.2), layout="constrained")
    axes = figure.subplots()
    for at, (name, rates) in enumerate(rounds.items()):
        low, high = _mean_interval(rates)
        mean = float(np.mean(rates))
        colour = OURS if name.startswith("job") else THEIRS
        error = [[mean - low], [high - mean]]
        axes.barh(at, mean, xerr=error, color=colour, capsize=3)
    axes.set_yticks(range(len(rounds)), list(rounds))
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("trivial jobs or tasks a second, sent until done")
    return figure


def _rates(comparisons: list[Comparison]) -> Iterator[tuple[str, list[float]]]:
    for each in comparisons:
        if each.unit != "1/s":
            continue
        yield each.name.removesuffix(": throughput"), each.our_rounds
        database = each.name.split(", ")[-1].removesuffix(": throughput")
        yield f"{each.peer} (beside {database})", each.their_rounds


def _mean_interval(values: list[float]) -> tuple[float, float]:
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, mean
    half = float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))
    return max(0.0, mean - half), mean + half


def _latencies(report: Report) -> Figure:
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for each in report.sections["jobs"].latencies:
        shares = np.linspace(0, 1, len(each.quantiles_ms))
        style: dict[str, Any] = (
            {"lw": 2} if each.name.startswith("job") else {"ls": "--"}
        )
        axes.plot(each.quantiles_ms, shares, label=each.name, **style)
    axes.set_xscale("log")
    axes.set_xlabel("ms from asking to known to be done, one after the other")
    axes.set_ylabel("share that took no longer")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    return figure


def _forest(report: Report) -> Figure:
    """Every ratio on one logarithmic axis; beyond 1 on the side that is marked."""
    comparisons = all_comparisons(report)
    figure = Figure(figsize=(10, 0.32 * len(comparisons) + 1.2), layout="constrained")
    axes = figure.subplots()
    for at, each in enumerate(comparisons):
        better = (each.ratio > 1) == (each.better == "higher")
        colour = OURS if better else THEIRS
        if each.low is not None and each.high is not None:
            axes.plot([each.low, each.high], [at, at], color=colour, lw=2)
        axes.plot(each.ratio, at, "o", color=colour)
    labels = [
        f"{'▲' if c.better == 'higher' else '▼'} {c.name} / {c.peer}"
        for c in comparisons
    ]
    axes.set_yticks(range(len(labels)), labels, fontsize="small")
    axes.invert_yaxis()
    axes.axvline(1, color="black", lw=1)
    axes.set_xscale("log")
    axes.set_xlabel("ours over the peer's (blue: ours is better)")
    return figure
