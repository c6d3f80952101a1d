"""The callers: each thing is begun when it is due, however long others take."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from numpy.random import Generator

from tests.benchmarks.soak.actions import ACTIONS, READING, STREAMING, Action
from tests.benchmarks.soak.caller import Caller
from tests.benchmarks.soak.plan import SoakPlan

THREADS = 64


class Load:
    """Three Poisson processes: jobs, reads, and streams that come and go.

    Latencies count from the moment that was drawn, so that a service that is slow to
    take one request is not spared the next.
    """

    def __init__(self, caller: Caller, plan: SoakPlan, rng: Generator) -> None:
        self._caller = caller
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="caller")
        rates = (
            (ACTIONS, plan.jobs_per_second),
            (READING, plan.reads_per_second),
            (STREAMING, plan.streams_per_second),
        )
        self._threads = [
            threading.Thread(target=self._arrive, args=(actions, rate, stream))
            for (actions, rate), stream in zip(rates, rng.spawn(3), strict=True)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing new; return when what was begun has ended."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._pool.shutdown()

    def _arrive(self, actions: Sequence[Action], rate: float, rng: Generator) -> None:
        shares = [action.share for action in actions]
        chances = [share / sum(shares) for share in shares]
        due = time.monotonic()
        while True:
            due += float(rng.exponential(1 / rate))
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            action = actions[int(rng.choice(len(actions), p=chances))]
            self._pool.submit(self._do, action, rng.spawn(1)[0], due)

    def _do(self, action: Action, rng: Generator, due: float) -> None:
        # The load generator's own part of what is measured.
        self._caller.note("begun after it was due", due)
        try:
            action.do(self._caller, rng, due)
        except Exception as error:
            self._caller.journal.error(f"{action.name}: {error!r}")
