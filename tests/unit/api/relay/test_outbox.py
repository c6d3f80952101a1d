"""What waits for a slow reader is bounded, and its writer never waits."""

import asyncio

import pytest

from api.relay import outbox as outboxes
from api.relay.outbox import Outbox


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outboxes, "MAX_WAITING_BYTES", 100)
    monkeypatch.setattr(outboxes, "LOW_BYTES", 25)


def test_what_is_put_comes_out_in_order() -> None:
    async def pass_through() -> list[str]:
        outbox: Outbox[str] = Outbox()
        assert outbox.put("a", 10)
        assert outbox.put("b", 10)
        assert outbox.waiting_bytes == 20
        found = await outbox.take()
        assert outbox.waiting_bytes == 0
        return found

    assert asyncio.run(pass_through()) == ["a", "b"]


def test_too_much_is_refused_and_not_kept() -> None:
    async def fill() -> list[str]:
        outbox: Outbox[str] = Outbox()
        assert outbox.put("a", 60)
        assert not outbox.put("b", 60)
        return await outbox.take()

    assert asyncio.run(fill()) == ["a"]


def test_one_large_item_alone_is_taken() -> None:
    async def put() -> list[str]:
        outbox: Outbox[str] = Outbox()
        assert outbox.put("a", 1000)
        assert not outbox.put("b", 1)
        return await outbox.take()

    assert asyncio.run(put()) == ["a"]


def test_it_is_drained_when_little_waits() -> None:
    async def drain() -> list[bool]:
        outbox: Outbox[str] = Outbox()
        await outbox.drained()
        outbox.put("a", 50)
        waiting = asyncio.ensure_future(outbox.drained())
        await asyncio.sleep(0)
        seen = [waiting.done()]
        await outbox.take()
        await waiting
        return seen

    assert asyncio.run(drain()) == [False]
