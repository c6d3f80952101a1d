"""One API process tells very many sockets: `python -m tests.benchmarks.broadcast`.

Beside it, in the same run and fed by the same Valkey, the broadcaster that one would
write with Starlette: a reader, a queue and a task for each socket.
"""

import argparse
import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import numpy as np
import psutil
import redis
import uvloop
from rich.console import Console
from rich.table import Table

from api.stack.ports import is_listening
from db.channel_log import ChannelLog
from db.contracts.channel import ChannelDraft, ChannelName
from db.contracts.event import EventType, Notification
from db.contracts.identifier import new_id
from tests.benchmarks import bare_broadcast
from tests.benchmarks.many_sockets import DIGITS, Client, Heard, open_many, raise_limit
from tests.benchmarks.results import Section, paired
from tests.benchmarks.running import Running, api, service
from tests.servers.ports import free_port
from tests.waiting import wait_until

SETTLE_SECONDS = 2.0
WANTED_RATIO = 1.3
WANTED_STALL_MS = 50.0
FOLLOW = [
    '{"type":"init"}',
    '{"type":"subscribe","id":"a","topic":"notifications"}',
]


@dataclass(frozen=True)
class Site:
    """A server of sockets."""

    name: str
    port: int
    path: str
    frames: list[str]
    publish: Callable[[], None]
    """Publish one event now."""


@dataclass(frozen=True)
class Load:
    """What every socket is sent."""

    rate: float
    seconds: float


@dataclass(frozen=True)
class Measured:
    """What came of one run."""

    sockets: int
    expected: int
    heard: int
    p50_ms: float
    p99_ms: float
    idle_kib: float
    """Memory that one more socket takes."""
    cpu: float
    """Share of a core that the server took meanwhile."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, nargs="+", default=[1000, 2000])
    parser.add_argument("--stalled", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path, help="a file for our numbers")
    arguments = parser.parse_args()
    most = max(arguments.sockets)
    load = Load(arguments.rate, arguments.seconds)
    with _sites(most) as (theirs, ours):
        results = [
            (site, stalled, _measure(site, sockets, stalled, load))
            for sockets in arguments.sockets
            for stalled in ((0, arguments.stalled) if sockets == most else (0,))
            for site in ((theirs, ours) if not stalled else (ours,))
        ]
    _show(results, arguments.rate)
    if arguments.json is not None:
        ours_only = [asdict(each) for site, _, each in results if site.path != "/ws"]
        told = {"rate": arguments.rate, "measured": ours_only}
        arguments.json.write_text(json.dumps(told))


def collect(*, quick: bool) -> Section:
    """Measure delays and processor time for the report of `make bench-system`."""
    sockets, rounds, load = (200, 3, Load(20, 3)) if quick else (1000, 5, Load(20, 10))
    with _sites(sockets) as sites:
        measured = [
            [_measure(site, sockets, 0, load) for site in sites] for _ in range(rounds)
        ]
    for pair in measured:
        for each in pair:
            assert each.heard == each.expected, each
    wanted = {
        "p50 of the delay": ("ms", lambda each: each.p50_ms),
        "p99 of the delay": ("ms", lambda each: each.p99_ms),
        "processor time": ("cores", lambda each: each.cpu),
    }
    return Section(
        comparisons=[
            paired(
                [of(ours) for _, ours in measured],
                [of(theirs) for theirs, _ in measured],
                section="relay",
                name=name,
                peer=sites[0].name,
                unit=unit,
                better="lower",
                conditions=f"{sockets} sockets of one process, {load.rate:g} messages "
                f"a second for {load.seconds:g} s, all heard",
            )
            for name, (unit, of) in wanted.items()
        ],
        versions={name: metadata.version(name) for name in ("starlette", "websockets")},
    )


@contextmanager
def _sites(sockets: int) -> Iterator[tuple[Site, Site]]:
    """Run the peer and us, each ready for so many sockets."""
    raise_limit(sockets + 500)
    os.environ["SOLVEQUEUE_MAX_STREAMS"] = str(sockets + 10)
    os.environ["SOLVEQUEUE_MAX_STREAMS_PER_CALLER"] = str(sockets + 10)
    bare_port = free_port()
    bare = api(
        "tests.benchmarks.bare_broadcast:create_app", bare_port, ws="websockets-sansio"
    )
    with service(bare) as running:
        for port in (bare_port, running.port):
            wait_until(partial(is_listening, "127.0.0.1", port), seconds=60)
        with _ours(running) as ours, _bare(running, bare_port) as theirs:
            yield theirs, ours


@contextmanager
def _ours(running: Running) -> Iterator[Site]:
    channels = ChannelLog(running.settings)

    def publish() -> None:
        note = Notification(
            id="ntf_1",
            channel="system",
            notification_type="benchmark",
            level="info",
            message=_message(),
        )
        draft = ChannelDraft(
            channel=ChannelName.NOTIFICATIONS,
            type=EventType.NOTIFICATION_SENT,
            payload=note,
            id=new_id("evt"),
            time=time.time(),
        )
        channels.publish([draft])

    yield Site("SolveQueue", running.port, "/v1/ws", FOLLOW, publish)
    channels.close()


@contextmanager
def _bare(running: Running, port: int) -> Iterator[Site]:
    client = redis.Redis.from_url(running.redis_url)
    filling = "x" * 330

    def publish() -> None:
        # As long as an event of ours.
        body = f'{{"message":"{_message()}","filling":"{filling}"}}'
        client.xadd(bare_broadcast.STREAM, {"body": body}, maxlen=1000)

    yield Site("bare Starlette", port, "/ws", ["hello"], publish)
    client.close()


def _message() -> str:
    return f"at {time.monotonic_ns():0{DIGITS}d}"


def _measure(site: Site, sockets: int, stalled: int, load: Load) -> Measured:
    server = _process_on(site.port)
    before = server.memory_info().rss
    heard = Heard()
    count = round(load.rate * load.seconds)

    async def listen() -> tuple[float, float]:
        clients = await open_many(sockets, site.port, site.path, site.frames, heard)
        await asyncio.sleep(SETTLE_SECONDS)
        idle = (server.memory_info().rss - before) / sockets / 1024
        for client in clients[:stalled]:
            assert client.transport is not None
            client.transport.pause_reading()
        server.cpu_percent()
        publishing = threading.Thread(target=_publish, args=(site, count, load.rate))
        publishing.start()
        await asyncio.to_thread(publishing.join)
        cpu = server.cpu_percent() / 100
        await _until_heard(clients[stalled:], heard, count)
        for client in clients:
            assert client.transport is not None
            client.transport.abort()
        await asyncio.sleep(SETTLE_SECONDS)
        return idle, cpu

    idle, cpu = uvloop.run(listen())
    p50, p99 = np.percentile(heard.delays_ms, [50, 99])
    return Measured(
        sockets=sockets,
        expected=(sockets - stalled) * count,
        heard=len(heard.delays_ms),
        p50_ms=float(p50),
        p99_ms=float(p99),
        idle_kib=idle,
        cpu=cpu,
    )


def _publish(site: Site, count: int, rate: float) -> None:
    begun = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        site.publish()


async def _until_heard(clients: list[Client], heard: Heard, count: int) -> None:
    """Wait until each has heard all, or nothing has come for a while."""
    last = -1
    while (total := len(heard.delays_ms)) < len(clients) * count and total != last:
        last = total
        await asyncio.sleep(1.0)


def _process_on(port: int) -> psutil.Process:
    for connection in psutil.net_connections("tcp"):
        is_it = connection.status == psutil.CONN_LISTEN
        if is_it and connection.laddr.port == port and connection.pid:
            return psutil.Process(connection.pid)
    raise LookupError(f"nobody listens on {port}")


def _show(results: list[tuple[Site, int, Measured]], rate: float) -> None:
    table = Table(title=f"{rate:g} messages/s to every socket of one process")
    for heading in ("server", "sockets", "stalled", "heard", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    table.add_column("KiB a socket", justify="right")
    table.add_column("cores", justify="right")
    table.add_column("p99 ratio", justify="right")
    peers = {each.sockets: each for site, _, each in results if site.path == "/ws"}
    for site, stalled, each in results:
        ratio = each.p99_ms / peers[each.sockets].p99_ms
        table.add_row(
            site.name,
            f"{each.sockets}",
            f"{stalled}",
            f"{each.heard}/{each.expected}",
            f"{each.p50_ms:.1f}",
            f"{each.p99_ms:.1f}",
            f"{each.idle_kib:.1f}",
            f"{each.cpu:.2f}",
            f"{ratio:.2f}",
        )
    console = Console(width=110)
    console.print(table)
    console.print(
        f"Wanted: a ratio of at most {WANTED_RATIO}, all heard, and with stalled "
        f"readers at most {WANTED_STALL_MS:g} ms more."
    )


if __name__ == "__main__":
    main()
