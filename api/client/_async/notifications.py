"""What one was told, and the numbers one wants to be told of."""

from typing import Any

from api.client._async.resource import AsyncCollection, AsyncEditable
from api.client.client import place
from api.client.models import Notification, Threshold


class AsyncNotifications(AsyncCollection[Notification]):
    """What you were told.

    `all` takes ``level``, ``type``, ``channel``, ``unread`` and ``since``.
    """

    _path = "/v1/notifications"
    _member = Notification

    async def mark_read(self, notification_id: str) -> Notification:
        return await self._mark(notification_id, read=True)

    async def mark_unread(self, notification_id: str) -> Notification:
        return await self._mark(notification_id, read=False)

    async def mark_all_read(self, up_to: str | None = None) -> int:
        """Mark all, or one and all before it; return how many were unread."""
        body = {} if up_to is None else {"up_to": up_to}
        response = await self._transport.put_in_state(f"{self._path}/read", body=body)
        return int(response.json()["read"])

    async def unread_count(self) -> int:
        """Return how many you have not read."""
        response = await self._transport.get(self._path, params={"limit": 1})
        return int(response.json()["unread"])

    async def _mark(self, notification_id: str, *, read: bool) -> Notification:
        path = place(self._path, notification_id)
        response = await self._transport.patch(path, body={"read": read})
        return Notification.model_validate_json(response.content)


class AsyncThresholds(AsyncEditable[Threshold]):
    """Numbers you want to be told of; `change` takes the fields of `create`."""

    _path = "/v1/thresholds"
    _member = Threshold

    async def create(
        self, name: str, *, watches: str, condition: str, **fields: Any
    ) -> Threshold:
        """Make a threshold.

        Parameters
        ----------
        name
            The notification begins with it.
        watches
            ``market:`` and a field, or ``calculation:`` and the id of a live one.
        condition
            ``above``, ``below``, ``outside`` or ``change_by``.
        **fields
            ``value``, or ``low`` and ``high``; ``pointer``, ``hysteresis``,
            ``cooldown_s``, ``level``, ``enabled``.
        """
        body = {"name": name, "watches": watches, "condition": condition, **fields}
        return await self._create(body)

    async def enable(self, threshold_id: str) -> Threshold:
        return await self._bring(threshold_id, "enable")

    async def disable(self, threshold_id: str) -> Threshold:
        return await self._bring(threshold_id, "disable")
