"""What beat starts, and how often."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Schedule:
    """One thing that happens without anyone asking. Running it twice is harmless."""

    name: str
    every_seconds: float
    function: str
    """``module:function``, called with the process' backplane."""
    summary: str

    @property
    def task(self) -> str:
        return f"schedules.{self.name}"


SCHEDULES: dict[str, Schedule] = {
    "rescue": Schedule(
        name="rescue",
        every_seconds=10.0,
        function="schedules.rescue:rescue",
        summary="Find jobs, messages, deliveries and logs that a fault left behind.",
    ),
    "retention": Schedule(
        name="retention",
        every_seconds=3600.0,
        function="schedules.retention:forget",
        summary="Remove results, then records, that have been kept long enough.",
    ),
}


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return the registry in Celery's form."""
    return {
        schedule.name: {
            "task": schedule.task,
            "schedule": schedule.every_seconds,
            "options": {
                "queue": "schedules",
                # A tick that waited longer than its period has a successor.
                "expires": schedule.every_seconds,
            },
        }
        for schedule in SCHEDULES.values()
    }
