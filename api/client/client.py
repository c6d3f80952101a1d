"""The client."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from api.client.exceptions import (
    ProblemError,
    ServerUnreachableError,
    WaitTimeoutError,
)
from api.client.follow import PATIENCE_SECONDS, Follower
from api.client.models import (
    ApiKey,
    Certificate,
    Event,
    Instance,
    Job,
    Method,
    NewApiKey,
    ResultState,
    StreamToken,
    Verdict,
)
from api.client.pages import read_pages
from api.client.transport import Patience, Transport, is_away
from api.client.webhooks import Webhooks

DEFAULT_URL = "http://127.0.0.1:8000"
POLL_SECONDS = 20.0
"""How long one answer is waited for; a service may answer earlier."""


class Client:
    """Talks to one service. Use it as a context manager, from one thread."""

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        api_key: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> None:
        """Make a client; ``api_key`` may be a token as well."""
        self._transport = Transport(
            base_url, timeout_seconds=timeout_seconds, api_key=api_key
        )

        self.webhooks = Webhooks(self._transport)

    @property
    def base_url(self) -> str:
        return self._transport.base_url

    def submit_solve(
        self,
        instance: str | Mapping[str, Any],
        *,
        method: str | None = None,
        parameters: Mapping[str, bool | float] | None = None,
        seed: int = 0,
        limits: Mapping[str, Any] | None = None,
        islands: int | None = None,
        portfolio: Sequence[str] | None = None,
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
        body: dict[str, Any] = {
            "kind": "solve",
            "instance": {"name": instance}
            if isinstance(instance, str)
            else dict(instance),
            "seed": seed,
        }
        if method is not None:
            body["method"] = method
        if parameters:
            body["parameters"] = dict(parameters)
        if limits:
            body["limits"] = dict(limits)
        if islands is not None:
            body["islands"] = islands
        if portfolio is not None:
            body["portfolio"] = list(portfolio)
        if webhook_url is not None:
            body["webhook_url"] = webhook_url
        if webhook_secret is not None:
            body["webhook_secret"] = webhook_secret
        if webhook_events is not None:
            body["webhook_events_filter"] = list(webhook_events)
        response = self._transport.post(
            "/v1/jobs",
            body=body,
            headers=_prefer(wait_seconds),
            wait_seconds=wait_seconds or 0.0,
        )
        return Job.model_validate_json(response.content)

    def job(self, job_id: str) -> Job:
        response = self._transport.get(_job_path(job_id))
        return Job.model_validate_json(response.content)

    def jobs(self, **filters: str | int | None) -> Iterator[Job]:
        """Yield jobs, newest first: ``state``, ``kind``, ``method``, ``instance``.

        ``limit`` is the size of the pages they come in.
        """
        params = {name: value for name, value in filters.items() if value is not None}
        while True:
            page = self._transport.get("/v1/jobs", params=params).json()
            yield from map(Job.model_validate, page["items"])
            if not page["next"]:
                return
            params["after"] = page["next"]

    def result(self, job_id: str) -> ResultState | None:
        """Return the best so far, or the end; None while there is nothing yet."""
        response = self._transport.get(f"{_job_path(job_id)}/result")
        if response.status_code == HTTPStatus.NO_CONTENT:
            return None
        return ResultState.model_validate_json(response.content)

    def cancel(self, job_id: str) -> Job:
        """Ask the job to end; it keeps its incumbent. Asking twice is harmless."""
        response = self._transport.post(f"{_job_path(job_id)}/cancel")
        return Job.model_validate_json(response.content)

    def rerun(self, job_id: str, **changes: Any) -> Job:
        """Send an ended solve again, with a new seed unless `changes` has one.

        They may also have ``method``, ``parameters``, ``limits``, ``start``, ``cache``,
        ``priority_s``, ``webhook_url`` and ``webhook_secret``.
        """
        response = self._transport.post(f"{_job_path(job_id)}/rerun", body=changes)
        return Job.model_validate_json(response.content)

    def reproduce(self, job_id: str) -> Job:
        """Repeat the run; the new job's ``result.reproduction`` tells what came out."""
        response = self._transport.post(f"{_job_path(job_id)}/reproduce")
        return Job.model_validate_json(response.content)

    def delete(self, job_id: str) -> None:
        """Forget an ended job, with all that belongs to it."""
        self._transport.delete(_job_path(job_id))

    def verify(
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
        response = self._transport.post("/v1/verify", body=body)
        return Verdict.model_validate_json(response.content)

    def wait(self, job_id: str, timeout_seconds: float = math.inf) -> Job:
        """Return the job when it has ended; survives a restart of the service.

        Raises
        ------
        WaitTimeoutError
            It has not ended in time; it goes on.
        """
        end = time.monotonic() + timeout_seconds
        response = self._transport.get(_job_path(job_id))
        patience = Patience(PATIENCE_SECONDS)
        while True:
            job = Job.model_validate_json(response.content)
            if job.is_final:
                return job
            response = self._next_answer(job, response.headers["ETag"], end, patience)

    def events(self, job_id: str, after: int = 0, epoch: str = "") -> Iterator[Event]:
        """Yield the job's events as they come, from number `after` + 1 to the last.

        A cut connection is opened again where it was: nothing is missing, nothing
        comes twice. `epoch` is that of the event with number `after`: where the service
        has begun the log anew since, all of it is told.
        """
        name = quote(job_id, safe="")
        return Follower(self._transport, name, after=after, epoch=epoch).events()

    def log(self, job_id: str, after: int = 0, epoch: str = "") -> Iterator[Event]:
        """Yield the events that there are by now, of logs of any length.

        `epoch` is that of the event with number `after`: where the service has begun
        the log anew since, all of it is told.
        """
        return read_pages(
            self._transport, f"{_job_path(job_id)}/events", after=after, epoch=epoch
        )

    def methods(self) -> list[Method]:
        items = self._transport.get("/v1/methods").json()["items"]
        return [Method.model_validate(item) for item in items]

    def instances(self) -> list[Instance]:
        items = self._transport.get("/v1/instances").json()["items"]
        return [Instance.model_validate(item) for item in items]

    def instance(self, name_or_sha256: str) -> Instance:
        path = f"/v1/instances/{quote(name_or_sha256, safe='')}"
        return Instance.model_validate_json(self._transport.get(path).content)

    def upload_qaplib(self, text: str, name: str | None = None) -> Instance:
        """Store an instance once; the same matrices have the same hash."""
        response = self._transport.post(
            "/v1/instances",
            text=text,
            params=None if name is None else {"name": name},
            headers={"Content-Type": "text/plain; charset=utf-8"},
        )
        return Instance.model_validate_json(response.content)

    def create_stream_token(
        self, *topics: str, expires_in_seconds: int = 60
    ) -> StreamToken:
        """Make a token for a browser, which reads these topics and does nothing else.

        ``job:{id}``, ``batch:{id}``, ``benchmark:{id}``, or the name of a channel.
        """
        body = {"topics": topics, "expires_in_s": expires_in_seconds}
        response = self._transport.post("/v1/stream-tokens", body=body)
        return StreamToken.model_validate_json(response.content)

    def create_key(self, owner: str, **fields: Any) -> NewApiKey:
        """Make a key, as an operator; only this answer has all of it.

        ``name``, ``scopes``, ``expires_days``, ``max_queued``, ``max_running``.
        """
        response = self._transport.post("/v1/keys", body={"owner": owner, **fields})
        return NewApiKey.model_validate_json(response.content)

    def keys(self) -> list[ApiKey]:
        items = self._transport.get("/v1/keys").json()["items"]
        return [ApiKey.model_validate(item) for item in items]

    def revoke_key(self, prefix: str) -> None:
        """Let a key open nothing any more."""
        self._transport.delete(f"/v1/keys/{quote(prefix, safe='')}")

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _next_answer(
        self, job: Job, tag: str, end: float, patience: Patience
    ) -> httpx2.Response:
        """Return the first answer that tells more than `tag`."""
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise WaitTimeoutError(job)
            wait_seconds = min(left, POLL_SECONDS)
            try:
                response = self._transport.get(
                    _job_path(job.id),
                    headers={"If-None-Match": tag, **_prefer(wait_seconds)},
                    wait_seconds=wait_seconds,
                )
            except (ProblemError, ServerUnreachableError) as error:
                if patience.is_over() or not is_away(error):
                    raise
                patience.pause()
                continue
            patience.renew()
            if response.status_code != HTTPStatus.NOT_MODIFIED:
                return response


def _job_path(job_id: str) -> str:
    return f"/v1/jobs/{quote(job_id, safe='')}"


def _prefer(wait_seconds: float | None) -> dict[str, str]:
    return {"Prefer": f"wait={math.ceil(wait_seconds)}"} if wait_seconds else {}
