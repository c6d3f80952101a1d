"""What callers of the calculator wait for: `python -m tests.benchmarks.calculations`.

Many callers at once, each with a value of its own; the same value again and again; and
how long the calculations themselves took. One API process, two solver processes.
"""

import argparse
import json
import threading
import time
from statistics import median, quantiles
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.benchmarks.http_surface import Caller, answers
from tests.benchmarks.running import service
from tests.benchmarks.ways import wait_for

PATH = "/api/v1/calculate"
WANTED_CACHED_MS, WANTED_OWN_MS = 5.0, 1.0
CACHED_CALLS = 500
WARM_CALLS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rng = np.random.default_rng(20261122)
    console = Console(width=88)
    with service() as running:
        wait_for(lambda: answers(running.port, "/readyz"))
        caller = Caller(running.port)
        for _ in range(WARM_CALLS):
            caller.post(PATH, _body(rng))
        rounds = [
            at_once(running.port, [_body(rng) for _ in range(options.callers)])
            for _ in range(options.rounds)
        ]
        console.print(_crowds(rounds, options.callers))
        # The connection of before has been idle for too long.
        console.print(_cached(Caller(running.port), _body(rng)))


def at_once(port: int, bodies: list[str]) -> list[tuple[float, float]]:
    """Return what each of the callers waited, and of it the calculation's own time.

    In milliseconds. Each has its own connection, open before all of them ask at once;
    any answer but 200 ends the run.
    """
    callers = [Caller(port) for _ in bodies]
    for caller in callers:
        caller.get("/healthz")
    begin = threading.Barrier(len(bodies))
    waited: list[tuple[float, float]] = []
    failures: list[BaseException] = []

    def ask(caller: Caller, body: str) -> None:
        try:
            begin.wait()
            started = time.perf_counter()
            answer = caller.post(PATH, body)
            elapsed = 1000 * (time.perf_counter() - started)
            waited.append((elapsed, answer["processing_time_ms"]))
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=ask, args=pair)
        for pair in zip(callers, bodies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return waited


def _crowds(rounds: list[list[tuple[float, float]]], callers: int) -> Table:
    table = Table(title=f"{callers} callers at once, each with its own value; all 200")
    for head in ("", "p50, ms", "p99, ms", "greatest, ms"):
        table.add_column(head, justify="right")
    waits = sorted(wait for answers in rounds for wait, _ in answers)
    own = sorted(ms for answers in rounds for _, ms in answers)
    for name, measured, digits in (("waited", waits, 1), ("calculated", own, 3)):
        p99 = quantiles(measured, n=100)[98]
        numbers = (median(measured), p99, measured[-1])
        table.add_row(name, *(f"{each:.{digits}f}" for each in numbers))
    table.caption = f"Wanted: calculated p50 below {WANTED_OWN_MS:g} ms."
    return table


def _cached(caller: Caller, body: str) -> Table:
    caller.post(PATH, body)
    again = []
    for _ in range(CACHED_CALLS):
        started = time.perf_counter()
        answer = caller.post(PATH, body)
        again.append(1000 * (time.perf_counter() - started))
        assert answer["cached"]
    table = Table(title="The same value again, one caller")
    for head in ("p50, ms", "p99, ms", "wanted p50"):
        table.add_column(head, justify="right")
    p99 = quantiles(again, n=100)[98]
    table.add_row(f"{median(again):.1f}", f"{p99:.1f}", f"{WANTED_CACHED_MS:g}")
    return table


def _body(rng: np.random.Generator) -> str:
    wanted: dict[str, Any] = {
        "input_value": float(rng.uniform(-5, 5)),
        "precision_level": int(rng.integers(1, 16)),
    }
    return json.dumps(wanted)


if __name__ == "__main__":
    main()
