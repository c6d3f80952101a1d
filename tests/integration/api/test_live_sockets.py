"""Both sockets of the earlier servers: who may open them, and what they put up with."""

import asyncio
import json
from typing import Any

import psutil
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from api import standing_leave
from api.live import session
from db.contracts.caller import Scope
from tests.integration.api.conftest import MakeApp
from tests.integration.api.keyed import bearer, make_key, make_stream_token, revoke
from tests.integration.api.keyed import client_of as keyed_client
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.live_client import Client, client_of
from tests.integration.api.test_desk import SOLVE
from tests.integration.api.test_feed import is_heard, produce

PATHS = ("/ws", "/ws/live")
EACH = pytest.mark.parametrize("path", PATHS)
MALFORMED: list[str | bytes] = [
    "",
    "hello",
    "[]",
    "5",
    "null",
    '{"type": "ping"',
    '{"type": NaN}',
    '{"type": "\\ud800"}',
    "[" * 2000,
    '{"type": ' + "[" * 5000,
    '{"type": ' + "[" * 900 + "]" * 900 + "}",
    "{}",
    '{"type": 5}',
    '{"type": 1e400}',
    '{"type": ["subscribe"]}',
    '{"type": ""}',
    json.dumps({"type": "x" * 60_000}),
    json.dumps({"type": "subscribe", "channel": "x" * 60_000, "topics": "x" * 60_000}),
    json.dumps({"type": "subscribe", "channel": 10**30, "topics": 7}),
    b"\x00\xff" * 100,
    b"",
]  # fmt: skip
FLOOD = 2000
HUGE_BYTES = 10 * 2**20
EXAMPLES = 25
"""Fewer than may come at once."""
TYPES = st.text(min_size=1, max_size=20) | st.sampled_from(
    [
        *("ping", "subscribe", "unsubscribe", "subscribe_metrics", "calculate"),
        *("get_active_calculations", "request_calculation", "shout", "welcome"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NAMES = (
    *("channel", "topics", "topic", "data", "parameters"),
    *("calculation_id", "calculation_type"),
)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))
FRAMES = st.builds(
    lambda type_, fields: {**fields, "type": type_},
    TYPES.filter(lambda text: text != "pong") | JSON,
    FIELDS,
)


@EACH
def test_what_is_malformed_is_told_so_and_closes_nothing(
    live: LiveApi, path: str
) -> None:
    with client_of(live, path) as client:
        client.frame()
        for content in MALFORMED:
            client.connection.send(content)
            answer = client.frame()
            assert answer["type"] == "error", content[:50]
            assert answer["message"]
            assert answer["timestamp"]
            assert len(json.dumps(answer)) < 1500
        assert client.is_open()


@EACH
def test_no_frame_is_answered_by_silence_or_a_closed_socket(
    live: LiveApi, path: str
) -> None:
    with client_of(live, path) as client:
        client.frame()

        @settings(max_examples=EXAMPLES, deadline=None, database=None)
        @given(FRAMES)
        def ask(frame: dict[str, Any]) -> None:
            client.connection.send(json.dumps(frame))
            answer = client.frame()
            assert answer["timestamp"]
            assert len(json.dumps(answer)) < 3000

        ask()
        assert client.is_open()


@EACH
def test_a_huge_frame_is_an_error(live: LiveApi, path: str) -> None:
    """As started by the command line, the server closes it 4400 before it is read."""
    with client_of(live, path) as client:
        client.frame()
        client.connection.send("x" * HUGE_BYTES)
        assert client.frame()["type"] == "error"
        assert client.is_open()


@EACH
def test_a_flood_is_closed_and_costs_no_memory(live: LiveApi, path: str) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    with client_of(live, path) as client:
        with pytest.raises(ConnectionClosed) as closed:
            flood(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4429
    assert process.memory_info().rss - before < 20 * 2**20


def flood(client: Client) -> None:
    """Send much more than anyone may; read until the end."""
    for _ in range(FLOOD):
        client.send("shout")
    while True:
        client.frame()


@EACH
def test_clients_hear_that_the_service_lives(
    live: LiveApi, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PING_SECONDS", 0.05)
    with client_of(live, path) as client:
        client.frame()
        if path == "/ws":
            beat = client.await_("heartbeat")
            assert set(beat) == {
                *("type", "timestamp", "server_status", "active_connections"),
            }
            assert beat["active_connections"] == 1
        else:
            assert set(client.await_("ping")) == {"type", "timestamp"}
            client.send("pong")
        assert client.is_open()


@EACH
def test_pages_of_other_origins_are_not_served(
    make_app: MakeApp, guarded_settings: dict[str, Any], path: str
) -> None:
    app = make_app(
        **guarded_settings | {"auth_mode": "off"},
        cors_origins="https://dashboard.example",
    )
    with serving(app) as live:
        with (
            pytest.raises(InvalidStatus),
            client_of(live, path, origin=Origin("https://evil.example")),
        ):
            pass
        own = f"http://127.0.0.1:{live.port}"
        for origin in (own, "https://dashboard.example"):
            with client_of(live, path, origin=Origin(origin)) as client:
                assert client.is_open()


@EACH
def test_a_socket_without_a_good_key_is_closed(guarded: FastAPI, path: str) -> None:
    key = make_key(guarded, "alice")
    writer = make_key(guarded, "alice", frozenset({Scope.WRITE}))
    with serving(guarded) as live:
        assert refusal(live, path, {}) == ("unauthenticated", 4401)
        assert refusal(live, path, bearer(writer)) == ("forbidden", 4403)
        with client_of(live, path, additional_headers=bearer(key)) as client:
            assert client.is_open()


def refusal(live: LiveApi, path: str, headers: dict[str, str]) -> tuple[str, int]:
    """Return why a socket is closed, in words and as a number."""
    with client_of(live, path, additional_headers=headers) as client:
        code = client.frame()["code"]
        with pytest.raises(ConnectionClosed) as closed:
            client.frame()
    assert closed.value.rcvd is not None
    return code, closed.value.rcvd.code


@EACH
def test_a_socket_is_closed_when_its_key_ends(
    guarded: FastAPI, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_leave, "CHECK_SECONDS", 0.05)
    key = make_key(guarded, "alice")
    with (
        serving(guarded) as live,
        client_of(live, path, additional_headers=bearer(key)) as client,
    ):
        assert client.is_open()
        revoke(guarded, key.prefix)
        with pytest.raises(ConnectionClosed) as closed:
            client.await_("nothing")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_who_may_only_read_may_not_calculate(guarded: FastAPI) -> None:
    reader = make_key(guarded, "alice", frozenset({Scope.READ}))
    with (
        serving(guarded) as live,
        client_of(live, "/ws", additional_headers=bearer(reader)) as client,
    ):
        answer = calculate(client)
        assert (answer["type"], answer["code"]) == ("calculation_error", "forbidden")


def test_calculations_are_told_to_their_owner_alone(guarded: FastAPI) -> None:
    alice, bob = (bearer(make_key(guarded, name)) for name in ("alice", "bob"))
    with (
        serving(guarded) as live,
        client_of(live, "/ws", additional_headers=alice) as hers,
        client_of(live, "/ws", additional_headers=alice) as also_hers,
        client_of(live, "/ws", additional_headers=bob) as his,
    ):
        for client in (also_hers, his):
            client.ask("subscribe", "subscribed", channel="calculations")
        job = calculate(hers)["job"]
        assert also_hers.await_("calculation_update")["job"] == job
        assert his.is_open()
        assert job not in str(his.passed)
        listed = his.ask("get_active_calculations", "active_calculations")
        assert listed["calculations"] == []


def test_calculations_take_from_the_bucket_of_submissions(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(
        **guarded_settings | {"auth_mode": "off", "rate_limits": "submit=2/0.01"}
    )
    with serving(app) as live, client_of(live, "/ws") as client:
        answers = [calculate(client) for _ in range(3)]
    assert [each.get("code") for each in answers] == [None, None, "rate-limited"]


def test_a_caller_has_so_many_jobs_waiting(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(
        **guarded_settings | {"auth_mode": "off", "max_queued_per_caller": 1}
    )
    with serving(app) as live, client_of(live, "/ws") as client:
        answers = [calculate(client) for _ in range(2)]
    assert [each.get("code") for each in answers] == [None, "quota-exceeded"]


def calculate(client: Client) -> dict[str, Any]:
    """Ask for a solve; return the first answer."""
    return client.ask(
        "calculate",
        "calculation_update",
        "calculation_error",
        calculation_type="solve",
        parameters=SOLVE,
    )


def test_sockets_are_bounded_as_all_streams_are(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    app = make_app(
        **guarded_settings | {"auth_mode": "off", "max_streams_per_caller": 2}
    )
    with serving(app) as live, client_of(live, "/ws"), client_of(live, "/ws/live"):
        with pytest.raises(InvalidStatus) as refused, client_of(live, "/ws/live"):
            pass
        assert refused.value.response.status_code == 429


def test_many_sockets_are_told_the_same_bytes(live: LiveApi, app: FastAPI) -> None:
    async def listen(count: int) -> list[list[str | bytes]]:
        url = f"ws://127.0.0.1:{live.port}/ws/live"
        sockets = [await connect_async(url, proxy=None) for _ in range(count)]
        for each in sockets:
            await each.recv()
        await asyncio.to_thread(is_heard, live)
        await asyncio.to_thread(produce, app, 1)
        found = [[await each.recv() for _ in range(3)] for each in sockets]
        for each in sockets:
            await each.close()
        return found

    first, *others = asyncio.run(listen(50))
    assert all(told == first for told in others)


def test_a_stream_token_opens_what_it_names(guarded: FastAPI) -> None:
    maker = keyed_client(guarded, make_key(guarded, "alice"))
    token = make_stream_token(maker, "system")
    with serving(guarded) as live:
        with client_of(live, "/ws/live", query=f"?token={token}") as feed:
            feed.frame()
            is_heard(live)
            produce(guarded, 1)
            types = [feed.frame()["type"] for _ in range(2)]
            assert types == ["status_update", "system_health"]
            assert feed.is_open()
            assert feed.passed == []
        with client_of(live, "/ws", query=f"?token={token}") as desk:
            assert desk.frame()["type"] == "welcome"
            answer = desk.ask("subscribe", "subscribed", "error", channel="metrics")
            assert answer["code"] == "forbidden"
            assert desk.ask("subscribe_metrics", "error")["code"] == "forbidden"
            assert desk.ask("get_active_calculations", "error")["code"] == "forbidden"
            assert calculate(desk)["code"] == "forbidden"
            desk.ask("subscribe", "subscribed", channel="system")


def test_what_cannot_be_followed_is_not_begun(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    few = {"auth_mode": "off", "max_streams_per_caller": 1}
    app = make_app(**guarded_settings | few)
    with serving(app) as live, client_of(live, "/ws") as client:
        assert calculate(client)["code"] == "rate-limited"
        listed = client.ask("get_active_calculations", "active_calculations")
        assert listed["calculations"] == []
