"""Other queues as ways of `job_overhead`, each run by its own commands.

arq lives in an environment of its own, `.venv/arq`: what it requires of redis-py is
older than what SolveQueue and the others do.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.running import ROOT, Running

ARQ = "arq"
FOLDER = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Pythons:
    """Interpreters that have the peers: arq's, and that of all others."""

    arq: Path = ROOT / ".venv" / "arq" / "bin" / "python"
    others: Path = Path(sys.executable)


@dataclass(frozen=True)
class Peer:
    """How a queue is run: its workers as its documentation starts them, two of them."""

    name: str
    module: str
    workers: Sequence[Sequence[str]]
    settings: str

    def python(self, pythons: Pythons) -> Path:
        return pythons.arq if self.name == ARQ else pythons.others


PEERS = (
    Peer(
        "Dramatiq",
        "dramatiq_peer",
        [["-m", "dramatiq", "dramatiq_peer", "--processes", "2"]],
        "2 processes of 8 threads, Redis broker",
    ),
    Peer(
        "RQ",
        "rq_peer",
        [["-m", "rq.cli", "worker-pool", "default", "-n", "2", "--quiet"]],
        "worker-pool of 2, which fork for each job",
    ),
    Peer(
        "Taskiq",
        "taskiq_peer",
        [["-m", "taskiq", "worker", "taskiq_peer:broker", "--workers", "2"]],
        "2 processes of 100 coroutines, Redis stream broker",
    ),
    Peer(
        ARQ,
        "arq_peer",
        [["-m", "arq", "arq_peer.WorkerSettings"]] * 2,
        "2 processes of 10 coroutines",
    ),
)


class PeerWay:
    """One of them as a way; the clock is its producer's."""

    def __init__(self, peer: Peer, client: "subprocess.Popen[str]") -> None:
        self.name = peer.name
        self.settings = peer.settings
        self._client = client
        self.versions: dict[str, str] = self._read()

    def many(self, n: int) -> float:
        return float(self._ask("many", n))

    def singles(self, n: int) -> list[float]:
        return [float(each) for each in self._ask("singles", n)]

    def _ask(self, what: str, n: int) -> Any:
        assert self._client.stdin is not None
        self._client.stdin.write(json.dumps([what, n]) + "\n")
        self._client.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._client.stdout is not None
        line = self._client.stdout.readline()
        if not line:
            raise RuntimeError(f"the producer of {self.name} has ended")
        return json.loads(line)


@contextmanager
def peer_ways(running: Running, pythons: Pythons) -> Iterator[list[PeerWay]]:
    """Run all of them on the service's own server until the block ends."""
    environment = {**os.environ, "REDIS_URL": running.redis_url}
    environment |= {"RQ_REDIS_URL": running.redis_url, "PYTHONPATH": str(FOLDER)}
    with ExitStack() as stack:
        ways = []
        for peer in PEERS:
            python = peer.python(pythons)
            for command in peer.workers:
                stack.enter_context(_process(python, command, environment))
            client = stack.enter_context(
                _process(python, ["client.py", peer.module], environment, talks=True)
            )
            ways.append(PeerWay(peer, client))
        yield ways


@contextmanager
def _process(
    python: Path,
    command: Sequence[str],
    environment: dict[str, str],
    *,
    talks: bool = False,
) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [str(python), "-W", "ignore", *command],
        env=environment,
        cwd=FOLDER,
        text=True,
        stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
        stdout=subprocess.PIPE if talks else subprocess.DEVNULL,
        stderr=None if talks else subprocess.DEVNULL,
    ) as child:
        try:
            yield child
        finally:
            child.terminate()
