# Made of api/client/_async/notifications.py by `make client`: change that one.
"""What one was told, and the numbers one wants to be told of."""

from typing import Any

from api.client._sync.resource import Collection, Editable
from api.client.client import place
from api.client.models import Notification, Threshold


class Notifications(Collection[Notification]):
    """What you were told.

    `all` takes ``level``, ``type``, ``channel``, ``unread`` and ``since``.
    """

    _path = "/v1/notifications"
    _member = Notification

    def mark_read(self, notification_id: str) -> Notification:
        return self._mark(notification_id, read=True)

    def mark_unread(self, notification_id: str) -> Notification:
        return self._mark(notification_id, read=False)

    def mark_all_read(self, up_to: str | None = None) -> int:
        """Mark all, or one and all before it; return how many were unread."""
        body = {} if up_to is None else {"up_to": up_to}
        response = self._transport.put_in_state(f"{self._path}/read", body=body)
        return int(response.json()["read"])

    def unread_count(self) -> int:
        """Return how many you have not read."""
        response = self._transport.get(self._path, params={"limit": 1})
        return int(response.json()["unread"])

    def _mark(self, notification_id: str, *, read: bool) -> Notification:
        path = place(self._path, notification_id)
        response = self._transport.patch(path, body={"read": read})
        return Notification.model_validate_json(response.content)


class Thresholds(Editable[Threshold]):
    """Numbers you want to be told of; `change` takes the fields of `create`."""

    _path = "/v1/thresholds"
    _member = Threshold

    def create(
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
        return self._create(body)

    def enable(self, threshold_id: str) -> Threshold:
        return self._bring(threshold_id, "enable")

    def disable(self, threshold_id: str) -> Threshold:
        return self._bring(threshold_id, "disable")
