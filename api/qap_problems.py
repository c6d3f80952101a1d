"""What clients of the QAP server send, as jobs of ours."""

import hashlib
import re

import numpy as np

from api.body import read_as
from api.families import resolve_benchmark
from api.findings import below
from api.instances import FoundInstance, invalid, pointing
from api.schemas.benchmark import BenchmarkInput
from api.schemas.family import BenchmarkSubmission
from api.schemas.instance import InstanceInput
from api.schemas.solve import ProblemInput
from api.schemas.solve_batch import ProblemsInput
from api.solving import resolve_solve
from api.state import ApiState
from api.submit import Proposal
from db.contracts.caller import Caller
from db.contracts.errors import InputProblem, InvalidInputError
from db.contracts.kinds.batch import BATCH, BatchRequest, Item
from db.contracts.kinds.solve import SOLVE, Limits, SolveRequest

SYNTHETIC = re.compile(r"test_(?:[a-z0-9_]{0,100}_)?([0-9]{1,4})x([0-9]{1,4})")
LARGEST_ENTRY = 100
"""Of made instances; their objectives are exact up to the largest order."""
RUN_SECONDS = 300.0
"""The contract's limit where a client names none."""


def resolve_problem(
    state: ApiState, given: ProblemInput, *, caller: Caller
) -> Proposal:
    """Return the job that solves one problem."""
    with pointing(
        flow="#/flow_matrix",
        distance="#/problem_matrix",
        costs="#/problem_matrix",
        instance="#",
    ):
        return resolve_solve(state, given.submission(), caller=caller)


def resolve_problems(
    state: ApiState, given: ProblemsInput, *, caller: Caller
) -> tuple[Proposal, list[ProblemInput]]:
    """Return the job that solves several, and them; the error names all bad ones."""
    items: list[Item] = []
    inputs: list[ProblemInput] = []
    instances: dict[str, FoundInstance] = {}
    wrong: list[InputProblem] = []
    for index, problem in enumerate(given.problems):
        try:
            with below(f"#/problems/{index}"):
                asked = read_as(ProblemInput, problem)
                proposal = _item(state, asked, caller=caller)
        except InvalidInputError as error:
            wrong += error.problems
            continue
        assert isinstance(proposal.request, SolveRequest)
        inputs.append(asked)
        items.append(Item(index=index, request=proposal.request))
        instances.update((each.sha256, each) for each in proposal.instances)
    if wrong:
        raise InvalidInputError(problems=wrong)
    request = BatchRequest(items=items, fan_out=len(items) if given.parallel else 1)
    # Taken as soon as its most urgent item would be.
    priority_s = max(each.submission().priority_s for each in inputs)
    return Proposal(
        BATCH, request, tuple(instances.values()), priority_s=priority_s
    ), inputs


def _item(state: ApiState, given: ProblemInput, *, caller: Caller) -> Proposal:
    if given.webhook_url is not None:
        raise invalid(
            "#/webhook_url",
            "a problem of a batch has no webhook of its own",
            "Leave it out: the answer has all solutions. Or use /solve-async.",
        )
    proposal = resolve_problem(state, given, caller=caller)
    if proposal.kind is not SOLVE:
        raise invalid(
            "#/method",
            "a problem of a batch is solved by one search",
            "Name one method, or send it to /solve by itself.",
        )
    return proposal


def resolve_comparison(
    state: ApiState, given: BenchmarkInput, *, caller: Caller
) -> Proposal:
    """Return the job that compares methods on one instance."""
    name = given.instance_name
    try:
        return resolve_benchmark(
            state,
            BenchmarkSubmission(
                instances=[synthetic(name, state.settings.max_order) or name],
                methods=list(given.methods),
                seeds=list(range(1, given.num_runs + 1)),
                limits=Limits(iterations=given.iterations_per_run, time_s=RUN_SECONDS),
            ),
            caller=caller,
        )
    except InvalidInputError as error:
        problems = [
            each.model_copy(
                update={
                    "pointer": each.pointer.replace("#/instances/0", "#/instance_name")
                }
            )
            for each in error.problems
        ]
        raise InvalidInputError(
            error.message, problems=problems, suggestion=error.suggestion
        ) from None


def synthetic(name: str, max_order: int) -> InstanceInput | None:
    """Return the instance that such a name stands for; None for other names.

    ``test_7x7`` is the same everywhere and always: its numbers are drawn from a
    generator that is seeded with the name.
    """
    found = SYNTHETIC.fullmatch(name.lower())
    if found is None:
        return None
    order, columns = int(found[1]), int(found[2])
    if order != columns:
        raise invalid(
            "#/instance_name",
            f"{order} by {columns} is not square",
            f"As many locations as facilities: {order}x{order}.",
        )
    if not 2 <= order <= max_order:
        raise invalid(
            "#/instance_name",
            f"an instance of order {order}",
            f"Orders from 2 to {max_order} are solved here.",
        )
    digest = hashlib.sha256(name.lower().encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8]))
    flow, distance = (_symmetric(rng, order) for _ in range(2))
    return InstanceInput.model_construct(
        flow=flow, distance=distance, name=name.lower()
    )


def _symmetric(rng: np.random.Generator, order: int) -> "np.typing.NDArray[np.int64]":
    drawn = np.triu(rng.integers(1, LARGEST_ENTRY, (order, order), endpoint=True), 1)
    symmetric: np.typing.NDArray[np.int64] = drawn + drawn.T
    return symmetric
