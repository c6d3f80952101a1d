"""The methods that other programs ask for by name: better than chance, and distinct."""

from dataclasses import dataclass
from itertools import combinations

from worker.qap.benchmark.claim import Line, Options, Verdict
from worker.qap.benchmark.gap_suite import present
from worker.qap.benchmark.plan import Budget, PlannedRun, cross
from worker.qap.benchmark.table import Row
from worker.qap.benchmark.text import per_cent, seconds

_CHANCE = "random:permutations"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSuite:
    """Each method beside the best of many random permutations.

    Parameters
    ----------
    summary
        One sentence: what it shows.
    instance
        A name of the shipped library.
    seconds
        The budget of each run of ours.
    permutations
        How many random ones.
    methods
        Ours.
    """

    summary: str
    instance: str
    seconds: float
    permutations: int
    methods: tuple[str, ...]

    def runs(self, options: Options) -> list[PlannedRun]:
        """Return the methods that are there, and the random permutations.

        Parameters
        ----------
        options
            Seeds, scale, clock, methods.

        Returns
        -------
        list of PlannedRun
            None ends at the best known: what is compared is the whole course.
        """
        names, seeds = [self.instance], options.seeds
        ours = present(options.methods or self.methods)
        budget = [options.budget(self.seconds)]
        chance = [Budget(iterations=self.permutations, clock=options.clock)]
        return [
            *cross(names, [_CHANCE], seeds, chance, stops_at_target=False),
            *cross(
                names,
                ours,
                seeds,
                budget,
                stops_at_target=False,
                bounds=options.bounds,
            ),
        ]

    def lines(self, rows: list[Row], options: Options) -> list[Line]:
        """Return a line a method, and one about their courses.

        Parameters
        ----------
        rows
            Those of `runs`, and perhaps others.
        options
            As for `runs`.

        Returns
        -------
        list of Line
            A method must beat the luckiest of all seeds with its own worst.
        """
        keys = {run.key for run in self.runs(options)}
        mine = [r for r in rows if r.key in keys and r.objective is not None]
        chance = [row for row in mine if row.method == _CHANCE]
        lines = []
        methods = options.methods or self.methods
        for method in methods:
            wanted = (
                f"{method}, {self.seconds * options.seconds_scale:g} s: below the best "
                f"of {self.permutations} random permutations on {self.instance}"
            )
            ours = [row for row in mine if row.method == method]
            lines.append(_beside_chance(wanted, method, ours, chance))
        courses = {m: _courses(mine, m) for m in methods if m in present(methods)}
        lines.append(_distinct({m: c for m, c in courses.items() if c}))
        return lines


def _beside_chance(
    wanted: str, method: str, rows: list[Row], chance: list[Row]
) -> Line:
    if not present((method,)):
        return Line(wanted, f"{method} is not in the registry", Verdict.NOT_THERE)
    values, lucky = (
        [row.objective for row in side if row.objective is not None]
        for side in (rows, chance)
    )
    if not values or not lucky:
        return Line(wanted, "nothing was run", Verdict.NOT_THERE)
    worst, luckiest = max(values), min(lucky)
    integral = sum(row.primal_integral or 0.0 for row in rows) / len(rows)
    measured = (
        f"worst {worst} beside {luckiest}: {per_cent((luckiest - worst) / luckiest)} % "
        f"below; primal integral {seconds(integral)} s"
    )
    is_met = worst < luckiest
    return Line(wanted, measured, Verdict.MET if is_met else Verdict.MISSED)


def _courses(rows: list[Row], method: str) -> list[tuple[int | float, ...]]:
    mine = sorted((r for r in rows if r.method == method), key=lambda row: row.seed)
    # Without the times: those differ from run to run of one and the same method.
    return [tuple(value for _, value in row.trajectory) for row in mine]


def _distinct(courses: dict[str, list[tuple[int | float, ...]]]) -> Line:
    wanted = "with one seed no two methods pass through the same incumbents"
    if len(courses) < 2:
        return Line(wanted, f"{len(courses)} of the methods run", Verdict.NOT_THERE)
    alike = [
        f"{first} = {second}"
        for first, second in combinations(courses, 2)
        if any(a == b for a, b in zip(courses[first], courses[second], strict=False))
    ]
    pairs = len(courses) * (len(courses) - 1) // 2
    measured = f"{pairs - len(alike)} of {pairs} pairs differ"
    if alike:
        measured += f"; {', '.join(alike)}"
    return Line(wanted, measured, Verdict.MISSED if alike else Verdict.MET)
