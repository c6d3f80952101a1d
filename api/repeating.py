"""Jobs that repeat another: with a new seed, or so that the same must come out."""

import secrets

from api.instances import FoundInstance, find_instance
from api.schemas.action import ReproduceInput, RerunInput
from api.schemas.instance import InstanceInput
from api.solving import check_parameters, check_start, choose_method
from api.state import ApiState
from api.submit import Proposal
from api.webhooks import choose_webhook
from db.contracts.caller import Caller
from db.contracts.catalogue import catalogue
from db.contracts.errors import (
    JobNotFinishedError,
    NotReproducibleError,
    ServiceError,
)
from db.contracts.event import timestamp
from db.contracts.job_kind import Origin
from db.contracts.job_state import JobState
from db.contracts.kinds.calculate import CALCULATE
from db.contracts.kinds.solve import SOLVE, Limits, SolveRequest, SolveResult
from db.contracts.reproduction import Expected, permutation_sha256
from db.models import Job
from db.repositories import jobs

SEEDS = 2**53
"""Of drawn seeds: every program reads one as it was written."""


def resolve_rerun(
    state: ApiState, job_id: str, changes: RerunInput, *, caller: Caller
) -> Proposal:
    """Return the same wish with a new seed, and whatever else is to be changed."""
    job = _load(state, job_id)
    refusal = why_not_rerun(job)
    if refusal is not None:
        raise refusal
    before = SolveRequest.model_validate_json(job.request)
    instance = _instance(state, before)
    is_other = changes.method not in (None, before.method)
    method = choose_method(changes.method or before.method, instance)
    parameters = changes.parameters
    if parameters is None:
        parameters = {} if is_other else before.parameters
    start = before.start
    if "start" in changes.model_fields_set:
        start = check_start(changes.start, instance, state.backplane, caller)
    seed = secrets.randbelow(SEEDS) if changes.seed is None else changes.seed
    request = before.model_copy(
        update={
            "method": method.name,
            "parameters": check_parameters(parameters, method),
            "seed": seed,
            "limits": changes.limits or before.limits,
            "start": start,
            "cache": before.cache if changes.cache is None else changes.cache,
            "best_known": instance.best_known,
            "expected": None,
        }
    )
    return _proposal(state, request, changes, Origin.RERUN, job)


def resolve_reproduction(
    state: ApiState, job_id: str, changes: ReproduceInput
) -> Proposal:
    """Return the same run over the same iterations, and what it has to come to.

    Raises NotReproducibleError where nothing could show that it did.
    """
    job = _load(state, job_id)
    refusal = why_not_reproduce(job)
    if refusal is not None:
        raise refusal
    assert job.result is not None
    result = SolveResult.model_validate_json(job.result)
    request = SolveRequest.model_validate_json(job.request).model_copy(
        update={
            "limits": Limits(iterations=max(1, result.iterations)),
            "cache": False,
            "expected": Expected(
                job=job_id,
                objective=result.objective,
                counted=_counted(result),
                iterations=result.iterations,
                permutation_sha256=permutation_sha256(result.permutation),
                course_sha256=result.course_sha256,
            ),
        }
    )
    return _proposal(state, request, changes, Origin.REPRODUCE, job)


def why_not_rerun(job: Job) -> ServiceError | None:
    """Return why the job cannot be sent again as it was, if it cannot."""
    if not JobState(job.state).is_final:
        return JobNotFinishedError(f"the job is {job.state}")
    if job.kind == CALCULATE.name:
        return _calculated()
    if job.kind != SOLVE.name:
        return NotReproducibleError(
            f"a {job.kind} is not repeated as a whole",
            suggestion="Rerun its children, or send it again as a new one.",
        )
    return None


def why_not_reproduce(job: Job) -> ServiceError | None:
    """Return why the job's run cannot be shown to come to the same again."""
    if not JobState(job.state).is_final:
        return JobNotFinishedError(f"the job is {job.state}")
    if job.kind == CALCULATE.name:
        return _calculated()
    if job.kind != SOLVE.name:
        return NotReproducibleError(
            f"a {job.kind} has no run of its own",
            suggestion="Reproduce one of its children.",
        )
    if job.cached_from is not None:
        return NotReproducibleError(
            f"it did not run: its result is that of {job.cached_from}",
            suggestion=f"Reproduce that: POST /v1/jobs/{job.cached_from}/reproduce.",
        )
    if job.result_removed_at is not None:
        return NotReproducibleError(
            f"its result was removed on {timestamp(job.result_removed_at)}, and "
            "with it the count of iterations",
            suggestion="Verify its certificate, which is kept: POST /v1/verify.",
        )
    if job.result is None:
        return NotReproducibleError(f"it has {job.state} without a result")
    result = SolveResult.model_validate_json(job.result)
    if job.attempt != 1 and result.reproduction is None:
        return NotReproducibleError(
            f"it ran in {job.attempt} attempts, and each draws its numbers anew",
            suggestion="Rerun it with the same seed, and reproduce that.",
        )
    if result.course_sha256 is None:
        return NotReproducibleError(
            "it went on from where another job had got to",
            suggestion="Rerun it with the same seed, and reproduce that.",
        )
    if result.island is not None:
        return NotReproducibleError(
            "it was one of several islands: what they told each other, and when, "
            "is no part of its record",
            suggestion="Rerun it, or verify its certificate.",
        )
    method = catalogue().methods.get(result.method)
    if method is None or method.version != result.method_version:
        today = "not offered" if method is None else f"version {method.version}"
        return NotReproducibleError(
            f"it was solved by {result.method} version {result.method_version}, "
            f"which is {today} today",
            suggestion="Verify its certificate, or rerun it.",
        )
    return None


def _calculated() -> NotReproducibleError:
    return NotReproducibleError(
        "a calculation comes to the same outcome each time, from its parameters",
        suggestion='Send them again, with "cache": false to have it calculated anew.',
    )


def _counted(result: SolveResult) -> int | float:
    improvements = result.improvements
    return improvements[-1][1] if improvements else result.objective


def _load(state: ApiState, job_id: str) -> Job:
    with state.backplane.database.reading() as connection:
        return jobs.get_job(connection, job_id, whole=True)


def _instance(state: ApiState, request: SolveRequest) -> FoundInstance:
    given = InstanceInput(sha256=request.instance)
    return find_instance(given, state.backplane, state.settings)


def _proposal(
    state: ApiState,
    request: SolveRequest,
    changes: ReproduceInput,
    origin: Origin,
    job: Job,
) -> Proposal:
    priority_s = changes.priority_s
    return Proposal(
        SOLVE,
        request,
        webhook=choose_webhook(changes, state.settings),
        priority_s=job.priority_s if priority_s is None else priority_s,
        origin=origin,
        origin_id=job.id,
    )
