r"""How much work was done twice.

Milestones survive every fault, and the injector knows what it hit when. Of a job
whose attempts 1 … k - 1 were lost or given back and whose attempt k was the last:

    repeated = sum over i < k of worked_i - begun_k

``worked_i`` is the time from ``job.started`` to the kill of its process, or else to
``job.attempt_lost`` or ``job.queued``, without the time in which the process was
frozen. ``begun_k`` is the budget that attempt k found used up: what it first told as
``elapsed_s``, less the time from its start to then. Getting ready counts as work, so
that the measure errs on the high side only.
"""

import json
import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from tests.acceptance.chaos.facts import JobFacts, Json, Milestone
from tests.acceptance.chaos.site import Hit

ENDS_OF_ATTEMPTS = ("job.attempt_lost", "job.queued")


def solved_seconds(job: JobFacts) -> float:
    """Return the seconds of solving that count, over all attempts."""
    return float(job.result.get("elapsed_s") or 0.0)


def repeated_seconds(job: JobFacts, hits: Sequence[Hit]) -> float:
    """Return the seconds of solving that came to nothing."""
    ended = [
        worked_seconds(start, end, hits)
        for start, end in pairwise(job.milestones)
        if start.type == "job.started" and end.type in ENDS_OF_ATTEMPTS
    ]
    if not ended:
        return 0.0
    return max(0.0, sum(ended) - _begun_seconds(job))


def worked_seconds(start: Milestone, end: Milestone, hits: Sequence[Hit]) -> float:
    """Return how long an attempt can have worked."""
    pid = int(json.loads(start.data)["worker"].split(":")[-2])
    of_it = [hit for hit in hits if hit.pid == pid and start.time <= hit.until]
    kills = [hit.at for hit in of_it if hit.until == math.inf]
    last = min([end.time, *kills])
    frozen = sum(
        max(0.0, min(hit.until, last) - max(hit.at, start.time))
        for hit in of_it
        if hit.until != math.inf
    )
    return max(0.0, last - start.time - frozen)


def _begun_seconds(job: JobFacts) -> float:
    """Return the used budget from which the last attempt went on."""
    starts = [each for each in job.milestones if each.type == "job.started"]
    last = starts[-1]
    told = [event for event in job.log if event["data"].get("elapsed_s") is not None]
    of_last = [event for event in told if event["data"]["attempt"] == last.attempt]
    if not of_last:
        return 0.0
    first = of_last[0]
    since = _seconds(first) - last.time
    return max(0.0, float(first["data"]["elapsed_s"]) - max(0.0, since))


def _seconds(event: Json) -> float:
    return datetime.fromisoformat(event["time"]).timestamp()
