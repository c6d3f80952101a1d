"""Jobs as rows become jobs as callers see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from api.schemas.calculation import OutcomeView
from api.schemas.job import (
    InstanceReference,
    JobLinks,
    JobView,
    ProgressView,
    QueueView,
    ResultView,
    SummaryView,
    WebhookView,
)
from db.acceptance import Webhook
from db.backplane import Backplane
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import (
    ErrorRecord,
    NotFoundError,
    ResultGoneError,
    StreamUnavailableError,
)
from db.contracts.event import (
    Counts,
    Progress,
    optional_timestamp,
    timestamp,
)
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.kinds.batch import BatchResult
from db.contracts.kinds.benchmark import BenchmarkResult
from db.contracts.kinds.calculate import (
    CALCULATE,
    CalculateRequest,
    CalculateResult,
)
from db.contracts.kinds.islands import ISLANDS, IslandsRequest
from db.contracts.kinds.solve import Certificate, Limits, SolveRequest
from db.models import Job
from db.repositories import families, jobs, queues
from db.stream import Position


def accepted_job(job: Job, webhook: Webhook | None) -> tuple[JobView, str]:
    """Return a job as it was recorded, with its webhook's secret: this once."""
    total = job.children
    counts = None if total is None else Counts(total=total, waiting=total)
    view = job_view(job, Position(), counts=counts, whole=True)
    if webhook is not None:
        view.webhook = WebhookView(url=webhook.url, secret=webhook.secret)
    return view, entity_tag(job, Position())


def load_job(backplane: Backplane, job_id: str) -> tuple[JobView, str]:
    """Return the job and its entity tag, which changes with every event."""
    with backplane.database.reading() as connection:
        job = jobs.get_job(connection, job_id, whole=True)
        counts = _family_counts(connection, [job])
        is_waiting = job.state == JobState.QUEUED and not job.held
        place = queues.place_of(connection, job) if is_waiting else None
    position = Position()
    if not JobState(job.state).is_final:
        (position,) = positions(backplane, [job_id])
    view = job_view(job, position, counts=counts.get(job.id), whole=True)
    if isinstance(view.result, BatchResult | BenchmarkResult):
        # Its children may have been deleted since.
        view.counts = view.result.counts
    if place is not None:
        view.waiting = QueueView(
            position=place,
            eta_low_at=optional_timestamp(job.eta_low_at),
            eta_high_at=optional_timestamp(job.eta_high_at),
        )
    return view, entity_tag(job, position)


def list_views(backplane: Backplane, listed: Sequence[Job]) -> list[JobView]:
    """Return jobs as a list shows them: without their results."""
    if not listed:
        return []
    standing = positions(backplane, [job.id for job in listed])
    with backplane.database.reading() as connection:
        counts = _family_counts(connection, listed)
    return [
        job_view(job, at, counts=counts.get(job.id))
        for job, at in zip(listed, standing, strict=True)
    ]


def _family_counts(connection: Connection, listed: Sequence[Job]) -> dict[str, Counts]:
    """Return how the children of those stand that are made of jobs."""
    totals = {job.id: job.children for job in listed if job.children is not None}
    return families.count_families(connection, totals) if totals else {}


def positions(backplane: Backplane, job_ids: Sequence[str]) -> list[Position]:
    """Return where each log stands; nothing is known while Redis is away."""
    try:
        return backplane.log.positions(job_ids)
    except StreamUnavailableError:
        return [Position() for _ in job_ids]


def entity_tag(job: Job, position: Position) -> str:
    """Return a weak tag: the same job in the same place, not the same bytes.

    It is the same before and after the log has heard of what the row tells, and that
    of an ended job never changes.
    """
    if JobState(job.state).is_final:
        return f'W/"ended.{job.milestones}"'
    sequence = max(position.sequence, job.milestones)
    is_stopping = job.cancel_requested_at is not None
    return f'W/"{sequence}.{job.milestones}.{is_stopping:d}"'


def job_view(
    job: Job, position: Position, *, counts: Counts | None = None, whole: bool = False
) -> JobView:
    """Return the job as callers see it; ``whole`` needs its result loaded."""
    kind = KINDS[job.kind]
    result = job.result if whole else None
    is_removed = job.result_removed_at is not None
    path = f"/v1/jobs/{job.id}"
    return JobView(
        id=job.id,
        kind=job.kind,
        state=JobState(job.state),
        attempt=job.attempt,
        queue=job.queue,
        created_at=timestamp(job.created_at),
        started_at=optional_timestamp(job.started_at),
        finished_at=optional_timestamp(job.finished_at),
        cancel_requested=job.cancel_requested_at is not None,
        deadline_at=optional_timestamp(job.deadline_at),
        priority_s=job.priority_s,
        parent=job.parent_id,
        origin=job.origin,
        origin_id=job.origin_id,
        follows=job.follows,
        cached_from=job.cached_from,
        progress=_progress(position) if _is_one_run(job) else None,
        counts=counts,
        result=None if result is None else kind.result.model_validate_json(result),
        summary=_summary(job),
        result_removed_at=optional_timestamp(job.result_removed_at),
        certificate=Certificate.model_validate_json(job.certificate)
        if whole and is_removed and job.certificate is not None
        else None,
        error=None if job.error is None else ErrorRecord.model_validate_json(job.error),
        links=JobLinks(
            self=path,
            events=f"{path}/events",
            result=f"{path}/result",
            cancel=f"{path}/cancel",
        ),
        **_wish(job),
    )


def _wish(job: Job) -> dict[str, Any]:
    """Return what was asked for, as far as one job has one answer to it."""
    if not _is_one_run(job):
        # A family's request may fill megabytes; it has resources of its own.
        return {
            "instance": None,
            "method": None,
            "parameters": {},
            "seed": None,
            "limits": None,
        }
    if job.kind == CALCULATE.name:
        wanted = CalculateRequest.model_validate_json(job.request)
        return {
            "instance": None,
            "method": wanted.calculation,
            "parameters": wanted.parameters,
            "seed": wanted.parameters.get("seed"),
            "metadata": wanted.metadata,
            "limits": Limits(time_s=wanted.time_s, deadline_s=wanted.deadline_s),
        }
    several: dict[str, Any] = {}
    if job.kind == ISLANDS.name:
        whole = IslandsRequest.model_validate_json(job.request)
        request = whole.solve
        several = {"islands": whole.islands, "portfolio": list(whole.portfolio) or None}
    else:
        request = SolveRequest.model_validate_json(job.request)
    return {
        "instance": InstanceReference(
            sha256=request.instance, name=request.instance_name, order=request.order
        ),
        "method": request.method,
        "parameters": dict(request.parameters),
        "seed": request.seed,
        "limits": request.limits,
        **several,
    }


def _is_one_run(job: Job) -> bool:
    """Return whether one solve is shown, however many jobs it is made of."""
    family = KINDS[job.kind].family
    return family is None or family.cooperates


def refuse_if_removed(job: Job) -> None:
    """Raise ResultGoneError where the result was kept long enough."""
    if job.result_removed_at is not None:
        raise ResultGoneError(
            f"the result was removed on {timestamp(job.result_removed_at)}"
        )


def load_result(backplane: Backplane, job_id: str) -> ResultView | OutcomeView | None:
    """Return the end, or the best so far, or None where there is nothing yet.

    Raises NotFoundError where the job ended and has none.
    """
    with backplane.database.reading() as connection:
        job = jobs.get_job(connection, job_id, whole=True)
    state = JobState(job.state)
    refuse_if_removed(job)
    if not _is_one_run(job):
        raise NotFoundError(
            f"a {job.kind} has no one permutation",
            suggestion="Look at the job, and at the results of its children.",
        )
    if job.kind == CALCULATE.name:
        return _outcome(job, state)
    if job.result is not None:
        result = KINDS[job.kind].result.model_validate_json(job.result)
        told = result.model_dump(include=set(ResultView.model_fields))
        return ResultView(final=True, state=state, result=result, **told)
    incumbent = _incumbent(backplane, job)
    if incumbent is None:
        if state.is_final:
            raise _nothing(state)
        return None
    told = incumbent.model_dump(include=set(ResultView.model_fields))
    return ResultView(final=state.is_final, state=state, **told)


def _outcome(job: Job, state: JobState) -> OutcomeView | None:
    if job.result is None:
        if state.is_final:
            raise _nothing(state)
        return None
    result = CalculateResult.model_validate_json(job.result)
    told = result.model_dump(include=set(OutcomeView.model_fields))
    return OutcomeView(final=True, state=state, **told)


def _nothing(state: JobState) -> NotFoundError:
    return NotFoundError(
        f"the job is {state} and has no result",
        suggestion="Its error, or its events, say why.",
    )


def _incumbent(backplane: Backplane, job: Job) -> Progress | Checkpoint | None:
    """Return the better of what the log and the row have."""
    found: list[Progress | Checkpoint] = []
    if job.checkpoint is not None:
        found.append(Checkpoint.parse(job.checkpoint))
    try:
        published = backplane.stream.incumbent(job.id)
    except StreamUnavailableError:
        published = None
    if published is not None:
        found.append(Progress.model_validate_json(published))
    return min(
        (point for point in found if point.objective is not None),
        key=lambda point: point.objective or 0,
        default=None,
    )


def _summary(job: Job) -> SummaryView | None:
    if job.objective is None or not _is_one_run(job):
        return None
    is_whole = job.objective.is_integer()
    return SummaryView(
        objective=int(job.objective) if is_whole else job.objective,
        gap=job.gap,
        elapsed_s=job.elapsed_s,
        iterations=job.iterations,
    )


def _progress(position: Position) -> ProgressView | None:
    if position.progress is None:
        return None
    progress = Progress.model_validate_json(position.progress)
    told = progress.model_dump(include=set(ProgressView.model_fields))
    return ProgressView(sequence=position.sequence, **told)
