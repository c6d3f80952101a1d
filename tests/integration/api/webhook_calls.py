"""What tests do with webhooks: make them, have deliveries made, check what came."""

import json
from typing import Any

from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from starlette.testclient import TestClient
from svix.webhooks import Webhook as SvixWebhook
from werkzeug import Request, Response

from db.backplane import Backplane
from db.models import Delivery
from tests.integration.api.test_metrics import NUG12, work
from tests.sample_webhooks import hinted
from worker.webhooks.deliver import deliver


class Receiver:
    """Answers as it is told, and keeps what it heard."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/hook")
        self.heard: list[Request] = []
        self.status = 204
        server.expect_request("/hook").respond_with_handler(self._receive)

    def _receive(self, request: Request) -> Response:
        self.heard.append(request)
        return Response(status=self.status)

    @property
    def types(self) -> list[str]:
        return [json.loads(request.data)["type"] for request in self.heard]


def make(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def pay(backplane: Backplane) -> int:
    """Make all deliveries that are due, as couriers would; return how many."""
    count = 0
    database = backplane.database
    while True:
        with database.transaction() as connection:
            connection.execute(Delivery.__table__.update().values(hinted_until=0.0))
        due = hinted(database, limit=100)
        for delivery_id in due:
            deliver(backplane, delivery_id)
        count += len(due)
        if not due:
            return count


def solve(client: TestClient, backplane: Backplane, **fields: Any) -> str:
    answer = client.post("/v1/jobs", json={**NUG12, **fields})
    assert answer.status_code == 202, answer.text
    ended = backplane.database
    with ended.reading() as connection:
        done = connection.exec_driver_sql(
            "select count(*) from job where state = 'succeeded'"
        ).scalar_one()
    work(backplane, ended=done + 1)
    job_id: str = answer.json()["id"]
    return job_id


def deliveries_of(client: TestClient, endpoint: dict[str, Any], **query: Any) -> Any:
    return client.get(endpoint["links"]["deliveries"], params=query).json()["items"]


def assert_verified(request: Request, secret: str) -> None:
    """Have both reference libraries check the signature and the time."""
    headers = dict(request.headers)
    Webhook(secret).verify(request.data, headers)
    renamed = {
        name.replace("Webhook-", "svix-"): value for name, value in headers.items()
    }
    SvixWebhook(secret).verify(request.data, renamed)


def hinted_after_reset(backplane: Backplane) -> list[str]:
    with backplane.database.transaction() as connection:
        connection.execute(Delivery.__table__.update().values(hinted_until=0.0))
    return hinted(backplane.database)


def move_back(backplane: Backplane, endpoint_id: str, seconds: float) -> None:
    """Let this much time have passed for all that is owed to an endpoint."""
    with backplane.database.transaction() as connection:
        connection.execute(
            Delivery.__table__.update()
            .where(Delivery.endpoint_id == endpoint_id)
            .values(
                next_attempt_at=Delivery.next_attempt_at - seconds,
                created_at=Delivery.created_at - seconds,
            )
        )
