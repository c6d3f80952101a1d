"""Come to the outcome of one calculation, and say what is certain of it."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from db.contracts.calculations import CALCULATIONS
from db.contracts.job_kind import Facets, JobKind, JobResult, Queue
from db.contracts.kinds.solve import INTERACTIVE_SECONDS, STANDARD_SECONDS, Strict
from db.contracts.notification import EndWish

DEFAULT_SECONDS = 60.0
MAX_SECONDS = 3600.0
MAX_METADATA_CHARACTERS = 4096


def _small(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(metadata)) > MAX_METADATA_CHARACTERS:
        raise ValueError(f"more than {MAX_METADATA_CHARACTERS} characters of JSON")
    return metadata


Metadata = Annotated[dict[str, Any], AfterValidator(_small)]
"""A caller's own words about a calculation; small."""


class CalculateRequest(Strict):
    """What a worker needs to know."""

    calculation: str = Field(min_length=1, max_length=64)
    parameters: dict[str, Any]
    """As the calculation has them; checked where the job is accepted, and again where
    it runs."""
    estimate_s: float = Field(0.0, ge=0)
    """About how long it takes, as told when it was accepted."""
    time_s: float = Field(DEFAULT_SECONDS, gt=0, le=MAX_SECONDS)
    """Seconds after which it stops with what it has."""
    deadline_s: float | None = Field(None, gt=0, le=30 * 86_400)
    """Seconds from acceptance: never started, it expires; running, it stops."""
    cache: bool = True
    """Whether the outcome of equal work will do."""
    notify: bool = False
    """Whether its owner gets a notification of its end."""
    metadata: Metadata | None = None
    """Whatever its caller wants back."""


class CalculateResult(JobResult, Strict):
    """What the calculation came to."""

    calculation: str
    version: str
    outcome: dict[str, Any] | None
    """In the shape of the calculation; null where it was stopped before there was
    any."""
    elapsed_s: float
    """Seconds of calculating."""


def choose_queue(request: CalculateRequest) -> Queue:
    """Return the queue by how long it may take."""
    seconds = min(request.estimate_s, request.time_s)
    if seconds <= INTERACTIVE_SECONDS:
        return Queue.INTERACTIVE
    return Queue.STANDARD if seconds <= STANDARD_SECONDS else Queue.BULK


def checked(name: str, parameters: BaseModel, **options: Any) -> CalculateRequest:
    """Return the request for parameters that are known to be right."""
    return CalculateRequest(
        calculation=name,
        # As JSON has them: what is equal is written alike.
        parameters=parameters.model_dump(mode="json"),
        estimate_s=CALCULATIONS[name].estimate_s(parameters),
        **options,
    )


def _facets(request: CalculateRequest) -> Facets:
    fingerprint = None
    if request.cache:
        calculation = CALCULATIONS[request.calculation]
        fingerprint = calculation.fingerprint(
            {"parameters": request.parameters, "time_s": request.time_s}
        )
    return Facets(
        method=request.calculation,
        deadline_s=request.deadline_s,
        fingerprint=fingerprint,
        notify=EndWish(calculation_type=request.calculation)
        if request.notify
        else None,
    )


def _seeded(request: CalculateRequest, seed: int) -> CalculateRequest:
    if not CALCULATIONS[request.calculation].is_seeded:
        return request
    parameters = {**request.parameters, "seed": seed}
    return request.model_copy(update={"parameters": parameters})


CALCULATE = JobKind(
    name="calculate",
    summary="Come to the outcome of one calculation, and say what is certain of it.",
    request=CalculateRequest,
    result=CalculateResult,
    handler="worker.jobs.calculate:run",
    queue=choose_queue,
    facets=_facets,
    seeded=_seeded,
    shelf=lambda request: request.calculation,
    example={"calculation": "npv", "parameters": {"cash_flows": [100.0, 120.0]}},
)
