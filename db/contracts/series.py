"""The registry of series: which of the service's numbers are kept over time."""

from dataclasses import dataclass
from enum import StrEnum

from db.contracts.job_kind import OF_SOLVES
from db.contracts.kinds import KINDS


class SeriesKind(StrEnum):
    """What may be said of a series in a period."""

    GAUGE = "gauge"
    """The mean, the least and the greatest of its samples."""
    COUNTER = "counter"
    """What it grew by."""
    HISTOGRAM = "histogram"
    """How many observations there were, and their quantiles."""
    RATIO = "ratio"
    """Of counters: what the first grew by, over what the others did."""


class Tier(StrEnum):
    """How long a period is."""

    RAW = "raw"
    MINUTE = "minute"
    HOUR = "hour"

    @property
    def seconds(self) -> int:
        """The length of its periods."""
        return {"raw": 10, "minute": 60, "hour": 3600}[self.value]


@dataclass(frozen=True, slots=True)
class Series:
    """One of them."""

    kind: SeriesKind
    help: str
    unit: str = ""
    of: tuple[str, ...] = ()
    """Counters of a ratio: the part, and what the whole is the sum of."""


_G, _C = SeriesKind.GAUGE, SeriesKind.COUNTER
_H, _R = SeriesKind.HISTOGRAM, SeriesKind.RATIO

# fmt: off
SERIES: dict[str, Series] = {
    "jobs_queued": Series(_G, "Jobs that wait, those held back included."),
    "jobs_running": Series(_G, "Jobs that a worker runs."),
    **{f"queue_waiting.{each}": Series(_G, f"Jobs that wait in {each} for a worker.") for each in OF_SOLVES},  # noqa: E501
    **{f"queue_oldest_age.{each}": Series(_G, f"How long the oldest in {each} has waited.", "seconds") for each in OF_SOLVES},  # noqa: E501
    **{f"jobs_ended.{each}": Series(_C, f"Jobs of the kind {each} that ended.") for each in KINDS},  # noqa: E501
    **{f"jobs_failed.{each}": Series(_C, f"Of those of the kind {each}, what failed.") for each in KINDS},  # noqa: E501
    "workers": Series(_G, "Workers that are alive, whatever queues they serve."),
    "worker_slots": Series(_G, "Jobs that those who solve can run at once."),
    "worker_busy_ratio": Series(_G, "Share of these slots that run a job.", "ratio"),
    "http_requests": Series(_C, "Users' requests answered; probes are left out."),
    "http_errors": Series(_C, "Of these, answered with a 5xx."),
    "http_error_ratio": Series(_R, "Share of the requests.", "ratio", ("http_errors", "http_requests")),  # noqa: E501
    "http_duration": Series(_H, "Time to the start of the answer.", "seconds"),
    "cache_hits": Series(_C, "Jobs answered by equal work."),
    "cache_misses": Series(_C, "Jobs for which equal work was looked for in vain."),
    "cache_hit_ratio": Series(_R, "Share of the lookups.", "ratio", ("cache_hits", "cache_hits", "cache_misses")),  # noqa: E501
    "websockets": Series(_G, "WebSockets that are open."),
    "host_cpu_ratio": Series(_G, "Share of its processors that the courier's host used.", "ratio"),  # noqa: E501
    "host_memory_ratio": Series(_G, "Share of its memory that is in use.", "ratio"),
    "home_disk_free": Series(_G, "What is free where the courier's home lies.", "bytes"),  # noqa: E501
    "providers": Series(_G, "Providers that are watched; paused ones are left out."),
    "providers_online": Series(_G, "Of these, online."),
    "providers_degraded": Series(_G, "Of these, degraded."),
    "providers_offline": Series(_G, "Of these, offline."),
    "provider_response": Series(_G, "Mean time of their answers in the hour before.", "milliseconds"),  # noqa: E501
    "provider_requests_hour": Series(_G, "Calls to them in the hour before."),
    "provider_failures_hour": Series(_G, "Of these, without success."),
}
# fmt: on
