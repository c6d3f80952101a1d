"""Waits for the end of a job by long-polling."""

from collections.abc import Callable
from http import HTTPStatus
from time import monotonic

import httpx2

from api.client._async.patience import PATIENCE_SECONDS, AsyncPatience
from api.client._async.transport import AsyncTransport
from api.client.client import POLL_SECONDS, job_path, prefer
from api.client.exceptions import (
    ProblemError,
    ServerUnreachableError,
    WaitTimeoutError,
)
from api.client.models import Job
from api.client.transport import is_away


async def wait_for_end(
    transport: AsyncTransport,
    job_id: str,
    *,
    timeout_seconds: float,
    on_news: Callable[[Job], object] | None = None,
) -> Job:
    """Return the job when it has ended; survives a restart of the service."""
    end = monotonic() + timeout_seconds
    response = await transport.get(job_path(job_id))
    patience = AsyncPatience(PATIENCE_SECONDS)
    while True:
        job = Job.model_validate_json(response.content)
        if on_news is not None:
            on_news(job)
        if job.is_final:
            return job
        tag = response.headers["ETag"]
        response = await _next_answer(transport, job, tag, end, patience)


async def _next_answer(
    transport: AsyncTransport, job: Job, tag: str, end: float, patience: AsyncPatience
) -> httpx2.Response:
    """Return the first answer that tells more than `tag`."""
    while True:
        left = end - monotonic()
        if left <= 0:
            raise WaitTimeoutError(job)
        wait_seconds = min(left, POLL_SECONDS)
        try:
            response = await transport.get(
                job_path(job.id),
                headers={"If-None-Match": tag, **prefer(wait_seconds)},
                wait_seconds=wait_seconds,
            )
        except (ProblemError, ServerUnreachableError) as error:
            if patience.is_over() or not is_away(error):
                raise
            await patience.pause()
            continue
        patience.renew()
        if response.status_code != HTTPStatus.NOT_MODIFIED:
            return response
