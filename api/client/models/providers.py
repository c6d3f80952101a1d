"""Who is watched, and how they are."""

from typing import Any

from api.client.models.answer import Answer


class Circuit(Answer):
    """Whether a provider is left alone for a while."""

    state: str
    failures: int
    open_until: str | None = None
    wait_until: str | None = None


class ProviderKey(Answer):
    """The variable that has a provider's key; never the key."""

    environment: str
    is_set: bool
    masked: str | None = None
    place: str | None = None
    name: str | None = None


class Provider(Answer):
    """An outside service, or a part of this one, that is watched."""

    id: str
    name: str
    category: str
    kind: str
    origin: str
    state: str
    state_since: str
    level: str
    url: str
    second_url: str = ""
    on_second: bool = False
    description: str = ""
    tier: int
    every_s: float
    paused: bool
    key: ProviderKey | None = None
    limits: list[dict[str, Any]] = []
    expectation: dict[str, Any] = {}
    collection: dict[str, Any] | None = None
    circuit: Circuit
    checks: int
    last_check_at: str | None = None
    last_success_at: str | None = None
    last_collected_at: str | None = None
    last_response_ms: float | None = None
    last_error_type: str | None = None
    last_error: str | None = None
    next_check_at: str | None = None
    left_at: str | None = None
    version: int
    created_at: str
    updated_at: str


class Check(Answer):
    """One time that a provider was asked."""

    number: int
    due_at: str
    at: str
    endpoint: str
    outcome: str
    level: str | None = None
    response_ms: float | None = None
    http_status: int | None = None
    error_type: str | None = None
    error: str | None = None
    size_bytes: int
    retries: int
    retry_result: str | None = None


class Change(Answer):
    """A provider's state, before and after."""

    id: str
    at: str
    check_number: int
    old_state: str
    new_state: str
    reason: str
    response_ms: float | None = None


class Collected(Answer):
    """Numbers that were fetched together."""

    number: int
    at: str
    data_at: str | None = None
    values: dict[str, float | None]
    quality: float
    staleness_s: float | None = None
    on_schedule: bool
    skip_reason: str | None = None
    size_bytes: int


class Window(Answer):
    """From when to when."""

    begin: str
    end: str
    hours: float


class Attempts(Answer):
    """How often a provider was asked, and what came of it."""

    calls: int
    success: int
    failed: int
    timeout: int
    rate_limited: int
    blocked: int
    retried: int
    retried_well: int
    success_rate: float | None = None
    errors: dict[str, int] = {}
    bytes: int


class ResponseTimes(Answer):
    """How long answers took, in milliseconds."""

    answers: int
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Uptime(Answer):
    """Shares of the time in which a provider's state was known."""

    known_s: float
    online: float | None = None
    degraded: float | None = None
    offline: float | None = None
    up: float | None = None


class CollectedNumbers(Answer):
    """How much was collected, and how fresh it was."""

    collections: int
    records: int
    skipped: int
    bytes: int
    mean_quality: float | None = None
    mean_staleness_s: float | None = None


class Budget(Answer):
    """How many calls a provider allows, and how many are gone."""

    per: str
    calls: int
    used: int
    percentage: float
    status: str
    resets_at: str


class ProviderStatistics(Answer):
    """What is known of a provider in a window."""

    id: str
    name: str
    window: Window
    attempts: Attempts
    response_ms: ResponseTimes
    uptime: Uptime
    collected: CollectedNumbers
    budgets: list[Budget]
    circuit: Circuit


class Registry(Answer):
    """What the file and the sets that name providers say."""

    read_at: str | None = None
    file: str | None = None
    sets: list[str]
    known_sets: list[str]
    providers: int
    faults: list[dict[str, Any]]
