"""What Prometheus is told: the registry's metrics, as they are read now."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from typing_extensions import override

from api.vitals import Recorded, Vitals
from db.contracts.metric import (
    EXPOSED_BOUNDS,
    HTTP_ACTIVE,
    HTTP_DURATION,
    HTTP_REQUESTS,
    METRICS,
    STREAM_CLIENTS,
    WEBSOCKETS,
    MetricKind,
)
from db.contracts.version import VERSION
from db.repositories.deliveries import Backlog
from db.tally import Histogram, Labels

Values = dict[Labels, float]
QUANTILES = (0.5, 0.95, 0.99)


def render(vitals: Vitals, accept: str) -> tuple[bytes, str]:
    """Return the text and its content type, as the scraper asks for it."""
    registry = CollectorRegistry()
    registry.register(_Reading(vitals))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Reading(Collector):
    """One look at the service, in Prometheus' words."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    @override
    def collect(self) -> Iterator[Family]:
        for name, metric in METRICS.items():
            if metric.kind is MetricKind.HISTOGRAM:
                yield self._histogram(name)
            elif metric.kind is MetricKind.SUMMARY:
                yield self._summary(name)
            else:
                yield self._numbers(name)

    def _numbers(self, name: str) -> Family:
        metric = METRICS[name]
        read = READINGS.get(name)
        values: Values = (
            dict(self._vitals.tally.counts(name))
            if read is None
            else read(self._vitals)
        )
        make = (
            CounterMetricFamily
            if metric.kind is MetricKind.COUNTER
            else GaugeMetricFamily
        )
        family = make(name.removesuffix("_total"), metric.help, labels=metric.labels)
        for labels, value in values.items():
            family.add_metric(labels, value)
        return family

    def _histogram(self, name: str) -> Family:
        metric = METRICS[name]
        family = HistogramMetricFamily(name, metric.help, labels=metric.labels)
        for labels, histogram in self._vitals.tally.histograms(name).items():
            family.add_metric(labels, _buckets(histogram), histogram.sum)
        return family

    def _summary(self, name: str) -> Family:
        histogram = self._vitals.tally.histogram(HTTP_DURATION)
        family = SummaryMetricFamily(name, METRICS[name].help)
        for q in QUANTILES:
            family.add_sample(name, {"quantile": str(q)}, histogram.quantile(q))
        family.add_metric((), histogram.count, histogram.sum)
        return family


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    exposed = [(str(bound), histogram.at_most(bound)) for bound in EXPOSED_BOUNDS]
    return [*exposed, ("+Inf", histogram.count)]


def _one(value: float) -> Values:
    return {(): value}


def _of_queues(
    read: Callable[[Recorded, str], float],
) -> Callable[[Vitals], Values]:
    """Return a reading of each queue; of none while the database is away."""

    def reading(vitals: Vitals) -> Values:
        recorded = vitals.recorded
        if recorded is None:
            return {}
        return {(queue,): read(recorded, queue) for queue in recorded.queues}

    return reading


def _jobs(vitals: Vitals) -> Values:
    recorded = vitals.recorded
    if recorded is None:
        return {}
    return {(state,): count for state, count in recorded.by_state.items()}


def _unless_unknown(
    read: Callable[[Vitals], float],
) -> Callable[[Vitals], Values]:
    """Return a reading that tells nothing while nobody knows the workers."""
    return lambda vitals: {} if vitals.workers is None else _one(read(vitals))


def _of_backlog(read: Callable[[Backlog], float]) -> Callable[[Vitals], Values]:
    """Return a reading that tells nothing while the database is away."""

    def reading(vitals: Vitals) -> Values:
        backlog = vitals.backlog
        return {} if backlog is None else _one(read(backlog))

    return reading


def _ticking(vitals: Vitals) -> Values:
    ticking = vitals.is_ticking
    return {} if ticking is None else _one(ticking)


READINGS: dict[str, Callable[[Vitals], Values]] = {
    HTTP_ACTIVE: lambda vitals: _one(vitals.gauge(HTTP_ACTIVE)),
    STREAM_CLIENTS: lambda vitals: _one(vitals.gauge(STREAM_CLIENTS)),
    WEBSOCKETS: lambda vitals: _one(vitals.gauge(WEBSOCKETS)),
    "solvequeue_jobs": _jobs,
    "solvequeue_queue_depth": _of_queues(lambda r, name: r.queues[name].waiting),
    "solvequeue_queue_oldest_age_seconds": _of_queues(
        lambda r, name: r.queues[name].oldest_age_s
    ),
    "solvequeue_queue_paused": _of_queues(lambda r, name: name in r.paused),
    "solvequeue_workers": _unless_unknown(lambda vitals: len(vitals.workers or ())),
    "solvequeue_worker_slots": _unless_unknown(lambda vitals: vitals.slots),
    "solvequeue_worker_busy_ratio": _unless_unknown(lambda vitals: vitals.busy_ratio),
    "solvequeue_beat_ticking": _ticking,
    "solvequeue_webhook_deliveries_pending": _of_backlog(lambda b: b.pending),
    "solvequeue_webhook_deliveries_overdue": _of_backlog(lambda b: b.overdue),
    "solvequeue_webhooks_disabled": _of_backlog(lambda b: b.disabled),
    "solvequeue_cache_hits_total": lambda vitals: _one(vitals.cache.hits),
    "solvequeue_cache_misses_total": lambda vitals: _one(vitals.cache.misses),
    "solvequeue_cache_results": lambda vitals: _one(vitals.cache.size),
    "solvequeue_uptime_seconds": lambda vitals: _one(vitals.uptime_seconds),
    "solvequeue_metrics_shared": lambda vitals: _one(vitals.tally.is_shared),
    "solvequeue_build_info": lambda _: {(VERSION,): 1.0},
    "qap_requests_total": lambda vitals: _one(vitals.tally.total(HTTP_REQUESTS)),
    "qap_errors_total": lambda vitals: _one(vitals.total_errors),
    "qap_uptime_seconds": lambda vitals: _one(vitals.uptime_seconds),
    "qap_active_requests": lambda vitals: _one(vitals.gauge(HTTP_ACTIVE)),
}
"""Where numbers come from that nobody counts; all others are counted."""
