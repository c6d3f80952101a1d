"""What the history says, and what the service does by it."""

from collections.abc import AsyncIterator
from typing import Any

from api.client._async.pages import read_all, read_list
from api.client._async.resource import AsyncCollection, AsyncResource
from api.client.client import place
from api.client.models import Automation, AutomationEntry, Insight


class AsyncInsights(AsyncCollection[Insight]):
    """What the history says; `all` takes ``kind`` and ``holds``."""

    _path = "/v1/insights"
    _member = Insight


class AsyncAutomations(AsyncResource):
    """What the service may do by itself."""

    _path = "/v1/automations"

    async def all(self) -> list[Automation]:
        return await read_list(self._transport, self._path, Automation)

    async def change(self, **switches: bool) -> list[Automation]:
        """Switch some on or off, by name, as an operator."""
        answer = await self._transport.patch(self._path, body=switches)
        return [Automation.model_validate(item) for item in answer.json()["items"]]

    async def enable(self, name: str) -> list[Automation]:
        return await self.change(**{name: True})

    async def disable(self, name: str) -> list[Automation]:
        return await self.change(**{name: False})

    def log(self, **filters: Any) -> AsyncIterator[AutomationEntry]:
        """Yield what was done, newest first."""
        path = f"{self._path}/log"
        return read_all(self._transport, path, AutomationEntry, filters)

    async def undo(self, entry_id: str) -> AutomationEntry:
        """Put back what was there before, if nobody has changed it since."""
        response = await self._transport.post(
            place(f"{self._path}/log", entry_id, "undo")
        )
        return AutomationEntry.model_validate_json(response.content)
