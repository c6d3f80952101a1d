"""The socket protocol `solve.v1`: many logs over one connection."""

import json
from contextlib import ExitStack, suppress
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from redis import Redis
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from api.relay import incoming
from api.relay import socket as protocol
from db.backplane import Backplane
from db.embedded_valkey import EmbeddedValkey
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.readers import SSE, events_path, socket_to
from tests.integration.api.story import Story
from tests.waiting import wait_until

MALFORMED = [
    "",
    "hello",
    "[]",
    "5",
    "null",
    '{"type": "subscribe"',
    '{"type": NaN}',
    '{"type": "\\ud800"}',
    "[" * 2000,
    "{}",
    '{"type": 5}',
    '{"type": ["subscribe"]}',
    '{"type": "shout"}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "id": "", "topic": "job:x"}',
    '{"type": "subscribe", "id": 7, "topic": "job:x"}',
    '{"type": "subscribe", "id": "a", "topic": 7}',
    '{"type": "subscribe", "id": "a", "topic": "job"}',
    '{"type": "subscribe", "id": "a", "topic": "job:x y"}',
    '{"type": "subscribe", "id": "a", "topic": "job:x", "after": -1}',
    '{"type": "subscribe", "id": "a", "topic": "job:x", "after": 1e300}',
    '{"type": "subscribe", "id": "a", "topic": "job:x", "after": 99999999999999999}',
    '{"type": "subscribe", "id": "a", "topic": "job:x", "epoch": 7}',
    json.dumps({"type": "subscribe", "id": "a" * 101, "topic": "job:x"}),
    json.dumps({"type": "subscribe", "id": "a", "topic": "job:" + "x" * 300}),
    json.dumps({"type": "x" * 100_000}),
]  # fmt: skip


def assert_error(frame: dict[str, Any]) -> dict[str, Any]:
    assert frame["type"] == "error"
    assert frame["message"]
    problem: dict[str, Any] = frame["problem"]
    assert problem["type"].startswith("/problems/")
    assert problem["detail"]
    assert problem["suggestion"]
    assert len(json.dumps(frame)) < 4096
    return problem


def test_init_is_answered_with_ready_and_the_limits(live: LiveApi) -> None:
    with socket_to(live, subprotocols=[Subprotocol("solve.v1")]) as socket:
        assert socket.connection.subprotocol == "solve.v1"
        socket.send(type="init")
        assert socket.frame() == {"type": "ready", "limits": {"topics": 128}}


def test_a_ping_is_answered(live: LiveApi) -> None:
    with socket_to(live) as socket:
        socket.begin().send(type="ping")
        assert socket.frame() == {"type": "pong"}


def test_the_snapshot_joins_the_events(live: LiveApi, story: Story) -> None:
    story.improve(3)
    with socket_to(live) as socket:
        snapshot = socket.begin().subscribe(story)
        assert snapshot["sequence"] == 5
        assert snapshot["recovered"] is True
        assert snapshot["state"]["id"] == story.job_id
        assert snapshot["state"]["state"] == "running"
        assert snapshot["state"]["progress"]["sequence"] == 5
        story.improve(2).end()
        assert socket.bodies() == story.bodies()[5:]


def test_a_socket_that_comes_back_misses_nothing(live: LiveApi, story: Story) -> None:
    story.improve(3)
    with socket_to(live) as socket:
        epoch = socket.begin().subscribe(story)["epoch"]
    story.improve(3)
    with socket_to(live) as socket:
        snapshot = socket.begin().subscribe(story, after=5, epoch=epoch)
        assert (snapshot["sequence"], snapshot["recovered"]) == (5, True)
        story.end()
        assert socket.bodies() == story.bodies()[5:]


@pytest.mark.parametrize("seen", [{"after": 99}, {"after": 1, "epoch": "another"}])
def test_a_position_that_is_not_there_is_not_recovered(
    live: LiveApi, story: Story, seen: dict[str, Any]
) -> None:
    with socket_to(live) as socket:
        snapshot = socket.begin().subscribe(story, **seen)
        assert (snapshot["sequence"], snapshot["recovered"]) == (2, False)
        story.end()
        assert socket.bodies() == story.bodies()[2:]


def test_an_ended_job_is_a_snapshot_and_an_end(live: LiveApi, story: Story) -> None:
    story.end()
    with socket_to(live) as socket:
        snapshot = socket.begin().subscribe(story)
        assert snapshot["state"]["state"] == "succeeded"
        assert socket.bodies() == []


def test_a_log_begun_anew_is_told_by_another_snapshot(
    live: LiveApi, story: Story, redis: Redis
) -> None:
    story.improve(4)
    with socket_to(live) as socket:
        first = socket.begin().subscribe(story)
        wait_until(lambda: live.app.state.hub.subscriptions == 1)
        redis.flushall()
        story.backplane.log.mend([story.job_id])
        second = socket.frame()
        assert (second["type"], second["recovered"]) == ("snapshot", False)
        assert second["epoch"] != first["epoch"]
        story.improve(1).end()
        assert socket.bodies() == story.bodies()[second["sequence"] :]


def test_many_jobs_share_a_socket(
    live: LiveApi, app_backplane: Backplane, story: Story
) -> None:
    stories = [story, *(Story(app_backplane).begin().start() for _ in range(9))]
    with socket_to(live) as socket:
        socket.begin()
        for number, each in enumerate(stories):
            socket.subscribe(each, str(number))
        found: dict[str, list[str]] = {str(number): [] for number in range(10)}
        for each in stories:
            each.improve(2).end()
        ended: set[str] = set()
        while len(ended) < len(stories):
            text = socket.text()
            frame = json.loads(text)
            assert frame["id"] not in ended
            if frame["type"] == "end":
                ended.add(frame["id"])
            else:
                found[frame["id"]].append(text.partition('"event":')[2][:-1])
    assert [found[str(i)] for i in range(10)] == [s.bodies()[2:] for s in stories]


def test_nothing_comes_of_what_is_unsubscribed(
    live: LiveApi, app_backplane: Backplane, story: Story
) -> None:
    other = Story(app_backplane).begin().start()
    with socket_to(live) as socket:
        socket.begin().subscribe(story, "a")
        socket.subscribe(other, "b")
        socket.send(type="unsubscribe", id="a")
        socket.send(type="ping")
        assert socket.frame() == {"type": "pong"}
        story.improve(3).end()
        other.end()
        assert socket.bodies("b") == other.bodies()[2:]
        wait_until(lambda: live.app.state.hub.subscriptions == 0)
        socket.subscribe(story, "a", after=0)
        assert socket.bodies("a") == story.bodies()


def test_a_malformed_frame_is_an_error_and_the_socket_stays(
    live: LiveApi, story: Story
) -> None:
    with socket_to(live) as socket:
        socket.begin()
        for text in MALFORMED:
            socket.connection.send(text)
            assert_error(socket.frame())
        socket.connection.send(b"\xff\xfe")
        assert_error(socket.frame())
        story.end()
        socket.subscribe(story)
        assert socket.bodies() == []


def test_anything_before_init_is_an_error(live: LiveApi, story: Story) -> None:
    with socket_to(live) as socket:
        for frame in ({"type": "ping"}, {"type": "subscribe", "id": "a"}, {}):
            socket.send(**frame)
            assert_error(socket.frame())
        story.end()
        socket.begin().subscribe(story)


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("weather:today", "not-found"),
        ("job:job_" + "0" * 32, "not-found"),
        ("job:nonsense", "not-found"),
        ("job:..", "not-found"),
    ],
)
def test_an_unknown_topic_is_an_error(live: LiveApi, topic: str, code: str) -> None:
    with socket_to(live) as socket:
        socket.begin().send(type="subscribe", id="a", topic=topic)
        frame = socket.frame()
        assert frame["id"] == "a"
        assert assert_error(frame)["type"] == f"/problems/{code}"


def test_an_id_in_use_is_refused_and_goes_on(live: LiveApi, story: Story) -> None:
    with socket_to(live) as socket:
        socket.begin().subscribe(story)
        topic = f"job:{story.job_id}"
        socket.send(type="subscribe", id="a", topic=topic)
        assert_error(socket.frame())
        story.improve(1).end()
        assert socket.bodies() == story.bodies()[2:]


def test_a_socket_takes_so_many_topics_and_no_more(
    live: LiveApi, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MAX_TOPICS", 2)
    with socket_to(live) as socket:
        socket.begin()
        socket.subscribe(story, "a")
        socket.subscribe(story, "b")
        socket.send(type="subscribe", id="c", topic=f"job:{story.job_id}")
        assert_error(socket.frame())


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_a_page_of_another_origin_is_refused(live: LiveApi, origin: str) -> None:
    with pytest.raises(InvalidStatus), socket_to(live, origin=Origin(origin)):
        pass


def test_a_page_of_our_own_is_let_in(live: LiveApi) -> None:
    with socket_to(live, origin=Origin(live.url)) as socket:
        socket.begin()


def test_a_socket_that_says_nothing_is_closed(
    live: LiveApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "INIT_SECONDS", 0.01)
    with socket_to(live) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.text()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4408


def test_a_reader_that_takes_nothing_is_closed_and_resumes(
    live: LiveApi, story: Story
) -> None:
    story.permutation = list(range(60_000))
    with socket_to(live, max_queue=1, close_timeout=0.1) as socket:
        socket.begin().subscribe(story)
        hub = live.app.state.hub
        wait_until(lambda: hub.subscriptions == 1)

        def is_given_up() -> bool:
            story.improve(4)
            return bool(hub.subscriptions == 0)

        wait_until(is_given_up)
        got: list[str] = []
        with suppress(ConnectionClosed):
            got += (json.loads(text)["event"]["sequence"] for text in socket.connection)
        assert socket.connection.close_code == 4002
    seen = 2 + len(got)
    assert int(got[-1]) == seen < story.told
    story.end()
    with socket_to(live) as socket:
        socket.begin().subscribe(story, after=seen)
        assert socket.bodies() == story.bodies()[seen:]


def test_a_client_that_vanishes_leaves_nothing_behind(
    live: LiveApi, story: Story
) -> None:
    hub = live.app.state.hub
    with socket_to(live, close_timeout=0.1) as socket:
        socket.begin()
        for number in range(20):
            socket.subscribe(story, str(number))
        wait_until(lambda: hub.subscriptions == 20)
        socket.connection.socket.close()
    story.improve(2)
    wait_until(lambda: hub.subscriptions == 0)


def test_a_flood_of_frames_is_closed(
    live: LiveApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MAX_BURST", 20.0)
    monkeypatch.setattr(incoming, "FRAMES_PER_SECOND", 0.0)
    with socket_to(live) as socket:
        socket.begin()
        with suppress(ConnectionClosed):
            for _ in range(30):
                socket.send(type="ping")
            assert [frame for frame in socket.connection if "error" in frame] == []
        assert socket.connection.close_code == 4429


def test_a_frame_that_is_far_too_long_closes_the_socket(live: LiveApi) -> None:
    with socket_to(live) as socket:
        socket.begin()
        with suppress(ConnectionClosed):
            socket.connection.send("x" * (17 << 20))
            socket.text()
        assert socket.connection.close_code == 4400


def test_a_service_that_stops_says_come_back(app: FastAPI) -> None:
    with ExitStack() as stack:
        with serving(app) as live:
            socket = stack.enter_context(socket_to(live)).begin()
        with suppress(ConnectionClosed):
            socket.text()
        assert socket.connection.close_code == 4001


def test_a_caller_has_so_many_streams_and_no_more(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    app = make_app(
        database_url=sqlite_url, redis_url=valkey.redis_url, max_streams_per_caller=1
    )
    with serving(app) as live:
        with socket_to(live):
            with pytest.raises(InvalidStatus) as refused, socket_to(live):
                pass
            assert refused.value.response.status_code == 429
            assert "Retry-After" in refused.value.response.headers
            problem = json.loads(refused.value.response.body or b"")
            assert problem["suggestion"]
        wait_until(lambda: app.state.places.taken == 0)
        with socket_to(live) as socket:
            socket.begin()


def test_a_process_has_so_many_streams_and_no_more(
    make_app: MakeApp, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    app = make_app(database_url=sqlite_url, redis_url=valkey.redis_url, max_streams=1)
    story = Story(app.state.solvequeue.backplane).begin()
    with serving(app) as live, socket_to(live):
        with pytest.raises(InvalidStatus) as refused, socket_to(live):
            pass
        assert refused.value.response.status_code == 503
        path = f"{live.url}{events_path(story)}"
        answer = httpx2.get(path, headers=SSE, trust_env=False)
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers


@pytest.mark.parametrize("compression", ["deflate", None])
def test_long_events_arrive_whole_compressed_or_not(
    live: LiveApi, story: Story, compression: str | None
) -> None:
    story.permutation = list(range(1000))
    with (
        socket_to(live, compression=compression) as socket,
        socket_to(live) as other,
    ):
        socket.begin().subscribe(story)
        other.begin().subscribe(story)
        assert bool(socket.connection.protocol.extensions) == bool(compression)
        story.improve(3).end()
        assert socket.bodies() == other.bodies() == story.bodies()[2:]
