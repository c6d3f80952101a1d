"""`job:{id}`: one job's log, from wherever the client got to."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from typing_extensions import override

from api.ownership import require_job
from api.relay.channel import Channel, Position, Snapshot
from api.relay.hub import Hub
from api.relay.tail import Tail
from api.state import ApiState
from api.views import load_job
from db.contracts.caller import Caller


class JobChannel(Channel):
    """Snapshot, then every event after it up to the terminal one.

    Where the log is begun anew in between, another snapshot says so.
    """

    @override
    async def open(
        self,
        state: ApiState,
        hub: Hub,
        *,
        subject: str,
        seen: Position,
        caller: Caller,
    ) -> AsyncGenerator[Snapshot | str]:
        await hub.read(partial(require_job, state.backplane, caller, subject))
        log = state.backplane.log
        while True:
            standing = await hub.read(partial(log.read, subject, limit=1))
            is_same = seen.epoch in ("", standing.epoch)
            recovered = is_same and (seen.after or 0) <= standing.last_sequence
            after = standing.last_sequence
            if seen.after is not None and recovered:
                after = seen.after
            view, _ = await hub.read(partial(load_job, state.backplane, subject))
            yield Snapshot(
                sequence=after,
                epoch=standing.epoch,
                recovered=recovered,
                state=view.model_dump(mode="json"),
            )
            if standing.ended and after >= standing.last_sequence:
                return
            tail = Tail(log, hub, subject, after=after, epoch=standing.epoch)
            async with aclosing(tail.follow()) as batches:
                async for batch in batches:
                    for event in batch:
                        yield event.body
            if not tail.is_lost:
                return
            seen = Position(tail.sequence, tail.epoch)
