"""`jobs`: what happens to every job that the caller may see."""

import asyncio
from collections import OrderedDict
from functools import partial

from typing_extensions import override

from api.relay.channel import Channel, Following, Snapshot
from api.relay.hub import EVERY_JOB
from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.event import MILESTONES, Published
from db.repositories import jobs

MAX_WAITING = 10_000
"""Events that one reader may be behind."""
MAX_OWNERS = 10_000
"""Jobs whose owner one reader remembers."""


class JobsChannel(Channel):
    """Counts by state, then each event as it comes, under its job's own number.

    It has no log of its own: after a fault it begins anew, and says so.
    """

    takes_subject = False
    summary = "What happens to the jobs that are yours, as it happens."
    usual_types = MILESTONES

    @override
    async def follow(self, subject: str, following: Following) -> None:
        hub, backplane = following.hub, following.state.backplane
        recovered = following.seen.after is None and not following.seen.epoch
        count = partial(_count, backplane, following.caller)
        while True:
            reading = _Reading(following)
            with hub.subscribe(EVERY_JOB, reading.hear):
                # Only from then on is everything heard.
                await hub.wait_for_server()
                state = await hub.read(count)
                following.follower.begin(Snapshot(0, "", recovered, state))
                await reading.until_hole()
            recovered = False


class _Reading:
    """From one snapshot to the next."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self._waiting: asyncio.Queue[Published] = asyncio.Queue(MAX_WAITING)
        self._hole = asyncio.Event()
        self._has_begun = False
        self._owners: OrderedDict[str, str | None] = OrderedDict()

    def hear(self, event: Published | None) -> None:
        if event is None:
            if self._has_begun:
                self._hole.set()
        elif self._waiting.full():
            self._hole.set()
        else:
            self._waiting.put_nowait(event)

    async def until_hole(self) -> None:
        """Pass on what the caller may see, until something may be missing."""
        self._has_begun = True
        passing = asyncio.ensure_future(self._pass_on())
        missing = asyncio.ensure_future(self._hole.wait())
        try:
            done, _ = await asyncio.wait(
                {passing, missing}, return_when=asyncio.FIRST_COMPLETED
            )
            if passing in done:
                # It ends by a fault only.
                passing.result()
        finally:
            for task in (passing, missing):
                task.cancel()
            await asyncio.gather(passing, missing, return_exceptions=True)

    async def _pass_on(self) -> None:
        caller, follower = self._following.caller, self._following.follower
        while True:
            event = await self._waiting.get()
            owner = None if caller.sees_all else await self._owner_of(event.log)
            if caller.sees_all or (owner is not None and caller.sees(owner)):
                follower.take(event)
                await follower.drained()

    async def _owner_of(self, job_id: str) -> str | None:
        if job_id not in self._owners:
            find = partial(_owner, self._following.state.backplane, job_id)
            self._owners[job_id] = await self._following.hub.read(find)
            if len(self._owners) > MAX_OWNERS:
                self._owners.popitem(last=False)
        return self._owners[job_id]


def _count(backplane: Backplane, caller: Caller) -> dict[str, int]:
    with backplane.database.reading() as connection:
        return jobs.count_by_state(connection, owner=caller.sees_of)


def _owner(backplane: Backplane, job_id: str) -> str | None:
    with backplane.database.reading() as connection:
        return jobs.owner_of(connection, job_id)
