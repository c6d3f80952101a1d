"""Suites that want a small gap within a time: by instance, over all seeds."""

from dataclasses import dataclass
from statistics import median
from typing import Literal

from worker.qap.benchmark.claim import Line, Options, Verdict
from worker.qap.benchmark.peers import PEERS
from worker.qap.benchmark.plan import PlannedRun, cross
from worker.qap.benchmark.table import Row
from worker.qap.benchmark.text import per_cent
from worker.qap.methods import METHODS


@dataclass(frozen=True, slots=True, kw_only=True)
class GapClaim:
    """On each of these instances the gap is no larger than this.

    Parameters
    ----------
    label
        The instances in words.
    instances
        Names of the shipped library.
    limit
        A share; 0 means the best known itself.
    statistic
        Whether the median over the seeds counts, or the worst of them.
    """

    label: str
    instances: tuple[str, ...]
    limit: float
    statistic: Literal["median", "worst"] = "median"


@dataclass(frozen=True, slots=True, kw_only=True)
class GapSuite:
    """Gaps to the best known after a fixed time.

    Parameters
    ----------
    summary
        One sentence: what it shows.
    seconds
        The budget of each run.
    claims
        What is wanted.
    methods
        Of whom; each is judged for itself.
    """

    summary: str
    seconds: float
    claims: tuple[GapClaim, ...]
    methods: tuple[str, ...] = ("memetic", "auto")

    def runs(self, options: Options) -> list[PlannedRun]:
        """Return every instance by every method that is there by every seed.

        Parameters
        ----------
        options
            Seeds, scale, clock, methods.

        Returns
        -------
        list of PlannedRun
            Each ends where it reaches the best known.
        """
        instances = dict.fromkeys(name for c in self.claims for name in c.instances)
        return cross(
            list(instances),
            present(options.methods or self.methods),
            options.seeds,
            [options.budget(self.seconds)],
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
            Both median and worst are told; instances beyond the limit by name.
        """
        budget = str(options.budget(self.seconds))
        asked = {run.key for run in self.runs(options)}
        mine = [row for row in rows if row.key in asked]
        lines = []
        for claim in self.claims:
            for method in options.methods or self.methods:
                wanted = (
                    f"{method}, {budget}: {claim.statistic} gap <= "
                    f"{100 * claim.limit:.2f} % on {claim.label}"
                )
                lines.append(_line(wanted, claim, method, _gaps(mine, method)))
        return lines


def present(methods: tuple[str, ...]) -> list[str]:
    """Return those methods that can be run.

    Parameters
    ----------
    methods
        Names that are, or one day will be, in `METHODS` or `PEERS`.

    Returns
    -------
    list of str
        In the same order.
    """
    return [name for name in methods if name in METHODS or name in PEERS]


def _gaps(rows: list[Row], method: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.method == method and row.gap is not None:
            found.setdefault(row.instance, []).append(row.gap)
    return found


def _line(
    wanted: str, claim: GapClaim, method: str, gaps: dict[str, list[float]]
) -> Line:
    if not present((method,)):
        return Line(wanted, f"{method} is not in the registry", Verdict.NOT_THERE)
    done = [name for name in claim.instances if name in gaps]
    if not done:
        return Line(wanted, "nothing was run", Verdict.NOT_THERE)
    medians = {name: median(gaps[name]) for name in done}
    worst = {name: max(gaps[name]) for name in done}
    deciding = medians if claim.statistic == "median" else worst
    beyond = [name for name in done if deciding[name] > claim.limit]
    total = len(claim.instances)
    measured = ", ".join(
        f"{word} {sum(gap <= claim.limit for gap in values.values())}/{total}"
        for word, values in (("median", medians), ("worst", worst))
    )
    if len(done) < total:
        measured += f"; {total - len(done)} not run"
    shown = beyond or (done if total <= 4 else [])
    if shown:
        measured += "; " + ", ".join(
            f"{name} {per_cent(medians[name])} % (worst {per_cent(worst[name])} %)"
            for name in shown
        )
    is_met = not beyond and len(done) == total
    return Line(wanted, measured, Verdict.MET if is_met else Verdict.MISSED)
