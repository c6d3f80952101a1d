"""What a job costs each part of the service, as `make bench-capacity` measured it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

SHIPPED = Path(__file__).parent / "costs.json"


@dataclass(frozen=True)
class Cost:
    """Something that grows with the numbers that a job's problem is made of."""

    fixed: float
    per_thousand: float
    """Of each thousand numbers: flow and distance have 2 n² of them."""

    def of(self, numbers: float) -> float:
        """Return what a job with so many numbers costs."""
        return self.fixed + self.per_thousand * numbers / 1000


@dataclass(frozen=True)
class JobCosts:
    """Of one job, with one database. Times are of a processor's core, in seconds."""

    api_s: Cost
    """Taking it: reading, checking, recording, announcing."""
    solver_s: Cost
    """All that a worker does for it but solving."""
    redis_s: float
    database_s: float
    """PostgreSQL's processes; 0 with SQLite, where the callers do it themselves."""
    held_s: float
    """For which it holds the write lock; only SQLite has a single one."""
    accepting_s: float
    """Of them, in the API; the rest in workers and the reconciler."""
    transaction_s: float
    """Of them, one transaction; a heartbeat is one."""
    database_bytes: Cost


@dataclass(frozen=True)
class Costs:
    """All that a plan leans on."""

    machine: str
    """Where it was measured."""
    by_database: dict[str, JobCosts]
    read_s: float
    """One look at a job, of the API."""
    message_s: float
    """One event to one socket, of the API."""
    socket_bytes: float
    check_s: float
    """One check of a provider, of the couriers."""
    redis_bytes: float
    """Of a Redis without jobs."""
    waiting_bytes: float
    """Of a job that waits, in Redis."""
    ended_bytes: float
    """Of one that ended a short while ago, with its milestones."""
    event_bytes: float
    """Of an event in Redis."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read costs that `python -m tests.benchmarks.capacity fit` has written."""
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        by_database = {
            name: _job_costs(each) for name, each in told.pop("by_database").items()
        }
        return cls(by_database=by_database, **told)


def _job_costs(told: dict[str, Any]) -> JobCosts:
    given: dict[str, Any] = {
        name: Cost(**value) if isinstance(value, dict) else value
        for name, value in told.items()
    }
    return JobCosts(**given)


@cache
def shipped_costs() -> Costs:
    """Return what came of measuring on the machine that `machine` names."""
    return Costs.load(SHIPPED)
