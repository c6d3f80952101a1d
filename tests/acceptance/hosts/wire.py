"""A line that is slow and loses packets: two network devices and who carries between.

For kernels without netem. Frames are taken out of one TAP device, kept for a while,
and put into the other, in their order; so many are dropped.
"""

import fcntl
import heapq
import os
import selectors
import struct
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Self

import numpy as np

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
MAX_FRAME_BYTES = 65_536
LONG_SECONDS = 1.0


@dataclass(frozen=True)
class Quality:
    """How bad it is, in each direction."""

    delay_seconds: float
    jitter_seconds: float
    lost_share: float
    seed: int = 1

    def text(self) -> str:
        numbers = (self.delay_seconds, self.jitter_seconds, self.lost_share, self.seed)
        return ",".join(map(str, numbers))

    @classmethod
    def parse(cls, text: str) -> Self:
        delay, jitter, lost, seed = text.split(",")
        return cls(float(delay), float(jitter), float(lost), int(seed))


class _Direction:
    """From one device to the other."""

    def __init__(self, to: int, quality: Quality, rng: np.random.Generator) -> None:
        self._to = to
        self._quality = quality
        self._rng = rng
        self._last_at = 0.0

    def due(self, now: float) -> float | None:
        """Return when a frame arrives; None if it never does."""
        quality = self._quality
        if self._rng.random() < quality.lost_share:
            return None
        jitter = self._rng.uniform(-quality.jitter_seconds, quality.jitter_seconds)
        # A line keeps its order: one that is late makes the next one late.
        self._last_at = max(self._last_at, now + quality.delay_seconds + jitter)
        return self._last_at

    def put(self, frame: bytes) -> None:
        try:
            os.write(self._to, frame)
        except OSError:
            # The device is not up yet: that is what a lost frame is.
            return


def carry(near: str, far: str, quality: Quality) -> None:
    """Carry frames between two devices, which are made and go with this process."""
    ends = [_device(name) for name in (near, far)]
    rng = np.random.default_rng(quality.seed)
    ways = {
        ends[0]: _Direction(ends[1], quality, rng),
        ends[1]: _Direction(ends[0], quality, rng),
    }
    under_way: list[tuple[float, int, _Direction, bytes]] = []
    numbers = count()
    print("wired", flush=True)
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        while True:
            now = time.monotonic()
            while under_way and under_way[0][0] <= now:
                _, _, way, frame = heapq.heappop(under_way)
                way.put(frame)
            pause = under_way[0][0] - now if under_way else LONG_SECONDS
            for key, _ in selector.select(max(0.0, pause)):
                frame = os.read(key.fd, MAX_FRAME_BYTES)
                way = ways[key.fd]
                due = way.due(time.monotonic())
                if due is not None:
                    heapq.heappush(under_way, (due, next(numbers), way, frame))


def _device(name: str) -> int:
    device = os.open(Path("/dev/net/tun"), os.O_RDWR)
    fcntl.ioctl(
        device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI)
    )
    return device


if __name__ == "__main__":
    carry(sys.argv[1], sys.argv[2], Quality.parse(sys.argv[3]))
