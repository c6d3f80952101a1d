"""Instances by methods by seeds, compared under one budget."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.event import Counts, EventType
from db.contracts.job_kind import Child, Facets, Family, JobKind, JobResult, Queue
from db.contracts.kinds.solve import Limits, Number, Sha256, SolveRequest

MAX_RUNS = 10_000
MAX_EACH = 500
FAN_OUT = 64


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Subject(_Strict):
    """An instance that is solved, and what is known of it."""

    sha256: Sha256
    name: str | None = Field(None, max_length=200)
    """Of the shipped library; null for a stored instance."""
    order: int = Field(ge=2, le=5000)
    best_known: Number | None = None

    @property
    def label(self) -> str:
        """What reports call it."""
        return self.name or self.sha256[:12]


class Contender(_Strict):
    """A method with its parameters."""

    label: str = Field(max_length=100)
    method: str = Field(max_length=64)
    parameters: dict[str, bool | int | float] = Field(default_factory=dict)


class BenchmarkRequest(_Strict):
    """What runs, how often, and how long each time."""

    instances: Annotated[list[Subject], Field(min_length=1, max_length=MAX_EACH)]
    contenders: Annotated[list[Contender], Field(min_length=1, max_length=50)]
    seeds: Annotated[list[int], Field(min_length=1, max_length=MAX_EACH)]
    limits: Limits
    target_gap: float = Field(0.0, ge=0, le=10)
    """A run hits its target at this gap to the best known."""
    fan_out: int = Field(FAN_OUT, ge=1, le=MAX_RUNS)
    deadline_s: float | None = Field(None, gt=0)

    @property
    def runs(self) -> int:
        """How many solves that makes."""
        return len(self.instances) * len(self.contenders) * len(self.seeds)

    def run(self, position: int) -> tuple[Subject, Contender, int]:
        """Return the instance, contender and seed of one child.

        Contenders take turns, so that a machine's mood of the hour meets all alike.
        """
        rest, contender = divmod(position, len(self.contenders))
        seed, instance = divmod(rest, len(self.instances))
        return self.instances[instance], self.contenders[contender], self.seeds[seed]


Curve = list[tuple[float, float]]
"""Steps: from each first value on, the second holds."""


class Summary(_Strict):
    """What some runs of one contender tell."""

    runs: int
    best_gap: float | None
    mean_gap: float | None
    median_gap: float | None
    worst_gap: float | None
    """To the best known, or to the best of this benchmark where none is known. Null
    where infinite: a best known of 0 that was not reached."""
    success_rate: float
    expected_time_s: float | None
    """To the target, with restarts (ERT); null where no run reached it."""
    mean_primal_integral: float
    """Mean gap over the budget, from 0 to 1."""


class Cell(Summary):
    """One contender on one instance."""

    instance: str
    contender: str
    reference: Number
    """The best known objective, or the best of this benchmark."""
    best_objective: Number
    mean_objective: float
    worst_objective: Number
    times_to_target_s: list[float | None]


class Overall(Summary):
    """One contender on all instances."""

    contender: str
    time_to_target: Curve
    """Share of all runs that had reached their target, by seconds (ECDF)."""
    profile: Curve
    """Share of instances solved within a factor of the best (Dolan and Moré)."""


class Comparison(_Strict):
    """Two contenders on the same instances, by Wilcoxon's signed-rank test."""

    first: str
    second: str
    pairs: int
    p_value: float
    adjusted_p_value: float
    """By Holm's correction for having compared every pair."""
    effect: float
    """Rank-biserial, from -1 to 1: negative where the first has the lower gaps."""


class Report(_Strict):
    """All of it, as far as the runs have ended."""

    counts: Counts
    cells: list[Cell]
    contenders: list[Overall]
    comparisons: list[Comparison]

    @classmethod
    def nothing_yet(cls, runs: int) -> Self:
        """Return the report before any run has ended."""
        counts = Counts(total=runs, waiting=runs)
        return cls(counts=counts, cells=[], contenders=[], comparisons=[])


class BenchmarkResult(JobResult, _Strict):
    """The report, once every run has ended."""

    counts: Counts
    elapsed_s: float
    report: Report


def _children(request: BenchmarkRequest, begin: int, end: int) -> list[Child]:
    return [_child(request, n) for n in range(begin, min(end, request.runs))]


def _child(request: BenchmarkRequest, position: int) -> Child:
    instance, contender, seed = request.run(position)
    solve: dict[str, Any] = {
        "instance": instance.sha256,
        "instance_name": instance.name,
        "order": instance.order,
        "method": contender.method,
        "parameters": contender.parameters,
        "seed": seed,
        "limits": request.limits,
        "best_known": instance.best_known,
        # Times are what is measured here.
        "cache": False,
    }
    return Child(position, "solve", SolveRequest(**solve))


BENCHMARK = JobKind(
    name="benchmark",
    summary="Compare methods on instances, seed by seed, under one budget.",
    request=BenchmarkRequest,
    result=BenchmarkResult,
    handler="worker.jobs.benchmark:summarise",
    queue=lambda _: Queue.SCHEDULES,
    facets=lambda request: Facets(deadline_s=request.deadline_s),
    family=Family(
        count=lambda request: request.runs,
        fan_out=lambda request: request.fan_out,
        children=_children,
        report="worker.jobs.benchmark:report",
    ),
    succeeded=EventType.BENCHMARK_COMPLETED,
    example={
        "instances": [{"sha256": "0" * 64, "order": 12, "best_known": 578}],
        "contenders": [
            {"label": "tabu_search", "method": "tabu_search"},
            {"label": "memetic", "method": "memetic"},
        ],
        "seeds": [1, 2, 3],
        "limits": {"time_s": 5},
    },
)
