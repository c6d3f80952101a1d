"""The kinds of findings, one a line."""

from schedules.insights import (
    anomalies,
    cached,
    load,
    methods,
    providers,
    seconds,
    sizing,
)
from schedules.insights.claim import Kind

KINDS: dict[str, Kind] = {
    "method_wins": methods.KIND,
    "more_seconds": seconds.KIND,
    "anomaly": anomalies.KIND,
    "load_cycle": load.KIND,
    "cache_advice": cached.KIND,
    "provider_at_risk": providers.KIND,
    "worker_sizing": sizing.KIND,
}
