"""Many solves under one job."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.errors import InputProblem
from db.contracts.event import Counts, EventType
from db.contracts.job_kind import Child, Facets, Family, JobKind, JobResult, Queue
from db.contracts.kinds.solve import SolveRequest

MAX_ITEMS = 10_000
FAN_OUT = 64
"""How many children are open at once, unless the caller wants fewer."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Strict):
    """One solve and its place among those that were sent."""

    index: int = Field(ge=0, lt=MAX_ITEMS)
    request: SolveRequest


class Rejected(_Strict):
    """One item that was left out, and why."""

    index: int
    problems: list[InputProblem]


class BatchRequest(_Strict):
    """What the children are made of."""

    items: Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)]
    rejected: list[Rejected] = Field(default_factory=list)
    fan_out: int = Field(FAN_OUT, ge=1, le=MAX_ITEMS)
    """1 runs them in order."""
    deadline_s: float | None = Field(None, gt=0)


class BatchResult(JobResult, _Strict):
    """What became of the children; each one's result is its own job's."""

    counts: Counts
    rejected: int
    """Items that were left out because they were not valid."""
    elapsed_s: float
    """Seconds from the first child's start to the last one's end."""
    solving_s: float
    """Seconds of solving, summed over the children."""
    cached: int
    """Children that were answered from equal work done before."""


def _children(request: BatchRequest, begin: int, end: int) -> list[Child]:
    chosen = request.items[begin:end]
    return [Child(item.index, "solve", item.request) for item in chosen]


BATCH = JobKind(
    name="batch",
    summary="Solve many instances under one job.",
    request=BatchRequest,
    result=BatchResult,
    handler="worker.jobs.batch:summarise",
    queue=lambda _: Queue.SCHEDULES,
    facets=lambda request: Facets(deadline_s=request.deadline_s),
    family=Family(
        count=lambda request: len(request.items),
        fan_out=lambda request: request.fan_out,
        children=_children,
    ),
    succeeded=EventType.BATCH_COMPLETED,
    example={
        "items": [
            {"index": 0, "request": {"instance": "0" * 64, "order": 12}},
            {"index": 1, "request": {"instance": "1" * 64, "order": 20}},
        ]
    },
)
