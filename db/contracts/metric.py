"""The registry of metrics: every number that the service tells of itself.

Names and units follow Prometheus' rules. A label's values come from a closed set: what
callers make up (ids, keys, names, paths) is never one of them.
"""

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """What may be done with a number."""

    COUNTER = "counter"
    """Only grows, but for a reset."""
    GAUGE = "gauge"
    """Read when somebody asks."""
    HISTOGRAM = "histogram"
    """How many observations were how large."""
    SUMMARY = "summary"
    """Quantiles, for clients of the earlier QAP server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One of them."""

    kind: MetricKind
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    """What the name ends in, before ``_total``; empty for plain counts."""
    is_recent: bool = False
    """Whether it is told of the last minutes too."""


_C, _G = MetricKind.COUNTER, MetricKind.GAUGE
_H, _S = MetricKind.HISTOGRAM, MetricKind.SUMMARY

HTTP_REQUESTS = "solvequeue_http_requests_total"
HTTP_DURATION = "solvequeue_http_request_duration_seconds"
HTTP_ACTIVE = "solvequeue_http_active_requests"
CALLERS_REFUSED = "solvequeue_callers_refused_total"
JOBS_FINISHED = "solvequeue_jobs_finished_total"
JOB_QUEUE_WAIT = "solvequeue_job_queue_wait_seconds"
JOB_RUN = "solvequeue_job_run_seconds"
JOB_FINAL_GAP = "solvequeue_job_final_gap_ratio"
WEBHOOK_ATTEMPTS = "solvequeue_webhook_attempts_total"
STREAM_CLIENTS = "solvequeue_stream_clients"
STREAM_DROPPED = "solvequeue_stream_dropped_total"
WEBSOCKETS = "solvequeue_websocket_clients"

PROBES = frozenset(
    {
        *("/healthz", "/readyz", "/ready", "/health", "/api/health"),
        *("/metrics", "/metrics/prometheus", "/api/v1/overview/health"),
    }
)
"""Routes by which the service is watched: they say nothing of how users fare."""

# fmt: off
METRICS: dict[str, Metric] = {
    HTTP_REQUESTS: Metric(kind=_C, labels=("method", "route", "status"), is_recent=True, help="HTTP requests answered."),  # noqa: E501
    HTTP_DURATION: Metric(kind=_H, labels=("route",), unit="seconds", is_recent=True, help="Time to the start of the answer."),  # noqa: E501
    HTTP_ACTIVE: Metric(kind=_G, help="HTTP requests that are being answered."),
    CALLERS_REFUSED: Metric(kind=_C, help="Keys and tokens that were sent and are not good."),  # noqa: E501
    JOBS_FINISHED: Metric(kind=_C, labels=("kind", "method", "state"), help="Jobs that ended."),  # noqa: E501
    JOB_QUEUE_WAIT: Metric(kind=_H, labels=("queue",), unit="seconds", help="From acceptance to the first start, of jobs that ended."),  # noqa: E501
    JOB_RUN: Metric(kind=_H, labels=("kind", "method"), unit="seconds", help="From the first start to the end."),  # noqa: E501
    JOB_FINAL_GAP: Metric(kind=_H, labels=("method",), unit="ratio", help="Gap to the best known objective at the end, where one is known."),  # noqa: E501
    WEBHOOK_ATTEMPTS: Metric(kind=_C, labels=("result",), help="Requests made to deliver webhooks."),  # noqa: E501
    STREAM_CLIENTS: Metric(kind=_G, help="Subscriptions to logs."),
    WEBSOCKETS: Metric(kind=_G, help="WebSockets that are open."),
    STREAM_DROPPED: Metric(kind=_C, help="Readers who fell behind and had to go back to the log."),  # noqa: E501
    "solvequeue_jobs": Metric(kind=_G, labels=("state",), help="Jobs in the database."),
    "solvequeue_queue_depth": Metric(kind=_G, labels=("queue",), help="Jobs that wait for a worker."),  # noqa: E501
    "solvequeue_queue_oldest_age_seconds": Metric(kind=_G, labels=("queue",), unit="seconds", help="How long the oldest of them has waited."),  # noqa: E501
    "solvequeue_queue_paused": Metric(kind=_G, labels=("queue",), help="1 where workers take no jobs."),  # noqa: E501
    "solvequeue_workers": Metric(kind=_G, help="Workers that are alive, whatever queues they serve."),  # noqa: E501
    "solvequeue_worker_slots": Metric(kind=_G, help="Jobs that those who solve can run at once."),  # noqa: E501
    "solvequeue_worker_busy_ratio": Metric(kind=_G, unit="ratio", help="Share of these slots that run a job."),  # noqa: E501
    "solvequeue_beat_ticking": Metric(kind=_G, help="1 while beat ticks and a worker hears it."),  # noqa: E501
    "solvequeue_webhook_deliveries_pending": Metric(kind=_G, help="Requests that are owed to webhooks."),  # noqa: E501
    "solvequeue_webhook_deliveries_overdue": Metric(kind=_G, help="Of these, those that should have been made ten minutes ago."),  # noqa: E501
    "solvequeue_webhooks_disabled": Metric(kind=_G, help="Webhooks that are told nothing more, as their receivers failed."),  # noqa: E501
    "solvequeue_cache_hits_total": Metric(kind=_C, help="Jobs answered by equal work."),
    "solvequeue_cache_misses_total": Metric(kind=_C, help="Jobs for which equal work was looked for in vain."),  # noqa: E501
    "solvequeue_cache_results": Metric(kind=_G, help="Results that the cache remembers."),  # noqa: E501
    "solvequeue_uptime_seconds": Metric(kind=_G, unit="seconds", help="Since when the service has answered without a pause."),  # noqa: E501
    "solvequeue_metrics_shared": Metric(kind=_G, help="0 while Redis is away: counts are this process' own."),  # noqa: E501
    "solvequeue_build_info": Metric(kind=_G, labels=("version",), help="Which version runs."),  # noqa: E501
    "qap_requests_total": Metric(kind=_C, help="HTTP requests answered."),
    "qap_errors_total": Metric(kind=_C, help="Of these, answered with a 5xx."),
    "qap_request_duration_seconds": Metric(kind=_S, unit="seconds", help="Time to the start of the answer."),  # noqa: E501
    "qap_uptime_seconds": Metric(kind=_G, unit="seconds", help="As solvequeue_uptime_seconds."),  # noqa: E501
    "qap_active_requests": Metric(kind=_G, help="As solvequeue_http_active_requests."),
}
# fmt: on

_LOWEST, _STEPS_A_DECADE, _STEPS = 1e-4, 24, 183

BOUNDS: tuple[float, ...] = tuple(
    float(f"{_LOWEST * 10 ** (step / _STEPS_A_DECADE):.4g}") for step in range(_STEPS)
)
"""Upper bounds of the buckets of every histogram: each about a tenth above the one
before, from 0.1 ms to an hour. One more bucket holds what is larger."""
EXPOSED_BOUNDS = BOUNDS[::8]
"""Those that Prometheus is told: three a decade."""
