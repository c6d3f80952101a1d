"""What beat starts, and how often."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

LEAST_EXPIRY_SECONDS = 10.0
"""Beat and its worker may be on two hosts, whose clocks differ a little."""


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

    @property
    def expires_seconds(self) -> float:
        """After which a tick is dropped: one that waited has a successor."""
        return max(self.every_seconds, LEAST_EXPIRY_SECONDS)

    def sent_at(self, expires: str | datetime | None) -> float | None:
        """Return when beat sent the message with this expiry; None if it did not.

        Celery stamps no message with the moment of its sending, but with that of its
        expiry, by beat's clock. What anybody else sends has none.
        """
        if expires is None:
            return None
        if isinstance(expires, str):
            expires = datetime.fromisoformat(expires)
        return expires.timestamp() - self.expires_seconds


SCHEDULES: dict[str, Schedule] = {
    "alerts": Schedule(
        name="alerts",
        every_seconds=10.0,
        function="schedules.alerts:watch",
        summary="Judge what rules of alerts watch over time.",
    ),
    "dispatch": Schedule(
        name="dispatch",
        every_seconds=1.0,
        function="schedules.dispatch:dispatch",
        summary="Start the jobs of users' schedules that are due.",
    ),
    "insights": Schedule(
        name="insights",
        every_seconds=900.0,
        function="schedules.findings:look",
        summary="Look at what the history says, and judge what was said before.",
    ),
    "market_data": Schedule(
        name="market_data",
        # Five times a tick: beat drifts, and no tick may fall between two of its own.
        every_seconds=2.0,
        function="schedules.market_data:tick",
        summary="Record and tell the market feed's tick, every 10 s.",
    ),
    "provider_registry": Schedule(
        name="provider_registry",
        every_seconds=30.0,
        function="schedules.provider_registry:synchronise",
        summary="Watch who is named by files, and the service's own parts.",
    ),
    "provider_health": Schedule(
        name="provider_health",
        every_seconds=1.0,
        function="schedules.providers:check_due",
        summary="Check the providers that are due.",
    ),
    "metrics": Schedule(
        name="metrics",
        # Twice a period: beat drifts, and no period may fall between two of its own.
        every_seconds=5.0,
        function="schedules.metrics:sample",
        summary="Sample the service's numbers, every 10 s, and roll them up.",
    ),
    "metric_retention": Schedule(
        name="metric_retention",
        every_seconds=3600.0,
        function="schedules.metrics:forget",
        summary="Delete numbers of long ago.",
    ),
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
    "revenue": Schedule(
        name="revenue",
        every_seconds=10.0,
        function="schedules.revenue:add_up",
        summary="Add up what jobs cost that have succeeded.",
    ),
    "run_retention": Schedule(
        name="run_retention",
        every_seconds=3600.0,
        function="schedules.retention:forget_old_runs",
        summary="Delete what is told of due times longer ago than jobs are kept.",
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
                "expires": schedule.expires_seconds,
            },
        }
        for schedule in SCHEDULES.values()
    }


def beat_summaries() -> dict[str, str]:
    """Return what each is for, beside what Celery knows of it."""
    return {schedule.name: schedule.summary for schedule in SCHEDULES.values()}
