"""Who is watched, and how they are."""

from collections.abc import AsyncIterator
from typing import Any

from api.client._async.pages import read_all
from api.client._async.resource import AsyncPausable
from api.client.client import place
from api.client.models import (
    Change,
    Check,
    Collected,
    Provider,
    ProviderStatistics,
    Registry,
)


class AsyncProviders(AsyncPausable[Provider]):
    """Who is watched; `all` takes ``category``, ``state`` and ``search``."""

    _path = "/v1/providers"
    _member = Provider

    async def create(
        self, name: str, *, url: str, category: str, **fields: Any
    ) -> Provider:
        """Watch a service.

        Parameters
        ----------
        name
            Unique, however it is capitalised.
        url
            What is asked, without a key.
        category
            Small letters, digits, ``-`` and ``_``.
        **fields
            ``second_url``, ``description``, ``key``, ``limits``, ``expectation``,
            ``collection``, ``tier``, ``every_s``, ``paused``.
        """
        body = {"name": name, "url": url, "category": category, **fields}
        return await self._create(body)

    async def check(self, provider_id: str) -> Provider:
        """Have it checked now, even while its circuit is open."""
        return await self._bring(provider_id, "check")

    def checks(self, provider_id: str, **filters: Any) -> AsyncIterator[Check]:
        """Yield its checks, newest first: ``outcome``."""
        path = place(self._path, provider_id, "checks")
        return read_all(self._transport, path, Check, filters)

    def changes(self, provider_id: str, **filters: Any) -> AsyncIterator[Change]:
        """Yield its changes of state, newest first."""
        path = place(self._path, provider_id, "changes")
        return read_all(self._transport, path, Change, filters)

    def series(self, provider_id: str, **filters: Any) -> AsyncIterator[Collected]:
        """Yield what was collected from it, newest first: ``name`` of one series."""
        path = place(self._path, provider_id, "series")
        return read_all(self._transport, path, Collected, filters)

    async def statistics(
        self, provider_id: str, *, hours: float = 24
    ) -> ProviderStatistics:
        """Return what is known of it in the last hours."""
        path = place(self._path, provider_id, "statistics")
        response = await self._transport.get(path, params={"hours": hours})
        return ProviderStatistics.model_validate_json(response.content)

    async def registry(self) -> Registry:
        """Return what the file and the sets that name providers say, as an operator."""
        response = await self._transport.get(f"{self._path}/registry")
        return Registry.model_validate_json(response.content)
