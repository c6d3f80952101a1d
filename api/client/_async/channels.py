"""What the service tells of itself."""

from collections.abc import AsyncIterator

from api.client._async.follow import AsyncFollower
from api.client._async.pages import read_list, read_log
from api.client._async.resource import AsyncResource
from api.client.client import place
from api.client.models import Channel, Event


class AsyncChannels(AsyncResource):
    """What the service tells of itself: ``metrics``, ``alerts`` and others."""

    _path = "/v1/channels"

    async def all(self) -> list[Channel]:
        return await read_list(self._transport, self._path, Channel)

    def events(
        self, name: str, after: int | None = None, epoch: str = ""
    ) -> AsyncIterator[Event]:
        """Yield what is told from now on, or from number `after` + 1; without end."""
        path = place(self._path, name, "events")
        return AsyncFollower(self._transport, path, after=after, epoch=epoch).events()

    def log(self, name: str, after: int = 0, epoch: str = "") -> AsyncIterator[Event]:
        """Yield what was told, as far back as it is kept."""
        path = place(self._path, name, "events")
        return read_log(self._transport, path, after=after, epoch=epoch)
