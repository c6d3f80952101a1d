"""Jobs: sent, followed, waited for, sent again."""

import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from api.client._async.follow import AsyncFollower
from api.client._async.pages import read_all, read_log
from api.client._async.resource import AsyncResource
from api.client._async.waiting import wait_for_end
from api.client.client import job_path, query, solve_body
from api.client.models import (
    Action,
    Certificate,
    Ended,
    Event,
    Job,
    ResultState,
    Verdict,
)


class AsyncJobs(AsyncResource):
    """The part of a client that is about jobs."""

    async def submit_solve(
        self,
        instance: str | Mapping[str, Any],
        *,
        method: str | None = None,
        parameters: Mapping[str, bool | float] | None = None,
        seed: int = 0,
        limits: Mapping[str, Any] | None = None,
        islands: int | None = None,
        portfolio: Sequence[str] | None = None,
        start: Mapping[str, Any] | None = None,
        cache: bool | None = None,
        priority_s: float | None = None,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        webhook_events: Sequence[str] | None = None,
        wait_seconds: float | None = None,
    ) -> Job:
        """Send an instance to be solved.

        Parameters
        ----------
        instance
            A name of the library, or what ``POST /v1/jobs`` takes: ``sha256``,
            ``flow`` and ``distance`` (and ``linear``), ``costs``, or ``qaplib`` text.
        method
            One of `methods`, or ``portfolio``; without it, the one that suits the
            instance.
        parameters
            The method's own; the rest keep their defaults.
        seed
            Same seed, same search.
        limits
            ``time_s``, ``iterations``, ``target_objective``, ``gap``, ``stall_s``,
            ``deadline_s``; whichever comes first.
        islands
            By how many searches at once, which share what they find.
        portfolio
            Which methods race; those that the service chooses if only `method` says
            so.
        start
            Where the search starts: a ``permutation``, or a ``job``.
        cache
            Whether equal work will do; it does if not given.
        priority_s
            Taken as if it had been sent so many seconds earlier.
        webhook_url
            Told of the end, or of what `webhook_events` names.
        webhook_secret
            Signs what is told; without it the answer's ``webhook`` has a new one,
            this once.
        webhook_events
            Such as ``job.started``; what ends the job if not given.
        wait_seconds
            Answer when the job ends, or after so long.

        Returns
        -------
        Job
            Accepted, or already ended.
        """
        body = solve_body(
            instance,
            method=method,
            parameters=parameters,
            seed=seed,
            limits=limits,
            islands=islands,
            portfolio=portfolio,
            start=start,
            cache=cache,
            priority_s=priority_s,
            webhook_url=webhook_url,
            webhook_secret=webhook_secret,
            webhook_events=webhook_events,
        )
        return await self._submit("/v1/jobs", body, wait_seconds)

    async def job(self, job_id: str) -> Job:
        response = await self._transport.get(job_path(job_id))
        return Job.model_validate_json(response.content)

    def jobs(self, **filters: Any) -> AsyncIterator[Job]:
        """Yield jobs, newest first.

        ``state`` (one or several), ``kind``, ``method``, ``instance``, ``parent``,
        ``created_after``, ``created_before``. ``limit`` is the size of the pages they
        come in.
        """
        return read_all(self._transport, "/v1/jobs", Job, filters)

    def history(self, **filters: Any) -> AsyncIterator[Ended]:
        """Yield solves that have ended, the last to end first; they outlive results.

        ``state``, ``method``, ``instance``, ``parent``, ``ended_after``,
        ``ended_before``.
        """
        path = "/analytics/history"
        return read_all(self._transport, path, Ended, filters, listed_as="history")

    async def result(self, job_id: str) -> ResultState | None:
        """Return the best so far, or the end; None while there is nothing yet."""
        response = await self._transport.get(f"{job_path(job_id)}/result")
        if response.status_code == HTTPStatus.NO_CONTENT:
            return None
        return ResultState.model_validate_json(response.content)

    async def cancel(self, job_id: str) -> Job:
        """Ask the job to end; it keeps its incumbent. Asking twice is harmless."""
        response = await self._transport.put_in_state(f"{job_path(job_id)}/cancel")
        return Job.model_validate_json(response.content)

    async def rerun(
        self, job_id: str, *, wait_seconds: float | None = None, **changes: Any
    ) -> Job:
        """Send an ended solve again, with a new seed unless `changes` has one.

        They may also have ``method``, ``parameters``, ``limits``, ``start``, ``cache``,
        ``priority_s``, ``webhook_url`` and ``webhook_secret``.
        """
        path = f"{job_path(job_id)}/rerun"
        return await self._submit(path, changes, wait_seconds)

    async def reproduce(
        self, job_id: str, *, wait_seconds: float | None = None, **changes: Any
    ) -> Job:
        """Repeat the run; the new job's ``result.reproduction`` tells what came out.

        `changes` may have ``priority_s``, ``webhook_url`` and ``webhook_secret``.
        """
        path = f"{job_path(job_id)}/reproduce"
        return await self._submit(path, changes, wait_seconds)

    async def delete(self, job_id: str) -> None:
        """Forget an ended job, with all that belongs to it."""
        await self._transport.delete(job_path(job_id))

    async def act(
        self,
        action: str,
        *,
        dry_run: bool = False,
        after: str | None = None,
        **chosen: Any,
    ) -> Action:
        """Do the same to many jobs, of at most 1,000 at a time.

        Parameters
        ----------
        action
            ``cancel``, ``rerun`` or ``delete``.
        dry_run
            Change nothing, and tell what would be done.
        after
            The ``next`` of the answer before, where that had ``more``.
        **chosen
            ``ids`` alone, or ``state``, ``kind``, ``method``, ``instance``,
            ``parent``, ``created_before``, ``created_after``: all must hold.
        """
        body = {"action": action, "filter": query(chosen), "dry_run": dry_run}
        path = "/v1/jobs/actions"
        if after is not None:
            body["after"] = after
        # What was cancelled or deleted is not chosen again; a rerun would be.
        send = (
            self._transport.post if action == "rerun" else self._transport.put_in_state
        )
        response = await send(path, body=body)
        return Action.model_validate_json(response.content)

    async def verify(
        self,
        certificate: Certificate | Mapping[str, Any],
        *,
        instance: Mapping[str, Any] | None = None,
    ) -> Verdict:
        """Have the service check a certificate; it needs instances it does not know."""
        if isinstance(certificate, Certificate):
            certificate = certificate.model_dump(mode="json")
        body: dict[str, Any] = {"certificate": dict(certificate)}
        if instance is not None:
            body["instance"] = dict(instance)
        response = await self._transport.put_in_state("/v1/verify", body=body)
        return Verdict.model_validate_json(response.content)

    async def wait(
        self,
        job_id: str,
        timeout_seconds: float = math.inf,
        *,
        on_news: Callable[[Job], object] | None = None,
    ) -> Job:
        """Return the job when it has ended; survives a restart of the service.

        `on_news` is told of the job as it was and whenever something has moved.

        Raises
        ------
        WaitTimeoutError
            It has not ended in time; it goes on.
        """
        return await wait_for_end(
            self._transport, job_id, timeout_seconds=timeout_seconds, on_news=on_news
        )

    def events(
        self, job_id: str, after: int = 0, epoch: str = ""
    ) -> AsyncIterator[Event]:
        """Yield the job's events as they come, from number `after` + 1 to the last.

        A cut connection is opened again where it was: nothing is missing, nothing
        comes twice. `epoch` is that of the event with number `after`: where the service
        has begun the log anew since, all of it is told.
        """
        path = f"{job_path(job_id)}/events"
        return AsyncFollower(self._transport, path, after=after, epoch=epoch).events()

    def log(self, job_id: str, after: int = 0, epoch: str = "") -> AsyncIterator[Event]:
        """Yield the events that there are by now, of logs of any length.

        `epoch` is that of the event with number `after`: where the service has begun
        the log anew since, all of it is told.
        """
        path = f"{job_path(job_id)}/events"
        return read_log(self._transport, path, after=after, epoch=epoch)

    async def _submit(
        self, path: str, body: Mapping[str, Any], wait_seconds: float | None
    ) -> Job:
        response = await self._transport.submit(
            path, body=body, wait_seconds=wait_seconds
        )
        return Job.model_validate_json(response.content)
