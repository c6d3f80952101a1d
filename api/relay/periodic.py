"""What is told over and over while anyone listens: each once, by one process.

Moments are those of the clock, so that all processes come at the same ones, and a turn
in Redis lets one of them do it. Nobody is the leader for longer than that.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.insight_views import insights_update
from api.live_views import metrics_update, queue_update, system_update
from api.relay.hub import Hub
from api.state import ApiState
from api.ticker import Ticker
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.errors import StreamUnavailableError, UnavailableError
from db.contracts.event import EventType, Published
from db.contracts.identifier import new_id
from db.contracts.payload import Payload

logger = logging.getLogger(__name__)

MOMENT_SECONDS = 1.0
KEEP_TURN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Periodic:
    """One event that comes again and again."""

    channel: ChannelName
    type: EventType
    every_seconds: int
    make: Callable[[ApiState], Payload]
    """Raises UnavailableError where it cannot be told now."""
    only_changes: bool = False
    """Whether the same as last time is left out."""


PERIODIC: tuple[Periodic, ...] = (
    Periodic(ChannelName.METRICS, EventType.METRICS_UPDATED, 2, metrics_update),
    Periodic(ChannelName.SYSTEM, EventType.SYSTEM_UPDATED, 10, system_update),
    Periodic(ChannelName.INSIGHTS, EventType.INSIGHTS_UPDATED, 30, insights_update),
    Periodic(
        ChannelName.QUEUES, EventType.QUEUE_UPDATED, 1, queue_update, only_changes=True
    ),
)


class Producer:
    """Works while somebody of this process listens."""

    def __init__(
        self,
        state: ApiState,
        hub: Hub,
        *,
        tell_own: Callable[[Published], None] = lambda _: None,
    ) -> None:
        """``tell_own`` tells those of this process, while there is no log to tell."""
        self._state = state
        self._hub = hub
        self._tell_own = tell_own

    def ticker(self) -> Ticker:
        """Return what makes it work at every moment, to be started and stopped."""
        return Ticker("producer", self._work, pause=_until_next_moment)

    def _work(self) -> None:
        moment = round(time.time() / MOMENT_SECONDS)
        for periodic in PERIODIC:
            if moment % periodic.every_seconds == 0:
                self._try(periodic, moment)

    def _try(self, periodic: Periodic, moment: int) -> None:
        if not self._hub.is_heard(periodic.channel.log):
            return
        try:
            try:
                self.produce(periodic, moment)
            except StreamUnavailableError:
                # How the service is matters most while a part of it is away.
                self._tell_own(self._draft(periodic).unnumbered())
        except UnavailableError:
            logger.debug("nothing told", extra={"action": "periodic_left_out"})
        except Exception:
            # One that fails must not silence the others, nor itself for ever.
            logger.exception("nothing told", extra={"action": "periodic_failed"})

    def produce(self, periodic: Periodic, moment: int) -> None:
        """Tell it, if no other process does so at this moment."""
        backplane = self._state.backplane
        turn = f"{periodic.type}:{moment}"
        if not backplane.stream.take_turn(turn, KEEP_TURN_SECONDS):
            return
        draft = self._draft(periodic)
        if periodic.only_changes:
            latest = backplane.channels.latest(periodic.channel)
            if latest.get(periodic.type, "").endswith(draft.tail):
                return
        backplane.channels.publish([draft])

    def _draft(self, periodic: Periodic) -> ChannelDraft:
        return ChannelDraft(
            channel=periodic.channel,
            type=periodic.type,
            payload=periodic.make(self._state),
            id=new_id("evt"),
            time=time.time(),
        )


def _until_next_moment() -> float:
    return MOMENT_SECONDS - time.time() % MOMENT_SECONDS
