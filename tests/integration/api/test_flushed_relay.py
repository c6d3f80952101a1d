"""Redis forgets everything while jobs run: who follows is told so, and goes on."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import groupby
from typing import Any

import pytest
from redis import Redis

from api.client import Client, Event
from db.backplane import Backplane
from db.reconciler import Reconciler
from tests.integration.api.live import LiveApi
from tests.integration.api.readers import TERMINAL, Socket, socket_to
from tests.one_worker import working
from tests.waiting import wait_until

FOLLOWERS = 3
"""Of each sort."""
FLUSHES = 2
Frame = dict[str, Any]


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Run this in a thread; wait for its end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join(60)
    assert not thread.is_alive()


class SocketFollower:
    """Follows jobs on one socket, to the end of each."""

    def __init__(self, jobs: Sequence[str]) -> None:
        self.frames: dict[str, list[Frame]] = {job_id: [] for job_id in jobs}

    def follow(self, socket: Socket) -> None:
        socket.begin()
        for job_id in self.frames:
            socket.send(type="subscribe", id=job_id, topic=f"job:{job_id}")
        ended = 0
        while ended < len(self.frames):
            frame = socket.frame()
            self.frames[frame["id"]].append(frame)
            ended += frame["type"] == "end"

    def epochs(self, job_id: str) -> list[str]:
        """Return those of which an event was told."""
        found = [f["event"]["epoch"] for f in self.frames[job_id] if "event" in f]
        return [epoch for epoch, _ in groupby(found)]


class StreamFollower:
    """Follows a job with the Python client."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.events: list[Event] = []

    def follow(self, url: str) -> None:
        with Client(url) as client:
            for event in client.events(self.job_id):
                self.events.append(event)

    def epochs(self) -> list[str]:
        return [epoch for epoch, _ in groupby(event.epoch for event in self.events)]


@pytest.mark.timeout(300)
def test_followers_are_told_of_a_flush_and_go_on_to_the_one_end(
    live: LiveApi, app_backplane: Backplane, redis: Redis
) -> None:
    with Client(live.url) as client, ExitStack() as following:

        def submit(seed: int, seconds: float) -> str:
            return client.submit_solve(
                "tai80a", method="tabu_search", seed=seed, limits={"time_s": seconds}
            ).id

        following.enter_context(working(app_backplane))
        running = submit(1, 600.0)
        wait_until(lambda: client.job(running).state == "running")
        # The worker does one at a time: this has not begun when Redis forgets.
        waiting = submit(2, 0.2)
        sockets = [SocketFollower([running, waiting]) for _ in range(FOLLOWERS)]
        streams = [
            StreamFollower(j) for j in (running, waiting) for _ in range(FOLLOWERS)
        ]
        for follower in sockets:
            socket = following.enter_context(socket_to(live))
            following.enter_context(beside(lambda f=follower, s=socket: f.follow(s)))
        for stream in streams:
            following.enter_context(beside(lambda s=stream: s.follow(live.url)))

        def has_gone_on(times: int) -> bool:
            heard = [each.epochs(running) for each in sockets]
            heard += [each.epochs() for each in streams if each.job_id == running]
            return all(len(epochs) >= times for epochs in heard)

        wait_until(lambda: has_gone_on(1))
        for flush in range(1, FLUSHES + 1):
            redis.flushall()
            # As every API and worker does, each minute and for a new server at once.
            Reconciler(app_backplane).audit()
            wait_until(lambda times=flush + 1: has_gone_on(times))
        client.cancel(running)

        def has_ended() -> bool:
            # A message that was lost within 2 s of its sending is missed later only.
            Reconciler(app_backplane).audit()
            return client.job(waiting).is_final

        wait_until(has_ended)
    logs = {job_id: whole_log(app_backplane, job_id) for job_id in (running, waiting)}
    for stream in streams:
        check_stream(stream, logs[stream.job_id])
    for follower in sockets:
        for job_id, frames in follower.frames.items():
            check_frames(frames, logs[job_id])
        # Once for the wish, and once for each flush.
        assert snapshots(follower.frames[running]) == [True, False, False]
        assert snapshots(follower.frames[waiting])[0]


def whole_log(backplane: Backplane, job_id: str) -> list[str]:
    """Return every event's bytes, page by page."""
    found: list[str] = []
    while page := backplane.log.read(job_id, after=len(found)).events:
        found += (event.body for event in page)
    return found


def snapshots(frames: Sequence[Frame]) -> list[bool]:
    """Return which snapshots joined what was seen before."""
    return [frame["recovered"] for frame in frames if frame["type"] == "snapshot"]


def check_stream(stream: StreamFollower, log: Sequence[str]) -> None:
    """See that each life of the log was told from 1 on, and the last one whole."""
    lives = [list(life) for _, life in groupby(stream.events, lambda e: e.epoch)]
    for life in lives:
        assert [event.number for event in life] == list(range(1, len(life) + 1))
    heard = [event.body for event in lives[-1]]
    assert (len(heard), heard[0], heard[-1]) == (len(log), log[0], log[-1])
    assert heard == log
    assert [event.is_terminal for event in stream.events].count(True) == 1
    assert stream.events[-1].is_terminal


def check_frames(frames: Sequence[Frame], log: Sequence[str]) -> None:
    """See that each snapshot is joined by its events, up to the one end."""
    types = [frame["type"] for frame in frames]
    assert (types[0], types.count("end"), types[-1]) == ("snapshot", 1, "end")
    told = [frame["event"]["type"] for frame in frames if "event" in frame]
    assert sum(each in TERMINAL for each in told) == 1
    assert told[-1] in TERMINAL
    epoch, number = "", 0
    for frame in frames[:-1]:
        if frame["type"] == "snapshot":
            assert frame["recovered"] == (not epoch)
            assert frame["epoch"] != epoch
            epoch, number = frame["epoch"], frame["sequence"]
            after = number
            continue
        assert frame["event"]["epoch"] == epoch
        assert int(frame["event"]["sequence"]) > number
        number = int(frame["event"]["sequence"])
    # Of the last life all follows its snapshot but for progress that came too fast.
    heard = {int(f["event"]["sequence"]) for f in frames if is_of(f, epoch)}
    missing = [
        event
        for event in map(json.loads, log)
        if int(event["sequence"]) > after and int(event["sequence"]) not in heard
    ]
    assert {event["type"] for event in missing} <= {"job.progress"}


def is_of(frame: Frame, epoch: str) -> bool:
    return "event" in frame and frame["event"]["epoch"] == epoch
