"""The frames of ``solve.v1``, the protocol of /v1/ws: each is one JSON object.

A server of a later version may know more fields: clients pass over those that they do
not know, as the service does with theirs.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.event import EventType

MAX_ID = 100
MAX_TOPIC = 200
MAX_SEQUENCE = 2**53
"""What every JSON reader can count to."""
TOPIC_PATTERN = r"^[a-z_]+(:[\w.-]+)?$"


class ClientFrame(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)


class ServerFrame(BaseModel):
    """What the service sends."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Init(ClientFrame):
    """The first frame: who follows."""

    type: Literal["init"] = "init"
    token: str | None = None
    """An API key, a token, or a stream token, for clients that can set no header."""


class Subscribe(ClientFrame):
    """A wish to follow a topic."""

    type: Literal["subscribe"] = "subscribe"
    id: str = Field(min_length=1, max_length=MAX_ID)
    """The client's own name for it; every frame about it has this id."""
    topic: str = Field(min_length=3, max_length=MAX_TOPIC, pattern=TOPIC_PATTERN)
    """``job:{id}``, ``batch:{id}``, ``benchmark:{id}``, or a channel's bare name."""
    after: int | None = Field(None, ge=0, le=MAX_SEQUENCE)
    """The last sequence seen; without it the snapshot is where the tail begins."""
    epoch: str = Field("", max_length=64)
    """That of the event with this sequence: where ``after`` counts."""
    types: list[EventType] | None = Field(None, min_length=1, max_length=100)
    """Only events of these types; without it all of them."""


class Unsubscribe(ClientFrame):
    """The wish not to follow it any longer."""

    type: Literal["unsubscribe"] = "unsubscribe"
    id: str = Field(min_length=1, max_length=MAX_ID)


class Ping(ClientFrame):
    """Asks whether the service is there."""

    type: Literal["ping"] = "ping"


class ReadyLimits(ServerFrame):
    """How much one socket may ask for."""

    topics: int
    """How many subscriptions at once."""


class Ready(ServerFrame):
    """The client is known; it may subscribe."""

    type: Literal["ready"] = "ready"
    limits: ReadyLimits


class SnapshotFrame(ServerFrame):
    """How things stand at a sequence; the events that follow begin after it."""

    type: Literal["snapshot"] = "snapshot"
    id: str
    sequence: int = Field(ge=0)
    epoch: str
    recovered: bool
    """Whether the events that follow join what the client had seen."""
    state: Any
    """Of a job the job, as ``GET /v1/jobs/{id}`` has it; of a channel its latest."""


class EventFrame(ServerFrame):
    """One event of the log, as every door shows it."""

    type: Literal["event"] = "event"
    id: str
    event: dict[str, Any]


class End(ServerFrame):
    """The log has ended: nothing follows, and the id is free again."""

    type: Literal["end"] = "end"
    id: str


class FrameProblem(ServerFrame):
    """What is wrong, and what to do."""

    type: str
    """Leads to the page that explains it."""
    detail: str
    suggestion: str


class ErrorFrame(ServerFrame):
    """A frame could not be done; the socket stays open unless a close follows."""

    type: Literal["error"] = "error"
    id: str | None = None
    """That of the frame or the subscription it is about, where that has one."""
    message: str
    problem: FrameProblem


class Pong(ServerFrame):
    """The answer to a ping."""

    type: Literal["pong"] = "pong"


CLOSE_CODES: dict[int, str] = {
    1008: "a page of another origin opened it",
    1011: "the client answered no WebSocket ping for 20 s",
    1013: "the database is away; try later",
    4001: "the service restarts; come back",
    4002: "more than 1 MiB waits for the client; come back with the position",
    4003: "the event server or the database was away when a subscription began; come "
    "back with the position",
    4400: "a frame of more than 1 MiB",
    4401: "a key or token is needed, or this one is not good, or no longer",
    4403: "it does not have the scope `jobs:read`",
    4408: "no init within 5 s",
    4429: "too many frames, open streams of one caller, or keys and tokens from this "
    "address that were not good; try later",
}

CLIENT_FRAMES: tuple[type[ClientFrame], ...] = (Init, Subscribe, Unsubscribe, Ping)
SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    Ready,
    SnapshotFrame,
    EventFrame,
    End,
    ErrorFrame,
    Pong,
)
