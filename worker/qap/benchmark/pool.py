"""Runs side by side: each in a process that has one thread and warm kernels."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from typing import Final

import numpy as np

from worker.qap.benchmark.peers import PEERS
from worker.qap.benchmark.plan import PlannedRun
from worker.qap.benchmark.run import perform
from worker.qap.benchmark.table import Row
from worker.qap.instance import Instance
from worker.qap.warm_up import warm_up

THREAD_SETTINGS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def perform_all(runs: Sequence[PlannedRun], *, jobs: int) -> Iterator[Row]:
    """Do all runs, and give each row when it is there.

    Parameters
    ----------
    runs
        What to do; begun in this order.
    jobs
        How many at a time. More than there are cores makes wall clocks lie.

    Yields
    ------
    Row
        In the order in which they end. When the caller stops asking, those not begun
        are dropped.

    Notes
    -----
    The processes are started afresh, not forked, so that the linear algebra which
    numpy and scipy call reads that it is to use one thread.
    """
    limit_threads()
    pool = ProcessPoolExecutor(
        max_workers=max(1, min(jobs, len(runs))),
        mp_context=get_context("spawn"),
        initializer=_begin,
    )
    try:
        for future in as_completed([pool.submit(_perform, run) for run in runs]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def limit_threads() -> None:
    """Tell the processes started from now on to use one thread, unless told else."""
    for variable in THREAD_SETTINGS:
        os.environ.setdefault(variable, "1")


def make_ready() -> None:
    """Do everything that is done once a process, before any clock runs."""
    warm_up(fractions=False)
    tiny = Instance(
        [[0, 1, 2], [1, 0, 1], [2, 1, 0]], [[0, 3, 1], [3, 0, 1], [1, 1, 0]]
    )
    for peer in PEERS.values():
        peer.attempt(tiny, np.random.default_rng(0), 0)


def _begin() -> None:
    # The parent tells of an interruption; a child just ends, whatever it does.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    make_ready()


def _end_with_parent() -> None:
    """End in the middle of a run that nobody is there to hear of any more."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _perform(run: PlannedRun) -> Row:
    try:
        return perform(run)
    except Exception as error:
        error.add_note(f"In the run {' · '.join(map(str, run.key))}")
        raise
