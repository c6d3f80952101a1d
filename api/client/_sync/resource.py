# Made of api/client/_async/resource.py by `make client`: change that one.
"""What the resources of a client have in common: the verbs of REST."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from typing_extensions import override

from api.client._sync.pages import read_all
from api.client._sync.transport import Transport
from api.client.client import place
from api.client.models.answer import Answer

Member = TypeVar("Member", bound=Answer)


class Resource:
    """A part of a client: what it can do with one sort of thing."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._transport.base_url}>"


class Collection(Resource, Generic[Member]):
    """Things that are listed, and looked at by their ids."""

    _path: str
    _member: type[Member]

    def all(self, **filters: Any) -> Iterator[Member]:
        """Yield all, newest first; further pages are read as you iterate."""
        return read_all(self._transport, self._path, self._member, filters)

    def get(self, member_id: str) -> Member:
        response = self._transport.get(place(self._path, member_id))
        return self._member.model_validate_json(response.content)

    def _create(self, body: Any) -> Member:
        response = self._transport.post(self._path, body=body)
        return self._member.model_validate_json(response.content)

    def _bring(self, member_id: str, verb: str, body: Any = None) -> Member:
        """Post what leads to the same however often it is sent."""
        path = place(self._path, member_id, verb)
        response = self._transport.put_in_state(path, body=body)
        return self._member.model_validate_json(response.content)


class Editable(Collection[Member]):
    """Things that are changed and deleted, too."""

    def change(self, member_id: str, **fields: Any) -> Member:
        """Change these fields, and leave the rest as it is."""
        path = place(self._path, member_id)
        response = self._transport.patch(path, body=fields)
        return self._member.model_validate_json(response.content)

    def delete(self, member_id: str) -> None:
        self._transport.delete(place(self._path, member_id))


class Pausable(Editable[Member]):
    """Things that may be held for a while, too."""

    def pause(self, member_id: str) -> Member:
        return self._bring(member_id, "pause")

    def resume(self, member_id: str) -> Member:
        return self._bring(member_id, "resume")
