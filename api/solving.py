"""What a caller means who wants an instance solved."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from api.findings import to_pointer
from api.instances import FoundInstance, find_instance, invalid
from api.schemas.job import SolveSubmission, StartInput
from api.state import ApiState
from api.submit import Proposal
from api.webhooks import choose_webhook
from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.catalogue import MethodEntry, catalogue
from db.contracts.checkpoint import Checkpoint
from db.contracts.job_kind import JobKind
from db.contracts.kinds import KINDS
from db.contracts.kinds.islands import (
    ISLANDS,
    PORTFOLIO,
    PORTFOLIO_METHODS,
    IslandsRequest,
)
from db.contracts.kinds.solve import SOLVE, Certificate, SolveRequest
from db.contracts.near_miss import did_you_mean
from db.repositories import automations, jobs


def resolve_solve(
    state: ApiState, submission: SolveSubmission, *, caller: Caller
) -> Proposal:
    """Return what a submission means; raise InvalidInputError where it cannot be."""
    settings = state.settings
    webhook = choose_webhook(submission, settings)
    instance = find_instance(submission.instance, state.backplane, settings)
    portfolio = choose_portfolio(submission, instance)
    islands = count_islands(submission, portfolio, instance)
    if portfolio:
        name, parameters = PORTFOLIO, {}
    else:
        method = choose_method(_routed(state, submission, instance), instance)
        name, parameters = (
            method.name,
            check_parameters(submission.parameters, method),
        )
    request = SolveRequest(
        instance=instance.sha256,
        instance_name=instance.library_name,
        order=instance.order,
        method=name,
        parameters=parameters,
        seed=submission.seed,
        limits=submission.limits,
        best_known=instance.best_known,
        start=check_start(submission.start, instance, state.backplane, caller),
        cache=submission.cache,
    )
    kind: JobKind[Any, Any] = SOLVE
    wanted: BaseModel = request
    if islands > 1:
        kind = ISLANDS
        wanted = IslandsRequest(islands=islands, solve=request, portfolio=portfolio)
    return Proposal(
        kind, wanted, (instance,), webhook, priority_s=submission.priority_s
    )


def _routed(
    state: ApiState, submission: SolveSubmission, instance: FoundInstance
) -> str | None:
    """Return the method that ``auto`` was routed to, if it was; see docs/insights.md.

    What is chosen is a part of the request: whoever repeats the job repeats that.
    """
    name = submission.method
    if name not in (None, "auto") or instance.is_linear:
        return name
    with state.backplane.database.reading() as connection:
        return automations.route_of(connection, instance.order) or name


def check_start(
    start: StartInput | None,
    instance: FoundInstance,
    backplane: Backplane,
    caller: Caller,
) -> list[int] | None:
    """Return the permutation that the search is to start from."""
    if start is None:
        return None
    permutation, pointer = start.permutation, "#/start/permutation"
    if start.job is not None:
        permutation, pointer = (
            _incumbent_of(start.job, instance, backplane, caller),
            "#/start/job",
        )
    assert permutation is not None
    if sorted(permutation) != list(range(instance.order)):
        raise invalid(
            pointer,
            f"not a permutation of {instance.order} locations",
            f"Name each location from 0 to {instance.order - 1} once, "
            "one for each facility.",
        )
    return permutation


def _incumbent_of(
    job_id: str, instance: FoundInstance, backplane: Backplane, caller: Caller
) -> list[int]:
    with backplane.database.reading() as connection:
        job = jobs.find_job(connection, job_id)
    is_there = job is not None and caller.sees(job.caller)
    if job is None or not is_there or job.kind not in (SOLVE.name, ISLANDS.name):
        raise invalid(
            "#/start/job", "there is no such solve", "Name a solve by its id."
        )
    if job.instance_sha256 != instance.sha256:
        raise invalid(
            "#/start/job",
            "that job is about another instance",
            "Start from a job with the same instance.",
        )
    if job.result is not None:
        result = KINDS[job.kind].result.model_validate_json(job.result)
        return list(result.permutation)
    if job.certificate is not None:
        return Certificate.model_validate_json(job.certificate).permutation
    if job.checkpoint is not None:
        return Checkpoint.parse(job.checkpoint).permutation
    raise invalid(
        "#/start/job",
        "that job has no incumbent yet",
        "Wait until it has one, or name another.",
    )


def choose_portfolio(
    submission: SolveSubmission, instance: FoundInstance
) -> tuple[str, ...]:
    """Return the methods that are to race; none where one method is to do it all."""
    names, method = submission.portfolio, submission.method
    if names is not None and method not in (None, PORTFOLIO):
        raise invalid(
            "#/portfolio",
            f"a portfolio beside the method {method}",
            f"Name one method, or leave it out: a portfolio's method is {PORTFOLIO}.",
        )
    if names is None and method != PORTFOLIO:
        return ()
    if submission.parameters:
        raise invalid(
            "#/parameters",
            "parameters belong to one method, and here are several",
            "Leave them out: each method of a portfolio has its defaults.",
        )
    for i, name in enumerate(names or ()):
        if name in (names or ())[:i]:
            raise invalid(
                f"#/portfolio/{i}",
                "the same method twice",
                "Name each once; with more islands than methods they take turns.",
            )
        choose_method(name, instance, pointer=f"#/portfolio/{i}")
    return tuple(names or PORTFOLIO_METHODS)


def count_islands(
    submission: SolveSubmission, portfolio: Sequence[str], instance: FoundInstance
) -> int:
    """Return by how many searches at once the instance is to be solved."""
    islands = submission.islands or max(1, len(portfolio))
    if islands < len(portfolio):
        raise invalid(
            "#/islands",
            f"{islands} islands for {len(portfolio)} methods",
            "Give each method an island, or leave islands out.",
        )
    if islands > 1 and instance.is_linear:
        raise invalid(
            "#/islands" if submission.islands else "#/method",
            "an instance without flow is solved exactly, by one search",
            "Leave islands, portfolio and method out.",
        )
    return islands


def choose_method(
    name: str | None, instance: FoundInstance, *, pointer: str = "#/method"
) -> MethodEntry:
    """Return the method asked for, or the one that suits the instance."""
    methods = catalogue().methods
    if name is None:
        name = "linear_assignment" if instance.is_linear else "auto"
    method = methods.get(name)
    if method is None:
        raise invalid(
            pointer,
            "no method of this name is offered",
            f"{did_you_mean(name, methods)}/v1/methods lists all; without one, "
            "auto chooses.",
        )
    if method.name == "linear_assignment" and not instance.is_linear:
        raise invalid(
            pointer,
            "linear_assignment solves instances without flow only",
            "Leave the method out, or choose auto.",
        )
    if method.max_order is not None and instance.order > method.max_order:
        raise invalid(
            pointer,
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
            raise invalid(
                to_pointer(["parameters", name]),
                f"{method.name} has no such parameter",
                f"{did_you_mean(name, known)}Its parameters: {offered}.",
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
