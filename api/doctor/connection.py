"""A connection to the service that is looked at."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx2

from db.contracts.settings import is_loopback

TIMEOUT_SECONDS = 15.0
"""While Redis says nothing, `/health` takes seconds."""


class Service:
    """One connection; it asks once, and takes any answer."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        key = (api_key or "").strip()
        self._http = httpx2.Client(
            base_url=url.rstrip("/"),
            timeout=TIMEOUT_SECONDS,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            # A proxy of the environment knows nothing of this machine's ports.
            trust_env=not is_loopback(httpx2.URL(url).host),
        )

    def get(self, path: str) -> httpx2.Response:
        return self._http.get(path)

    def told(self, path: str) -> Mapping[str, Any]:
        """Return what it answers, or nothing if it answers in other words."""
        return read_object(self.get(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()


def is_solvequeue(url: str) -> bool:
    """Return whether what listens there answers as a service of ours does."""
    try:
        with Service(url) as found:
            return "services_online" in found.told("/health")
    except httpx2.HTTPError:
        return False


def read_object(answer: httpx2.Response) -> Mapping[str, Any]:
    """Return the JSON object that was answered; an empty one for anything else."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
