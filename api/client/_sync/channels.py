# Made of api/client/_async/channels.py by `make client`: change that one.
"""What the service tells of itself."""

from collections.abc import Iterator

from api.client._sync.follow import Follower
from api.client._sync.pages import read_list, read_log
from api.client._sync.resource import Resource
from api.client.client import place
from api.client.models import Channel, Event


class Channels(Resource):
    """What the service tells of itself: ``metrics``, ``alerts`` and others."""

    _path = "/v1/channels"

    def all(self) -> list[Channel]:
        return read_list(self._transport, self._path, Channel)

    def events(
        self, name: str, after: int | None = None, epoch: str = ""
    ) -> Iterator[Event]:
        """Yield what is told from now on, or from number `after` + 1; without end."""
        path = place(self._path, name, "events")
        return Follower(self._transport, path, after=after, epoch=epoch).events()

    def log(self, name: str, after: int = 0, epoch: str = "") -> Iterator[Event]:
        """Yield what was told, as far back as it is kept."""
        path = place(self._path, name, "events")
        return read_log(self._transport, path, after=after, epoch=epoch)
