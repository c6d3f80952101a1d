"""`job:{id}`: one job's log, from wherever the client got to."""

from functools import partial

from typing_extensions import override

from api.ownership import JOBS
from api.relay.channel import Channel, Following, Position, Snapshot
from api.relay.tail import Tail
from api.views import load_job


class JobChannel(Channel):
    """Snapshot, then every event after it up to the terminal one.

    Where the log is begun anew in between, another snapshot says so.
    """

    takes_subject = True
    summary = "One job: all that is in its log, up to its end."

    @override
    async def follow(self, subject: str, following: Following) -> None:
        hub, backplane = following.hub, following.state.backplane
        await hub.read(partial(JOBS.require, backplane, following.caller, subject))
        log, seen = backplane.log, following.seen
        while True:
            standing = await hub.read(partial(log.read, subject, limit=1))
            is_same = seen.epoch in ("", standing.epoch)
            recovered = is_same and (seen.after or 0) <= standing.last_sequence
            after = standing.last_sequence
            if seen.after is not None and recovered:
                after = seen.after
            view, _ = await hub.read(partial(load_job, backplane, subject))
            following.follower.begin(
                Snapshot(
                    sequence=after,
                    epoch=standing.epoch,
                    recovered=recovered,
                    state=view.model_dump(mode="json"),
                )
            )
            if standing.ended and after >= standing.last_sequence:
                return
            tail = Tail(
                hub,
                subject,
                lambda number: log.read(subject, after=number),
                after=after,
                epoch=standing.epoch,
            )
            await tail.follow(following.follower)
            if not tail.is_lost:
                return
            seen = Position(tail.sequence, tail.epoch)
