"""A webhook carries the trace of its job, and each attempt is counted by its result."""

import pytest
from fastapi import FastAPI
from pytest_httpserver import HTTPServer
from sqlalchemy import update
from starlette.testclient import TestClient
from werkzeug import Request, Response

from db.backplane import Backplane
from db.contracts.delivery import EndpointState
from db.embedded_valkey import EmbeddedValkey
from db.models import Delivery, Endpoint
from db.repositories.deliveries import OVERDUE_SECONDS
from tests.integration.api.conftest import MakeApp
from tests.integration.api.test_metrics import NUG12, value_of, work
from tests.integration.api.test_traces import GIVEN
from tests.servers.ports import free_port
from worker.webhooks.deliver import deliver


@pytest.fixture
def app(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        webhook_allow_cidrs="127.0.0.0/8",
    )


def deliver_end(client: TestClient, backplane: Backplane, url: str) -> None:
    """Send a job, run it, and make one attempt to tell the address of its end."""
    answer = client.post(
        "/v1/jobs", json={**NUG12, "webhook_url": url}, headers={"traceparent": GIVEN}
    )
    assert answer.status_code == 202
    work(backplane, ended=1)
    with backplane.database.reading() as connection:
        (delivery_id,) = connection.execute(
            Delivery.__table__.select().with_only_columns(Delivery.id)
        ).scalars()
    deliver(backplane, delivery_id)


@pytest.mark.parametrize(
    ("status", "result"), [(204, "delivered"), (500, "5xx"), (410, "4xx"), (302, "3xx")]
)
def test_an_attempt_is_counted_and_carries_the_trace(
    client: TestClient,
    app_backplane: Backplane,
    httpserver: HTTPServer,
    status: int,
    result: str,
) -> None:
    heard: list[Request] = []

    def receive(request: Request) -> Response:
        heard.append(request)
        return Response(status=status)

    httpserver.expect_request("/hook").respond_with_handler(receive)
    deliver_end(client, app_backplane, httpserver.url_for("/hook"))
    (request,) = heard
    assert request.headers["traceparent"] == GIVEN
    assert request.json is not None
    assert request.json["traceparent"] == GIVEN
    name = "solvequeue_webhook_attempts_total"
    assert value_of(client, name) == value_of(client, name, result=result) == 1
    assert client.get("/metrics").json()["webhook_attempts"] == {result: 1}


def test_what_is_owed_and_late_is_told(
    client: TestClient, app_backplane: Backplane
) -> None:
    pending = "solvequeue_webhook_deliveries_pending"
    overdue = "solvequeue_webhook_deliveries_overdue"
    url = f"http://127.0.0.1:{free_port()}/hook"
    assert value_of(client, pending) == 0
    assert client.post("/v1/jobs", json={**NUG12, "webhook_url": url}).is_success
    work(app_backplane, ended=1)
    assert (value_of(client, pending), value_of(client, overdue)) == (1, 0)
    late = {Delivery.next_attempt_at: Delivery.next_attempt_at - OVERDUE_SECONDS - 1}
    with app_backplane.database.transaction() as connection:
        connection.execute(update(Delivery).values(late))
    assert (value_of(client, pending), value_of(client, overdue)) == (1, 1)
    with app_backplane.database.transaction() as connection:
        connection.execute(update(Endpoint).values(state=EndpointState.DISABLED))
    assert value_of(client, "solvequeue_webhooks_disabled") == 1


def test_an_address_where_nobody_listens_is_counted_as_that(
    client: TestClient, app_backplane: Backplane
) -> None:
    deliver_end(client, app_backplane, f"http://127.0.0.1:{free_port()}/hook")
    name = "solvequeue_webhook_attempts_total"
    assert value_of(client, name, result="unreachable") == 1
