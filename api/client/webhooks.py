"""Webhooks: where the events of one's jobs are told, and what became of each."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from api.client.models import (
    Delivery,
    FetchedDelivery,
    NewWebhook,
    Webhook,
)
from api.client.transport import Transport

PATH = "/v1/webhooks"


class Webhooks:
    """The part of a client that is about webhooks."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, url: str | None = None, **fields: Any) -> NewWebhook:
        """Make a webhook; only this answer has its secret.

        ``mode`` (``pull`` needs no `url`), ``events``, ``payload``, ``description``,
        ``secret``.
        """
        body = fields if url is None else {"url": url, **fields}
        response = self._transport.post(PATH, body=body)
        return NewWebhook.model_validate_json(response.content)

    def all(self) -> Iterator[Webhook]:
        """Yield webhooks, newest first."""
        for item in self._pages(PATH, {}):
            yield Webhook.model_validate(item)

    def get(self, webhook_id: str) -> Webhook:
        response = self._transport.get(_path(webhook_id))
        return Webhook.model_validate_json(response.content)

    def change(self, webhook_id: str, **fields: Any) -> Webhook:
        """Change ``url``, ``events``, ``payload`` or ``description``."""
        response = self._transport.patch(_path(webhook_id), body=fields)
        return Webhook.model_validate_json(response.content)

    def delete(self, webhook_id: str) -> None:
        """Forget a webhook and all that is owed to it."""
        self._transport.delete(_path(webhook_id))

    def pause(self, webhook_id: str) -> Webhook:
        """Hold what is owed to it, until it is resumed."""
        response = self._transport.post(f"{_path(webhook_id)}/pause")
        return Webhook.model_validate_json(response.content)

    def resume(self, webhook_id: str) -> Webhook:
        """Send what was held, and go on."""
        response = self._transport.post(f"{_path(webhook_id)}/resume")
        return Webhook.model_validate_json(response.content)

    def rotate(self, webhook_id: str, **fields: Any) -> NewWebhook:
        """Sign with a new secret; the old ones sign too, for ``keep_old_s`` seconds."""
        response = self._transport.post(
            f"{_path(webhook_id)}/rotate-secret", body=fields
        )
        return NewWebhook.model_validate_json(response.content)

    def test(self, webhook_id: str) -> str:
        """Send it a ``webhook.test``, once; return the delivery's id."""
        response = self._transport.post(f"{_path(webhook_id)}/test")
        return str(response.json()["delivery_id"])

    def recover(self, webhook_id: str, since: str) -> int:
        """Owe again what it missed since then, in RFC 3339; return how much."""
        response = self._transport.post(
            f"{_path(webhook_id)}/recover", body={"since": since}
        )
        return int(response.json()["recovered"])

    def deliveries(self, webhook_id: str, **filters: str | int) -> Iterator[Delivery]:
        """Yield what was ever owed to it, newest first: ``state``."""
        for item in self._pages(f"{_path(webhook_id)}/deliveries", filters):
            yield Delivery.model_validate(item)

    def delivery(self, delivery_id: str) -> Delivery:
        response = self._transport.get(_delivery_path(delivery_id))
        return Delivery.model_validate_json(response.content)

    def resend(self, delivery_id: str) -> Delivery:
        """Send it again, whatever became of it."""
        response = self._transport.post(f"{_delivery_path(delivery_id)}/resend")
        return Delivery.model_validate_json(response.content)

    def fetch(self, webhook_id: str, *, limit: int = 10) -> list[FetchedDelivery]:
        """Take what is owed to a webhook of mode ``pull``; say what came of each."""
        response = self._transport.post(
            f"{_path(webhook_id)}/fetch", body={"limit": limit}
        )
        items = response.json()["items"]
        return [FetchedDelivery.model_validate(item) for item in items]

    def settle(self, fetched: FetchedDelivery, **outcome: Any) -> Delivery:
        """Say what came of it.

        ``duration_ms``, and ``status_code`` or ``error``; ``response_head``.
        """
        response = self._transport.post(
            f"{_delivery_path(fetched.id)}/outcome",
            body={"number": fetched.number, **outcome},
        )
        return Delivery.model_validate_json(response.content)

    def _pages(self, path: str, filters: dict[str, str | int]) -> Iterator[Any]:
        params: dict[str, str | int] = dict(filters)
        while True:
            page = self._transport.get(path, params=params).json()
            yield from page["items"]
            if not page["next"]:
                return
            params["after"] = page["next"]


def _path(webhook_id: str) -> str:
    return f"{PATH}/{quote(webhook_id, safe='')}"


def _delivery_path(delivery_id: str) -> str:
    return f"/v1/deliveries/{quote(delivery_id, safe='')}"
