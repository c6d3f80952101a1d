"""The only way a job begins: validate, insert, commit, announce."""

import difflib
from dataclasses import dataclass

from api.announcer import Announcement
from api.findings import to_pointer
from api.instances import FoundInstance, find_instance, invalid
from api.schemas.job import SolveSubmission
from api.state import ApiState
from db.contracts.catalogue import MethodEntry, catalogue
from db.contracts.delivery import new_secret
from db.contracts.identifier import new_id
from db.contracts.job_kind import JobKind
from db.contracts.kinds.solve import SOLVE, Limits, SolveRequest, SolveResult
from db.contracts.settings import Settings
from db.contracts.webhook_address import AllowList, ForbiddenAddressError, check_url
from db.models import Job
from db.repositories import deliveries, jobs
from db.repositories.jobs import NewJob


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a job's end is to be told, and what signs it."""

    url: str
    secret: str


def submit_solve(
    state: ApiState, submission: SolveSubmission, *, job_id: str | None = None
) -> tuple[Job, Webhook | None]:
    """Accept a solve; return the job and its webhook, whose secret is shown once."""
    settings = state.settings
    webhook = choose_webhook(
        submission.webhook_url, submission.webhook_secret, settings
    )
    instance = find_instance(submission.instance, state.backplane, settings)
    method = choose_method(submission.method, instance)
    request = SolveRequest(
        instance=instance.sha256,
        instance_name=instance.library_name,
        order=instance.order,
        method=method.name,
        parameters=check_parameters(submission.parameters, method),
        seed=submission.seed,
        limits=submission.limits,
        best_known=instance.best_known,
    )
    job = submit(
        state,
        SOLVE,
        request,
        job_id=job_id or new_id("job"),
        limits=request.limits,
        webhook=webhook,
        instance=instance,
    )
    return job, webhook


def submit(
    state: ApiState,
    kind: JobKind[SolveRequest, SolveResult],
    request: SolveRequest,
    *,
    job_id: str,
    limits: Limits,
    webhook: Webhook | None = None,
    instance: FoundInstance | None = None,
) -> Job:
    """Record the job, then announce it. One recorded and not announced is rescued."""
    new = NewJob(
        id=job_id,
        kind=kind.name,
        queue=kind.queue(request).value,
        request=request.model_dump_json(),
        method=request.method,
        instance_sha256=request.instance,
        deadline_s=limits.deadline_s,
    )
    with state.backplane.database.transaction() as connection:
        if instance is not None:
            instance.store(connection)
        job, milestone = jobs.insert_job(connection, new)
        if webhook is not None:
            deliveries.add_endpoint(
                connection, job_id=job.id, url=webhook.url, secret=webhook.secret
            )
    # After commit: a worker may start before this function returns.
    state.announcer.announce(Announcement(milestone, kind.task, job.queue))
    return job


def choose_method(name: str | None, instance: FoundInstance) -> MethodEntry:
    """Return the method asked for, or the one that suits the instance."""
    methods = catalogue().methods
    if name is None:
        name = "linear_assignment" if instance.is_linear else "auto"
    method = methods.get(name)
    if method is None:
        near = difflib.get_close_matches(name, methods, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise invalid(
            "#/method",
            "no method of this name is offered",
            f"{hint}/v1/methods lists all; without one, auto chooses.",
        )
    if method.name == "linear_assignment" and not instance.is_linear:
        raise invalid(
            "#/method",
            "linear_assignment solves instances without flow only",
            "Leave the method out, or choose auto.",
        )
    if method.max_order is not None and instance.order > method.max_order:
        raise invalid(
            "#/method",
            f"{method.name} takes at most {method.max_order} facilities, "
            f"and the instance has {instance.order}",
            "Leave the method out, or choose auto.",
        )
    return method


def check_parameters(
    given: dict[str, bool | int | float], method: MethodEntry
) -> dict[str, bool | int | float]:
    """Return the parameters if the method has them and they lie in their domains."""
    known = {parameter.name: parameter for parameter in method.parameters}
    for name, value in given.items():
        parameter = known.get(name)
        if parameter is None:
            offered = ", ".join(known) or "none"
            near = difflib.get_close_matches(name[:100], known, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise invalid(
                to_pointer(["parameters", name]),
                f"{method.name} has no such parameter",
                f"{hint}Its parameters: {offered}.",
            )
        whole = not parameter.integer or float(value).is_integer()
        if not (whole and parameter.minimum <= value <= parameter.maximum):
            kind = "an integer" if parameter.integer else "a number"
            raise invalid(
                f"#/parameters/{name}",
                f"{name} is out of its domain",
                f"Give {kind} from {parameter.minimum} to {parameter.maximum}.",
            )
    return given


def choose_webhook(
    url: str | None, secret: str | None, settings: Settings
) -> Webhook | None:
    """Return where to tell the end; refuse addresses that must not be called."""
    if url is None:
        if secret is not None:
            raise invalid(
                "#/webhook_secret",
                "a webhook_secret without a webhook_url",
                "Send both, or neither.",
            )
        return None
    try:
        check_url(url, allow=AllowList(settings.webhook_allow_cidrs))
    except ForbiddenAddressError as error:
        raise invalid(
            "#/webhook_url",
            str(error),
            "Use an https address that the whole internet can reach, or have the "
            "operator allow yours with SOLVEQUEUE_WEBHOOK_ALLOW_CIDRS.",
        ) from None
    return Webhook(url, secret or new_secret())
