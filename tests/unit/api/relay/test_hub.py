"""One faulty subscriber costs nobody anything, and a loop's end ends its reader."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.relay import hub as hubs
from api.relay.hub import EVERY_JOB, Hub
from db.contracts.errors import StreamUnavailableError
from db.contracts.event import EventType, Published
from db.contracts.settings import Settings


def event(number: int, job_id: str = "job") -> Published:
    return Published(job_id, number, "e", EventType.JOB_PROGRESS, "{}")


def use_firehose(patch: pytest.MonkeyPatch, *batches: Any) -> None:
    """Let every hub read these batches; an error is raised, and all repeats."""
    patch.setattr(hubs, "RECONNECT_SECONDS", 0.0)

    async def follow(_: Settings) -> AsyncIterator[list[Published] | None]:
        for batch in batches:
            await asyncio.sleep(0)
            if isinstance(batch, Exception):
                raise batch
            yield batch
        await asyncio.Event().wait()

    patch.setattr(hubs, "follow", follow)


def hear(count: int) -> list[Published | None]:
    """Return what a subscriber of ``job`` hears first."""

    async def listen() -> list[Published | None]:
        hub = Hub(Settings())
        waiting: asyncio.Queue[Published | None] = asyncio.Queue()
        with hub.subscribe("job", waiting.put_nowait):
            assert hub.subscriptions == 1
            heard = [await waiting.get() for _ in range(count)]
        assert hub.subscriptions == 0
        await hub.close()
        return heard

    return asyncio.run(listen())


def test_only_ones_own_events_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    use_firehose(monkeypatch, None, [event(1), event(1, "other"), event(2)])
    assert hear(3) == [None, event(1), event(2)]


@pytest.mark.parametrize("fault", [StreamUnavailableError(), RuntimeError("a bug")])
def test_after_a_fault_there_may_be_a_hole_and_reading_goes_on(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    use_firehose(monkeypatch, None, [event(1)], fault)
    assert hear(6) == [None, event(1), None, None, event(1), None]


def test_a_reader_that_loses_a_cancellation_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = 0

    async def follow(_: Settings) -> AsyncIterator[list[Published] | None]:
        nonlocal lost
        yield None
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                # As wait_for of Python 3.11 does at the wrong moment.
                lost += 1
                if lost == 3:
                    raise

    monkeypatch.setattr(hubs, "follow", follow)
    monkeypatch.setattr(hubs, "CANCEL_AGAIN_SECONDS", 0.0)
    assert hear(1) == [None]
    assert lost == 3


def test_each_event_loop_has_a_reader_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_firehose(monkeypatch, None)
    hub = Hub(Settings())

    async def listen() -> Published | None:
        waiting: asyncio.Queue[Published | None] = asyncio.Queue()
        with hub.subscribe("job", waiting.put_nowait):
            return await waiting.get()

    assert [asyncio.run(listen()) for _ in range(3)] == [None] * 3
    assert hub.subscriptions == 0


def test_the_fault_of_one_subscriber_is_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_firehose(monkeypatch, None, [event(1), event(2)])

    def stumble(_: Published | None) -> None:
        raise RuntimeError("a bug")

    async def listen() -> list[Published | None]:
        hub = Hub(Settings())
        waiting: asyncio.Queue[Published | None] = asyncio.Queue()
        with (
            hub.subscribe("job", stumble),
            hub.subscribe("job", waiting.put_nowait),
        ):
            heard = [await waiting.get() for _ in range(3)]
        await hub.close()
        return heard

    assert asyncio.run(listen()) == [None, event(1), event(2)]


def test_who_hears_every_job_hears_no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    use_firehose(
        monkeypatch, None, [event(1, "a"), event(1, "channel:metrics"), event(1, "b")]
    )

    async def listen() -> list[Published | None]:
        hub = Hub(Settings())
        waiting: asyncio.Queue[Published | None] = asyncio.Queue()
        with hub.subscribe(EVERY_JOB, waiting.put_nowait):
            heard = [await waiting.get() for _ in range(3)]
        await hub.close()
        return heard

    assert asyncio.run(listen()) == [None, event(1, "a"), event(1, "b")]
