"""Batches and benchmarks: what a submission means."""

from collections.abc import Sequence
from typing import Any

from api.body import read_as
from api.instances import FoundInstance, find_instance, invalid
from api.schemas.family import BatchSubmission, BenchmarkSubmission, ContenderInput
from api.schemas.instance import InstanceInput
from api.schemas.job import SolveSubmission
from api.solving import check_parameters, choose_method, resolve_solve
from api.state import ApiState
from api.submit import Proposal
from api.webhooks import choose_webhook
from db.contracts.caller import Caller
from db.contracts.errors import InputProblem, InvalidInputError
from db.contracts.kinds.batch import BATCH, FAN_OUT, BatchRequest, Item, Rejected
from db.contracts.kinds.benchmark import (
    BENCHMARK,
    MAX_RUNS,
    BenchmarkRequest,
    Contender,
    Subject,
)
from db.contracts.kinds.solve import SOLVE, SolveRequest

MAX_PROBLEMS = 50
"""No answer names more of them."""


def resolve_batch(
    state: ApiState, submission: BatchSubmission, *, caller: Caller
) -> Proposal:
    """Return what a batch means; raise InvalidInputError, by item, where it cannot be.

    With ``on_error`` ``skip`` that is raised only if no item is valid.
    """
    webhook = choose_webhook(submission, state.settings)
    items: list[Item] = []
    rejected: list[Rejected] = []
    found: dict[str, FoundInstance] = {}
    for index, given in enumerate(submission.items):
        try:
            proposal = _resolve_item(state, given, caller)
        except InvalidInputError as error:
            rejected.append(Rejected(index=index, problems=list(error.problems)))
            continue
        assert isinstance(proposal.request, SolveRequest)
        items.append(Item(index=index, request=proposal.request))
        found.update((instance.sha256, instance) for instance in proposal.instances)
    if rejected and (submission.on_error == "reject_all" or not items):
        raise _refusal(rejected, len(submission.items))
    fan_out = submission.max_parallel or FAN_OUT
    request = BatchRequest(
        items=items,
        rejected=rejected,
        fan_out=fan_out if submission.parallel else 1,
        deadline_s=submission.deadline_s,
    )
    return Proposal(
        BATCH,
        request,
        tuple(found.values()),
        webhook,
        priority_s=submission.priority_s,
    )


def _resolve_item(state: ApiState, given: Any, caller: Caller) -> Proposal:
    submission = read_as(SolveSubmission, given)
    if submission.webhook_url is not None:
        raise invalid(
            "#/webhook_url",
            "an item of a batch has no webhook of its own",
            "Give the batch one: it is told of the end of it all.",
        )
    proposal = resolve_solve(state, submission, caller=caller)
    if proposal.kind is not SOLVE:
        raise invalid(
            "#/islands" if submission.islands else "#/method",
            "an item of a batch is solved by one search",
            "Send it by itself, or leave islands and portfolio out.",
        )
    return proposal


def _refusal(rejected: Sequence[Rejected], total: int) -> InvalidInputError:
    problems = [
        problem.model_copy(
            update={
                "pointer": f"#/items/{each.index}{problem.pointer.removeprefix('#')}"
            }
        )
        for each in rejected
        for problem in each.problems
    ]
    return InvalidInputError(
        f"{len(rejected)} of {total} items are not valid",
        problems=problems[:MAX_PROBLEMS],
        suggestion="Correct them, or send on_error skip to leave them out.",
    )


def resolve_benchmark(
    state: ApiState,
    submission: BenchmarkSubmission,
    *,
    caller: Caller,
) -> Proposal:
    """Return what a benchmark means; raise InvalidInputError where it cannot be."""
    webhook = choose_webhook(submission, state.settings)
    found = [
        _find(state, given, f"#/instances/{i}")
        for i, given in enumerate(submission.instances)
    ]
    _refuse_doubles([each.sha256 for each in found], "#/instances", "instance")
    _refuse_doubles(submission.seeds, "#/seeds", "seed")
    contenders = [
        _contender(given, found, f"#/methods/{i}")
        for i, given in enumerate(submission.methods)
    ]
    _refuse_doubles([each.label for each in contenders], "#/methods", "label")
    runs = len(found) * len(contenders) * len(submission.seeds)
    if runs > MAX_RUNS:
        raise invalid(
            "#/seeds",
            f"{runs} runs",
            f"Ask for {MAX_RUNS} at most: fewer seeds, methods or instances.",
        )
    request = BenchmarkRequest(
        instances=[
            Subject(
                sha256=each.sha256,
                name=each.library_name,
                order=each.order,
                best_known=each.best_known,
            )
            for each in found
        ],
        contenders=contenders,
        seeds=submission.seeds,
        limits=submission.limits,
        target_gap=submission.target_gap,
        deadline_s=submission.deadline_s,
        **({"fan_out": submission.max_parallel} if submission.max_parallel else {}),
    )
    return Proposal(
        BENCHMARK, request, tuple(found), webhook, priority_s=submission.priority_s
    )


def _find(state: ApiState, given: str | InstanceInput, pointer: str) -> FoundInstance:
    named = "#/name" if isinstance(given, str) else "#/instance"
    try:
        if isinstance(given, str):
            given = read_as(InstanceInput, {"name": given})
            named = "#/instance/name"
        return find_instance(given, state.backplane, state.settings)
    except InvalidInputError as error:
        raise _below(error, pointer, named) from None


def _contender(
    given: str | ContenderInput, found: Sequence[FoundInstance], pointer: str
) -> Contender:
    wanted = ContenderInput(method=given) if isinstance(given, str) else given
    try:
        methods = [choose_method(wanted.method, instance) for instance in found]
        method = methods[0]
        parameters = check_parameters(wanted.parameters, method)
    except InvalidInputError as error:
        named = "#/method" if isinstance(given, str) else "#"
        raise _below(error, pointer, named) from None
    label = wanted.label or wanted.method
    return Contender(label=label, method=method.name, parameters=parameters)


def _below(error: InvalidInputError, pointer: str, stripped: str) -> InvalidInputError:
    """Return the error, pointing into the place where its subject was sent."""
    problems = [
        each.model_copy(
            update={"pointer": pointer + each.pointer.removeprefix(stripped)}
        )
        for each in error.problems
    ]
    return InvalidInputError(
        error.message, problems=problems, suggestion=error.suggestion
    )


def _refuse_doubles(values: Sequence[object], pointer: str, what: str) -> None:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise InvalidInputError(
                problems=[
                    InputProblem(
                        pointer=f"{pointer}/{i}",
                        detail=f"the same {what} twice",
                        suggestion="Name each once; more seeds make more runs.",
                    )
                ]
            )
