"""Programs that follow jobs with the Python client: many threads in a few processes.

`python -m tests.acceptance.followers URL JOB…` prints what was heard, as JSON.
"""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.client import Client, ClientError

ROOT = Path(__file__).parents[2]
PROCESSES = 4


@dataclass(slots=True)
class Heard:
    """What one follower was told of one job."""

    job_id: str
    numbers: list[int] = field(default_factory=list)
    ends: list[bool] = field(default_factory=list)
    """Of each event whether it is terminal."""
    digest: str = ""
    """Of all its lines."""
    opened: list[float] = field(default_factory=list)
    """When a stream was opened, by the machine's clock."""
    error: str = ""


class Followers:
    """Processes that follow jobs."""

    def __init__(self, processes: Sequence["subprocess.Popen[bytes]"]) -> None:
        self._processes = processes

    def heard(self, *, seconds: float) -> list[Heard]:
        """Return what all of them heard, once they have ended."""
        told = [process.communicate(timeout=seconds)[0] for process in self._processes]
        return [Heard(**each) for share in told for each in json.loads(share)]


@contextmanager
def following(url: str, job_ids: Sequence[str]) -> Iterator[Followers]:
    """Follow each of these once, from its first event to its end."""
    shares = [share for n in range(PROCESSES) if (share := job_ids[n::PROCESSES])]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.followers", url, *share],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        for share in shares
    ]
    try:
        yield Followers(processes)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def follow(url: str, heard: Heard) -> None:
    """Follow one job to its end, or to an error of the client."""
    digest = hashlib.sha256()
    with Client(url) as client:
        note_streams(client, heard.opened)
        try:
            for event in client.events(heard.job_id):
                heard.numbers.append(event.number)
                heard.ends.append(event.is_terminal)
                digest.update(event.body.encode() + b"\n")
        except ClientError as error:
            heard.error = repr(error)
    heard.digest = digest.hexdigest()


def note_streams(client: Client, opened: list[float]) -> None:
    """Have each stream noted that the client opens."""
    open_stream = client._transport.stream

    @contextmanager
    def noting(path: str, **given: Any) -> Iterator[Any]:
        with open_stream(path, **given) as response:
            opened.append(time.monotonic())
            yield response

    client._transport.stream = noting  # type: ignore[method-assign]


def main() -> None:
    url, *job_ids = sys.argv[1:]
    heard = [Heard(job_id) for job_id in job_ids]
    threads = [threading.Thread(target=follow, args=(url, each)) for each in heard]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump([dataclasses.asdict(each) for each in heard], sys.stdout)


if __name__ == "__main__":
    main()
