"""Webhooks: where the events of one's jobs are told, and what became of each."""

from collections.abc import AsyncIterator
from typing import Any

from api.client._async.pages import read_all
from api.client._async.resource import AsyncPausable
from api.client.client import place
from api.client.models import Delivery, FetchedDelivery, NewWebhook, Webhook


class AsyncWebhooks(AsyncPausable[Webhook]):
    """Where the events of your jobs are told.

    `change` takes ``url``, ``events``, ``payload`` and ``description``; while one is
    paused what is owed to it is held; with it, all that is owed to it is deleted.
    """

    _path = "/v1/webhooks"
    _member = Webhook

    async def create(self, url: str | None = None, **fields: Any) -> NewWebhook:
        """Make a webhook; only this answer has its secret.

        ``mode`` (``pull`` needs no `url`), ``events``, ``payload``, ``description``,
        ``secret``.
        """
        body = fields if url is None else {"url": url, **fields}
        response = await self._transport.post(self._path, body=body)
        return NewWebhook.model_validate_json(response.content)

    async def rotate(self, webhook_id: str, **fields: Any) -> NewWebhook:
        """Sign with a new secret; the old ones sign too, for ``keep_old_s`` seconds."""
        path = place(self._path, webhook_id, "rotate-secret")
        response = await self._transport.post(path, body=fields)
        return NewWebhook.model_validate_json(response.content)

    async def test(self, webhook_id: str) -> str:
        """Send it a ``webhook.test``, once; return the delivery's id."""
        path = place(self._path, webhook_id, "test")
        response = await self._transport.post(path)
        return str(response.json()["delivery_id"])

    async def recover(self, webhook_id: str, since: Any) -> int:
        """Owe again what it missed since then, in RFC 3339; return how much."""
        path = place(self._path, webhook_id, "recover")
        response = await self._transport.post(path, body={"since": since})
        return int(response.json()["recovered"])

    def deliveries(self, webhook_id: str, **filters: Any) -> AsyncIterator[Delivery]:
        """Yield what was ever owed to it, newest first: ``state``."""
        path = place(self._path, webhook_id, "deliveries")
        return read_all(self._transport, path, Delivery, filters)

    async def delivery(self, delivery_id: str) -> Delivery:
        response = await self._transport.get(place("/v1/deliveries", delivery_id))
        return Delivery.model_validate_json(response.content)

    async def resend(self, delivery_id: str) -> Delivery:
        """Send it again, whatever became of it."""
        path = place("/v1/deliveries", delivery_id, "resend")
        response = await self._transport.post(path)
        return Delivery.model_validate_json(response.content)

    async def fetch(self, webhook_id: str, *, limit: int = 10) -> list[FetchedDelivery]:
        """Take what is owed to a webhook of mode ``pull``; say what came of each."""
        path = place(self._path, webhook_id, "fetch")
        response = await self._transport.post(path, body={"limit": limit})
        items = response.json()["items"]
        return [FetchedDelivery.model_validate(item) for item in items]

    async def settle(self, fetched: FetchedDelivery, **outcome: Any) -> Delivery:
        """Say what came of it.

        ``duration_ms``, and ``status_code`` or ``error``; ``response_head``.
        """
        path = place("/v1/deliveries", fetched.id, "outcome")
        body = {"number": fetched.number, **outcome}
        response = await self._transport.post(path, body=body)
        return Delivery.model_validate_json(response.content)
