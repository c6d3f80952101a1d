"""A soak's report: Markdown for people, JSON for programs, and an exit code."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.soak import judging
from tests.benchmarks.soak.judging import NOT_OF_THE_SERVICE, Grown, Slowed
from tests.benchmarks.soak.trend import Estimate, Judgement

KEPT, BROKEN, UNDECIDED = 0, 1, 3
SHOWN = 10


@dataclass(frozen=True)
class Report:
    """All that was found."""

    plan: dict[str, Any]
    seconds: float
    settled_s: float | None
    findings: dict[str, list[str]]
    counts: dict[str, int]
    errors: list[Any]
    grown: list[Grown]
    slowed: list[Slowed]
    replaced: list[str]
    busy: judging.Busy
    bytes_per_job: float

    @property
    def is_complete(self) -> bool:
        """Nothing was lost, doubled, refused or left open."""
        return (
            not any(self.findings.values())
            and not self.errors
            and self.settled_s is not None
        )

    @property
    def judgements(self) -> list[Judgement]:
        return [
            *(each.judgement for each in self.grown),
            *(
                each.judgement
                for each in self.slowed
                if each.kind not in NOT_OF_THE_SERVICE
            ),
        ]

    @property
    def exit_code(self) -> int:
        if not self.is_complete or Judgement.GROWS in self.judgements:
            return BROKEN
        return UNDECIDED if Judgement.UNDECIDED in self.judgements else KEPT


def make_report(folder: Path) -> Report:
    """Judge the run of which this folder tells; write `report.md` and `report.json`."""
    samples, latencies, errors = judging.read_run(folder)
    told = json.loads((folder / "findings.json").read_text())
    seconds = samples[-1]["at_s"] - samples[0]["at_s"]
    report = Report(
        plan=json.loads((folder / "plan.json").read_text()),
        seconds=seconds,
        settled_s=told["settled_s"],
        findings=told["findings"],
        counts=told["counts"],
        errors=errors,
        grown=list(judging.grown(samples)),
        slowed=list(judging.slowed(latencies, seconds)),
        replaced=judging.replaced(samples),
        busy=judging.busy(samples),
        bytes_per_job=judging.database_bytes_per_job(samples),
    )
    as_json = {**asdict(report), "exit_code": report.exit_code}
    (folder / "report.json").write_text(json.dumps(as_json, indent=1))
    (folder / "report.md").write_text("\n".join(_lines(report)) + "\n")
    return report


def _lines(report: Report) -> Iterator[str]:
    plan, busy = report.plan, report.busy
    yield f"# Soak: {report.seconds / 60:.0f} minutes on {plan['database']}"
    yield ""
    yield (
        f"{plan['jobs_per_second']:g} jobs, {plan['reads_per_second']:g} reads and "
        f"{plan['streams_per_second']:g} passing sockets a second, "
        f"{plan['worker_processes']} solver processes, seed {plan['seed']}. Cores in "
        f"use: service {busy.service:.2f}, callers {busy.driver:.2f}, other work "
        f"{busy.others:.2f}. A fixed piece of work took "
        f"{busy.probe_ratio:.2f} times as long in the last third as in the first."
    )
    yield from ("", "## Promises", "")
    yield from _table(("", "found", "wanted"), _promises(report))
    for name, found in (*report.findings.items(), ("errors", report.errors)):
        yield from (f"- {name}: {each}" for each in found[:SHOWN])
    counted = ", ".join(f"{name} {count}" for name, count in report.counts.items())
    settled = "never" if report.settled_s is None else f"in {report.settled_s:.1f} s"
    yield from ("", f"{counted}. All had ended and been told {settled}.")
    yield from ("", "## Memory, files and threads: the second half", "")
    heads = ("process", "", "at half time", "at the end", "an hour (95 %)", "")
    yield from _table(heads, (_grown(each) for each in report.grown))
    yield ""
    yield (
        f"Flat: at most {judging.THRESHOLDS['rss_mib']:g} MiB (RSS), "
        f"{judging.THRESHOLDS['files']:g} files and "
        f"{judging.THRESHOLDS['threads']:g} threads an hour. Replaced processes: "
        f"{', '.join(report.replaced) or 'none'}. The database grew by "
        f"{report.bytes_per_job / 1024:.1f} KiB a job."
    )
    yield from ("", "## Latency, in ms: the last third beside the first", "")
    heads = ("", "count", "p50", "p95", "p99", "compared", "ratio (95 %)", "")
    yield from _table(heads, (_slowed(each) for each in report.slowed))
    yield from ("", f"Flat: a ratio of at most {judging.LATENCY_RATIO:g}.")


def _promises(report: Report) -> Iterator[tuple[str, ...]]:
    for name, found in report.findings.items():
        yield name, str(len(found)), "0"
    yield "answers that nothing excuses", str(len(report.errors)), "0"


def _grown(each: Grown) -> tuple[str, ...]:
    growth = _estimate(each.growth)
    at = (f"{each.at_half:.1f}", f"{each.at_end:.1f}")
    return each.process, each.measure, *at, growth, each.judgement


def _slowed(each: Slowed) -> tuple[str, ...]:
    told = (f"{ms:.1f}" for ms in each.quantiles_ms)
    estimate = _estimate(each.ratio) if each.ratio else "too few"
    is_ours = each.kind in NOT_OF_THE_SERVICE
    judged = "the callers' own" if is_ours else str(each.judgement)
    share = f"p{100 * each.share:g}"
    return each.kind, str(each.count), *told, share, estimate, judged


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
