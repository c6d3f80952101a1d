"""Sockets that are open close when their caller's leave ends, and show no more."""

import time
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed

from api import key_ring, standing_leave
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.event import EventType, Notification
from db.contracts.identifier import new_id
from tests.integration.api import live_client
from tests.integration.api.keyed import (
    bearer,
    client_of,
    make_key,
    make_stream_token,
    revoke,
)
from tests.integration.api.live import LiveApi
from tests.integration.api.readers import socket_to


@pytest.fixture
def app(guarded: FastAPI) -> FastAPI:
    return guarded


@pytest.mark.parametrize("shown", ["handshake", "init"])
def test_a_socket_closes_soon_after_its_key_is_revoked(
    app: FastAPI, live: LiveApi, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    monkeypatch.setattr(standing_leave, "CHECK_SECONDS", 0.02)
    monkeypatch.setattr(key_ring, "KEPT_SECONDS", 0.02)
    key = make_key(app, "alice")
    by_header = shown == "handshake"
    headers = bearer(key) if by_header else {}
    with socket_to(live, additional_headers=headers) as socket:
        socket.send(type="init", **({} if by_header else {"token": key.reveal()}))
        assert socket.frame()["type"] == "ready"
        revoke(app, key.prefix)
        with suppress(ConnectionClosed):
            socket.text()
        assert socket.connection.close_code == 4401


@pytest.mark.parametrize("path", ["/ws", "/ws/live"])
def test_a_stream_token_shows_what_it_names_at_every_socket(
    app: FastAPI, live: LiveApi, path: str
) -> None:
    key = make_key(app, "alice")
    token = make_stream_token(client_of(app, key), "notifications")
    headers = bearer(key)
    with (
        socket_to(live, additional_headers=headers) as reader,
        live_client.client_of(live, f"{path}?token={token}") as client,
    ):
        reader.begin().send(type="subscribe", id="a", topic="system")
        assert reader.frame()["type"] == "snapshot"
        client.await_("welcome", "connection_established")
        if path == "/ws":
            for asked in (
                {"type_": "subscribe", "channel": "metrics"},
                {"type_": "subscribe_metrics"},
                {"type_": "get_active_calculations"},
            ):
                refused = _ask(client, **asked)
                assert refused["code"] == "forbidden"
            _ask(client, type_="subscribe", channel="notifications")
        _tell(app, ChannelName.SYSTEM, "hidden")
        # From then on the process hears of what is told.
        assert reader.frame()["type"] == "event"
        _tell(app, ChannelName.NOTIFICATIONS, "shown")
        assert client.await_("notification")["message"] == "shown"


def _ask(client: live_client.Client, type_: str, **fields: Any) -> dict[str, Any]:
    return client.ask(type_, "error", "subscribed", **fields)


def _tell(app: FastAPI, channel: ChannelName, message: str) -> None:
    note = Notification(notification_type="test", level="info", message=message)
    draft = ChannelDraft(
        channel=channel,
        type=EventType.NOTIFICATION_SENT,
        payload=note,
        id=new_id("evt"),
        time=time.time(),
    )
    app.state.solvequeue.backplane.channels.publish([draft])
