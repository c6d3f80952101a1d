"""Webhooks as a resource: made, changed, paused, rotated, tested, recovered."""

import base64
import json
from typing import Any

import pytest
from fastapi import FastAPI
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from starlette.testclient import TestClient
from svix.webhooks import Webhook as SvixWebhook
from typer.testing import CliRunner
from werkzeug import Request, Response

from api.cli import app as cli
from db.backplane import Backplane
from db.contracts.delivery import USUAL
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.models import Delivery
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import LiveApi
from tests.integration.api.test_metrics import NUG12, work
from tests.sample_webhooks import hinted, set_delivery, set_endpoint
from worker.webhooks.deliver import deliver

DAY_SECONDS = 86_400.0
ALL_OF_SOLVE = ["job.queued", "job.started", "job.succeeded"]


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
        ({"url": "https://example.com/", "color": "red"}, "#/color"),
    ],
)
def test_what_cannot_be_a_webhook_is_refused(
    client: TestClient, body: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/v1/webhooks", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


def test_an_owner_hears_of_all_that_it_asked_for(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url, events=ALL_OF_SOLVE, payload="full")
    job_id = solve(client, app_backplane)
    assert pay(app_backplane) == 3
    assert sorted(receiver.types) == sorted(ALL_OF_SOLVE)
    log = {each.body for each in app_backplane.log.read(job_id).events}
    for request in receiver.heard:
        assert_verified(request, endpoint["secret"])
        # Byte for byte as every other reader gets it.
        assert request.data.decode() in log
    assert {each["state"] for each in deliveries_of(client, endpoint)} == {"delivered"}


def test_the_thin_form_has_ids_and_links(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url)
    job_id = solve(client, app_backplane)
    pay(app_backplane)
    (request,) = receiver.heard
    assert_verified(request, endpoint["secret"])
    told = json.loads(request.data)
    full = json.loads(app_backplane.log.read(job_id).events[-1].body)
    assert {**told, "data": 0} == {**full, "data": 0}
    assert told["data"]["id"] == job_id
    assert told["data"]["state"] == "succeeded"
    assert told["data"]["objective"] == full["data"]["objective"]
    assert "method" not in told["data"]
    for link in told["data"]["links"].values():
        assert client.get(link).status_code == 200


def test_a_job_tells_its_own_webhook_what_its_filter_names(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    job_id = solve(
        client,
        app_backplane,
        webhook_url=receiver.url,
        webhook_events_filter=["job.queued", "job.started"],
    )
    pay(app_backplane)
    assert sorted(receiver.types) == ["job.queued", "job.started"]
    found = client.get(f"/v1/jobs/{job_id}/deliveries").json()["items"]
    assert [each["event_type"] for each in found] == ["job.queued", "job.started"]


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


def test_what_is_owed_while_it_is_paused_goes_out_when_it_is_resumed(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url)
    assert client.post(endpoint["links"]["pause"]).json()["state"] == "paused"
    solve(client, app_backplane)
    assert pay(app_backplane) == 0
    assert [each["state"] for each in deliveries_of(client, endpoint)] == ["held"]
    assert client.post(endpoint["links"]["resume"]).json()["state"] == "active"
    assert pay(app_backplane) == 1
    assert receiver.types == ["job.succeeded"]


def test_during_a_rotation_old_and_new_secrets_verify(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url)
    rotated = client.post(endpoint["links"]["rotate_secret"])
    assert rotated.headers["cache-control"] == "no-store"
    secrets = [endpoint["secret"], rotated.json()["secret"]]
    assert len(set(secrets)) == 2
    assert len(rotated.json()["old_secrets_until"]) == 1
    solve(client, app_backplane)
    pay(app_backplane)
    for secret in secrets:
        assert_verified(receiver.heard[-1], secret)
    # One that has become known is let go at once.
    last = client.post(endpoint["links"]["rotate_secret"], json={"keep_old_s": 0})
    assert last.json()["old_secrets_until"] == []
    client.post(endpoint["links"]["test"])
    pay(app_backplane)
    assert_verified(receiver.heard[-1], last.json()["secret"])
    for secret in secrets:
        with pytest.raises(Exception, match="signature"):
            Webhook(secret).verify(
                receiver.heard[-1].data, dict(receiver.heard[-1].headers)
            )


def test_a_given_secret_is_taken(client: TestClient, receiver: Receiver) -> None:
    secret = "whsec_" + base64.b64encode(bytes(32)).decode()
    assert make(client, url=receiver.url, secret=secret)["secret"] == secret


def test_a_test_goes_to_this_webhook_alone_even_while_it_is_paused(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint, _other = make(client, url=receiver.url), make(client, url=receiver.url)
    client.post(endpoint["links"]["pause"])
    answer = client.post(endpoint["links"]["test"])
    assert answer.status_code == 202
    assert pay(app_backplane) == 1
    assert receiver.types == ["webhook.test"]
    assert_verified(receiver.heard[0], endpoint["secret"])
    delivery = client.get(answer.json()["links"]["self"]).json()
    assert (delivery["state"], delivery["attempts"][0]["trigger"]) == (
        "delivered",
        "test",
    )


def test_a_delivery_is_sent_again_by_hand(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url)
    solve(client, app_backplane)
    pay(app_backplane)
    (delivery,) = deliveries_of(client, endpoint, state="delivered")
    answer = client.post(f"/v1/deliveries/{delivery['id']}/resend")
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    pay(app_backplane)
    (delivery,) = deliveries_of(client, endpoint)
    assert [each["trigger"] for each in delivery["attempts"]] == ["schedule", "resend"]
    first, second = receiver.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.data == second.data


def test_a_receiver_that_is_gone_disables_the_webhook_and_the_others_hear(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    dead = make(client, url=receiver.url + "?dead", events=["job.succeeded"])
    other = make(client, url=receiver.url, events=["webhook.disabled"])
    receiver.status = 410
    solve(client, app_backplane)
    solve(client, app_backplane, seed=2)
    due = hinted_after_reset(app_backplane)
    deliver(app_backplane, due[0])
    receiver.status = 204
    pay(app_backplane)
    stands = client.get(dead["links"]["self"]).json()
    assert (stands["state"], "410" in stands["disabled_reason"]) == ("disabled", True)
    states = sorted(each["state"] for each in deliveries_of(client, dead))
    assert states == ["held", "refused"]
    told = json.loads(receiver.heard[-1].data)
    assert_verified(receiver.heard[-1], other["secret"])
    assert (told["type"], told["subject"]) == ("webhook.disabled", dead["id"])
    assert told["data"]["endpoint"] == dead["id"]
    # The way back: resumed, it gets what was held; recovered, also what was refused.
    client.post(dead["links"]["resume"])
    since = {"since": dead["created_at"]}
    answer = client.post(dead["links"]["recover"], json=since)
    assert answer.json() == {"recovered": 1}
    pay(app_backplane)
    assert {each["state"] for each in deliveries_of(client, dead)} == {"delivered"}


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


def test_a_receiver_that_was_down_for_a_day_gets_everything(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url, events=ALL_OF_SOLVE, payload="full")
    receiver.status = 500
    jobs = []
    for hour in range(0, 24, 6):
        jobs.append(solve(client, app_backplane, seed=hour))
        for _ in range(6):
            pay(app_backplane)
            move_back(app_backplane, endpoint["id"], 3600.0)
    failed = len(receiver.heard)
    assert failed > 3 * len(jobs)
    receiver.status = 204
    receiver.heard.clear()
    # The longest wait of the schedule, and its jitter.
    move_back(app_backplane, endpoint["id"], 27 * 3600.0)
    pay(app_backplane)
    heard = {json.loads(request.data)["id"] for request in receiver.heard}
    wanted = {
        json.loads(each.body)["id"]
        for job_id in jobs
        for each in app_backplane.log.read(job_id).events
        if each.type.value in ALL_OF_SOLVE
    }
    assert heard == wanted
    assert len(receiver.heard) == len(wanted)
    for request in receiver.heard:
        assert_verified(request, endpoint["secret"])


def test_a_webhook_that_failed_for_five_days_is_disabled_and_misses_nothing(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url)
    receiver.status = 500
    first = solve(client, app_backplane)
    pay(app_backplane)
    stands = client.get(endpoint["links"]["self"]).json()
    assert (stands["state"], stands["failing_since"] is not None) == ("active", True)
    # As if it had begun five days ago.
    set_endpoint(
        app_backplane.database,
        endpoint["id"],
        failing_since=now() - 5 * DAY_SECONDS,
    )
    move_back(app_backplane, endpoint["id"], 3600.0)
    pay(app_backplane)
    assert client.get(endpoint["links"]["self"]).json()["state"] == "disabled"
    second = solve(client, app_backplane, seed=2)
    receiver.status = 204
    receiver.heard.clear()
    assert pay(app_backplane) == 0
    resumed = client.post(endpoint["links"]["resume"]).json()
    assert (resumed["failing_since"], resumed["disabled_reason"]) == (None, None)
    pay(app_backplane)
    assert {json.loads(each.data)["subject"] for each in receiver.heard} == {
        first,
        second,
    }


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
