"""Holds what the service did against what it had promised.

Each check yields a sentence for everything that is wrong; nothing is wrong when all
are silent.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

from db.contracts.event import TERMINAL
from db.contracts.kinds import KINDS
from tests.acceptance.chaos.facts import Facts, JobFacts, Json
from tests.acceptance.chaos.oracle import (
    Matrices,
    library_matrices,
    matrices_of,
    present_value,
)
from tests.acceptance.chaos.receiver import OK, UNSIGNED

FINAL = frozenset({"succeeded", "failed", "cancelled", "expired"})
CANCELLED = 200
"""The answer to a wish to cancel that says it is done."""

PARENTS = ("parent",)
"""What a job that another has sent says of it."""

Findings = Iterator[str]


def lost(facts: Facts) -> Findings:
    """Find accepted jobs that are not there."""
    for job_id in facts.promises.accepted.keys() - facts.jobs.keys():
        yield f"{job_id} was accepted and is not there"


def unended(facts: Facts) -> Findings:
    for job in facts.jobs.values():
        if job.state not in FINAL:
            yield f"{job.id} is {job.state}"


def failed(facts: Facts) -> Findings:
    """Find jobs that ended with an error: none of these is at fault itself."""
    for job in facts.jobs.values():
        if job.state == "failed":
            yield f"{job.id}: {job.view['error']}"


def ended_unasked(facts: Facts) -> Findings:
    """Find jobs that nobody cancelled, or whose cancelling did not hold."""
    asked, known = facts.promises.cancels, facts.promises.accepted
    for job in facts.jobs.values():
        if job.state == "cancelled" and job.id in known and job.id not in asked:
            yield f"{job.id} is cancelled, and nobody asked"
        if job.state == "expired" and not job.view["deadline_at"]:
            yield f"{job.id} is expired, and had no deadline"
    for job_id, status in asked.items():
        state = facts.jobs[job_id].state if job_id in facts.jobs else "not there"
        if status == CANCELLED and state != "cancelled":
            yield f"{job_id} was said to be cancelled, and is {state}"


def terminal_events(facts: Facts) -> Findings:
    """Want one of each job, last in its log and the same in the database."""
    for job in facts.jobs.values():
        in_log = [event["type"] for event in job.log if event["type"] in TERMINAL]
        in_rows = [each.type for each in job.milestones if each.terminal]
        wanted = [_ending(job)]
        if not in_log == in_rows == wanted:
            yield f"{job.id} is {job.state}; log {in_log}, rows {in_rows}"
        elif job.log[-1]["type"] not in TERMINAL:
            yield f"{job.id}: {job.log[-1]['type']} follows the end"


def finished_twice(facts: Facts) -> Findings:
    """Find jobs of which more than one attempt wrote an end."""
    for job in facts.jobs.values():
        ends = [each.number for each in job.attempts if each.outcome in FINAL]
        if len(ends) > 1:
            yield f"{job.id}: attempts {ends} wrote an end"


def stale(facts: Facts) -> Findings:
    """Find what an attempt wrote after a later one had begun."""
    for job in facts.jobs.values():
        begun = 0
        for event in job.log:
            attempt = event["data"].get("attempt", begun)
            if attempt < begun:
                number = int(event["sequence"])
                yield f"{job.id}: {number} is of attempt {attempt}, {begun} had begun"
            if event["type"] == "job.started":
                begun = attempt


def gaps(facts: Facts) -> Findings:
    """Find logs with holes in their numbers, without a milestone, or of two epochs."""
    for job in facts.jobs.values():
        numbers = [int(event["sequence"]) for event in job.log]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{job.id}: the log's numbers are {numbers}"
        epochs = {event["epoch"] for event in job.log}
        if len(epochs) > 1:
            yield f"{job.id}: the log mixes the epochs {epochs}"
        ordinals = [each.ordinal for each in job.milestones]
        if ordinals != list(range(1, len(ordinals) + 1)):
            yield f"{job.id}: the milestones' numbers are {ordinals}"
        milestones = [each.type for each in job.milestones]
        kinds = set(milestones)
        told = [event["type"] for event in job.log if event["type"] in kinds]
        if told != milestones:
            yield f"{job.id}: milestones {milestones}, in the log {told}"


def wrong_objectives(facts: Facts) -> Findings:
    """Find permutations, told on the way or at the end, that cost something else."""
    for job in facts.jobs.values():
        matrices = _matrices(facts, job)
        if matrices is None:
            continue
        told = [event["data"] for event in job.log]
        for data in (*told, *_results(job)):
            if data.get("permutation") is None:
                continue
            cost = matrices.objective(data["permutation"])
            if data["objective"] != cost:
                yield f"{job.id}: {data['objective']} told, {cost} true"
        ending = job.log[-1]["data"] if job.log else {}
        if job.result and ending.get("objective") != job.result["objective"]:
            yield f"{job.id}: the last event tells {ending.get('objective')}"


def wrong_values(facts: Facts) -> Findings:
    """Find present values that differ from what exact fractions come to."""
    for job in facts.jobs.values():
        accepted = facts.promises.accepted.get(job.id)
        if accepted is None or "parameters" not in accepted.body or not job.result:
            continue
        wanted = present_value(**accepted.body["parameters"])
        told = job.result["outcome"]["npv"]
        if told != wanted:
            yield f"{job.id}: {told} told, {wanted} true"


def missing_results(facts: Facts) -> Findings:
    for job in facts.jobs.values():
        if job.state == "succeeded" and not job.result:
            yield f"{job.id} succeeded and has no result"


def taken_back(facts: Facts) -> Findings:
    """Find logs in which an objective rises."""
    for job in facts.jobs.values():
        told = [
            event["data"]["objective"]
            for event in job.log
            if event["data"].get("objective") is not None
        ]
        if any(after > before for before, after in pairwise(told)):
            yield f"{job.id}: {told}"


def webhooks(facts: Facts) -> Findings:
    """Want one id for each end that was to be told, and one delivery or more."""
    for job_id, accepted in facts.promises.accepted.items():
        heard = facts.heard.get(job_id, [])
        ids = {each.webhook_id for each in heard}
        if len(ids) > 1:
            yield f"{job_id}: {len(ids)} webhooks with different ids"
        wanted = "webhook_url" in accepted.body
        if wanted != any(each.status == OK for each in heard):
            yield f"{job_id}: webhook wanted: {wanted}, requests: {len(heard)}"
        wanted_type = _ending(facts.jobs[job_id]) if job_id in facts.jobs else ""
        told = sorted({each.type for each in heard})
        if any(type_ != wanted_type for type_ in told):
            yield f"{job_id}: told {told}, not {wanted_type}"
    for job_id, heard in facts.heard.items():
        if any(each.status == UNSIGNED for each in heard):
            yield f"a request for {job_id or 'no job'} was not signed"


def untold(facts: Facts) -> Findings:
    """Find jobs that no client was told of; an idempotency key is to prevent them."""
    known = facts.promises.accepted.keys()
    for job in facts.jobs.values():
        if job.id not in known and not any(job.view.get(name) for name in PARENTS):
            yield job.id


CHECKS: dict[str, Callable[[Facts], Findings]] = {
    "accepted jobs lost": lost,
    "jobs not ended": unended,
    "jobs failed": failed,
    "jobs cancelled or expired unasked": ended_unasked,
    "jobs without their result": missing_results,
    "calculations with another value": wrong_values,
    "jobs with other than one terminal event": terminal_events,
    "jobs ended by two attempts": finished_twice,
    "attempts that wrote after a later one had begun": stale,
    "logs with gaps": gaps,
    "objectives unlike their recomputation": wrong_objectives,
    "improvements taken back": taken_back,
    "webhooks missing, or with different ids": webhooks,
}


def _ending(job: JobFacts) -> str:
    """Return the type of the event that is to tell of the job's end."""
    kind = KINDS.get(job.view.get("kind", ""))
    if kind is not None and job.state == "succeeded":
        return kind.succeeded.value
    return f"job.{job.state}"


def _matrices(facts: Facts, job: JobFacts) -> Matrices | None:
    """Return what the job is about; None for a job that is about others."""
    accepted = facts.promises.accepted.get(job.id)
    if accepted is not None and "instance" in accepted.body:
        return matrices_of(accepted.body["instance"])
    instance = job.view.get("instance") or {}
    return library_matrices(instance["name"]) if instance.get("name") else None


def _results(job: JobFacts) -> list[Json]:
    return [job.result, job.result["certificate"]] if job.result else []
