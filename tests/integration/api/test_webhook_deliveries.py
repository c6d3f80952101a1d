"""What webhooks are told, whatever happens to their receivers."""

import json

import pytest
from fastapi import FastAPI
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.channel import ChannelName
from db.contracts.event import EventType
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.models import Notice
from db.reconciler import Reconciler
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.webhook_calls import (
    Receiver,
    assert_verified,
    deliveries_of,
    hinted_after_reset,
    make,
    move_back,
    pay,
    solve,
)
from tests.sample_webhooks import set_endpoint
from worker.webhooks.deliver import deliver

DAY_SECONDS = 86_400.0


ALL_OF_SOLVE = ["job.queued", "job.started", "job.succeeded"]


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


def test_a_receiver_that_was_down_for_a_day_gets_everything(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url, events=ALL_OF_SOLVE, payload="full")
    receiver.status = 500
    jobs = []
    for hour in (0, 12):
        jobs.append(solve(client, app_backplane, seed=hour))
        for _ in range(6):
            pay(app_backplane)
            move_back(app_backplane, endpoint["id"], 7200.0)
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


def test_the_owners_channel_hears_of_a_webhook_that_is_disabled(
    client: TestClient, app_backplane: Backplane, receiver: Receiver
) -> None:
    endpoint = make(client, url=receiver.url)
    receiver.status = 410
    solve(client, app_backplane)
    pay(app_backplane)
    read = app_backplane.channels.read
    (event,) = read(ChannelName.SYSTEM).events
    (note,) = read(ChannelName.NOTIFICATIONS).events
    assert (event.type, note.type) == (
        EventType.WEBHOOK_DISABLED,
        EventType.NOTIFICATION_SENT,
    )
    assert event.owner == note.owner == OWN_HOST[0]
    assert json.loads(event.body)["subject"] == endpoint["id"]
    assert json.loads(note.body)["data"]["data"]["endpoint"] == endpoint["id"]
    # What Redis has missed is told by the reconciler, once.
    with app_backplane.database.transaction() as connection:
        untold = Notice.__table__.update().values(told=False, time=Notice.time - 60)
        connection.execute(untold)
    Reconciler(app_backplane).reconcile_all()
    Reconciler(app_backplane).reconcile_all()
    for channel in (ChannelName.SYSTEM, ChannelName.NOTIFICATIONS):
        ids = [json.loads(each.body)["id"] for each in read(channel).events]
        assert len(ids) == 2
        assert len(set(ids)) == 1
