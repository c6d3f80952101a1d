"""Several API processes on one set of servers, as behind a balancer."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil

from api.stack.parts import MAX_MESSAGE_BYTES
from tests.servers.ports import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[1]
START_SECONDS = 120.0
STOP_SECONDS = 15.0


@dataclass(frozen=True)
class ApiProcess:
    """One uvicorn of its own."""

    process: "subprocess.Popen[bytes]"
    url: str
    client: httpx2.Client
    log: Path

    @property
    def rss_mb(self) -> float:
        """Memory that it holds, in MiB."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 2**20)

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx2.get(f"{self.url}/healthz", trust_env=False).is_success
        except httpx2.HTTPError:
            return False


@contextmanager
def api_processes(
    count: int, environment: Mapping[str, str], folder: Path
) -> Iterator[list[ApiProcess]]:
    """Run so many, on free loopback ports, with settings by the environment.

    ``DATABASE_URL`` and ``REDIS_URL`` must be among them; the tables are made by
    whoever comes first. What they write is kept in the folder.
    """
    given = {**os.environ, **environment}
    with ExitStack() as running:
        started = [
            running.enter_context(_api_process(given, folder / f"api-{number}.log"))
            for number in range(count)
        ]
        for each in started:
            wait_until(each.answers, seconds=START_SECONDS)
        yield started


@contextmanager
def _api_process(environment: Mapping[str, str], log: Path) -> Iterator[ApiProcess]:
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app"),
        "--host=127.0.0.1",
        f"--port={port}",
        "--ws=api.relay.frame_protocol:FrameProtocol",
        f"--ws-max-size={MAX_MESSAGE_BYTES}",
        "--timeout-graceful-shutdown=2",
        "--no-server-header",
        "--no-proxy-headers",
        "--log-level=warning",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    client = httpx2.Client(base_url=url, timeout=30, trust_env=False)
    try:
        yield ApiProcess(process, url, client, log)
    finally:
        client.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
