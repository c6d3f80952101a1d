"""The audit of the chaos run sees what it is there to see.

A run without a fault in it is told by hand, and then spoilt in one place.
"""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.acceptance.chaos.audit import CHECKS, untold
from tests.acceptance.chaos.facts import Facts, JobFacts, Milestone, Try
from tests.acceptance.chaos.ledger import Accepted, Promises
from tests.acceptance.chaos.oracle import library_matrices, matrices_of
from tests.acceptance.chaos.receiver import OK, UNSIGNED, Heard
from tests.acceptance.chaos.repeated import repeated_seconds
from tests.acceptance.chaos.site import Hit

INSTANCE = {
    "flow": [[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    "distance": [[0, 5, 4], [5, 0, 6], [4, 6, 0]],
}
# By hand: 2 * (3 * 5 + 1 * 4 + 2 * 6).
OBJECTIVE = 62
BEST_OF_NUG12 = 578
NUG12 = [11, 6, 8, 2, 3, 7, 10, 0, 4, 5, 9, 1]
"""QAPLIB's own solution, counted from 0."""
WORKER = "here:77:1"
OTHER = "here:78:2"


def milestone(
    ordinal: int, type_: str, attempt: int, time: float, **data: Any
) -> Milestone:
    is_terminal = type_ in {"job.succeeded", "job.cancelled", "job.failed"}
    return Milestone(ordinal, type_, attempt, time, is_terminal, json.dumps(data))


def event(number: int, type_: str, seconds: float, **data: Any) -> dict[str, Any]:
    return {
        "sequence": f"{number:012d}",
        "epoch": "a",
        "type": type_,
        "time": f"2026-01-01T00:00:{seconds:06.3f}Z",
        "data": data,
    }


START = 1_767_225_600.0
"""2026-01-01T00:00:00Z."""


def kept() -> Facts:
    """Return a run of one job whose first attempt was killed after 3 s."""
    told = {"objective": OBJECTIVE, "permutation": [0, 1, 2]}
    job = JobFacts(
        id="job_1",
        view={
            "state": "succeeded",
            "deadline_at": None,
            "error": None,
            "result": {**told, "elapsed_s": 4.0, "certificate": told},
        },
        log=[
            event(1, "job.queued", 0.0, attempt=0),
            event(2, "job.started", 0.0, attempt=1),
            event(3, "job.progress", 2.5, attempt=1, elapsed_s=2.5),
            event(4, "job.attempt_lost", 5.0, attempt=1),
            event(5, "job.started", 6.0, attempt=2),
            event(6, "job.incumbent", 6.1, attempt=2, elapsed_s=2.6, **told),
            event(7, "job.succeeded", 7.5, attempt=2, objective=OBJECTIVE),
        ],
        milestones=[
            milestone(1, "job.queued", 0, START),
            milestone(2, "job.started", 1, START, worker=WORKER),
            milestone(3, "job.attempt_lost", 1, START + 5.0),
            milestone(4, "job.started", 2, START + 6.0, worker=OTHER),
            milestone(5, "job.succeeded", 2, START + 7.5),
        ],
        attempts=[Try(1, "lost"), Try(2, "succeeded")],
    )
    body = {"instance": INSTANCE, "webhook_url": "http://127.0.0.1/"}
    heard = [
        Heard("msg_1", "job_1", "job.succeeded", 7, status, at=START)
        for status in (500, OK)
    ]
    accepted = Accepted("job_1", "key", "solve", body)
    return Facts(Promises({"job_1": accepted}, {}), {"job_1": job}, {"job_1": heard})


Spoil = Callable[[Facts], object]


def job_of(facts: Facts) -> JobFacts:
    return facts.jobs["job_1"]


def end_in(state: str) -> Spoil:
    def spoil(facts: Facts) -> None:
        job_of(facts).view["state"] = state

    return spoil


def hear_again(facts: Facts, **changes: Any) -> None:
    facts.heard["job_1"].append(replace(facts.heard["job_1"][0], **changes))


def tell_of(number: int, **changes: Any) -> Spoil:
    def spoil(facts: Facts) -> None:
        job_of(facts).log[number - 1]["data"].update(changes)

    return spoil


def misvalue(facts: Facts) -> None:
    """Let it be a calculation whose outcome is a cent too high."""
    flows = {"cash_flows": [110.0, 121.0], "initial_investment": 150.0}
    facts.promises.accepted["job_1"].body["parameters"] = flows
    job_of(facts).result["outcome"] = {"npv": 50.01}


SPOILT: list[tuple[str, Spoil]] = [
    ("accepted jobs lost", lambda facts: facts.jobs.clear()),
    ("jobs not ended", end_in("running")),
    ("jobs failed", end_in("failed")),
    ("jobs cancelled or expired unasked", end_in("cancelled")),
    ("jobs cancelled or expired unasked", end_in("expired")),
    (
        "jobs cancelled or expired unasked",
        lambda facts: facts.promises.cancels.update(job_1=200),
    ),
    ("jobs without their result", lambda facts: job_of(facts).view.pop("result")),
    ("calculations with another value", misvalue),
    ("jobs with other than one terminal event", lambda facts: job_of(facts).log.pop()),
    (
        "jobs with other than one terminal event",
        lambda facts: job_of(facts).milestones.append(job_of(facts).milestones[-1]),
    ),
    (
        "jobs with other than one terminal event",
        lambda facts: job_of(facts).log.append(event(8, "job.progress", 8.0)),
    ),
    (
        "jobs ended by two attempts",
        lambda facts: job_of(facts).attempts.append(Try(3, "succeeded")),
    ),
    ("attempts that wrote after a later one had begun", tell_of(6, attempt=1)),
    ("logs with gaps", lambda facts: job_of(facts).log.pop(2)),
    ("logs with gaps", lambda facts: job_of(facts).log[0].update(epoch="b")),
    ("logs with gaps", lambda facts: job_of(facts).milestones.pop(0)),
    (
        "logs with gaps",
        lambda facts: job_of(facts).log[3].update(type="job.progress"),
    ),
    ("objectives unlike their recomputation", tell_of(6, objective=OBJECTIVE + 1)),
    ("objectives unlike their recomputation", tell_of(7, objective=OBJECTIVE - 1)),
    (
        "objectives unlike their recomputation",
        lambda facts: job_of(facts).result.update(objective=OBJECTIVE + 2),
    ),
    ("improvements taken back", tell_of(7, objective=OBJECTIVE + 1)),
    (
        "webhooks missing, or with different ids",
        lambda facts: hear_again(facts, webhook_id="msg_2"),
    ),
    ("webhooks missing, or with different ids", lambda facts: facts.heard.clear()),
    (
        "webhooks missing, or with different ids",
        lambda facts: facts.heard["job_1"].pop(),
    ),
    (
        "webhooks missing, or with different ids",
        lambda facts: hear_again(facts, type="job.failed"),
    ),
    (
        "webhooks missing, or with different ids",
        lambda facts: hear_again(facts, status=UNSIGNED),
    ),
]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    found = {name: list(check(kept())) for name, check in CHECKS.items()}
    assert found == {name: [] for name in CHECKS}


@pytest.mark.parametrize(("name", "spoil"), SPOILT)
def test_what_is_wrong_is_found(name: str, spoil: Spoil) -> None:
    facts = kept()
    spoil(facts)
    assert list(CHECKS[name](facts))


def test_every_check_is_spoilt_once() -> None:
    assert {name for name, _ in SPOILT} == set(CHECKS)


def test_a_job_that_no_client_knows_is_found() -> None:
    facts = kept()
    facts.promises.accepted.clear()
    assert list(untold(facts)) == ["job_1"]


def test_the_oracle_knows_a_proven_optimum() -> None:
    assert library_matrices("nug12").objective(NUG12) == BEST_OF_NUG12


def test_the_oracle_adds_linear_costs() -> None:
    linear = {"linear": [[1, 0, 0], [0, 10, 0], [0, 0, 100]]}
    matrices = matrices_of({**INSTANCE, **linear})
    assert matrices.objective([0, 1, 2]) == OBJECTIVE + 111


@pytest.mark.parametrize(
    ("hits", "repeated"),
    [
        # Lost at 5 s without a hit: it may have worked all the while.
        ([], 2.5),
        # Killed after 3 s; the next attempt began with 2.5 s used up.
        ([Hit(77, START + 3.0)], 0.5),
        # Frozen from 3 s on until after its loss.
        ([Hit(77, START + 3.0, START + 12.0)], 0.5),
        # Another process, or the same number before this attempt.
        ([Hit(78, START + 3.0), Hit(77, START - 9.0, START - 1.0)], 2.5),
    ],
)
def test_repeated_work_is_what_the_next_attempt_did_not_begin_with(
    hits: list[Hit], repeated: float
) -> None:
    assert repeated_seconds(job_of(kept()), hits) == pytest.approx(repeated)


def test_an_attempt_that_told_nothing_began_with_nothing() -> None:
    job = job_of(kept())
    job.log[:] = [each for each in job.log if each["type"] != "job.incumbent"]
    hits = [Hit(77, START + 3.0, math.inf)]
    assert repeated_seconds(job, hits) == pytest.approx(3.0)
