"""What waits, and who works."""

from api.client._async.pages import read_list
from api.client._async.resource import AsyncResource
from api.client.client import place
from api.client.models import Queue, WorkerList


class AsyncQueues(AsyncResource):
    """What waits: ``interactive``, ``standard``, ``bulk``."""

    _path = "/v1/queues"

    async def all(self) -> list[Queue]:
        return await read_list(self._transport, self._path, Queue)

    async def pause(self, name: str) -> Queue:
        """Let workers take none of its jobs; those that run go on."""
        return await self._bring(name, "pause")

    async def resume(self, name: str) -> Queue:
        return await self._bring(name, "resume")

    async def _bring(self, name: str, verb: str) -> Queue:
        path = place(self._path, name, verb)
        response = await self._transport.put_in_state(path)
        return Queue.model_validate_json(response.content)


class AsyncWorkers(AsyncResource):
    """Who works."""

    async def all(self) -> WorkerList:
        """Return those who have said within 16 s that they live."""
        response = await self._transport.get("/v1/workers")
        return WorkerList.model_validate_json(response.content)
