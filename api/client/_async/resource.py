"""What the resources of a client have in common: the verbs of REST."""

from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

from typing_extensions import override

from api.client._async.pages import read_all
from api.client._async.transport import AsyncTransport
from api.client.client import place
from api.client.models.answer import Answer

Member = TypeVar("Member", bound=Answer)


class AsyncResource:
    """A part of a client: what it can do with one sort of thing."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._transport.base_url}>"


class AsyncCollection(AsyncResource, Generic[Member]):
    """Things that are listed, and looked at by their ids."""

    _path: str
    _member: type[Member]

    def all(self, **filters: Any) -> AsyncIterator[Member]:
        """Yield all, newest first; further pages are read as you iterate."""
        return read_all(self._transport, self._path, self._member, filters)

    async def get(self, member_id: str) -> Member:
        response = await self._transport.get(place(self._path, member_id))
        return self._member.model_validate_json(response.content)

    async def _create(self, body: Any) -> Member:
        response = await self._transport.post(self._path, body=body)
        return self._member.model_validate_json(response.content)

    async def _bring(self, member_id: str, verb: str, body: Any = None) -> Member:
        """Post what leads to the same however often it is sent."""
        path = place(self._path, member_id, verb)
        response = await self._transport.put_in_state(path, body=body)
        return self._member.model_validate_json(response.content)


class AsyncEditable(AsyncCollection[Member]):
    """Things that are changed and deleted, too."""

    async def change(self, member_id: str, **fields: Any) -> Member:
        """Change these fields, and leave the rest as it is."""
        path = place(self._path, member_id)
        response = await self._transport.patch(path, body=fields)
        return self._member.model_validate_json(response.content)

    async def delete(self, member_id: str) -> None:
        await self._transport.delete(place(self._path, member_id))


class AsyncPausable(AsyncEditable[Member]):
    """Things that may be held for a while, too."""

    async def pause(self, member_id: str) -> Member:
        return await self._bring(member_id, "pause")

    async def resume(self, member_id: str) -> Member:
        return await self._bring(member_id, "resume")
