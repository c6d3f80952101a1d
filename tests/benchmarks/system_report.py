"""The report for people: tables of ratios, latencies and guarantees, in Markdown."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.benchmarks.results import (
    BOOTSTRAP,
    CONFIDENCE,
    T_INTERVAL,
    Comparison,
    Latency,
    Report,
)

TITLES = {
    "jobs": "A job beside tasks of other queues",
    "api": "Requests beside a bare FastAPI application",
    "relay": "Events beside a bare Starlette broadcaster",
    "solving": "Objectives beside scipy's, at equal time",
    "calculations": "Certified values beside mpmath's",
}


def markdown(report: Report, plots: Sequence[Path]) -> str:
    """Return the whole report; plots stand beside it."""
    lines = ["# SolveQueue beside its peers", ""]
    for warning in report.warnings:
        lines += [f"> **Warning.** {warning}", ""]
    lines += [*_conditions(report), "", *_reading(), ""]
    for plot in plots:
        lines += [f"![{plot.stem}]({plot.name})", ""]
    for name, section in report.sections.items():
        lines += [f"## {TITLES[name]}", "", *_comparisons(section.comparisons), ""]
        if section.latencies:
            lines += ["One after the other, from asking to known to be done:", ""]
            lines += [*_latencies(section.latencies), ""]
        if section.guarantees:
            lines += ["What each gives besides having a function run:", ""]
            lines += _table(
                ["way", "set up as", "record", "events", "fencing", "a lost worker's"],
                (
                    [
                        g.way,
                        g.settings,
                        g.durable_record,
                        g.events,
                        g.fencing,
                        g.lost_worker,
                    ]
                    for g in section.guarantees
                ),
            )
            lines.append("")
    return "\n".join(lines)


def _conditions(report: Report) -> list[str]:
    machine = report.machine
    size = "QUICK: few rounds" if report.quick else "full"
    versions = ", ".join(f"{name} {v}" for name, v in sorted(report.versions.items()))
    return [
        f"- {report.began} to {report.ended}, {size}",
        f"- {machine.cores} cores of {machine.cpu}; {machine.python}; {machine.system}",
        (
            f"- load {machine.load_before:.2f} before, {machine.load_after:.2f} after; "
            f"others used {machine.busy_before:.0%} of all cores before the first round"
        ),
        f"- {versions}",
    ]


def _reading() -> list[str]:
    return [
        (
            "A ratio is ours over the peer's: the geometric mean of pairs that were "
            f"measured in turn, with its interval at {CONFIDENCE:.0%}. "
            f"Few pairs: {T_INTERVAL}. Many: {BOOTSTRAP}. An interval that holds 1 "
            "says that no difference was seen. ▲ marks what is better higher, ▼ lower."
        )
    ]


def _comparisons(comparisons: Iterable[Comparison]) -> list[str]:
    return _table(
        ["", "peer", "ours", "peer's", "unit", "ratio", "interval", "n", "conditions"],
        (
            [
                f"{'▲' if c.better == 'higher' else '▼'} {c.name}",
                c.peer,
                f"{c.ours:.4g}",
                f"{c.theirs:.4g}",
                c.unit,
                f"**{c.ratio:.3g}**",
                interval_text(c),
                f"{c.n}",
                c.conditions,
            ]
            for c in comparisons
        ),
    )


def interval_text(comparison: Comparison) -> str:
    if comparison.low is None or comparison.high is None:
        return "one pair: none"
    return f"{comparison.low:.3g} to {comparison.high:.3g}"


def _latencies(latencies: Iterable[Latency]) -> list[str]:
    return _table(
        ["", "p50, ms", "p95, ms", "p99, ms", "n"],
        (
            [
                f"{x.name}",
                f"{x.p50_ms:.1f}",
                f"{x.p95_ms:.1f}",
                f"{x.p99_ms:.1f}",
                f"{x.n}",
            ]
            for x in latencies
        ),
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        "|" + "---|" * len(heads),
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
    ]
