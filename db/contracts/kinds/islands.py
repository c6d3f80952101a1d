"""One solve by several children, who share what they find."""

import hashlib

from pydantic import Field, model_validator

from db.contracts.event import Counts
from db.contracts.job_kind import Child, Facets, Family, JobKind, JobResult, Queue
from db.contracts.job_state import JobState
from db.contracts.kinds.solve import Number, SolveRequest, SolveResult, Strict
from db.contracts.termination import Termination

PORTFOLIO = "portfolio"
"""What callers name as the method where several are to race."""
PORTFOLIO_METHODS = ("memetic", "breakout", "iterated_tabu", "simulated_annealing")
"""Those that race where the caller names none: strong, and unlike each other."""
MAX_ISLANDS = 64


class IslandsRequest(Strict):
    """What is solved, and by how many."""

    islands: int = Field(ge=2, le=MAX_ISLANDS)
    solve: SolveRequest
    """What each of them does, but for its seed and, of a portfolio, its method."""
    portfolio: tuple[str, ...] = ()
    """Methods that islands take in turn; without any, all take that of `solve`."""

    @model_validator(mode="after")
    def _each_method_has_an_island(self) -> "IslandsRequest":
        if len(self.portfolio) > self.islands:
            raise ValueError("more methods than islands")
        return self

    def island(self, number: int) -> SolveRequest:
        """Return what one of them does."""
        method = self.solve.method
        if self.portfolio:
            method = self.portfolio[number % len(self.portfolio)]
        seed = seed_of(self.solve.seed, number)
        told = {"method": method, "seed": seed, "island": number}
        # What an island finds depends on when it hears of the others.
        return self.solve.model_copy(update={**told, "cache": False})


def seed_of(seed: int, island: int) -> int:
    """Return an island's seed; the first has that of the whole."""
    if island == 0:
        return seed
    digest = hashlib.sha256(f"{seed}/{island}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


class Island(Strict):
    """What became of one of them."""

    island: int
    job: str
    method: str
    seed: int
    state: JobState
    objective: Number | None = None
    """Of what it held at its end, whoever had found that."""
    bound: Number | None = None
    termination: Termination | None = None
    iterations: int | None = None
    elapsed_s: float | None = None


class IslandsResult(SolveResult):
    """The best of all islands; `island` is the one that found it.

    ``bound`` is the greatest that any has proven, ``iterations`` are those of all
    together, and ``elapsed_s`` counts from the first one's start.
    """

    solving_s: float
    """Seconds of solving, summed over the islands."""
    islands: list[Island]
    counts: Counts


def ends_race(result: JobResult) -> bool:
    """Return whether this end of an island is the end of all.

    One that has stalled, or has nothing left to try, leaves it to the others.
    """
    return result.termination is not Termination.STALLED


def _children(request: IslandsRequest, begin: int, end: int) -> list[Child]:
    numbers = range(begin, min(end, request.islands))
    return [Child(number, "solve", request.island(number)) for number in numbers]


def _facets(request: IslandsRequest) -> Facets:
    solve = request.solve
    return Facets(
        method=solve.method,
        instance_sha256=solve.instance,
        order=solve.order,
        deadline_s=solve.limits.deadline_s,
    )


def _seeded(request: IslandsRequest, seed: int) -> IslandsRequest:
    solve = request.solve.model_copy(update={"seed": seed})
    return request.model_copy(update={"solve": solve})


ISLANDS = JobKind(
    name="islands",
    summary="Solve one instance by several searches that share what they find.",
    request=IslandsRequest,
    result=IslandsResult,
    handler="worker.jobs.islands:summarise",
    queue=lambda _: Queue.SCHEDULES,
    facets=_facets,
    seeded=_seeded,
    family=Family(
        count=lambda request: request.islands,
        fan_out=lambda request: request.islands,
        children=_children,
        ends_race=ends_race,
        cooperates=True,
    ),
    example={
        "islands": 4,
        "portfolio": ["memetic", "breakout"],
        "solve": {
            "instance": "0" * 64,
            "order": 12,
            "method": "portfolio",
            "limits": {"time_s": 5},
        },
    },
)
