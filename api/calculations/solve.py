"""``solve``: one QAP instance; its parameters are those of ``POST /v1/jobs``."""

from typing import Any

from api.averages import SHORTEST_SECONDS
from api.body import parse
from api.calculations.calculation import Calculation
from api.instances import invalid
from api.schemas.job import JobView, SolveSubmission
from api.solutions import percent_used
from api.solving import resolve_solve
from api.state import ApiState
from api.submit import Proposal
from db.contracts.caller import Caller
from db.contracts.event import Progress
from db.contracts.kinds.solve import SolveResult

LONG_FIELDS = frozenset({"improvements", "islands"})
"""Of the result; the job has them."""


def resolve(state: ApiState, parameters: bytes, caller: Caller) -> Proposal:
    submission = parse(SolveSubmission, parameters)
    if submission.webhook_url is not None and submission.webhook_secret is None:
        # One that is made is shown in the answer to its caller alone, and here others
        # may listen.
        raise invalid(
            "#/webhook_secret",
            "a webhook that is asked for here has to bring its secret",
            "Send webhook_secret too, or POST the same to /v1/jobs.",
        )
    return resolve_solve(state, submission, caller=caller)


def percent(view: JobView, progress: Progress) -> float:
    if view.limits is None:
        return 0.0
    return percent_used(view.limits, progress.iterations, progress.elapsed_s)


def result(view: JobView) -> dict[str, Any]:
    return _result(view).model_dump(mode="json", exclude=set(LONG_FIELDS))


def facts(view: JobView) -> dict[str, Any]:
    found = _result(view)
    return {
        "method": found.method,
        "objective": found.objective,
        "gap_to_bound": found.gap_to_bound,
        "gap_to_best_known": found.gap_to_best_known,
        "cached": view.cached_from is not None,
        "processing_time_ms": round(max(found.elapsed_s, SHORTEST_SECONDS) * 1000, 3),
    }


def _result(view: JobView) -> SolveResult:
    assert isinstance(view.result, SolveResult)
    return view.result


SOLVE = Calculation(
    summary="Find a permutation of small objective for one QAP instance.",
    path="/v1/jobs",
    resolve=resolve,
    percent=percent,
    result=result,
    facts=facts,
    example={"instance": {"name": "nug12"}, "limits": {"iterations": 200, "time_s": 5}},
)
