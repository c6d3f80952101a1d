# Made of api/client/_async/queues.py by `make client`: change that one.
"""What waits, and who works."""

from api.client._sync.pages import read_list
from api.client._sync.resource import Resource
from api.client.client import place
from api.client.models import Queue, WorkerList


class Queues(Resource):
    """What waits: ``interactive``, ``standard``, ``bulk``."""

    _path = "/v1/queues"

    def all(self) -> list[Queue]:
        return read_list(self._transport, self._path, Queue)

    def pause(self, name: str) -> Queue:
        """Let workers take none of its jobs; those that run go on."""
        return self._bring(name, "pause")

    def resume(self, name: str) -> Queue:
        return self._bring(name, "resume")

    def _bring(self, name: str, verb: str) -> Queue:
        path = place(self._path, name, verb)
        response = self._transport.put_in_state(path)
        return Queue.model_validate_json(response.content)


class Workers(Resource):
    """Who works."""

    def all(self) -> WorkerList:
        """Return those who have said within 16 s that they live."""
        response = self._transport.get("/v1/workers")
        return WorkerList.model_validate_json(response.content)
