"""Notifications as those who are told see them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.channel import ChannelName
from db.contracts.kinds.solve import Strict
from db.contracts.notification import Level

NotificationType = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\w+$")]


class NotificationLinks(BaseModel):
    """Where to go from here."""

    self: str
    subject: str | None
    """What it is about, where that has a path."""


class NotificationView(BaseModel):
    """One notification."""

    id: str
    notification_type: str
    level: Level
    channel: ChannelName
    """Where what it tells of belongs."""
    subject: str
    """The id of what it is about; empty where nothing has one."""
    message: str
    data: dict[str, Any]
    read: bool
    read_at: str | None
    created_at: str
    links: NotificationLinks


class NotificationPage(BaseModel):
    """Notifications, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[NotificationView]
    next: str
    unread: int
    """How many you have not read, whatever the page shows."""


class NotificationPatch(BaseModel):
    """Whether it counts as read."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"read": True}]}
    )

    read: bool


class ReadInput(Strict):
    """Which are read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{}, {"up_to": "ntf_9ab05a9d2fd9a14ba54a7b1a3d5cf0a9"}]
        }
    )

    up_to: Annotated[str, Field(pattern=r"^ntf_[0-9a-f]{32}$")] | None = None
    """This one and all before it; without it all."""


class ReadView(BaseModel):
    """What came of it."""

    read: int
    """How many had not been read."""
    unread: int
    """How many still are not."""
