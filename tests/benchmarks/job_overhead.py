"""What a job costs beside a bare task: `python -m tests.benchmarks.job_overhead`.

Both have the same broker and the same two worker processes, in turn, in one run. The
job is a linear assignment of order 2: all that is measured is the way there and back,
with its record, lease, numbered events and result. The bare task pushes one word.
"""

import argparse
import http.client
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import redis

from db.embedded_valkey import EmbeddedValkey
from tests.benchmarks.bare_celery import DONE, QUEUE, nothing
from tests.benchmarks.bare_celery import app as bare
from tests.servers.ports import free_port

ROOT = Path(__file__).parents[2]
BODY = json.dumps({"instance": {"costs": [[1, 2], [3, 4]]}})
CLIENTS = 4


class Api:
    """Speaks to the API over kept connections, one a thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._local = threading.local()

    def request(self, method: str, path: str, **options: Any) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None or time.monotonic() > self._local.kept_until:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            self._local.connection = connection
        # The server lets go of connections that are idle for 5 s.
        self._local.kept_until = time.monotonic() + 4
        try:
            connection.request(method, path, **options)
            content = connection.getresponse().read()
        except OSError:
            del self._local.connection
            raise
        return json.loads(content) if content[:1] in b"{[" else content

    def submit(self, *, wait: int = 0) -> Any:
        headers = {"Content-Type": "application/json"}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        return self.request("POST", "/v1/jobs", body=BODY, headers=headers)


class Record:
    """Counts ended jobs where they are recorded, at no cost to the service."""

    def __init__(self, home: Path) -> None:
        self._connection = sqlite3.connect(home / "solvequeue.db")

    def succeeded(self) -> int:
        query = "select count(*) from job where state = 'succeeded'"
        return int(self._connection.execute(query).fetchone()[0])


@contextmanager
def process(*command: str, environment: dict[str, str]) -> Iterator[None]:
    """Run a part of the peer or of SolveQueue until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", *command],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            yield
        finally:
            child.terminate()


def worker(app: str, queues: str, *, environment: dict[str, str]) -> Any:
    return process(
        "-m", "celery", "-A", app, "worker", "-Q", queues, "-c", "2",
        "-n", f"{app}@%h", "--without-gossip", "--without-mingle",
        environment=environment,
    )  # fmt: skip


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the benchmark's condition never came")
        time.sleep(0.005)


def bare_throughput(send: Callable[[str], None], client: redis.Redis, n: int) -> float:
    client.delete(DONE)
    started = time.perf_counter()
    for number in range(n):
        send(str(number))
    wait_for(lambda: client.llen(DONE) >= n)
    return n / (time.perf_counter() - started)


def bare_latencies(
    send: Callable[[str], None], client: redis.Redis, n: int
) -> list[float]:
    client.delete(DONE)
    taken = []
    for number in range(n):
        started = time.perf_counter()
        send(str(number))
        client.blpop([DONE], timeout=4)
        taken.append(time.perf_counter() - started)
    return taken


def job_throughput(api: Api, record: Record, n: int) -> float:
    before = record.succeeded()

    def submit_some() -> None:
        for _ in range(n // CLIENTS):
            api.submit()

    started = time.perf_counter()
    threads = [threading.Thread(target=submit_some) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = time.perf_counter() - started
    total = n // CLIENTS * CLIENTS
    wait_for(lambda: record.succeeded() >= before + total)
    print(f"    accepted {total / accepted:.0f}/s", flush=True)
    return total / (time.perf_counter() - started)


def job_latencies(api: Api, n: int) -> list[float]:
    taken = []
    for _ in range(n):
        started = time.perf_counter()
        view = api.submit(wait=10)
        taken.append(time.perf_counter() - started)
        assert view["state"] == "succeeded", view
    return taken


def percentile(values: list[float], share: float) -> float:
    return 1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--singles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        valkey = stack.enter_context(EmbeddedValkey(home / "valkey"))
        port = free_port()
        environment = {
            **os.environ,
            "SOLVEQUEUE_HOME": str(home),
            "SOLVEQUEUE_LOG_LEVEL": "WARNING",
            "NUMBA_CACHE_DIR": str(ROOT / ".solvequeue" / "kernels"),
            "REDIS_URL": valkey.redis_url,
            "BROKER_URL": valkey.broker_url,
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run(
            [sys.executable, "-m", "db.schema"], env=environment, cwd=ROOT, check=True
        )
        for part in (
            worker("tests.benchmarks.bare_celery", QUEUE, environment=environment),
            worker("worker.app", "interactive,standard,bulk", environment=environment),
            process(
                "-m", "uvicorn", "--factory", "api.main:create_app", "--port",
                str(port), "--no-access-log", environment=environment,
            ),
        ):  # fmt: skip
            stack.enter_context(part)
        run(valkey, Api(port), Record(home), options)


def run(
    valkey: EmbeddedValkey, api: Api, record: Record, options: argparse.Namespace
) -> None:
    bare.conf.broker_url = valkey.broker_url
    client = redis.Redis.from_url(valkey.redis_url, socket_timeout=10)
    wait_for(lambda: is_up(api))
    api.submit(wait=60)
    bare_latencies(nothing.delay, client, 5)

    ratios, bare_rates, job_rates = [], [], []
    bare_times: list[float] = []
    job_times: list[float] = []
    added = []
    for number in range(options.rounds):
        bare_rates.append(bare_throughput(nothing.delay, client, options.jobs))
        job_rates.append(job_throughput(api, record, options.jobs))
        ratios.append(job_rates[-1] / bare_rates[-1])
        bare_round = bare_latencies(nothing.delay, client, options.singles)
        job_round = job_latencies(api, options.singles)
        bare_times += bare_round
        job_times += job_round
        added.append(percentile(job_round, 0.5) - percentile(bare_round, 0.5))
        print(
            f"  round {number + 1}: bare {bare_rates[-1]:.0f}/s, "
            f"jobs {job_rates[-1]:.0f}/s, ratio {ratios[-1]:.2f}, "
            f"added p50 {added[-1]:.1f} ms",
            flush=True,
        )
    ratio, extra = statistics.median(ratios), statistics.median(added)
    rows = [
        (
            "throughput, 1/s",
            statistics.median(bare_rates),
            statistics.median(job_rates),
        ),
        ("latency p50, ms", percentile(bare_times, 0.5), percentile(job_times, 0.5)),
        ("latency p99, ms", percentile(bare_times, 0.99), percentile(job_times, 0.99)),
    ]
    print("\nA trivial job over REST beside a bare Celery task, two worker processes")
    print(f"each; {options.rounds} interleaved rounds.\n")
    print(f"{'':20}{'bare task':>12}{'job':>12}")
    for name, bare_value, job_value in rows:
        print(f"{name:20}{bare_value:12.1f}{job_value:12.1f}")
    print(f"\nthroughput ratio {ratio:.2f} (at least 0.30, aim 0.50)")
    print(f"added p50 {extra:+.1f} ms (at most +10)")


def is_up(api: Api) -> bool:
    try:
        return bool(api.request("GET", "/readyz")["status"] == "ready")
    except OSError:
        return False


if __name__ == "__main__":
    main()
