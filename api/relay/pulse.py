"""Measures the relay end to end: from Redis' stream to who listens in this process.

Now and then an event that no log keeps goes into the stream, and it is timed until this
process' own reader hands it on. What it took, or that it never came, is told to all.
"""

import asyncio
import logging
import secrets
import time

from api.relay.hub import PULSE, Hub
from api.state import ApiState
from db.contracts.errors import UnavailableError
from db.contracts.event import Published
from db.presence import RELAY_TELL_SECONDS

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""An event that has not come by then is as good as lost."""


class Pulse:
    """One API process'."""

    def __init__(self, state: ApiState, hub: Hub) -> None:
        self._state = state
        self._hub = hub
        self._name = secrets.token_hex(8)
        self._log = f"{PULSE}{self._name}"

    async def run(self) -> None:
        """Measure and tell, until it is cancelled."""
        while True:
            try:
                await self.beat()
            except UnavailableError:
                logger.debug("relay untold", extra={"action": "relay_untold"})
            except Exception:
                # One time that fails must not be the last.
                logger.exception("relay untold", extra={"action": "relay_untold"})
            await asyncio.sleep(RELAY_TELL_SECONDS)

    async def beat(self) -> float | None:
        """Measure once and tell; return the milliseconds, None where it never came.

        Raises UnavailableError while Redis is away.
        """
        heard = asyncio.Event()

        def hear(event: Published | None) -> None:
            # None is a hole: what was in it was not heard.
            if event is not None:
                heard.set()

        took_ms = None
        with self._hub.subscribe(self._log, hear):
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._hub.wait_for_server()
                    started = time.monotonic()
                    await asyncio.to_thread(self._state.parts.stream.beat, self._log)
                    await heard.wait()
                    took_ms = round((time.monotonic() - started) * 1000, 3)
            except TimeoutError:
                logger.warning("relay is deaf", extra={"action": "relay_deaf"})
        presence = self._state.parts.presence
        await asyncio.to_thread(presence.tell_relay, self._name, took_ms)
        return took_ms

    async def close(self) -> None:
        """Tell of no relay any more."""
        try:
            await asyncio.to_thread(self._state.parts.presence.forget_relay, self._name)
        except UnavailableError:
            logger.debug("relay untold", extra={"action": "relay_untold"})
