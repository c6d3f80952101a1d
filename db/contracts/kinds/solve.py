"""Find a permutation of small objective for one instance."""

import hashlib
import json
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from db.contracts.catalogue import catalogue
from db.contracts.job_kind import Facets, JobKind, JobResult, Queue
from db.contracts.reproduction import Expected, Reproduction
from db.contracts.termination import Termination

INTERACTIVE_SECONDS = 10.0
STANDARD_SECONDS = 600.0
MAX_ITERATIONS = 2**53
DEFAULT_SECONDS = 60.0

Number = int | float
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""SHA-256 of an instance's canonical bytes, in hex."""


class Strict(BaseModel):
    """Refuses fields that there are not."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Limits(Strict):
    """When to stop; whichever comes first. Without any, 60 s."""

    time_s: float | None = Field(None, gt=0, le=86_400)
    """Seconds of solving, over all attempts."""
    iterations: int | None = Field(None, ge=1, le=MAX_ITERATIONS)
    target_objective: Number | None = Field(None, ge=-(2**63), le=2**63)
    """Stop at an objective this small."""
    gap: float | None = Field(None, ge=0, le=1)
    """Stop at this gap_to_bound."""
    stall_s: float | None = Field(None, gt=0, le=86_400)
    """Stop after so many seconds without a better incumbent."""
    deadline_s: float | None = Field(None, gt=0, le=30 * 86_400)
    """Seconds from acceptance: never started, it expires; running, it stops."""

    @model_validator(mode="before")
    @classmethod
    def _always_end(cls, value: Any) -> Any:
        ends = ("time_s", "iterations", "stall_s", "deadline_s")
        if isinstance(value, dict) and all(value.get(name) is None for name in ends):
            return {**value, "time_s": DEFAULT_SECONDS}
        return value


class SolveRequest(Strict):
    """What a worker needs to know; the matrices are found by hash."""

    instance: Sha256
    instance_name: str | None = Field(None, max_length=200)
    order: int = Field(ge=2, le=5000)
    method: str = Field("auto", max_length=64)
    parameters: dict[str, bool | int | float] = Field(default_factory=dict)
    seed: int = Field(0, ge=0, lt=2**63)
    limits: Limits = Field(default_factory=lambda: Limits())
    best_known: Number | None = None
    start: list[int] | None = None
    """Where the search starts; the method's own start without it."""
    cache: bool = True
    """Whether the result of equal work will do."""
    expected: Expected | None = None
    """Of a job that repeats another: what it has to come to."""
    island: int | None = Field(None, ge=0)
    """Its number among the islands that share what they find, where it is one."""


class Certificate(Strict):
    """What anyone needs to check a result without trusting the solver."""

    instance: Sha256
    permutation: list[int]
    """``permutation[i]`` is the location of facility ``i``, from 0."""
    objective: Number
    """Recomputed from the instance by an evaluator that shares no solver code."""
    exact: bool
    """Whether the objective is exact integer arithmetic, or rounded floats."""
    bound: Number | None
    bound_name: str | None
    method: str
    method_version: str
    seed: int
    digest: Sha256 | None = None
    """Of all other fields: it shows that none was edited. Not a signature: whoever
    edits a field can make another."""

    def sealed(self) -> Self:
        """Return the certificate with its digest."""
        return self.model_copy(update={"digest": self.seal()})

    def seal(self) -> str:
        """Return what the digest must be: SHA-256 of sorted, compact JSON, in hex."""
        fields = {
            # 12.0 is 12: programs in other languages write one for the other.
            name: int(value)
            if isinstance(value, float) and value.is_integer()
            else value
            for name, value in self.model_dump(exclude={"digest"}).items()
        }
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class SolveResult(JobResult, Strict):
    """The best permutation found, what is proven of it, and why the run ended."""

    objective: Number
    permutation: list[int]
    bound: Number | None = None
    bound_name: str | None = None
    best_known: Number | None = None
    gap_to_bound: float | None = None
    gap_to_best_known: float | None = None
    termination: Termination
    iterations: int
    elapsed_s: float
    """Seconds of solving, over all attempts."""
    method: str
    method_version: str
    seed: int
    island: int | None = None
    """The island that found the permutation, where several share what they find."""
    improvements: list[tuple[float, Number]] = Field(default_factory=list)
    """When incumbents were found, in seconds of solving, and their objectives; where
    they are many, some in between are left out."""
    course_sha256: Sha256 | None = None
    """Of all incumbents by iteration; null where an attempt was lost on the way."""
    reproduction: Reproduction | None = None
    """Of a job that repeats another: whether it came to the same."""
    certificate: Certificate


def choose_queue(request: SolveRequest) -> Queue:
    """Return the queue by how long the solve may take."""
    seconds = request.limits.time_s
    if seconds is None or seconds > STANDARD_SECONDS:
        return Queue.BULK if request.limits.iterations is None else Queue.STANDARD
    return Queue.INTERACTIVE if seconds <= INTERACTIVE_SECONDS else Queue.STANDARD


def fingerprint(request: SolveRequest) -> str | None:
    """Return what is equal for jobs whose results must be equal: SHA-256, in hex.

    A deadline is no part of the work, and the version of the method is.
    """
    if not request.cache:
        return None
    method = catalogue().methods.get(request.method)
    limits = request.limits.model_dump(exclude={"deadline_s"}, exclude_none=True)
    work = {
        "instance": request.instance,
        "method": request.method,
        "version": None if method is None else method.version,
        "parameters": request.parameters,
        "seed": request.seed,
        "limits": limits,
        "start": request.start,
    }
    text = json.dumps(work, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _facets(request: SolveRequest) -> Facets:
    return Facets(
        method=request.method,
        instance_sha256=request.instance,
        order=request.order,
        deadline_s=request.limits.deadline_s,
        fingerprint=fingerprint(request),
    )


SOLVE = JobKind(
    name="solve",
    summary="Find a permutation of small objective for one QAP instance.",
    request=SolveRequest,
    result=SolveResult,
    handler="worker.jobs.solve:run",
    queue=choose_queue,
    facets=_facets,
    seeded=lambda request, seed: request.model_copy(update={"seed": seed}),
    example={"instance": "0" * 64, "order": 12, "limits": {"time_s": 5}},
)
