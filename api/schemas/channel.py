"""Channels as they are listed."""

from pydantic import BaseModel

from db.contracts.channel import ChannelName


class ChannelView(BaseModel):
    """One channel; its name is also what a socket subscribes to."""

    name: ChannelName
    summary: str
    events: str
    """Where its events are."""


class ChannelList(BaseModel):
    """All channels."""

    items: list[ChannelView]
