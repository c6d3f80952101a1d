"""Sockets that are open close when their caller's leave ends, and show no more."""

from contextlib import suppress

import pytest
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed

from api import key_ring, standing_leave
from tests.integration.api.keyed import (
    bearer,
    make_key,
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
