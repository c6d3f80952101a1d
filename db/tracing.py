"""Spans, for whoever wants them measured: off unless a collector is named.

Without it, and without the optional extra ``otel``, nothing is measured and a caller's
``traceparent`` goes on unchanged (`db.contracts.trace`). With it each span is a child
of the one whose ``traceparent`` it is given, and what it causes is given its own.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import Any

from db.contracts.settings import Settings
from db.contracts.version import VERSION

logger = logging.getLogger(__name__)


class Role(StrEnum):
    """What a span does for another."""

    SERVER = "SERVER"
    CLIENT = "CLIENT"
    CONSUMER = "CONSUMER"
    INTERNAL = "INTERNAL"


class Span:
    """What is measured inside of a `span`; nothing, where nobody wants it."""

    def __init__(self, measured: Any, traceparent: str | None) -> None:
        self._measured = measured
        self.traceparent = traceparent
        """For what it causes in other processes."""

    def tell(self, **facts: str | float) -> None:
        """Add what is known only now; ``name`` renames it."""
        if self._measured is None:
            return
        name = facts.pop("name", None)
        if isinstance(name, str):
            self._measured.update_name(name)
        self._measured.set_attributes({f"solvequeue.{k}": v for k, v in facts.items()})


@contextmanager
def span(
    settings: Settings,
    name: str,
    *,
    parent: str | None = None,
    role: Role = Role.INTERNAL,
    facts: Mapping[str, str | float] | None = None,
) -> Iterator[Span]:
    """Measure what is done inside.

    Without ``parent`` it is part of the span around it in this thread, if there is one.
    """
    tracer = _tracer(os.getpid(), settings.otel_endpoint)
    if tracer is None:
        yield Span(None, parent)
        return
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import (
        TraceContextTextMapPropagator,
    )

    texts = TraceContextTextMapPropagator()
    around = None if parent is None else texts.extract({"traceparent": parent})
    with tracer.start_as_current_span(
        name, context=around, kind=SpanKind[role.value]
    ) as measured:
        carrier: dict[str, str] = {}
        texts.inject(carrier)
        entered = Span(measured, carrier.get("traceparent", parent))
        entered.tell(**(facts or {}))
        yield entered


@cache
def _tracer(pid: int, endpoint: str) -> Any:
    """Return the process' tracer: its thread that sends does not survive a fork."""
    if not endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        logger.warning(
            "nothing is traced: install solvequeue[otel]",
            extra={"action": "tracing_missing", "pid": pid},
        )
        return None
    resource = Resource.create({"service.name": "solvequeue"})
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("solvequeue", VERSION)
