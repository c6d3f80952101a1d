"""What a job costs beside a bare task: `python -m tests.benchmarks.job_overhead`.

All have the same broker and two worker processes each, in turn, in one run. The job
is a linear assignment of order 2: all that is measured is the way there and back,
with its record, lease, numbered events and result. The bare task pushes one word.
"""

import argparse
from collections.abc import Sequence
from contextlib import closing
from statistics import median

import redis
from rich.console import Console
from rich.table import Table

from tests.benchmarks.bare_celery import QUEUE
from tests.benchmarks.bare_celery import app as bare
from tests.benchmarks.running import service, worker
from tests.benchmarks.ways import (
    BareTask,
    Record,
    RestJob,
    SubmittedJob,
    Way,
    wait_until_warm,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=800)
    parser.add_argument("--singles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with service(worker("tests.benchmarks.bare_celery", QUEUE, name="bare")) as running:
        bare.conf.broker_url = running.broker_url
        client = redis.Redis.from_url(running.redis_url, socket_timeout=10)
        record = Record(running.settings)
        rest = RestJob(running.port, record)
        with closing(SubmittedJob(running.settings, record, client)) as submitted:
            wait_until_warm(rest, record)
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
