"""Several API processes of one service, as they stand behind one address."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.servers.ports import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[1]
START_SECONDS = 120.0
"""Each needs seconds of a core that others may want too."""


@dataclass(frozen=True)
class ApiProcess:
    """One process and where it listens."""

    process: subprocess.Popen[bytes]
    client: httpx2.Client
    log: Path


@contextmanager
def api_processes(
    count: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[list[ApiProcess]]:
    """Run so many, and end them with the context."""
    started: list[ApiProcess] = []
    try:
        for number in range(count):
            port, log = free_port(), folder / f"api-{number}.log"
            with log.open("wb") as output:
                process = subprocess.Popen(
                    [
                        *(sys.executable, "-m", "uvicorn", "--factory"),
                        *("api.main:create_app", f"--port={port}"),
                        "--no-access-log",
                    ],
                    cwd=ROOT,
                    env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                    stdout=output,
                    stderr=output,
                )
            client = httpx2.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False
            )
            started.append(ApiProcess(process, client, log))
        for each in started:
            wait_until(lambda: _answers(each), seconds=START_SECONDS)  # noqa: B023
        yield started
    finally:
        for each in started:
            each.client.close()
            each.process.terminate()
        for each in started:
            each.process.wait(20)


def _answers(api: ApiProcess) -> bool:
    assert api.process.poll() is None, api.log.read_text()
    with suppress(httpx2.TransportError):
        return api.client.get("/healthz").is_success
    return False
