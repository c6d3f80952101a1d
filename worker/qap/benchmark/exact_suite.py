"""What an exact method proves within a time."""

from dataclasses import dataclass

from worker.qap.benchmark.claim import Line, Options, Verdict
from worker.qap.benchmark.gap_suite import present
from worker.qap.benchmark.plan import PlannedRun, cross
from worker.qap.benchmark.table import Row
from worker.qap.benchmark.text import seconds
from worker.qap.result import Termination


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofClaim:
    """Each of these instances is proven optimal.

    Parameters
    ----------
    label
        The instances in words.
    instances
        Names of the shipped library.
    seconds
        Within this time, at most the suite's; None means that nothing is promised
        and what is proven is only told.
    """

    label: str
    instances: tuple[str, ...]
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactSuite:
    """Proofs of optimality; the runs go on after the best known is found.

    Parameters
    ----------
    summary
        One sentence: what it shows.
    seconds
        The budget of each run.
    claims
        What is wanted.
    methods
        Of whom.
    """

    summary: str
    seconds: float
    claims: tuple[ProofClaim, ...]
    methods: tuple[str, ...] = ("exact",)

    def runs(self, options: Options) -> list[PlannedRun]:
        """Return every instance by every method that is there, with the first seed.

        Parameters
        ----------
        options
            Scale, clock, methods. One seed is enough: a proof does not depend on it.

        Returns
        -------
        list of PlannedRun
            Each ends with a proof or with its budget.
        """
        instances = dict.fromkeys(name for c in self.claims for name in c.instances)
        return cross(
            list(instances),
            present(options.methods or self.methods),
            options.seeds[:1],
            [options.budget(self.seconds)],
            stops_at_target=False,
            bounds=options.bounds,
        )

    def lines(self, rows: list[Row], options: Options) -> list[Line]:
        """Return a line a claim and method.

        Parameters
        ----------
        rows
            Those of `runs`, and perhaps others.
        options
            As for `runs`.

        Returns
        -------
        list of Line
            With the time of each proof.
        """
        asked = {run.key for run in self.runs(options)}
        lines = []
        for claim in self.claims:
            for method in options.methods or self.methods:
                done = {
                    row.instance: row
                    for row in rows
                    if row.method == method and row.key in asked
                }
                lines.append(_line(claim, method, done, options.seconds_scale))
        return lines


def _line(
    claim: ProofClaim, method: str, done: dict[str, Row], seconds_scale: float
) -> Line:
    limit_s = None if claim.seconds is None else claim.seconds * seconds_scale
    promise = "what else it proves" if limit_s is None else f"proven in {limit_s:g} s"
    wanted = f"{method}: {promise}: {claim.label}"
    if not present((method,)):
        return Line(wanted, f"{method} is not in the registry", Verdict.NOT_THERE)
    rows = [done[name] for name in claim.instances if name in done]
    if not rows:
        return Line(wanted, "nothing was run", Verdict.NOT_THERE)
    proven = [row for row in rows if row.termination == Termination.OPTIMAL]
    in_time = [row for row in proven if limit_s is None or row.elapsed_s <= limit_s]
    total = len(claim.instances)
    times = ", ".join(f"{r.instance} {seconds(r.elapsed_s)} s" for r in proven)
    late = [
        f"{row.instance} {row.termination} in [{row.bound}, {row.objective}]"
        for row in rows
        if row not in proven
    ]
    measured = f"{len(in_time)}/{total} in time; {times or 'none'}"
    if late and limit_s is not None:
        measured += f"; not proven: {', '.join(late)}"
    if len(rows) < total:
        measured += f"; {total - len(rows)} not run"
    if limit_s is None:
        return Line(wanted, measured, Verdict.REPORTED)
    is_met = len(in_time) == total
    return Line(wanted, measured, Verdict.MET if is_met else Verdict.MISSED)
