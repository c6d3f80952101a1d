"""Channels: what the service tells of itself, numbered and resumed as logs of jobs."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from api.live_views import metrics_update, queue_update
from api.relay.periodic import PERIODIC, Producer
from db import channel_log
from db.backplane import Backplane
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.event import EventType, Notification
from db.contracts.identifier import new_id
from tests.integration.api.keyed import bearer, client_of, ended_job, make_key
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.readers import SSE, Socket, socket_to
from tests.integration.api.story import Story
from tests.waiting import wait_until

PATH = "/v1/channels/notifications/events"


def notify(backplane: Backplane, *messages: str, owner: str = "") -> None:
    backplane.channels.publish(
        [
            ChannelDraft(
                channel=ChannelName.NOTIFICATIONS,
                type=EventType.NOTIFICATION_SENT,
                payload=Notification(
                    id="ntf_1",
                    channel="system",
                    notification_type="test",
                    level="info",
                    message=message,
                ),
                id=new_id("evt"),
                time=time.time(),
                owner=owner,
            )
            for message in messages
        ]
    )


def follow(
    socket: Socket, topic: str = "notifications", name: str = "a", **wish: Any
) -> dict[str, Any]:
    """Subscribe; return the snapshot."""
    socket.send(type="subscribe", id=name, topic=topic, **wish)
    snapshot = socket.frame()
    assert snapshot["type"] == "snapshot", snapshot
    return snapshot


def message_in(event: dict[str, Any]) -> str:
    return str(event["data"]["message"])


def next_messages(socket: Socket, count: int) -> list[str]:
    return [message_in(socket.frame()["event"]) for _ in range(count)]


def test_channels_are_listed(client: TestClient) -> None:
    items = client.get("/v1/channels").json()["items"]
    assert {item["name"] for item in items} == set(ChannelName)
    for item in items:
        assert client.get(item["events"]).json()["items"] == []


def test_an_event_of_a_channel_is_a_cloud_event(
    client: TestClient, app_backplane: Backplane
) -> None:
    notify(app_backplane, "one", "two")
    page = client.get(PATH).json()
    assert [item["sequence"] for item in page["items"]] == [f"{1:012d}", f"{2:012d}"]
    assert {item["epoch"] for item in page["items"]} == {page["epoch"]}
    assert page["items"][0]["source"] == "/v1/channels/notifications"
    assert page["items"][0]["subject"] == "notifications"
    assert page["items"][0]["type"] == "notification.sent"
    assert (page["last_sequence"], page["ended"]) == (2, False)
    assert client.get(page["next"]).json()["items"] == []
    assert client.get("/v1/channels/weather/events").status_code == 422


def test_a_socket_is_told_the_latest_and_what_comes(
    live: LiveApi, app_backplane: Backplane
) -> None:
    notify(app_backplane, "one", "two")
    with socket_to(live) as socket:
        snapshot = follow(socket.begin())
        assert (snapshot["sequence"], snapshot["recovered"]) == (2, True)
        assert message_in(snapshot["state"]["notification.sent"]) == "two"
        notify(app_backplane, "three", "four")
        assert next_messages(socket, 2) == ["three", "four"]


def test_a_socket_that_comes_back_hears_what_it_missed(
    live: LiveApi, app_backplane: Backplane
) -> None:
    notify(app_backplane, "one")
    with socket_to(live) as socket:
        epoch = follow(socket.begin())["epoch"]
    notify(app_backplane, "two", "three")
    with socket_to(live) as socket:
        snapshot = follow(socket.begin(), after=1, epoch=epoch)
        assert (snapshot["sequence"], snapshot["recovered"]) == (1, True)
        assert next_messages(socket, 2) == ["two", "three"]


def test_who_was_away_too_long_is_told_so(
    live: LiveApi, app_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_log, "KEPT", 1)
    # Redis forgets in portions.
    notify(app_backplane, *map(str, range(400)))
    with socket_to(live) as socket:
        snapshot = follow(socket.begin(), after=1)
        assert (snapshot["sequence"], snapshot["recovered"]) == (400, False)


def test_a_channel_begun_anew_is_told_by_another_snapshot(
    live: LiveApi, app_backplane: Backplane, redis: Redis
) -> None:
    notify(app_backplane, "one")
    with socket_to(live) as socket:
        first = follow(socket.begin())
        redis.flushall()
        notify(app_backplane, "anew")
        second = socket.frame()
        if not second["epoch"]:
            # The relay looked between the two: at a log without any event.
            assert second["recovered"] is False
            second = socket.frame()
        assert (second["type"], second["recovered"]) == ("snapshot", False)
        assert second["epoch"] != first["epoch"]
        assert message_in(second["state"]["notification.sent"]) == "anew"


def streamed(lines: Iterator[str]) -> Iterator[str]:
    prefix = "data: "
    return (
        message_in(json.loads(line[len(prefix) :]))
        for line in lines
        if line.startswith(prefix)
    )


def test_a_stream_tells_what_comes_and_is_resumed(
    live: LiveApi, app_backplane: Backplane
) -> None:
    notify(app_backplane, "before")
    with httpx2.Client(base_url=live.url, trust_env=False, timeout=30) as client:
        with client.stream("GET", PATH, headers=SSE) as response:
            told = streamed(response.iter_lines())
            wait_until(lambda: live.app.state.hub.subscriptions == 1)
            notify(app_backplane, "one", "two")
            assert [next(told), next(told)] == ["one", "two"]
        notify(app_backplane, "three")
        with client.stream(
            "GET", PATH, headers={**SSE, "Last-Event-ID": "2"}
        ) as response:
            told = streamed(response.iter_lines())
            assert [next(told), next(told)] == ["two", "three"]


def test_what_concerns_one_is_told_to_nobody_else(
    guarded: FastAPI,
) -> None:
    backplane = guarded.state.solvequeue.backplane
    notify(backplane, "for alice", owner="key:alice")
    notify(backplane, "for all")
    heard = {
        owner: [
            message_in(item)
            for item in client_of(guarded, make_key(guarded, owner))
            .get(PATH)
            .json()["items"]
        ]
        for owner in ("alice", "bob")
    }
    assert heard == {"alice": ["for alice", "for all"], "bob": ["for all"]}
    assert "for alice" not in str(backplane.channels.latest(ChannelName.NOTIFICATIONS))


def test_jobs_are_followed_together(
    live: LiveApi, app_backplane: Backplane, story: Story
) -> None:
    with socket_to(live) as socket:
        snapshot = follow(socket.begin(), "jobs")
        assert snapshot["state"]["running"] == 1
        other = Story(app_backplane).begin().start().improve(2)
        story.improve(1).end()
        other.end()
        told = [socket.frame()["event"] for _ in range(4)]
    assert [(event["subject"], event["type"]) for event in told] == [
        (other.job_id, "job.queued"),
        (other.job_id, "job.started"),
        (story.job_id, "job.succeeded"),
        (other.job_id, "job.succeeded"),
    ]


def test_each_hears_of_ones_own_jobs(guarded: FastAPI) -> None:
    backplane = guarded.state.solvequeue.backplane
    with serving(guarded) as live:
        headers = bearer(make_key(guarded, "bob"))
        with socket_to(live, additional_headers=headers) as socket:
            assert follow(socket.begin(), "jobs")["state"]["running"] == 0
            ended_job(backplane, "alice")
            mine = Story(backplane, caller="key:bob").begin().start().end()
            told = [socket.frame()["event"] for _ in range(3)]
    assert {event["subject"] for event in told} == {mine.job_id}


def test_only_the_types_that_are_named_are_told(live: LiveApi, story: Story) -> None:
    story.improve(2)
    with socket_to(live) as socket:
        socket.begin().subscribe(story, after=0, types=["job.started", "job.succeeded"])
        story.improve(1).end()
        told = [json.loads(body)["type"] for body in socket.bodies()]
    assert told == ["job.started", "job.succeeded"]


def test_a_family_is_followed_by_its_kind(live: LiveApi, story: Story) -> None:
    with socket_to(live) as socket:
        socket.begin()
        for topic in (f"batch:{story.job_id}", "batch", f"jobs:{story.job_id}"):
            socket.send(type="subscribe", id="a", topic=topic)
            assert socket.frame()["problem"]["type"] == "/problems/not-found"


@pytest.mark.parametrize("resource", ["batches", "benchmarks"])
def test_a_familys_events_are_not_a_solves(
    client: TestClient, story: Story, resource: str
) -> None:
    answer = client.get(f"/v1/{resource}/{story.job_id}/events")
    assert answer.status_code == 404


@pytest.mark.parametrize("periodic", PERIODIC, ids=lambda each: each.type)
def test_what_comes_again_and_again_comes_once_a_moment(
    app: FastAPI, client: TestClient, periodic: Any
) -> None:
    state = app.state.solvequeue
    producers = [Producer(state, app.state.hub) for _ in range(3)]
    for moment in (1, 2):
        for producer in producers:
            producer.produce(periodic, moment)
    items = client.get(f"/v1/channels/{periodic.channel}/events").json()["items"]
    # The queues are as they were.
    assert len(items) == (1 if periodic.only_changes else 2)
    assert {item["type"] for item in items} == {periodic.type}


def test_numbers_come_while_somebody_listens(
    app: FastAPI, live: LiveApi, story: Story
) -> None:
    producer = Producer(app.state.solvequeue, app.state.hub).ticker()
    producer.start()
    try:
        with socket_to(live) as socket:
            follow(socket.begin(), "queues", "q")
            follow(socket, "metrics", "m")
            heard: dict[str, Any] = {}
            while len(heard) < 2:
                frame = socket.frame()
                heard[frame["id"]] = frame["event"]["data"]
    finally:
        producer.stop()
    state = app.state.solvequeue
    running = {item["name"]: item["running"] for item in heard["q"]["items"]}
    assert running == {item.name: item.running for item in queue_update(state).items}
    assert heard["m"]["live"]["active_calls"] == 1
    assert metrics_update(state).live.active_calls == 1
