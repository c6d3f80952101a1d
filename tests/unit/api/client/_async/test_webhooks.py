import json
from typing import Any

from pytest_httpserver import HTTPServer

from api.client import Client, FetchedDelivery

WEBHOOK: dict[str, Any] = {
    "id": "ep_1",
    "url": "https://example.com/told",
    "payload": "thin",
    "state": "active",
    "created_at": "2026-01-02T03:04:05.678Z",
    "unheard_of": 1,
}
DELIVERY: dict[str, Any] = {
    "id": "msg_1",
    "endpoint_id": "ep_1",
    "event_id": "evt_1.3",
    "event_type": "job.succeeded",
    "state": "delivered",
    "created_at": "2026-01-02T03:04:05.678Z",
}


def sent(server: HTTPServer) -> Any:
    return json.loads(server.log[-1][0].data)


def test_a_webhook_is_looked_at_and_changed(
    httpserver: HTTPServer, client: Client
) -> None:
    path = "/v1/webhooks/ep_1"
    httpserver.expect_request(path, "GET").respond_with_json(WEBHOOK)
    httpserver.expect_request(path, "PATCH").respond_with_json(WEBHOOK)
    assert client.webhooks.get("ep_1").model_dump()["unheard_of"] == 1
    client.webhooks.change("ep_1", events=["job.started"])
    assert sent(httpserver) == {"events": ["job.started"]}


def test_a_delivery_is_looked_at(httpserver: HTTPServer, client: Client) -> None:
    httpserver.expect_request("/v1/deliveries/msg_1").respond_with_json(DELIVERY)
    assert client.webhooks.delivery("msg_1").state == "delivered"


def test_what_was_fetched_is_settled_by_its_attempt(
    httpserver: HTTPServer, client: Client
) -> None:
    httpserver.expect_request("/v1/deliveries/msg_1/outcome").respond_with_json(
        DELIVERY
    )
    fetched = FetchedDelivery(
        id="msg_1", number=3, event_type="job.succeeded", headers={}, body="{}"
    )
    client.webhooks.settle(fetched, status_code=204, duration_ms=1.5)
    assert sent(httpserver) == {"number": 3, "status_code": 204, "duration_ms": 1.5}
