"""The jobs of the earlier monitoring system's scheduler: what beat starts, and users'.

Its clients know eight of them by name. A name stands for a schedule of ours that does
that work; one whose work nothing does is not listed.
"""

from collections.abc import Collection
from dataclasses import dataclass

from db.backplane import Backplane
from db.broker import Beaten
from db.contracts.errors import NotFoundError
from db.contracts.near_miss import did_you_mean

MEANT = {
    "health_checks": "provider_health",
    "market_data": "market_data",
    "metrics_aggregation": "metrics",
    "database_cleanup": "retention",
}
"""By the contract's name: our schedule that does that work."""
COLLECTED = {
    "explorer_data": "blockchain_explorers",
    "news_collection": "news",
    "sentiment_collection": "sentiment",
}
"""By the contract's name: the category whose providers are checked and collected."""
CHECKS = "provider_health"
"""Which of ours checks providers that are due."""
OF_USERS = "sch_"


@dataclass(frozen=True, slots=True)
class SchedulerJob:
    """One of beat's schedules, under the name that it is listed by."""

    id: str
    schedule: Beaten
    category: str | None = None
    """Of which the providers are meant, and no others."""


def beaten_jobs(backplane: Backplane) -> list[SchedulerJob]:
    """Return all that beat starts, each once: by the contract's name if it has one."""
    known = backplane.broker.schedules()
    named = {ours: name for name, ours in MEANT.items()}
    return [
        SchedulerJob(named.get(each.name, each.name), each) for each in known.values()
    ]


def find_job(
    backplane: Backplane, name: str, categories: Collection[str]
) -> SchedulerJob:
    """Return what is called so, by the contract or by us.

    ``categories`` are those that have providers.
    """
    found = beaten_jobs(backplane)
    checks = next((job.schedule for job in found if job.schedule.name == CHECKS), None)
    if checks is not None:
        found += [
            SchedulerJob(each, checks, category)
            for each, category in COLLECTED.items()
            if category in categories
        ]
    for job in found:
        if name == job.id or (name == job.schedule.name and job.category is None):
            return job
    known = sorted({each for job in found for each in (job.id, job.schedule.name)})
    raise NotFoundError(
        f"there is no scheduler job {name[:100]!r}",
        suggestion=f"{did_you_mean(name, known)}/api/scheduler/status lists them all.",
    )
