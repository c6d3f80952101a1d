"""One log, many views: nothing missing, nothing twice, and always one end."""

import asyncio
import json
import threading
from functools import partial

import httpx2
import numpy as np
import pytest
from fastapi import FastAPI
from redis import Redis
from starlette.testclient import TestClient

from api.relay.hub import Hub
from api.relay.tail import Tail
from db.backplane import Backplane
from db.contracts.event import Published
from db.contracts.job_state import JobState
from db.embedded_valkey import EmbeddedValkey
from db.reconciler import Reconciler
from tests.integration.api.conftest import OWN_HOST, MakeApp
from tests.integration.api.live import LiveApi, serving
from tests.integration.api.readers import (
    SSE,
    TERMINAL,
    events_in,
    events_path,
    many,
    number_of,
    socket_to,
    sse,
    stream_to_end,
    type_of,
)
from tests.integration.api.story import Story
from tests.waiting import wait_until

NDJSON = {"Accept": "application/x-ndjson"}


class Numbers:
    """Reads a log's numbers, and counts its ends."""

    def __init__(self) -> None:
        self.found: list[int] = []
        self.ends = 0

    def take(self, event: Published) -> None:
        self.found.append(event.sequence)
        self.ends += event.type.is_terminal

    async def drained(self) -> None:
        return


def is_heard(live: LiveApi, count: int = 1) -> bool:
    """Tell whether so many readers listen."""
    return bool(live.app.state.hub.subscriptions >= count)


def test_every_view_has_the_same_bytes(live: LiveApi, story: Story) -> None:
    story.improve(7).end()
    client = httpx2.Client(base_url=live.url, trust_env=False)
    with client, socket_to(live) as socket:
        page = client.get(events_path(story)).content
        lines = client.get(events_path(story), headers=NDJSON).text
        stream = client.get(events_path(story), headers=SSE).text
        socket.begin().subscribe(story, after=0)
        framed = socket.bodies()
    bodies = story.bodies()
    assert len(bodies) == story.told == 10
    assert b'"items":[' + ",".join(bodies).encode() + b"]" in page
    assert lines.split("\n") == [*bodies, ""]
    assert events_in(stream) == bodies
    assert framed == bodies


def test_events_are_numbered_from_one_without_a_hole(
    client: TestClient, story: Story
) -> None:
    story.improve(5).end()
    items = client.get(events_path(story)).json()["items"]
    assert [int(item["sequence"]) for item in items] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len({item["epoch"] for item in items}) == 1
    assert len({item["id"] for item in items}) == 8


def test_pages_join_into_the_log(client: TestClient, story: Story) -> None:
    story.improve(5).end()
    path, found = f"{events_path(story)}?after=0", []
    while path:
        page = client.get(f"{path}&limit=3").json()
        found += [item["id"] for item in page["items"]]
        path = page["next"]
    assert found == [json.loads(body)["id"] for body in story.bodies()]


def test_a_page_of_another_epoch_begins_anew(client: TestClient, story: Story) -> None:
    path = f"{events_path(story)}?after=2&epoch=another"
    assert [item["type"] for item in client.get(path).json()["items"]] == [
        "job.queued",
        "job.started",
    ]


@pytest.mark.parametrize("cut", [1, 2, 5, 9])
def test_a_reader_that_comes_back_misses_nothing(
    live: LiveApi, story: Story, cut: int
) -> None:
    story.improve(4)
    with sse(live, story) as events:
        before = [next(events) for _ in range(min(cut, 6))]
    story.improve(4)
    with sse(live, story, last=len(before)) as events:
        after = [next(events) for _ in range(10 - len(before))]
        story.end()
        after += list(events)
    assert before + after == story.bodies()


def test_a_reader_cut_a_hundred_times_sees_each_event_once(
    live: LiveApi, story: Story
) -> None:
    rng, seen = np.random.default_rng(17), list[str]()
    while len(seen) < 100:
        story.improve(int(rng.integers(1, 3)))
        with sse(live, story, last=len(seen)) as events:
            wanted = int(rng.integers(0, story.told - len(seen) + 1))
            seen += [next(events) for _ in range(wanted)]
    story.end()
    with sse(live, story, last=len(seen)) as events:
        seen += list(events)
    assert seen == story.bodies()


def test_an_event_source_that_saw_the_end_is_told_to_stay_away(
    client: TestClient, story: Story
) -> None:
    story.end()
    headers = {**SSE, "Last-Event-ID": str(story.told)}
    assert client.get(events_path(story), headers=headers).status_code == 204
    query = {"after": story.told}
    answer = client.get(events_path(story), params=query, headers=SSE)
    assert answer.status_code == 204


def test_an_archived_log_reads_as_before(
    client: TestClient, story: Story, redis: Redis
) -> None:
    story.improve(3).end()
    bodies = story.bodies()
    story.backplane.log.archive([story.job_id])
    redis.flushall()
    assert events_in(client.get(events_path(story), headers=SSE).text) == bodies
    assert client.get(events_path(story), headers=NDJSON).text.split("\n")[:-1] == (
        bodies
    )


def test_connects_around_the_finish_all_see_one_end(
    live: LiveApi, app_backplane: Backplane
) -> None:
    """Three hundred over HTTP: ten jobs end among thirty readers each."""
    rng = np.random.default_rng(23)

    async def around(client: httpx2.AsyncClient, story: Story) -> list[list[str]]:
        finishing = int(rng.integers(0, 30))
        readers = []
        for number in range(30):
            if number == finishing:
                readers.append(asyncio.ensure_future(asyncio.to_thread(story.end)))
            last = int(rng.integers(0, story.told - 1))
            reading = asyncio.create_task(stream_to_end(client, story, last=last))
            readers.append(asyncio.ensure_future(_with(last, reading)))
            for _ in range(int(rng.integers(0, 4))):
                await asyncio.sleep(0)
        found = await asyncio.gather(*readers)
        return [each for each in found if isinstance(each, list)]

    async def _with(last: int, reading: asyncio.Task[list[str]]) -> list[str]:
        events = await reading
        assert [number_of(body) for body in events] == list(
            range(last + 1, last + 1 + len(events))
        )
        return events

    async def all_of_them() -> None:
        async with many(live) as client:
            for _ in range(10):
                story = Story(app_backplane).begin().start().improve(3)
                for events in await around(client, story):
                    ends = [body for body in events if type_of(body) in TERMINAL]
                    assert len(ends) == 1
                    assert events[-1] == ends[0]

    asyncio.run(all_of_them())


def test_tails_around_the_finish_all_see_one_end(app_backplane: Backplane) -> None:
    """Eight hundred without a socket: forty jobs end among twenty readers each."""
    rng = np.random.default_rng(29)

    async def read(hub: Hub, story: Story, after: int) -> list[int]:
        reader = Numbers()
        log = partial(app_backplane.log.read, story.job_id)
        tail = Tail(hub, story.job_id, lambda number: log(after=number), after=after)
        await tail.follow(reader)
        assert reader.ends == 1
        return reader.found

    async def all_of_them() -> None:
        hub = Hub(app_backplane.settings)
        for _ in range(40):
            story = Story(app_backplane).begin().start().improve(3)
            finishing, tasks, afters = int(rng.integers(0, 20)), [], []
            ending: asyncio.Future[Story] | None = None
            for number in range(20):
                if number == finishing:
                    ending = asyncio.ensure_future(asyncio.to_thread(story.end))
                afters.append(int(rng.integers(0, 5)))
                tasks.append(asyncio.create_task(read(hub, story, afters[-1])))
                for _ in range(int(rng.integers(0, 6))):
                    await asyncio.sleep(0)
            found = await asyncio.gather(*tasks)
            assert ending is not None
            await ending
            assert found == [list(range(after + 1, 7)) for after in afters]
        assert hub.subscriptions == 0
        await hub.close()

    asyncio.run(all_of_them())


def test_one_jobs_end_closes_no_other_stream(
    live: LiveApi, app_backplane: Backplane, story: Story
) -> None:
    other = Story(app_backplane).begin().start()
    with sse(live, story) as events, sse(live, other) as others:
        head = [next(events), next(events)]
        wait_until(partial(is_heard, live, 2))
        other.improve(2).end()
        assert len(list(others)) == 5
        story.improve(2)
        head += [next(events), next(events)]
        story.end(JobState.CANCELLED)
        assert head + list(events) == story.bodies()


def test_a_stream_that_is_not_read_ends_and_is_resumed(
    live: LiveApi, story: Story
) -> None:
    story.permutation = list(range(20_000))
    with sse(live, story) as events:
        before = [next(events), next(events)]
        wait_until(partial(is_heard, live))

        def is_given_up() -> bool:
            story.improve(5)
            return not is_heard(live)

        wait_until(is_given_up)
        before += list(events)
    assert len(before) < story.told
    story.end()
    with sse(live, story, last=len(before)) as events:
        assert before + list(events) == story.bodies()


def test_a_stalled_client_holds_up_no_other(live: LiveApi, story: Story) -> None:
    with sse(live, story) as stalled, sse(live, story) as events:
        next(stalled)
        for _ in range(4):
            story.improve(250)
        story.end()
        assert list(events) == story.bodies()
        assert len(list(stalled)) == story.told - 1


def test_a_client_that_leaves_leaves_nothing_behind(
    live: LiveApi, story: Story
) -> None:
    with sse(live, story) as events, socket_to(live) as socket:
        next(events)
        socket.begin().subscribe(story)
        wait_until(partial(is_heard, live, 2))
    wait_until(lambda: live.app.state.hub.subscriptions == 0)


def test_a_silent_stream_is_kept_open(
    live: LiveApi, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.relay.event_stream.PING_SECONDS", 0.01)
    client = httpx2.Client(base_url=live.url, trust_env=False, timeout=30)
    with client, client.stream("GET", events_path(story), headers=SSE) as answer:
        assert ": ping" in answer.iter_lines()


def test_a_flush_in_mid_stream_begins_the_log_anew(
    live: LiveApi, story: Story, redis: Redis
) -> None:
    story.improve(5)
    with sse(live, story) as events:
        before = [next(events) for _ in range(7)]
        wait_until(partial(is_heard, live))
        redis.flushall()
        story.backplane.log.mend([story.job_id])
        story.improve(2).end()
        after = list(events)
    assert before != after
    assert after == story.bodies()
    assert [number_of(body) for body in after] == [1, 2, 3, 4, 5]
    assert len({json.loads(body)["epoch"] for body in after}) == 1


def test_an_event_source_beyond_a_log_begun_anew_is_told_all_of_it(
    client: TestClient, story: Story, redis: Redis
) -> None:
    story.improve(20)
    redis.flushall()
    story.backplane.log.mend([story.job_id])
    story.end()
    headers = {**SSE, "Last-Event-ID": "22"}
    found = events_in(client.get(events_path(story), headers=headers).text)
    assert found == story.bodies()
    assert type_of(found[-1]) == "job.succeeded"


def test_a_restart_of_the_event_server_is_waited_for(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    app: FastAPI = make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    story = Story(app.state.solvequeue.backplane).begin().start().improve(3)
    found: list[str] = []

    def read(live: LiveApi) -> None:
        with sse(live, story) as events:
            found.extend(events)

    with serving(app) as live:
        reader = threading.Thread(target=read, args=[live], daemon=True)
        reader.start()
        wait_until(lambda: len(found) == 5)
        own_valkey.stop()
        own_valkey.start()
        Reconciler(story.backplane).audit()
        story.end()
        reader.join(30)
        assert not reader.is_alive()
    assert found[5:] == story.bodies()


def test_a_log_cannot_be_read_while_its_server_is_away(
    make_app: MakeApp, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    app: FastAPI = make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    story = Story(app.state.solvequeue.backplane).begin()
    own_valkey.stop()
    answer = TestClient(app, client=OWN_HOST).get(events_path(story))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["type"] == "/problems/stream-unavailable"
