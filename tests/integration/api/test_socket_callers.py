"""Who follows a socket: by its handshake, or by the token of its first frame."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed, InvalidStatus

from db.backplane import Backplane
from db.contracts.api_key import KeyText
from db.contracts.caller import Scope
from db.contracts.identifier import new_id
from tests.integration.api.conftest import MakeApp
from tests.integration.api.keyed import bearer, ended_job, make_key
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.readers import socket_to
from tests.integration.api.story import Story


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.fixture
def story(app_backplane: Backplane) -> Story:
    return ended_job(app_backplane, "alice")


def test_a_socket_follows_what_its_token_may_see(
    app: FastAPI, live: LiveApi, story: Story
) -> None:
    frames = []
    for owner, topic in (("bob", story.job_id), ("bob", new_id("job"))):
        with socket_to(live) as socket:
            socket.send(type="init", token=make_key(app, owner).reveal())
            assert socket.frame()["type"] == "ready"
            socket.send(type="subscribe", id="a", topic=f"job:{topic}")
            frames.append(json.dumps(socket.frame()).replace(topic, "ID"))
    assert frames[0] == frames[1]
    assert '"/problems/not-found"' in frames[0]
    with socket_to(live) as socket:
        socket.send(type="init", token=make_key(app, "alice").reveal())
        assert socket.frame()["type"] == "ready"
        socket.send(type="subscribe", id="a", topic=f"job:{story.job_id}")
        assert socket.frame()["type"] == "snapshot"


def test_a_socket_may_show_its_key_at_the_handshake(
    app: FastAPI, live: LiveApi, story: Story
) -> None:
    with socket_to(live, additional_headers=bearer(make_key(app, "alice"))) as socket:
        socket.begin()
        socket.send(type="subscribe", id="a", topic=f"job:{story.job_id}")
        assert socket.frame()["type"] == "snapshot"


def closed(live: LiveApi, headers: dict[str, str] | None = None, **init: Any) -> int:
    """Return the code with which a socket is closed that begins so."""
    with socket_to(live, additional_headers=headers or {}) as socket:
        socket.send(type="init", **init)
        assert socket.frame()["type"] == "error"
        with pytest.raises(ConnectionClosed) as ended:
            socket.frame()
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code


def test_a_socket_without_a_good_key_is_closed(app: FastAPI, live: LiveApi) -> None:
    key = make_key(app, "alice")
    assert closed(live) == 4401
    assert closed(live, token="bad") == 4401
    assert closed(live, token=KeyText(key.prefix, "A" * 43).reveal()) == 4401
    assert closed(live, token=7) == 4401
    assert closed(live, bearer(key), token=make_key(app, "bob").reveal()) == 4401
    writer = make_key(app, "alice", frozenset({Scope.WRITE}))
    assert closed(live, token=writer.reveal()) == 4403


def test_a_handshake_with_a_bad_key_is_refused(live: LiveApi) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        socket_to(live, additional_headers=bearer("bad")),
    ):
        pass
    assert refused.value.response.status_code == 401
    assert b"/problems/unauthenticated" in (refused.value.response.body or b"")


def test_who_guesses_on_sockets_is_slowed_down(
    make_app: MakeApp, guarded_settings: dict[str, Any]
) -> None:
    limited = guarded_settings | {"rate_limits": "auth_failures=2/0.01"}
    app = make_app(**limited)
    good, wrong = make_key(app, "alice"), KeyText("sq_zzzzzzzz", "A" * 43)
    with serving(app) as live:
        codes = [closed(live, token=wrong.reveal()) for _ in range(3)]
        # A right guess gets no other answer.
        codes.append(closed(live, token=good.reveal()))
    assert codes == [4401, 4401, 4429, 4429]
