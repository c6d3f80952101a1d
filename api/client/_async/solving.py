"""Solve, in one call."""

import math
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from time import monotonic
from typing import Any

from api.client._async.jobs import AsyncJobs
from api.client._async.waiting import wait_for_end
from api.client.arrays import Matrix, instance_of, rows
from api.client.models import Job, Progress
from api.client.solution import Solution

FIRST_WAIT_SECONDS = 10.0
"""Short runs end within it: their first answer is the last."""


class AsyncSolver(AsyncJobs):
    """The part of a client that solves, and waits for the end."""

    async def solve(
        self,
        flow: Matrix | str | PathLike[str] | Mapping[str, Any],
        distance: Matrix | None = None,
        *,
        linear: Matrix | None = None,
        method: str | None = None,
        parameters: Mapping[str, bool | float] | None = None,
        seconds: float | None = None,
        seed: int = 0,
        limits: Mapping[str, Any] | None = None,
        islands: int | None = None,
        portfolio: Sequence[str] | None = None,
        start: Sequence[int] | Matrix | None = None,
        cache: bool | None = None,
        timeout_seconds: float = math.inf,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Solution:
        """Solve an instance, and return the best permutation found.

        Parameters
        ----------
        flow
            Between facilities: an array of numpy, or rows of numbers. Or the whole
            instance: a name of the library (``"nug30"``), a QAPLIB file (a `Path`, or
            text that ends in ``.dat``), or what ``POST /v1/jobs`` takes.
        distance
            Between locations.
        linear
            ``linear[i][k]``: what facility ``i`` costs at location ``k``.
        method
            One of `methods`; without it, the one that suits the instance.
        parameters
            The method's own; the rest keep their defaults.
        seconds
            Of solving; 60 if nothing else limits the run.
        seed
            Same seed, same search.
        limits
            Others: ``iterations``, ``target_objective``, ``gap``, ``stall_s``,
            ``deadline_s``.
        islands
            By how many searches at once, which share what they find.
        portfolio
            Which methods race.
        start
            A permutation that the search starts from.
        cache
            Whether equal work will do; it does if not given.
        timeout_seconds
            Wait no longer than this; the job goes on.
        on_progress
            Told how the search stands whenever it has moved: ``objective``, ``bound``,
            ``gap_to_bound``, ``iterations``, ``elapsed_s``.

        Returns
        -------
        Solution
            Also of a run that was cancelled after it had found something.

        Raises
        ------
        JobFailedError
            It has ended without a result.
        WaitTimeoutError
            It has not ended in time; its ``job`` goes on.
        """
        end = monotonic() + timeout_seconds
        budget = {} if seconds is None else {"time_s": seconds}
        wait_seconds = 0.0 if on_progress else min(FIRST_WAIT_SECONDS, timeout_seconds)
        job = await self.submit_solve(
            instance_of(flow, distance, linear),
            method=method,
            parameters=parameters,
            seed=seed,
            limits={**(limits or {}), **budget},
            islands=islands,
            portfolio=portfolio,
            start=None if start is None else {"permutation": rows(start)},
            cache=cache,
            wait_seconds=wait_seconds,
        )

        def tell(job: Job) -> None:
            if on_progress is not None and job.progress is not None:
                on_progress(job.progress)

        if not job.is_final:
            left = end - monotonic()
            job = await wait_for_end(
                self._transport, job.id, timeout_seconds=left, on_news=tell
            )
        return Solution.of(job)
