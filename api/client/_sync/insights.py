# Made of api/client/_async/insights.py by `make client`: change that one.
"""What the history says, and what the service does by it."""

from collections.abc import Iterator
from typing import Any

from api.client._sync.pages import read_all, read_list
from api.client._sync.resource import Collection, Resource
from api.client.client import place
from api.client.models import Automation, AutomationEntry, Insight


class Insights(Collection[Insight]):
    """What the history says; `all` takes ``kind`` and ``holds``."""

    _path = "/v1/insights"
    _member = Insight


class Automations(Resource):
    """What the service may do by itself."""

    _path = "/v1/automations"

    def all(self) -> list[Automation]:
        return read_list(self._transport, self._path, Automation)

    def change(self, **switches: bool) -> list[Automation]:
        """Switch some on or off, by name, as an operator."""
        answer = self._transport.patch(self._path, body=switches)
        return [Automation.model_validate(item) for item in answer.json()["items"]]

    def enable(self, name: str) -> list[Automation]:
        return self.change(**{name: True})

    def disable(self, name: str) -> list[Automation]:
        return self.change(**{name: False})

    def log(self, **filters: Any) -> Iterator[AutomationEntry]:
        """Yield what was done, newest first."""
        path = f"{self._path}/log"
        return read_all(self._transport, path, AutomationEntry, filters)

    def undo(self, entry_id: str) -> AutomationEntry:
        """Put back what was there before, if nobody has changed it since."""
        response = self._transport.post(place(f"{self._path}/log", entry_id, "undo"))
        return AutomationEntry.model_validate_json(response.content)
