"""How late checks of very many providers begin: `python -m tests.benchmarks.providers`.

A courier and beat as `solvequeue up` starts them, a Valkey, SQLite or whatever `--url`
names, and a fleet of local servers in a process of its own: most are healthy, some are
slow, hang, break, fail or refuse. Lateness is read from the rows of the checks.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from sqlalchemy import bindparam, func, select, update

from db.backplane import Backplane
from db.contracts.provider import Expectation, Origin
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.models import Provider, ProviderChange, ProviderCheck
from db.repositories import providers
from db.repositories.providers import Description
from schedules.provider_health.grid import next_due
from tests.benchmarks.running import ROOT
from tests.fleet import DOWN, NETWORK, Reply, fleet
from tests.waiting import wait_until

EVERY_S = 60.0
SAMPLE_SECONDS = 10.0
SCRIPTS = {
    "healthy": Reply(delay_s=0.02),
    "slow": Reply(delay_s=1.5),
    "hanging": Reply(hangs=True),
    "breaking": DOWN,
    "failing": Reply(status=500),
    "refusing": Reply(status=429),
}
SHARES = {"slow": 3, "hanging": 2, "breaking": 1, "failing": 2, "refusing": 2}
"""Of a hundred; the others are healthy."""
MEGABYTE = 2**20


def main() -> None:
    arguments = _arguments()
    if arguments.serve:
        _serve()
        return
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        valkey = stack.enter_context(EmbeddedValkey(home / "valkey"))
        environment = {
            **os.environ,
            "SOLVEQUEUE_HOME": str(home),
            "SOLVEQUEUE_LOG_LEVEL": "WARNING",
            "SOLVEQUEUE_MARKET_FEED": "false",
            "SOLVEQUEUE_PROVIDER_ALLOW_CIDRS": NETWORK,
            "DATABASE_URL": arguments.url or f"sqlite:///{home / 'solvequeue.db'}",
            "REDIS_URL": valkey.redis_url,
            "BROKER_URL": valkey.broker_url,
            "PYTHONPATH": str(ROOT),
        }
        _run("-m", "db.schema", environment=environment)
        settings = Settings(
            home=home,
            database_url=environment["DATABASE_URL"],
            redis_url=valkey.redis_url,
            broker_url=valkey.broker_url,
        )
        urls = stack.enter_context(_fleet(environment))
        backplane = Backplane.open(settings)
        stack.callback(backplane.close)
        ids = _add(backplane, urls, arguments.providers)
        first = _add_one(backplane, "first", urls["healthy"])
        with (
            _celery(environment, "worker", *_courier(settings)) as courier,
            _celery(environment, "beat", "--loglevel=WARNING"),
        ):
            # Both take seconds to begin, which are nobody's lateness.
            wait_until(lambda: _is_checked(backplane, first.id), seconds=120)
            _begin(backplane, ids)
            samples = list(_sample(courier, arguments.minutes * 60))
        _report(backplane, samples, arguments, but=first.id)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--providers", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--url", default="", help="a database; SQLite if not given")
    parser.add_argument("--json", type=Path, help="a file for the numbers")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _serve() -> None:
    """Be the fleet until the standard input ends."""
    with fleet() as running:
        running.forget_requests()
        urls = {path: running.script(path, reply) for path, reply in SCRIPTS.items()}
        print(json.dumps(urls), flush=True)
        sys.stdin.read()


@contextmanager
def _fleet(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "tests.benchmarks.providers", "--serve"]
    with subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())


def _add(backplane: Backplane, urls: dict[str, str], count: int) -> list[str]:
    """Record them, none of them due yet; return their ids."""
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    ids = []
    with backplane.database.transaction() as connection:
        for number in range(count):
            kind = dict(enumerate(kinds)).get(number % 100, "healthy")
            new = _described(f"{kind} {number}", urls[kind], paused=True)
            ids.append(providers.add(connection, new, origin=Origin.API).id)
    return ids


def _begin(backplane: Backplane, ids: list[str]) -> None:
    """Have them watched as if that had been so for long: on their grids."""
    with backplane.database.transaction() as connection:
        moment = connection.execute(select(now())).scalar_one() + 3
        connection.execute(
            update(Provider)
            .where(Provider.id == bindparam("its_id"))
            .values(next_at=bindparam("due"), paused=False),
            [{"its_id": each, "due": next_due(each, EVERY_S, moment)} for each in ids],
        )


def _described(name: str, url: str, *, paused: bool = False) -> Description:
    return Description(
        name=name,
        category="benchmark",
        url=url,
        expectation=Expectation(timeout_ms=10_000),
        every_s=EVERY_S,
        paused=paused,
    )


def _add_one(backplane: Backplane, name: str, url: str) -> Provider:
    with backplane.database.transaction() as connection:
        return providers.add(connection, _described(name, url), origin=Origin.API)


def _is_checked(backplane: Backplane, provider_id: str) -> bool:
    with backplane.database.reading() as connection:
        return providers.get(connection, provider_id).checks > 0


def _courier(settings: Settings) -> list[str]:
    return [
        "--hostname=couriers@%h",
        "--loglevel=WARNING",
        "--without-gossip",
        "--without-mingle",
        "--queues=webhooks,schedules",
        "--pool=threads",
        f"--concurrency={settings.webhook_couriers}",
    ]


@contextmanager
def _celery(
    environment: dict[str, str], what: str, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    python = [sys.executable, "-W", "ignore", "-m"]
    command = [*python, "celery", "--quiet", "--app=worker.app", what]
    process = subprocess.Popen([*command, *options], env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _sample(
    courier: subprocess.Popen[bytes], seconds: float
) -> Iterator[tuple[float, float, float, int]]:
    """Yield the time, the seconds of CPU, the memory in MB, and the threads."""
    process = psutil.Process(courier.pid)
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        time.sleep(SAMPLE_SECONDS)
        used = process.cpu_times()
        yield (
            time.monotonic() - begin,
            used.user + used.system,
            process.memory_info().rss / MEGABYTE,
            process.num_threads(),
        )


def _report(
    backplane: Backplane,
    samples: list[tuple[float, float, float, int]],
    arguments: argparse.Namespace,
    *,
    but: str,
) -> None:
    with backplane.database.reading() as connection:
        rows = connection.execute(
            select(
                ProviderCheck.at - ProviderCheck.due_at,
                ProviderCheck.outcome,
                ProviderCheck.error_type,
            ).where(ProviderCheck.provider_id != but)
        ).all()
        held = connection.execute(
            select(func.count()).where(Provider.claimed_until > 0)
        ).scalar_one()
        due = connection.execute(
            select(func.count()).where(Provider.next_at < now() - EVERY_S)
        ).scalar_one()
        changes = connection.execute(
            select(func.count()).select_from(ProviderChange)
        ).scalar_one()
    late = sorted(row[0] for row in rows)
    print(
        f"checks {len(rows)} in {arguments.minutes:g} min, changes of states {changes}"
    )
    print(
        "lateness s:",
        *(f"p{share * 100:g} {_quantile(late, share):.3f}" for share in (0.5, 0.9)),
        f"p99 {_quantile(late, 0.99):.3f} max {late[-1]:.3f} min {late[0]:.3f}",
    )
    outcomes = Counter(f"{row[1]}/{row[2] or '-'}" for row in rows)
    print("outcomes:", ", ".join(f"{k} {v}" for k, v in sorted(outcomes.items())))
    print(f"overdue by more than a period {due}, claims left at the end {held}")
    for at, cpu, memory, threads in samples:
        print(f"{at:6.0f} s  CPU {cpu:6.1f} s  RSS {memory:6.1f} MB  threads {threads}")
    if arguments.json is not None:
        (begin, used, *_), (end, used_at_last, *_) = samples[0], samples[-1]
        told = {
            "providers": arguments.providers,
            "checks": len(rows),
            "late_p50_s": _quantile(late, 0.5),
            "late_p99_s": _quantile(late, 0.99),
            "courier_cores": (used_at_last - used) / (end - begin),
            "check_cpu_ms": 1000
            * (used_at_last - used)
            / ((end - begin) * arguments.providers / EVERY_S),
        }
        arguments.json.write_text(json.dumps(told))


def _quantile(numbers: list[float], share: float) -> float:
    return numbers[min(len(numbers) - 1, int(share * len(numbers)))]


def _run(*command: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
