# Made of api/client/_async/providers.py by `make client`: change that one.
"""Who is watched, and how they are."""

from collections.abc import Iterator
from typing import Any

from api.client._sync.pages import read_all
from api.client._sync.resource import Pausable
from api.client.client import place
from api.client.models import (
    Change,
    Check,
    Collected,
    Provider,
    ProviderStatistics,
    Registry,
)


class Providers(Pausable[Provider]):
    """Who is watched; `all` takes ``category``, ``state`` and ``search``."""

    _path = "/v1/providers"
    _member = Provider

    def create(self, name: str, *, url: str, category: str, **fields: Any) -> Provider:
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
        return self._create(body)

    def check(self, provider_id: str) -> Provider:
        """Have it checked now, even while its circuit is open."""
        return self._bring(provider_id, "check")

    def checks(self, provider_id: str, **filters: Any) -> Iterator[Check]:
        """Yield its checks, newest first: ``outcome``."""
        path = place(self._path, provider_id, "checks")
        return read_all(self._transport, path, Check, filters)

    def changes(self, provider_id: str, **filters: Any) -> Iterator[Change]:
        """Yield its changes of state, newest first."""
        path = place(self._path, provider_id, "changes")
        return read_all(self._transport, path, Change, filters)

    def series(self, provider_id: str, **filters: Any) -> Iterator[Collected]:
        """Yield what was collected from it, newest first: ``name`` of one series."""
        path = place(self._path, provider_id, "series")
        return read_all(self._transport, path, Collected, filters)

    def statistics(self, provider_id: str, *, hours: float = 24) -> ProviderStatistics:
        """Return what is known of it in the last hours."""
        path = place(self._path, provider_id, "statistics")
        response = self._transport.get(path, params={"hours": hours})
        return ProviderStatistics.model_validate_json(response.content)

    def registry(self) -> Registry:
        """Return what the file and the sets that name providers say, as an operator."""
        response = self._transport.get(f"{self._path}/registry")
        return Registry.model_validate_json(response.content)
