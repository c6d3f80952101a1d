"""What a job costs beside a bare task: `python -m tests.benchmarks.job_overhead`.

All have the same broker and two worker processes each, in turn, in one run. The job
is a linear assignment of order 2: all that is measured is the way there and back,
with its record, lease, numbered events and result. The bare task pushes one word.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from statistics import median

import redis
from rich.console import Console
from rich.table import Table

from tests.benchmarks.bare_celery import QUEUE
from tests.benchmarks.bare_celery import app as bare
from tests.benchmarks.peer_queues import PeerWay, Pythons, peer_ways
from tests.benchmarks.queue_guarantees import GUARANTEES
from tests.benchmarks.results import Comparison, Section, latency, paired
from tests.benchmarks.running import DatabaseName, service, worker
from tests.benchmarks.ways import (
    BareTask,
    Record,
    RestJob,
    SubmittedJob,
    Way,
    wait_until_warm,
)

SECTION = "jobs"
FEWEST = 40
LONGEST_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    jobs: int
    singles: int
    rounds: int


@dataclass(frozen=True)
class Measured:
    """Of each way, round by round, how many a second and how long single ones took."""

    rates: dict[str, list[float]]
    times: dict[str, list[list[float]]]
    peer: str
    """Whose rounds the others are divided by."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=800)
    parser.add_argument("--singles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite"
    )
    parser.add_argument("--peers", action="store_true", help="other queues as well")
    options = parser.parse_args()
    plan = Plan(options.jobs, options.singles, options.rounds)
    with running_ways(options.database, Pythons() if options.peers else None) as ways:
        report(measure(ways, plan), plan)


@contextmanager
def running_ways(database: DatabaseName, peers: Pythons | None) -> Iterator[list[Way]]:
    """Run the service, the bare worker and, if Pythons have them, other queues."""
    with ExitStack() as stack:
        bare_worker = worker("tests.benchmarks.bare_celery", QUEUE, name="bare")
        running = stack.enter_context(service(bare_worker, database=database))
        bare.conf.broker_url = running.broker_url
        client = redis.Redis.from_url(running.redis_url, socket_timeout=10)
        record = Record(running.settings)
        rest = RestJob(running.port, record)
        submitted = SubmittedJob(running.settings, record, client)
        stack.enter_context(closing(submitted))
        others = stack.enter_context(peer_ways(running, peers)) if peers else []
        wait_until_warm(rest, record)
        yield [BareTask(client), *others, submitted, rest]


def measure(ways: Sequence[Way], plan: Plan) -> Measured:
    """Measure every way in turn, round by round."""
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    times: dict[str, list[list[float]]] = {way.name: [] for way in ways}
    counts = {way.name: _bearable(way, plan.jobs) for way in ways}
    for _ in range(plan.rounds):
        for way in ways:
            count = counts[way.name]
            rates[way.name].append(count / way.many(count))
        for way in ways:
            times[way.name].append(sorted(way.singles(plan.singles)))
    return Measured(rates, times, ways[0].name)


def _bearable(way: Way, jobs: int) -> int:
    """Return how many it is to be given at once: fewer, if it is very slow."""
    way.singles(5)
    return min(jobs, max(FEWEST, round(LONGEST_SECONDS * FEWEST / way.many(FEWEST))))


def collect(*, quick: bool, peers: Pythons) -> Section:
    """Measure both databases for the report of `make bench-system`."""
    plan = Plan(200, 50, 3) if quick else Plan(800, 200, 7)
    comparisons, latencies, versions = [], [], {}
    for database in ("sqlite", "postgresql"):
        # Other queues have no database: they are measured beside the default one.
        others = peers if database == "sqlite" else None
        with running_ways(database, others) as ways:
            measured = measure(ways, plan)
        for way in ways:
            if isinstance(way, PeerWay):
                versions |= {f"{way.name}: {k}": v for k, v in way.versions.items()}
        theirs = [way.name for way in ways if not way.name.startswith("job")]
        for name in [way.name for way in ways if way.name.startswith("job")]:
            for peer in theirs:
                comparisons += _compared(measured, name, peer, database, plan)
        latencies += [
            latency(
                [each for round_ in measured.times[way.name] for each in round_],
                section=SECTION,
                name=way.name if way.name in theirs else f"{way.name}, {database}",
            )
            for way in ways
            if database == "sqlite" or way.name not in theirs
        ]
    return Section(
        comparisons=comparisons,
        latencies=latencies,
        guarantees=GUARANTEES,
        versions=versions,
    )


def _compared(
    measured: Measured, name: str, peer: str, database: str, plan: Plan
) -> list[Comparison]:
    conditions = f"{database}; two worker processes each; one Valkey"
    p50, their_p50 = (
        [1000 * median(each) for each in measured.times[way]] for way in (name, peer)
    )
    return [
        paired(
            measured.rates[name],
            measured.rates[peer],
            section=SECTION,
            name=f"{name}, {database}: throughput",
            peer=peer,
            unit="1/s",
            better="higher",
            conditions=f"{conditions}; at most {plan.jobs} at once, until all are done",
        ),
        paired(
            p50,
            their_p50,
            section=SECTION,
            name=f"{name}, {database}: p50 of one",
            peer=peer,
            unit="ms",
            better="lower",
            conditions=f"{conditions}; {plan.singles} one after the other",
        ),
    ]


def report(measured: Measured, plan: Plan) -> None:
    """Print medians and ratios."""
    peer = measured.peer
    table = Table(title="One trivial job beside one bare Celery task")
    for head in ("", "1/s", "ratio", "p50, ms", "p99, ms", "added p50, ms"):
        table.add_column(head, justify="right")
    for name, rates in measured.rates.items():
        ratios = [a / b for a, b in zip(rates, measured.rates[peer], strict=True)]
        p50 = [1000 * median(each) for each in measured.times[name]]
        p99 = [1000 * each[int(0.99 * len(each))] for each in measured.times[name]]
        peer_p50 = [1000 * median(each) for each in measured.times[peer]]
        added = [a - b for a, b in zip(p50, peer_p50, strict=True)]
        table.add_row(
            name,
            f"{median(rates):.0f}",
            f"{median(ratios):.2f}",
            f"{median(p50):.1f}",
            f"{median(p99):.1f}",
            f"{median(added):+.1f}",
        )
    console = Console(width=88)
    console.print(table)
    console.print(
        f"Medians of {plan.rounds} rounds in turn; two worker processes each. "
        "Wanted: ratio at least 0.30, aim 0.50; added p50 at most +10 ms."
    )


if __name__ == "__main__":
    main()
