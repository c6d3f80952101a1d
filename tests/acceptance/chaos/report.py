"""A run as a table: what was done to the service, and what it did."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from typing_extensions import override

from tests.acceptance.chaos.audit import CHECKS, untold
from tests.acceptance.chaos.client import Callers
from tests.acceptance.chaos.facts import Facts
from tests.acceptance.chaos.injector import Struck
from tests.acceptance.chaos.plan import ChaosPlan
from tests.acceptance.chaos.repeated import repeated_seconds, solved_seconds
from tests.acceptance.chaos.site import Site

SHOWN = 5


@dataclass(frozen=True)
class Row:
    """One measure."""

    name: str
    value: str
    wanted: str = ""
    findings: tuple[str, ...] = ()
    is_kept: bool = True


@dataclass(frozen=True)
class Report:
    """The rows, and the sentences behind those that are not kept."""

    title: str
    rows: tuple[Row, ...]

    @property
    def is_kept(self) -> bool:
        return all(row.is_kept for row in self.rows)

    @override
    def __str__(self) -> str:
        width = max(len(row.name) for row in self.rows)
        lines = [self.title]
        for row in self.rows:
            mark = " " if row.is_kept else "✗"
            wanted = f"   wanted {row.wanted}" if row.wanted else ""
            lines.append(f"{mark} {row.name:<{width}}  {row.value}{wanted}")
        for row in self.rows:
            if not row.is_kept or row.findings:
                lines += [f"  {row.name}: {each}" for each in row.findings[:SHOWN]]
        return "\n".join(lines)


def report(
    title: str,
    plan: ChaosPlan,
    *,
    site: Site,
    facts: Facts,
    struck: list[Struck],
    callers: Callers,
    settled_seconds: float,
    has_keys: bool,
) -> Report:
    """Judge a run that has settled, or whose time to settle is over."""
    repeated = sum(repeated_seconds(job, site.hits) for job in facts.jobs.values())
    solved = sum(solved_seconds(job) for job in facts.jobs.values())
    share = repeated / max(repeated + solved, 1e-9)
    rows = [
        *load_rows(facts, [callers], jobs=plan.jobs),
        Row("faults", str(len(struck))),
        *_faults(struck),
        *promise_rows(facts, [callers], has_keys=has_keys),
        Row(
            "parts that ended by themselves",
            str(len(site.deaths)),
            findings=tuple(f"{death.part}: {death.log_tail}" for death in site.deaths),
        ),
        settled_row(settled_seconds, plan.settle_seconds),
        Row(
            "repeated work",
            f"{share:.1%} ({repeated:.1f} s of {repeated + solved:.1f} s)",
            f"<= {plan.max_repeated_share:.0%}",
            (),
            share <= plan.max_repeated_share,
        ),
    ]
    return Report(title, tuple(rows))


def load_rows(facts: Facts, callers: Sequence[Callers], *, jobs: int) -> list[Row]:
    """Tell of the load, and want so many jobs."""
    accepted = facts.promises.accepted
    hooks = [heard for each in facts.heard.values() for heard in each]
    seen = [each for caller in callers for each in caller.saw.elements()]
    return [
        Row("jobs accepted", _jobs(facts), f">= {jobs}", is_kept=len(accepted) >= jobs),
        Row("how they ended", _counts(job.state for job in facts.jobs.values())),
        Row("attempts", _attempts(facts)),
        Row(
            "webhook requests, ids",
            f"{len(hooks)}, {len({h.webhook_id for h in hooks})}",
        ),
        Row("clients saw", _counts(seen)),
    ]


def promise_rows(
    facts: Facts, callers: Sequence[Callers], *, has_keys: bool = True
) -> list[Row]:
    """Tell whether each promise was kept."""
    refused = [each for caller in callers for each in caller.refused]
    return [
        _zero("answers no fault excuses", refused),
        *(_zero(name, list(check(facts))) for name, check in CHECKS.items()),
        _untold(facts, has_keys=has_keys),
    ]


def settled_row(seconds: float, wanted: float) -> Row:
    return Row(
        "all complete after the last fault",
        f"{seconds:.1f} s",
        f"<= {wanted:.0f} s",
        is_kept=seconds <= wanted,
    )


def _zero(name: str, findings: list[str]) -> Row:
    return Row(name, str(len(findings)), "0", tuple(findings), not findings)


def _untold(facts: Facts, *, has_keys: bool) -> Row:
    found = list(untold(facts))
    if has_keys:
        return _zero("jobs no client was told of", found)
    # Sent again after an answer that got lost: nothing else could happen.
    return Row("jobs no client was told of", f"{len(found)}, without idempotency keys")


def _faults(struck: list[Struck]) -> list[Row]:
    counts = Counter(each.name for each in struck)
    return [Row(f"  {name}", str(counts[name])) for name in sorted(counts)]


def _jobs(facts: Facts) -> str:
    accepted = facts.promises.accepted.values()
    return f"{len(accepted)} ({_counts(each.kind for each in accepted)})"


def _attempts(facts: Facts) -> str:
    tries = [each for job in facts.jobs.values() for each in job.attempts]
    return f"{len(tries)} ({_counts(each.outcome or 'open' for each in tries)})"


def _counts(names: Iterable[str]) -> str:
    counted = Counter(names).most_common()
    return ", ".join(f"{name} {count}" for name, count in counted) or "none"
