"""One action on many jobs: chosen by a filter, done one by one, told one by one."""

from collections.abc import Sequence
from datetime import datetime

from api.actions import cancel, delete, why_not_cancel, why_not_delete
from api.instances import invalid
from api.ownership import JOBS
from api.paging import next_after, read_cursor
from api.repeating import resolve_rerun, why_not_rerun
from api.schemas.action import (
    MAX_ACTED,
    Action,
    ActionFilter,
    ActionInput,
    ActionOutcome,
    ActionProblem,
    ActionView,
    RerunInput,
)
from api.state import ApiState
from api.submit import submit
from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError, ServiceError, UnavailableError
from db.contracts.job_state import FINAL_STATES, JobState
from db.contracts.kinds.solve import SOLVE
from db.models import Job
from db.repositories import jobs
from db.repositories.jobs import JobFilter

SUITABLE: dict[Action, frozenset[JobState]] = {
    "cancel": frozenset(JobState) - frozenset(FINAL_STATES),
    "rerun": frozenset(FINAL_STATES),
    "delete": frozenset(FINAL_STATES),
}


def act(state: ApiState, wish: ActionInput, *, caller: Caller) -> ActionView:
    """Do what is wished to all jobs chosen; what one refuses stops no other."""
    found, following = _choose(state.backplane, wish, caller)
    outcomes = [
        _act_on(state, wish, job_id, job, caller=caller) for job_id, job in found
    ]
    refused = sum(each.outcome == "refused" for each in outcomes)
    return ActionView(
        action=wish.action,
        dry_run=wish.dry_run,
        chosen=len(outcomes),
        done=len(outcomes) - refused,
        refused=refused,
        items=outcomes,
        more=bool(following),
        next=following,
    )


def _choose(
    backplane: Backplane, wish: ActionInput, caller: Caller
) -> tuple[Sequence[tuple[str, Job | None]], str]:
    """Return the jobs, newest first, and where more of them follow."""
    if not wish.filter.model_dump(exclude_none=True):
        raise invalid(
            "#/filter",
            "an empty filter means every job",
            'Name ids, or say which: {"state": "queued"}, for one.',
        )
    if wish.filter.ids is not None:
        return _by_ids(backplane, wish.filter, wish.filter.ids, caller), ""
    chosen = _job_filter(wish.action, wish.filter, caller)
    after = read_cursor(wish.after, JOBS.id_form, pointer="#/after")
    with backplane.database.reading() as connection:
        found = jobs.list_jobs(connection, chosen, after=after, limit=MAX_ACTED + 1)
    shown = [(job.id, job) for job in found[:MAX_ACTED]]
    return shown, next_after(found, MAX_ACTED)


def _by_ids(
    backplane: Backplane, given: ActionFilter, ids: Sequence[str], caller: Caller
) -> Sequence[tuple[str, Job | None]]:
    others = set(given.model_dump(exclude_none=True)) - {"ids"}
    if others:
        raise invalid(
            f"#/filter/{min(others)}",
            "ids say already which jobs",
            "Give ids, or the other fields.",
        )
    with backplane.database.reading() as connection:
        known = {
            job.id: job
            for job in jobs.get_jobs(connection, ids)
            if caller.sees(job.caller)
        }
    return [(job_id, known.get(job_id)) for job_id in dict.fromkeys(ids)]


def _job_filter(action: Action, given: ActionFilter, caller: Caller) -> JobFilter:
    suitable = SUITABLE[action]
    if given.state is not None:
        if given.state not in suitable:
            states = ", ".join(sorted(suitable))
            raise invalid(
                "#/filter/state",
                f"{action} is nothing for jobs that are {given.state}",
                f"Leave it out, or choose one of {states}.",
            )
        suitable = frozenset({given.state})
    kind = given.kind
    if action == "rerun" and kind is None:
        # Nothing else can be: families are not repeated as a whole.
        kind = SOLVE.name
    return JobFilter(
        caller=caller.sees_of,
        states=tuple(suitable),
        kind=kind,
        method=given.method,
        instance_sha256=given.instance,
        parent_id=given.parent,
        created_before=_seconds(given.created_before),
        created_after=_seconds(given.created_after),
    )


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()


def _act_on(
    state: ApiState, wish: ActionInput, job_id: str, job: Job | None, *, caller: Caller
) -> ActionOutcome:
    before = None if job is None else JobState(job.state)
    outcome = ActionOutcome(job=job_id, outcome="would_be_done", state=before)
    try:
        if job is None:
            raise NotFoundError(f"there is no job {job_id}")
        if wish.dry_run:
            refusal = _why_not(state.backplane, wish.action, job)
            if refusal is not None:
                raise refusal
            return outcome
        outcome.new_job = _do(state, wish.action, job_id, caller=caller)
    except UnavailableError:
        # Nothing further will go through either.
        raise
    except ServiceError as error:
        outcome.outcome = "refused"
        outcome.problem = ActionProblem(
            code=error.code, detail=error.message, suggestion=error.suggestion
        )
        return outcome
    outcome.outcome = "done"
    return outcome


def _why_not(backplane: Backplane, action: Action, job: Job) -> ServiceError | None:
    if action == "cancel":
        return why_not_cancel(job)
    if action == "rerun":
        return why_not_rerun(job)
    with backplane.database.reading() as connection:
        return why_not_delete(connection, job)


def _do(state: ApiState, action: Action, job_id: str, *, caller: Caller) -> str | None:
    """Do it; return the new job's id, if it makes one."""
    if action == "cancel":
        cancel(state.backplane, job_id)
    elif action == "delete":
        delete(state.backplane, job_id)
    else:
        proposal = resolve_rerun(state, job_id, RerunInput(), caller=caller)
        return submit(state, proposal, caller=caller).id
    return None
