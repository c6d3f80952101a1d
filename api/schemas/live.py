"""The sockets of the earlier servers, as their operators see them."""

from pydantic import BaseModel, ConfigDict, JsonValue, RootModel


class SocketView(BaseModel):
    """One open socket; who it is, is not told."""

    client_id: str
    connected_at: str
    last_ping: str
    """When its client last showed that it lives."""


class SocketStats(BaseModel):
    """The sockets of all processes at /ws and /ws/live."""

    active_connections: int
    connections: list[SocketView]
    """At most the latest thousand."""
    background_tasks_running: bool
    """Whether what all are told is made; false while Redis is away, and then the
    sockets are those of one process."""
    timestamp: str


class ConnectionCount(BaseModel):
    """How many sockets are open at /ws and /ws/live."""

    active_connections: int


class Broadcast(RootModel[dict[str, JsonValue]]):
    """Any JSON object, of at most 64 KiB."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"type": "test", "message": "hello"}]}
    )


class BroadcastDone(BaseModel):
    """That it was sent."""

    status: str
    connections: int
    """How many follow."""
