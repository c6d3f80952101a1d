"""What the HTTP surface costs and saves: `python -m tests.benchmarks.http_surface`.

The first solve beside the same one again, a batch beside its problems in a row, and
how many requests a process answers beside a bare FastAPI route: all in one run, by
one API process and two solver processes.
"""

import argparse
import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.benchmarks.results import Section, paired
from tests.benchmarks.running import api, service
from tests.benchmarks.ways import Record, RestJob, wait_for, wait_until_warm
from tests.servers.ports import free_port

CLIENTS = 4
CACHED_CALLS = 200
MAX_BATCH = 10
SMALL_ORDER, SMALL_ITERATIONS = 12, 100
"""A problem that is solved in a millisecond or two: what is asked costs more."""
BARE = "bare FastAPI route"
WANTED_CACHED_RATIO, WANTED_BATCH_RATIO, WANTED_CACHED_MS = 100.0, 2.4, 5.0


class Caller:
    """One client with one connection, kept open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: str) -> Any:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        headers = {} if body is None else {"Content-Type": "application/json"}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return json.loads(content)


class Problems:
    """Random problems, each another one; one seed draws them all."""

    def __init__(self, order: int, iterations: int) -> None:
        self.order, self._iterations = order, iterations
        self._rng = np.random.default_rng(20261122)

    def draw(self) -> dict[str, Any]:
        def matrix() -> list[list[int]]:
            drawn = self._rng.integers(0, 100, (self.order, self.order))
            upper = np.triu(drawn, 1)
            return (upper + upper.T).tolist()  # type: ignore[no-any-return]

        return {
            "problem_matrix": matrix(),
            "flow_matrix": matrix(),
            "iterations": self._iterations,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--order", type=int, default=30)
    parser.add_argument("--iterations", type=int, default=7000)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    bare_port = free_port()
    peer = api("tests.benchmarks.bare_fastapi:create_app", bare_port)
    with service(peer) as running:
        wait_for(lambda: answers(running.port, "/readyz"))
        wait_for(lambda: answers(bare_port, "/healthz"))
        problems = Problems(options.order, options.iterations)
        small = Problems(SMALL_ORDER, SMALL_ITERATIONS)
        caller = Caller(running.port)
        # The workers compile or load their kernels with the first.
        caller.post("/solve", json.dumps(problems.draw()))
        console = Console(width=88)
        console.print(cached_solves(caller, problems, options.rounds))
        console.print(batches(caller, (small, problems), options.rounds))
        console.print(
            throughput(
                request_rates(
                    running.port, bare_port, problems, options.rounds, options.seconds
                )
            )
        )


def collect(*, quick: bool) -> Section:
    """Measure requests a second for the report of `make bench-system`."""
    rounds, seconds = (3, 1.0) if quick else (7, 3.0)
    bare_port = free_port()
    peer = api("tests.benchmarks.bare_fastapi:create_app", bare_port)
    with service(peer) as running:
        wait_for(lambda: answers(running.port, "/readyz"))
        wait_for(lambda: answers(bare_port, "/healthz"))
        record = Record(running.settings)
        wait_until_warm(RestJob(running.port, record), record)
        problems = Problems(SMALL_ORDER, SMALL_ITERATIONS)
        rates = request_rates(running.port, bare_port, problems, rounds, seconds)
    return Section(
        comparisons=[
            paired(
                measured,
                rates[BARE],
                section="api",
                name=name,
                peer=BARE,
                unit="1/s",
                better="higher",
                conditions=f"one API process, {CLIENTS} clients, {seconds:g} s a round",
            )
            for name, measured in rates.items()
            if name != BARE
        ],
        versions={name: metadata.version(name) for name in ("fastapi", "uvicorn")},
    )


def cached_solves(caller: Caller, problems: Problems, rounds: int) -> Table:
    """Measure first solves beside the same ones again."""
    firsts, again = [], []
    for _ in range(rounds):
        body = json.dumps(problems.draw())
        firsts.append(_seconds(lambda body=body: caller.post("/solve", body)))
        again += [
            _seconds(lambda body=body: caller.post("/solve", body))
            for _ in range(CACHED_CALLS)
        ]
        assert caller.post("/solve", body)["cached"]
    table = _table("The same solve again", "first, ms", "again p50, ms", "p99, ms")
    first, p50 = 1000 * median(firsts), 1000 * median(again)
    p99 = 1000 * sorted(again)[int(0.99 * len(again))]
    table.add_row(
        f"{first / p50:.0f}", f"{WANTED_CACHED_RATIO:.0f}", *_rounded(first, p50, p99)
    )
    table.caption = f"Wanted: again p50 at most {WANTED_CACHED_MS:.0f} ms."
    return table


def batches(caller: Caller, kinds: Sequence[Problems], rounds: int) -> Table:
    """Measure ten problems in one request beside ten requests in a row."""
    table = _table("Ten problems at once", "n", "in a row, ms", "batch, ms")
    for problems in kinds:
        ratios, in_a_row, together = _in_a_row_and_together(caller, problems, rounds)
        table.add_row(
            f"{median(ratios):.2f}",
            f"{WANTED_BATCH_RATIO}",
            str(problems.order),
            *_rounded(1000 * median(in_a_row), 1000 * median(together)),
        )
    table.caption = (
        "Two solver processes: where solving takes long, two is what they can give."
    )
    return table


def _in_a_row_and_together(
    caller: Caller, problems: Problems, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Return the ratios, and both in seconds."""
    ratios, in_a_row, together = [], [], []
    for _ in range(rounds):
        drawn = [problems.draw() for _ in range(MAX_BATCH)]
        others = [problems.draw() for _ in range(MAX_BATCH)]

        def one_by_one(drawn: list[dict[str, Any]] = drawn) -> None:
            for each in drawn:
                caller.post("/solve", json.dumps(each))

        body = json.dumps({"problems": others, "parallel": True})
        in_a_row.append(_seconds(one_by_one))
        together.append(_seconds(lambda body=body: caller.post("/solve/batch", body)))
        ratios.append(in_a_row[-1] / together[-1])
    return ratios, in_a_row, together


def request_rates(
    port: int, bare_port: int, problems: Problems, rounds: int, seconds: float
) -> dict[str, list[float]]:
    """Measure requests a second beside the bare route's, in turn."""
    body = json.dumps(problems.draw())
    Caller(port).post("/solve", body)
    ways: dict[str, tuple[int, Callable[[Caller], Any]]] = {
        BARE: (bare_port, lambda caller: caller.get("/healthz")),
        "/healthz": (port, lambda caller: caller.get("/healthz")),
        "/solve, cached": (port, lambda caller: caller.post("/solve", body)),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (at, ask) in ways.items():
            rates[name].append(_rate(at, ask, seconds))
    return rates


def throughput(rates: dict[str, list[float]]) -> Table:
    table = Table(title="Requests a second by one API process, four clients")
    for head in ("", "1/s", "share of the bare route"):
        table.add_column(head, justify="right")
    bare = rates[BARE]
    for name, measured in rates.items():
        share = median(a / b for a, b in zip(measured, bare, strict=True))
        table.add_row(name, f"{median(measured):.0f}", f"{share:.2f}")
    return table


def _rate(port: int, ask: Callable[[Caller], Any], seconds: float) -> float:
    end = time.perf_counter() + seconds
    counts = [0] * CLIENTS

    def go_on(number: int) -> None:
        caller = Caller(port)
        while time.perf_counter() < end:
            ask(caller)
            counts[number] += 1

    threads = [threading.Thread(target=go_on, args=(i,)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for head in ("ratio", "wanted", *columns):
        table.add_column(head, justify="right")
    return table


def _rounded(*milliseconds: float) -> list[str]:
    return [f"{each:.1f}" for each in milliseconds]


def _seconds(doing: Callable[[], Any]) -> float:
    started = time.perf_counter()
    doing()
    return time.perf_counter() - started


def answers(port: int, path: str) -> bool:
    try:
        return bool(Caller(port).get(path))
    except (OSError, AssertionError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    main()
