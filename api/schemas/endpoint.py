"""Webhooks as their owners make and see them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.job import MAX_URL_LENGTH, MilestoneName, Secret
from api.schemas.schedule import Instant
from db.contracts.delivery import EndpointState, Form, Mode
from db.contracts.kinds.solve import Strict

DAY_SECONDS = 86_400
MAX_FETCHED = 100
NoticeName = Literal[
    "webhook.disabled",
    "notification.sent",
    "provider.down",
    "provider.degraded",
    "provider.up",
    "budget.warned",
    "alert.raised",
    "alert.resolved",
    "alert.acknowledged",
]
EventName = MilestoneName | NoticeName
EventNames = Annotated[list[EventName], Field(min_length=1, max_length=30)]
Url = Annotated[str, Field(min_length=1, max_length=MAX_URL_LENGTH)]
PLAIN = r"^[^\x00]*$"
"""Databases refuse the NUL character in text."""
Description = Annotated[str, Field(max_length=500, pattern=PLAIN)]
FormName = Literal["thin", "full"]


class EndpointInput(Strict):
    """A webhook that is to be made: it hears of the events of all your jobs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://example.com/solvequeue",
                    "events": ["job.succeeded", "job.failed", "webhook.disabled"],
                    "payload": "thin",
                    "description": "planning, production",
                },
                {"mode": "pull"},
            ]
        }
    )

    url: Url | None = None
    """Where it is told; none if you fetch."""
    mode: Literal["push", "pull"] = "push"
    """``pull``: nothing is sent; you fetch what is owed and say what came of it."""
    events: EventNames | None = None
    """Which; without it what ends a job, a batch or a benchmark, and
    ``webhook.disabled``."""
    payload: FormName = "thin"
    """``full`` is the event byte for byte as in the log; ``thin`` has ids, state,
    objective, gap and links."""
    description: Description = ""
    secret: Secret | None = None
    """Signs what is sent; without it one is made."""


class EndpointPatch(BaseModel):
    """What is to be changed; a field that is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"payload": "full"}]},
    )

    # Made, not given: no default is published that could not be sent.
    url: Url = Field(default_factory=str)
    events: EventNames = Field(default_factory=list)
    payload: FormName = "thin"
    description: Description = ""


class RotateInput(Strict):
    """How a secret is replaced."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"keep_old_s": 0}]})

    secret: Secret | None = None
    """The new one; without it one is made."""
    keep_old_s: int = Field(DAY_SECONDS, ge=0, le=DAY_SECONDS)
    """For how long the old ones sign too; 0 where one has become known."""


class RecoverInput(BaseModel):
    """What is to be owed again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"since": "2026-11-22T00:00:00Z"}]},
    )

    since: Instant
    """Deliveries that were first owed at this time or later."""


class RecoveredView(BaseModel):
    """How many deliveries are owed again."""

    recovered: int


class EndpointLinks(BaseModel):
    """Where to go from here."""

    self: str
    deliveries: str
    pause: str
    resume: str
    test: str
    rotate_secret: str
    recover: str


class EndpointView(BaseModel):
    """A webhook, without its secret."""

    id: str
    mode: Mode
    url: str | None
    events: list[str]
    payload: Form
    description: str
    state: EndpointState
    disabled_reason: str | None
    failing_since: str | None
    """When the first of the latest attempts was made that have all failed."""
    old_secrets_until: list[str]
    """Until when each old secret signs too."""
    created_at: str
    updated_at: str
    links: EndpointLinks


class NewEndpointView(EndpointView):
    """A webhook with a new secret."""

    secret: str
    """All of it: this once."""


class EndpointPage(BaseModel):
    """Webhooks, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[EndpointView]
    next: str


class FetchInput(Strict):
    """How much is fetched at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"limit": 5}]})

    limit: int = Field(10, ge=1, le=MAX_FETCHED)


class FetchedView(BaseModel):
    """A request for you to make: these headers and exactly these bytes."""

    id: str
    number: int
    """Of the attempt, which is yours for a minute: say what came of it."""
    event_type: str
    headers: dict[str, str]
    body: str


class FetchedPage(BaseModel):
    """What was fetched, the longest due first."""

    items: list[FetchedView]


class OutcomeInput(Strict):
    """What came of a request that you made: a status code, or why there is none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"number": 1, "status_code": 204, "duration_ms": 12.5},
                {"number": 1, "error": "connection refused", "duration_ms": 0.4},
            ]
        }
    )

    number: int = Field(ge=1, lt=2**53)
    duration_ms: float = Field(ge=0, le=1e9)
    status_code: int | None = Field(None, ge=100, le=599)
    error: str | None = Field(None, min_length=1, max_length=1024, pattern=PLAIN)
    response_head: str | None = Field(None, max_length=1024, pattern=PLAIN)
