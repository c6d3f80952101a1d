"""What a job costs beside a bare task: `python -m tests.benchmarks.job_overhead`.

All have the same broker and two worker processes each, in turn, in one run. The job
is a linear assignment of order 2: all that is measured is the way there and back,
with its record, lease, numbered events and result. The bare task pushes one word.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median

import redis
from rich.console import Console
from rich.table import Table

from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.benchmarks.bare_celery import QUEUE
from tests.benchmarks.bare_celery import app as bare
from tests.benchmarks.ways import (
    BareTask,
    Record,
    RestJob,
    SubmittedJob,
    Way,
    wait_for,
)
from tests.servers.ports import free_port

ROOT = Path(__file__).parents[2]
SOLVER_QUEUES = "interactive,standard,bulk"


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


def worker(app: str, queues: str) -> list[str]:
    command = ["-m", "celery", "-A", app, "worker", "-Q", queues, "-c", "2"]
    return [*command, "-n", f"{app}@%h", "--without-gossip", "--without-mingle"]


def api(port: int) -> list[str]:
    command = ["-m", "uvicorn", "--factory", "api.main:create_app"]
    return [*command, "--port", str(port), "--no-access-log"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=800)
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
            "SOLVEQUEUE_RATE_LIMITS": "off",
            "NUMBA_CACHE_DIR": str(ROOT / ".solvequeue" / "kernels"),
            "REDIS_URL": valkey.redis_url,
            "BROKER_URL": valkey.broker_url,
            "PYTHONPATH": str(ROOT),
        }
        subprocess.run(
            [sys.executable, "-m", "db.schema"], env=environment, cwd=ROOT, check=True
        )
        for command in (
            worker("tests.benchmarks.bare_celery", QUEUE),
            worker("worker.app", SOLVER_QUEUES),
            api(port),
        ):
            stack.enter_context(process(*command, environment=environment))
        bare.conf.broker_url = valkey.broker_url
        client = redis.Redis.from_url(valkey.redis_url, socket_timeout=10)
        record = Record(home)
        settings = Settings(
            home=home, redis_url=valkey.redis_url, broker_url=valkey.broker_url
        )
        rest = RestJob(port, record)
        submitted = stack.enter_context(closing(SubmittedJob(settings, record, client)))
        wait_for(rest.is_ready)
        rest.submit(wait=60)
        report([BareTask(client), submitted, rest], options)


def report(ways: Sequence[Way], options: argparse.Namespace) -> None:
    """Measure every way in turn, round by round, and print medians and ratios."""
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    times: dict[str, list[list[float]]] = {way.name: [] for way in ways}
    for way in ways:
        way.singles(5)
    for _ in range(options.rounds):
        for way in ways:
            rates[way.name].append(options.jobs / way.many(options.jobs))
        for way in ways:
            times[way.name].append(sorted(way.singles(options.singles)))
    peer = ways[0].name
    table = Table(title="One trivial job beside one bare Celery task")
    for head in ("", "1/s", "ratio", "p50, ms", "p99, ms", "added p50, ms"):
        table.add_column(head, justify="right")
    for way in ways:
        ratios = [a / b for a, b in zip(rates[way.name], rates[peer], strict=True)]
        p50 = [1000 * median(each) for each in times[way.name]]
        p99 = [1000 * each[int(0.99 * len(each))] for each in times[way.name]]
        peer_p50 = [1000 * median(each) for each in times[peer]]
        added = [a - b for a, b in zip(p50, peer_p50, strict=True)]
        table.add_row(
            way.name,
            f"{median(rates[way.name]):.0f}",
            f"{median(ratios):.2f}",
            f"{median(p50):.1f}",
            f"{median(p99):.1f}",
            f"{median(added):+.1f}",
        )
    console = Console(width=88)
    console.print(table)
    console.print(
        f"Medians of {options.rounds} rounds in turn; two worker processes each. "
        "Wanted: ratio at least 0.30, aim 0.50; added p50 at most +10 ms."
    )


if __name__ == "__main__":
    main()
