"""The relay, measured end to end: what it took, or that nothing came."""

import asyncio

import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from api.relay import pulse
from api.relay.pulse import Pulse
from db.backplane import Backplane
from tests.waiting import wait_until


def test_an_event_is_timed_on_its_way_to_the_sockets(
    app: FastAPI, app_backplane: Backplane
) -> None:
    async def measure() -> float | None:
        beating = Pulse(app.state.solvequeue, app.state.hub)
        took = await beating.beat()
        assert app_backplane.presence.relays() == {beating._name: took}
        await beating.close()
        await app.state.hub.close()
        return took

    took = asyncio.run(measure())
    assert took is not None
    assert took > 0
    assert app_backplane.presence.relays() == {}


def test_a_process_that_hears_nothing_says_so(
    app: FastAPI, app_backplane: Backplane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(app_backplane.stream, "beat", lambda _: None)

    async def measure() -> None:
        beating = Pulse(app.state.solvequeue, app.state.hub)
        assert await beating.beat() is None
        await app.state.hub.close()

    asyncio.run(measure())
    assert list(app_backplane.presence.relays().values()) == [None]


def test_it_beats_as_long_as_the_application_is_up(app: FastAPI, redis: Redis) -> None:
    with TestClient(app):
        wait_until(lambda: redis.scard("solvequeue:relays") == 1)
        (name,) = redis.smembers("solvequeue:relays")
        assert redis.exists(f"solvequeue:relays:{name}")
    assert not redis.exists(f"solvequeue:relays:{name}")
