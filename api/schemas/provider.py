"""Providers as operators send them, and as everyone sees them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.budget import BudgetStatus
from db.contracts.provider import (
    CheckOutcome,
    ErrorType,
    Origin,
    ProviderKind,
    ProviderState,
    Window,
)
from db.contracts.provider_input import (
    Category,
    CollectionInput,
    ExpectationInput,
    Name,
    ProviderInput,
    ProviderKeyInput,
    ProviderLimitInput,
    Url,
)
from db.contracts.registry_report import RegistryFault

EXAMPLE: dict[str, Any] = {
    "name": "CoinGecko",
    "category": "market_data",
    "url": "https://api.coingecko.com/api/v3/ping",
    "limits": [{"per": "minute", "calls": 50}],
    "expectation": {"pointer": "/gecko_says", "degraded_ms": 1500},
    "every_s": 60,
}


class NewProvider(ProviderInput):
    """An outside service that is to be watched."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    paused: bool = False
    """Whether it is not to be checked yet."""


class ProviderPatch(BaseModel):
    """What is to be changed, as a JSON merge patch (RFC 7396).

    A field that is left out stays as it is, also within ``key``, ``expectation`` and
    ``collection``; null takes a field back to what it is when nobody sends it.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"every_s": 30, "expectation": {"timeout_ms": 3000}}]
        },
    )

    # Made, not given: no default is published that could not be sent.
    name: Name = Field(default_factory=str)
    category: Category = Field(default_factory=str)
    url: Url = Field(default_factory=str)
    description: str | None = Field(None, max_length=1000)
    second_url: Url | None = None
    key: dict[str, Any] | None = None
    """Fields of a key; null: it needs none."""
    limits: list[ProviderLimitInput] | None = Field(None, max_length=4)
    """All of them."""
    expectation: dict[str, Any] | None = None
    """Fields of the expectation."""
    collection: dict[str, Any] | None = None
    """Fields of the collection; null: nothing is kept."""
    tier: int | None = Field(None, ge=1, le=3)
    every_s: float | None = Field(None, ge=1, le=86_400)


class ProviderKeyView(ProviderKeyInput):
    """Where the key is read and where it goes, and what may be shown of it."""

    is_set: bool
    """Whether this process was started with it."""
    masked: str | None
    """Its ends, the rest of it hidden; null where it is not set."""


class Circuit(BaseModel):
    """Whether it is asked as often as it is to be."""

    state: Literal["closed", "open"]
    """``open`` after many calls in a row without an answer: it is asked less often."""
    failures: int
    """Calls in a row without an answer."""
    open_until: str | None
    wait_until: str | None
    """It has asked to be left alone so long."""


class ProviderLinks(BaseModel):
    """Where to go from here."""

    self: str
    pause: str
    resume: str
    check: str
    checks: str
    changes: str
    statistics: str
    series: str


class ProviderView(BaseModel):
    """A provider: what is asked of it, and how it stands."""

    id: str
    name: str
    kind: ProviderKind
    """``internal`` is a part of the service itself."""
    origin: Origin
    """Who has named it: the ``api``, the ``registry`` file or the ``service``."""
    category: str
    description: str
    url: str
    second_url: str
    key: ProviderKeyView | None
    limits: list[ProviderLimitInput]
    expectation: ExpectationInput
    collection: CollectionInput | None
    tier: int
    every_s: float
    paused: bool
    left_at: str | None
    """Since when the registry file does not name it any more; it is paused then."""
    state: ProviderState
    state_since: str
    level: ProviderState
    """What the latest check has shown; the state follows after a few of them."""
    checks: int
    """How many were made: the number of the latest."""
    last_check_at: str | None
    last_success_at: str | None
    last_collected_at: str | None
    last_response_ms: float | None
    last_error_type: ErrorType | None
    last_error: str | None
    on_second: bool
    """Whether it is asked at its second place."""
    circuit: Circuit
    next_check_at: str | None
    """Null while it is paused."""
    version: int
    """One more with each change of what is asked."""
    created_at: str
    updated_at: str
    links: ProviderLinks


class ProviderPage(BaseModel):
    """Providers, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[ProviderView]
    next: str


class CheckView(BaseModel):
    """One question to a provider, and what came of it."""

    number: int
    due_at: str
    at: str
    """When it began."""
    endpoint: str
    """What was asked; without keys."""
    outcome: CheckOutcome
    level: ProviderState | None
    """What it has shown; null where no call was made."""
    response_ms: float | None
    http_status: int | None
    error_type: ErrorType | None
    error: str | None
    size_bytes: int
    retries: int
    """Further calls that were made at once, such as to the second place."""
    retry_result: CheckOutcome | None


class CheckPage(BaseModel):
    """Checks, newest first. An empty ``next`` is the end, nothing else is."""

    items: list[CheckView]
    next: str


class ChangeView(BaseModel):
    """From the moment ``at`` on the provider was in ``new_state``."""

    id: str
    at: str
    check_number: int
    """The check that decided it, or the latest before it was paused or changed."""
    old_state: ProviderState
    new_state: ProviderState
    reason: str
    response_ms: float | None


class ChangePage(BaseModel):
    """Changes of state, newest first. An empty ``next`` is the end."""

    items: list[ChangeView]
    next: str


class CollectionView(BaseModel):
    """The numbers of one check, or why there are none."""

    number: int
    at: str
    data_at: str | None
    """What moment the numbers are of."""
    values: dict[str, float | None]
    """By series; what was not there is null."""
    quality: float
    """From 0 to 1."""
    staleness_s: float | None
    on_schedule: bool
    skip_reason: str | None
    size_bytes: int


class CollectionPage(BaseModel):
    """What was collected, newest first. An empty ``next`` is the end."""

    items: list[CollectionView]
    next: str


class StatisticsWindow(BaseModel):
    """What the numbers are of: from ``begin`` to ``end``."""

    begin: str
    end: str
    hours: float


class AttemptNumbers(BaseModel):
    """Checks that began in the window."""

    calls: int
    """Those that were made: all but the blocked ones."""
    success: int
    failed: int
    timeout: int
    rate_limited: int
    blocked: int
    """No call was made: the budget was spent, or the provider asked to wait."""
    success_rate: float | None
    """Of the calls, from 0 to 1; null where there was none."""
    retried: int
    """Checks that took further calls at once."""
    retried_well: int
    """Of them those that came to a success."""
    errors: dict[str, int]
    """By type."""
    bytes: int


class ResponseNumbers(BaseModel):
    """How long answers took; null where there was none."""

    answers: int
    mean: float | None
    p50: float | None
    """Quantiles are right within 1 %."""
    p95: float | None
    p99: float | None


class UptimeNumbers(BaseModel):
    """Shares of the time in which its state is known; null where none is."""

    up: float | None
    """Not offline: online or degraded."""
    online: float | None
    degraded: float | None
    offline: float | None
    known_s: float


class CollectedNumbers(BaseModel):
    """What was collected in the window."""

    collections: int
    records: int
    bytes: int
    skipped: int
    mean_quality: float | None
    """From 0 to 1."""
    mean_staleness_s: float | None


class BudgetView(BaseModel):
    """How much of a window's calls is used up now."""

    per: Window
    calls: int
    used: int
    percentage: float
    status: BudgetStatus
    resets_at: str


class StatisticsView(BaseModel):
    """What a provider was like in a window, and how its budgets stand now."""

    id: str
    name: str
    window: StatisticsWindow
    attempts: AttemptNumbers
    response_ms: ResponseNumbers
    uptime: UptimeNumbers
    collected: CollectedNumbers
    budgets: list[BudgetView]
    circuit: Circuit


class RegistryView(BaseModel):
    """What a courier has read last of the file and the sets that name providers."""

    read_at: str | None
    """Null where none has read them in the last two minutes."""
    file: str | None
    """As this process knows it, like the sets."""
    sets: list[str]
    known_sets: list[str]
    providers: int
    """Descriptions that are right."""
    faults: list[RegistryFault]
    """All that is wrong: those providers stay what they were."""
