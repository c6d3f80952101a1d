"""What this process counts about itself, for Prometheus."""

import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.relay.hub import Hub

VERSION = "0.1.0"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Its own registry: several applications may live in one process."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, hub: Hub) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "solvequeue_http_requests",
            "HTTP requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.duration = Histogram(
            "solvequeue_http_request_duration_seconds",
            "Time to the start of the answer.",
            ["route"],
            registry=self._registry,
        )
        self.refused = Counter(
            "solvequeue_callers_refused",
            "Keys and tokens that were sent and are not good.",
            registry=self._registry,
        )
        self._jobs = Gauge(
            "solvequeue_jobs",
            "Jobs in the database, by state.",
            ["state"],
            registry=self._registry,
        )
        Gauge(
            "solvequeue_stream_clients",
            "Subscriptions to logs in this process.",
            registry=self._registry,
        ).set_function(lambda: hub.subscriptions)
        Gauge(
            "solvequeue_build_info",
            "Which version runs.",
            ["version"],
            registry=self._registry,
        ).labels(VERSION).set(1)

    def count_jobs(self, by_state: Mapping[str, int]) -> None:
        for state, count in by_state.items():
            self._jobs.labels(state).set(count)

    def forget_jobs(self) -> None:
        self._jobs.clear()

    def render(self) -> bytes:
        return generate_latest(self._registry)


class CountRequests:
    """Count every answer under its route's template, never its path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "unmatched")
                elapsed = time.perf_counter() - started
                self._metrics.duration.labels(route).observe(elapsed)
                # A client may make up methods; each label is kept for ever.
                method = scope["method"] if scope["method"] in METHODS else "other"
                status = str(message["status"])
                self._metrics.requests.labels(method, route, status).inc()
            await send(message)

        await self._app(scope, receive, send_counted)
