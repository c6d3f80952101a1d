"""Put the runs of a benchmark together: live while it runs, and at its end."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from db.contracts.kinds.benchmark import (
    BenchmarkRequest,
    BenchmarkResult,
    Cell,
    Comparison,
    Curve,
    Overall,
    Report,
    Subject,
    Summary,
)
from db.contracts.kinds.solve import Number, SolveResult
from worker.family import FamilyContext
from worker.qap import gap_to_best_known
from worker.qap.benchmark.comparison import compare_pairs
from worker.qap.benchmark.measures import (
    expected_running_time,
    performance_profile,
    primal_integral,
    run_time_distribution,
    summarise_gaps,
)

RATIOS = tuple(round(1.25**k, 6) for k in range(32))
"""Up to about 1,000 times the best."""


def summarise(request: BenchmarkRequest, family: FamilyContext) -> BenchmarkResult:
    """Return the report on all runs, once no run can change any more."""
    found = report(request, family)
    return BenchmarkResult(
        counts=found.counts,
        elapsed_s=family.elapsed_s,
        report=found,
        termination=family.why_ended,
    )


def report(request: BenchmarkRequest, family: FamilyContext) -> Report:
    """Return what the runs that have ended by now show."""
    runs = _runs(request, family)
    groups = _group(request, runs)
    return Report(
        counts=family.counts,
        cells=[_cell(*place, group) for place, group in groups.items()],
        contenders=_overall(request, groups),
        comparisons=_compare(request, groups),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """One solve that came to a result."""

    instance: str
    contender: str
    objective: Number
    reference: Number
    gap: float
    time_to_target_s: float | None
    elapsed_s: float
    mean_gap: float
    """Of the incumbents over the budget, from 0 to 1."""


_Groups = dict[tuple[str, str], list[_Run]]


def _runs(request: BenchmarkRequest, family: FamilyContext) -> list[_Run]:
    found: list[tuple[Subject, str, SolveResult]] = []
    for child in family.ended_children():
        if child.result is None:
            continue
        subject, contender, _ = request.run(child.position)
        result = SolveResult.model_validate_json(child.result)
        found.append((subject, contender.label, result))
    least: dict[str, Number] = {}
    longest: dict[str, float] = {}
    for subject, _, result in found:
        key = subject.sha256
        least[key] = min(least.get(key, result.objective), result.objective)
        longest[key] = max(longest.get(key, 0.0), result.elapsed_s)
    runs = []
    for subject, label, result in found:
        known = subject.best_known
        reference = least[subject.sha256] if known is None else known
        budget_s = request.limits.time_s or longest[subject.sha256]
        runs.append(_run(request, subject, label, result, reference, budget_s))
    return runs


def _run(
    request: BenchmarkRequest,
    subject: Subject,
    contender: str,
    result: SolveResult,
    reference: Number,
    budget_s: float,
) -> _Run:
    return _Run(
        instance=subject.label,
        contender=contender,
        objective=result.objective,
        reference=reference,
        gap=gap_to_best_known(result.objective, reference),
        time_to_target_s=next(
            (
                time_s
                for time_s, objective in result.improvements
                if gap_to_best_known(objective, reference) <= request.target_gap
            ),
            None,
        ),
        elapsed_s=result.elapsed_s,
        mean_gap=primal_integral(result.improvements, reference, until_s=budget_s)
        / budget_s
        if budget_s
        else 0.0,
    )


def _group(request: BenchmarkRequest, runs: Iterable[_Run]) -> _Groups:
    groups: _Groups = {
        (subject.label, contender.label): []
        for subject in request.instances
        for contender in request.contenders
    }
    for run in runs:
        groups[run.instance, run.contender].append(run)
    return {place: group for place, group in groups.items() if group}


def _summary(runs: Sequence[_Run]) -> Summary:
    gaps = summarise_gaps([run.gap for run in runs])
    times = [run.time_to_target_s for run in runs]
    expected = expected_running_time([run.elapsed_s for run in runs], times)
    return Summary(
        runs=len(runs),
        best_gap=_finite(gaps.best),
        mean_gap=_finite(gaps.mean),
        median_gap=_finite(gaps.median),
        worst_gap=_finite(gaps.worst),
        success_rate=sum(time_s is not None for time_s in times) / len(runs),
        expected_time_s=_finite(expected),
        mean_primal_integral=fmean(run.mean_gap for run in runs),
    )


def _cell(instance: str, contender: str, runs: Sequence[_Run]) -> Cell:
    objectives = [run.objective for run in runs]
    return Cell(
        instance=instance,
        contender=contender,
        reference=runs[0].reference,
        best_objective=min(objectives),
        mean_objective=fmean(objectives),
        worst_objective=max(objectives),
        times_to_target_s=[run.time_to_target_s for run in runs],
        **_summary(runs).model_dump(),
    )


def _overall(request: BenchmarkRequest, groups: _Groups) -> list[Overall]:
    profiles = _profiles(request, groups)
    found = []
    for contender in (each.label for each in request.contenders):
        runs = [
            run for (_, label), g in groups.items() if label == contender for run in g
        ]
        if not runs:
            continue
        times, shares = run_time_distribution([run.time_to_target_s for run in runs])
        found.append(
            Overall(
                contender=contender,
                time_to_target=list(zip(times.tolist(), shares.tolist(), strict=True)),
                profile=profiles.get(contender, []),
                **_summary(runs).model_dump(),
            )
        )
    return found


def _whole(
    request: BenchmarkRequest, groups: _Groups
) -> tuple[list[str], list[list[list[_Run]]]]:
    """Return contenders, and the runs of each on every instance that all have run."""
    labels = [each.label for each in request.contenders]
    rows = [
        [groups[subject.label, label] for label in labels]
        for subject in request.instances
        if all((subject.label, label) in groups for label in labels)
    ]
    return labels, rows


def _profiles(request: BenchmarkRequest, groups: _Groups) -> dict[str, Curve]:
    labels, rows = _whole(request, groups)
    if not rows:
        return {}
    times = np.array([[_expected_s(runs) for runs in row] for row in rows])
    shares = performance_profile(times, RATIOS)
    return {
        label: list(zip(RATIOS, share.tolist(), strict=True))
        for label, share in zip(labels, shares, strict=True)
    }


def _expected_s(runs: Sequence[_Run]) -> float:
    expected = expected_running_time(
        [run.elapsed_s for run in runs], [run.time_to_target_s for run in runs]
    )
    # A start that is the target already takes no time at all, and ratios need some.
    return max(expected, 1e-6)


def _compare(request: BenchmarkRequest, groups: _Groups) -> list[Comparison]:
    labels, rows = _whole(request, groups)
    if len(labels) < 2 or not rows:
        return []
    medians = [
        [summarise_gaps([r.gap for r in runs]).median for runs in row] for row in rows
    ]
    return [
        Comparison(
            first=labels[pair.first],
            second=labels[pair.second],
            pairs=pair.test.pairs,
            p_value=pair.test.p_value,
            adjusted_p_value=pair.adjusted_p_value,
            effect=pair.test.effect,
        )
        for pair in compare_pairs(medians)
    ]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
