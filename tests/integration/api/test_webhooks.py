"""Webhooks as a resource: made, changed, fetched from, refused."""

import base64
from typing import Any

import pytest
from fastapi import FastAPI
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.cli import app as cli
from db.backplane import Backplane
from db.contracts.delivery import USUAL
from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.live import LiveApi
from tests.integration.api.test_metrics import NUG12
from tests.integration.api.webhook_calls import (
    Receiver,
    assert_verified,
    deliveries_of,
    make,
    pay,
    solve,
)
from tests.sample_webhooks import set_delivery, set_endpoint


@pytest.fixture
def receiver(httpserver: HTTPServer) -> Receiver:
    return Receiver(httpserver)


@pytest.fixture
def app(make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey) -> FastAPI:
    return make_app(
        database_url=sqlite_url,
        redis_url=valkey.redis_url,
        webhook_allow_cidrs="127.0.0.0/8",
        webhook_endpoints=3,
    )


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(
    client: TestClient, receiver: Receiver
) -> None:
    answer = client.post("/v1/webhooks", json={"url": receiver.url})
    made = answer.json()
    assert answer.headers["location"] == f"/v1/webhooks/{made['id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert made.pop("secret").startswith("whsec_")
    assert made["events"] == sorted(each.value for each in USUAL)
    assert (made["payload"], made["state"]) == ("thin", "active")
    assert client.get(f"/v1/webhooks/{made['id']}").json() == made
    assert client.get("/v1/webhooks").json() == {"items": [made], "next": ""}


def test_webhooks_come_in_pages_and_are_limited(
    client: TestClient, receiver: Receiver
) -> None:
    made = [make(client, url=receiver.url)["id"] for _ in range(3)]
    found, after = [], None
    while after != "":
        query = {"limit": 2} if after is None else {"limit": 2, "after": after}
        page = client.get("/v1/webhooks", params=query).json()
        found += [each["id"] for each in page["items"]]
        after = page["next"]
    assert sorted(found) == sorted(made)
    answer = client.post("/v1/webhooks", json={"url": receiver.url})
    assert answer.status_code == 429
    assert "SOLVEQUEUE_WEBHOOK_ENDPOINTS" in answer.json()["suggestion"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/url"),
        ({"url": "http://10.0.0.1/"}, "#/url"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "#/url"),
        ({"url": "https://example.com/", "mode": "pull"}, "#/url"),
        ({"url": "https://example.com/", "events": []}, "#/events"),
        ({"url": "https://example.com/", "events": ["job.progress"]}, "#/events/0"),
        ({"url": "https://example.com/", "payload": "fat"}, "#/payload"),
        ({"url": "https://example.com/", "secret": "whsec_x"}, "#/secret"),
        ({"url": "https://example.com/", "description": "x" * 501}, "#/description"),
        ({"url": "https://example.com/", "description": "a\0b"}, "#/description"),
        ({"url": "https://example.com/", "secret": "whsec_" + "A" * 33}, "#/secret"),
        ({"url": "https://example.com/", "color": "red"}, "#/color"),
    ],
)
def test_what_cannot_be_a_webhook_is_refused(
    client: TestClient, body: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/v1/webhooks", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


def test_a_filter_needs_an_address(client: TestClient) -> None:
    body = {**NUG12, "webhook_events_filter": ["job.queued"]}
    answer = client.post("/v1/jobs", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/webhook_events_filter"


def test_a_webhook_is_changed(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url="https://example.com/told")
    address = endpoint["links"]["self"]
    refused = client.patch(address, json={"url": "https://127.1:22/"})
    # Port 22 is open in a network that the operator has opened, and no other.
    assert refused.status_code == 200
    assert client.patch(address, json={"url": "http://10.0.0.1/"}).status_code == 422
    changed = client.patch(
        address,
        json={"url": receiver.url, "events": ["job.started"], "description": "mine"},
    ).json()
    assert (changed["url"], changed["events"]) == (receiver.url, ["job.started"])
    assert (changed["description"], changed["payload"]) == ("mine", "thin")
    solve(client, app_backplane)
    pay(app_backplane)
    assert receiver.types == ["job.started"]


def test_a_given_secret_is_taken(client: TestClient, receiver: Receiver) -> None:
    secret = "whsec_" + base64.b64encode(bytes(32)).decode()
    assert make(client, url=receiver.url, secret=secret)["secret"] == secret


def test_a_webhook_that_is_deleted_gets_nothing_more(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url)
    solve(client, app_backplane)
    assert client.delete(endpoint["links"]["self"]).status_code == 204
    assert pay(app_backplane) == 0
    for path in endpoint["links"].values():
        assert client.get(path).status_code in {404, 405}
    assert client.delete(endpoint["links"]["self"]).status_code == 404


def test_what_is_fetched_is_signed_and_settled_by_its_owner(
    client: TestClient, app_backplane: Backplane
) -> None:
    endpoint = make(client, mode="pull")
    fetching = endpoint["links"]["self"] + "/fetch"
    job_id = solve(client, app_backplane)
    # Couriers leave it alone.
    assert pay(app_backplane) == 0
    (fetched,) = client.post(fetching).json()["items"]
    told = Webhook(endpoint["secret"]).verify(fetched["body"], fetched["headers"])
    assert told["subject"] == job_id
    assert client.post(fetching, json={}).json()["items"] == []
    outcome = f"/v1/deliveries/{fetched['id']}/outcome"
    failed = {"number": 1, "error": "connection refused", "duration_ms": 0.5}
    settled = client.post(outcome, json=failed).json()
    assert settled["state"] == "pending"
    # Said twice, because the answer was lost.
    assert client.post(outcome, json=failed).json() == settled
    assert client.post(outcome, json={**failed, "number": 2}).status_code == 422
    set_delivery(app_backplane.database, fetched["id"], next_attempt_at=0.0)
    (again,) = client.post(fetching).json()["items"]
    assert (again["id"], again["number"]) == (fetched["id"], 2)
    done = {"number": 2, "status_code": 200, "duration_ms": 3, "response_head": "ok"}
    assert client.post(outcome, json=done).json()["state"] == "delivered"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("fetch", {"limit": 0}),
        ("recover", {}),
        ("recover", {"since": "yesterday"}),
        ("recover", {"since": "2026-11-22T00:00:00"}),
        ("rotate-secret", {"keep_old_s": 90_000}),
        ("rotate-secret", {"secret": 7}),
        ("fetch", {}),
    ],
)
def test_what_cannot_be_done_with_a_webhook_is_refused(
    client: TestClient, receiver: Receiver, path: str, body: dict[str, Any]
) -> None:
    endpoint = make(client, url=receiver.url)
    answer = client.post(f"{endpoint['links']['self']}/{path}", json=body)
    assert answer.status_code == 422


def test_listening_brings_signed_deliveries_to_a_local_address(
    client: TestClient, app_backplane: Backplane, receiver: Receiver, live: LiveApi
) -> None:
    endpoint = make(client, mode="pull", payload="full")
    job_id = solve(client, app_backplane)
    arguments = ["webhooks", "listen", "--forward", receiver.url]
    arguments += ["--webhook", endpoint["id"], "--count", "1", "--url", live.url]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    (request,) = receiver.heard
    assert_verified(request, endpoint["secret"])
    end = app_backplane.log.read(job_id).events[-1]
    assert request.data.decode() == end.body
    (delivery,) = deliveries_of(client, endpoint)
    assert (delivery["state"], delivery["attempts"][0]["status_code"]) == (
        "delivered",
        204,
    )


PRIVATE = (
    *("https://127.0.0.1/", "https://2852039166/", "https://0xa9fea9fe/"),
    *("https://0251.0376.0251.0376/", "https://[::ffff:10.0.0.1]/"),
    *("https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://localhost/"),
    *("http://example.com/", "https://example.com:22/", "https://u:p@example.com/"),
)


@pytest.mark.parametrize("field", ["url", "webhook_url"])
def test_what_must_not_be_called_is_refused_wherever_it_is_given(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey, field: str
) -> None:
    app = make_app(database_url=sqlite_url, redis_url=valkey.redis_url)
    client = TestClient(app, client=OWN_HOST)
    made = make(client, url="https://example.com/")["links"]["self"]
    for url in PRIVATE:
        answers = (
            [client.post("/v1/jobs", json={**NUG12, field: url})]
            if field == "webhook_url"
            else [
                client.post("/v1/webhooks", json={field: url}),
                client.patch(made, json={field: url}),
            ]
        )
        for answer in answers:
            assert answer.status_code == 422, url
            assert answer.json()["errors"][0]["pointer"] == f"#/{field}"


def test_an_address_that_turned_private_is_refused_for_good(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey, receiver: Receiver
) -> None:
    settings = {"database_url": sqlite_url, "redis_url": valkey.redis_url}
    app = make_app(**settings)
    client = TestClient(app, client=OWN_HOST)
    endpoint = make(client, url="https://example.com/")
    backplane = app.state.solvequeue.backplane
    # As a name server would change it; what was checked at first says nothing now.
    set_endpoint(backplane.database, endpoint["id"], url=receiver.url)
    solve(client, backplane)
    pay(backplane)
    assert receiver.heard == []
    (delivery,) = deliveries_of(client, endpoint)
    assert delivery["state"] == "refused"
    assert "not a public address" in delivery["attempts"][0]["error"]
