"""The jobs of the earlier monitoring system's scheduler: what beat starts, and users'.

Its clients know eight of them by name. A name stands for a schedule of ours that does
that work; one whose work nothing does is not listed.
"""

from dataclasses import dataclass

from db.backplane import Backplane
from db.broker import Beaten
from db.contracts.errors import NotFoundError
from db.contracts.near_miss import did_you_mean

MEANT: dict[str, tuple[str, ...]] = {
    "health_checks": ("provider_health", "probe_providers"),
    "market_data": ("market_data",),
    "metrics_aggregation": ("metrics", "system_metrics"),
    "database_cleanup": ("retention",),
}
"""By the contract's name: our schedules that do that work, the first there is."""
OF_USERS = "sch_"


@dataclass(frozen=True, slots=True)
class SchedulerJob:
    """One of beat's schedules, under the name that it is listed by."""

    id: str
    schedule: Beaten


def beaten_jobs(backplane: Backplane) -> list[SchedulerJob]:
    """Return all that beat starts, each once: by the contract's name if it has one."""
    known = backplane.broker.schedules()
    named: dict[str, str] = {}
    for name, ours in MEANT.items():
        found = next((each for each in ours if each in known), None)
        if found is not None:
            named.setdefault(found, name)
    return [
        SchedulerJob(named.get(each.name, each.name), each) for each in known.values()
    ]


def find_beaten(backplane: Backplane, name: str) -> SchedulerJob:
    """Return what is called so, by the contract or by us."""
    found = beaten_jobs(backplane)
    for job in found:
        if name in (job.id, job.schedule.name):
            return job
    known = sorted({each for job in found for each in (job.id, job.schedule.name)})
    raise NotFoundError(
        f"there is no scheduler job {name[:100]!r}",
        suggestion=f"{did_you_mean(name, known)}/api/scheduler/status lists them all.",
    )
