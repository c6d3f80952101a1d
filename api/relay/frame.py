"""A text frame that is encoded once, however many sockets it goes out on."""

from functools import cached_property, lru_cache

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

DEFLATED_FROM = 1024
"""Bytes: below, compressing costs more than it saves."""
WINDOW_BITS = 12
"""Of the compression that every frame is made with: 4 KiB, as the servers offer."""
SHARED_EVENTS = 512
"""Frames of the latest events, which many sockets are about to want."""


class Frame:
    """What a socket is sent: text, and the bytes that it is on the wire."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def plain(self) -> bytes:
        """The frame as every client takes it."""
        return self._made().serialize(mask=False)

    @cached_property
    def deflated(self) -> bytes:
        """The frame for clients that agreed to compression, where that pays.

        It leans on no frame before, so that all of them can have the same bytes.
        """
        if len(self.text) < DEFLATED_FROM:
            return self.plain
        alone = PerMessageDeflate(
            remote_no_context_takeover=True,
            local_no_context_takeover=True,
            remote_max_window_bits=WINDOW_BITS,
            local_max_window_bits=WINDOW_BITS,
        )
        return self._made().serialize(mask=False, extensions=[alone])

    def _made(self) -> WireFrame:
        return WireFrame(Opcode.TEXT, self.text.encode())


@lru_cache(SHARED_EVENTS)
def event_frame(name: str, body: str) -> Frame:
    """Return an event's frame for subscriptions of this name (a JSON string)."""
    # The event's bytes go out as the log has them.
    return Frame(f'{{"type":"event","id":{name},"event":{body}}}')
