"""Where traces are wanted, one goes from the request to the webhook, phase by phase."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pytest_httpserver import HTTPServer
from starlette.testclient import TestClient

from api import main as api_main
from db import tracing
from db.backplane import Backplane
from db.contracts import trace
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.conftest import MakeApp
from tests.integration.api.test_traces import GIVEN, events_of
from tests.integration.api.test_webhook_numbers import deliver_end

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel")
COLLECTOR = "http://127.0.0.1:1"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Keep the spans of all parts here, instead of sending them."""
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
        InMemorySpanExporter,
    )

    kept, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("test")
    monkeypatch.setattr(tracing, "_tracer", lambda _, endpoint: endpoint and tracer)
    yield kept
    provider.shutdown()


@pytest.fixture
def app(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        webhook_allow_cidrs="127.0.0.0/8",
        otel_endpoint=COLLECTOR,
    )


def test_one_trace_from_the_request_to_each_phase_and_the_webhook(
    spans: Any, client: TestClient, app_backplane: Backplane, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook").respond_with_data(status=204)
    deliver_end(client, app_backplane, httpserver.url_for("/hook"))
    ((request, _),) = httpserver.log
    by_name = {each.name: each for each in spans.get_finished_spans()}
    names = [
        "POST /v1/jobs",
        "job.attempt",
        "instance.load",
        "solve",
        "webhook.deliver",
    ]
    found = [by_name[name] for name in names]
    assert {f"{each.context.trace_id:032x}" for each in found} == {
        trace.trace_id(GIVEN)
    }
    accepted, attempt, load, solve, webhook = found
    assert f"{accepted.parent.span_id:016x}" == GIVEN.split("-")[2]
    assert accepted.attributes["solvequeue.status"] == 202
    assert attempt.parent.span_id == accepted.context.span_id
    assert {load.parent.span_id, solve.parent.span_id} == {attempt.context.span_id}
    assert webhook.parent.span_id == accepted.context.span_id
    # The receiver is told of the very call.
    sent = request.headers["traceparent"].split("-")
    assert sent[2] == f"{webhook.context.span_id:016x}"


def test_events_tell_of_the_request_that_made_the_job(
    spans: Any, client: TestClient
) -> None:
    job = client.post("/v1/jobs", json={"instance": {"name": "nug12"}}).json()["id"]
    (event,) = events_of(client, job)
    accepted = spans.get_finished_spans()[0]
    assert event["traceparent"].split("-")[2] == f"{accepted.context.span_id:016x}"


def test_without_a_collector_nothing_is_measured(
    spans: Any, make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    client = TestClient(make_app(database_url=sqlite_url, redis_url=valkey.redis_url))
    assert client.get("/v1/jobs").status_code == 200
    assert spans.get_finished_spans() == ()


def test_without_the_extra_the_service_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace", None)
    tracing._tracer.cache_clear()
    settings = Settings(otel_endpoint=COLLECTOR)
    with tracing.span(settings, "x", parent=GIVEN) as measured:
        measured.tell(name="y", fact=1)
    assert measured.traceparent == GIVEN
    assert "solvequeue[otel]" in caplog.text
    tracing._tracer.cache_clear()
    assert api_main.create_app(settings)
