"""Sends one text to all who follow ``/ws/live``, in whatever process they are."""

import time

from starlette.concurrency import run_in_threadpool

from api.live.attendance import Attendance
from api.state import ApiState
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.errors import UnavailableError
from db.contracts.event import EventType, SystemBroadcast
from db.contracts.identifier import new_id


async def broadcast(
    state: ApiState, attendance: Attendance, text: str, *, at: str
) -> int:
    """Send it; return to how many sockets."""
    draft = ChannelDraft(
        channel=ChannelName.SYSTEM,
        type=EventType.SYSTEM_BROADCAST,
        payload=SystemBroadcast(text=text),
        id=new_id("evt"),
        time=time.time(),
    )

    def publish() -> None:
        try:
            state.backplane.channels.publish([draft])
        except UnavailableError:
            # Nobody can reach the others now.
            attendance.tell_own(draft.unnumbered())

    await run_in_threadpool(publish)
    seen = await run_in_threadpool(attendance.look)
    return seen.at(at)
