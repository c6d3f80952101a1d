"""Providers: what is watched, how a check of one is judged, and when its state changes.

A *check* is one question to a provider and what came of it. It shows a *level*; the
provider's *state* follows once enough checks in a row have shown another one.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from db.contracts.payload import Payload

MASK_KEEPS = 4
"""So many characters of a key are shown, and of a short one none."""


class ProviderKind(StrEnum):
    """How a provider is asked."""

    HTTP = "http"
    INTERNAL = "internal"
    """A part of the service itself, such as its database."""


class Origin(StrEnum):
    """Who has named a provider."""

    API = "api"
    REGISTRY = "registry"
    """The registry file."""
    SERVICE = "service"
    """The service: its own parts."""


class ProviderState(StrEnum):
    """How a provider is."""

    UNKNOWN = "unknown"
    """It has not been asked yet, or not since it was paused or is asked elsewhere."""
    ONLINE = "online"
    DEGRADED = "degraded"
    """It answers, but late, or not with what is expected."""
    OFFLINE = "offline"


class CheckOutcome(StrEnum):
    """What came of one check."""

    SUCCESS = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    """The provider refused it, for it was asked too often."""
    BLOCKED = "blocked"
    """No call was made: the budget is spent, or the provider asked to wait."""


class ErrorType(StrEnum):
    """Why a check did not succeed."""

    TIMEOUT = "timeout"
    NETWORK = "network"
    """No connection, or it broke."""
    TLS = "tls"
    """Its certificate is not to be trusted, or no cipher is shared."""
    FORBIDDEN_ADDRESS = "forbidden_address"
    """The address guard refused it."""
    STATUS = "status"
    """Another status than those expected."""
    CONTENT = "content"
    """No JSON, or nothing where the pointer points."""
    RATE_LIMITED = "rate_limited"
    SLOW = "slow"
    """The right answer, too late."""
    BUDGET = "budget"
    """The own budget is spent."""
    ASKED_TO_WAIT = "asked_to_wait"
    """The provider has asked to be left alone for a while."""
    CIRCUIT_OPEN = "circuit_open"
    """It failed so often in a row that it is asked less often."""
    NO_KEY = "no_key"
    """The environment does not have the key that it needs."""
    PART = "part"
    """A part of the service says what is wrong with it."""


class Window(StrEnum):
    """For how long calls are counted together; windows begin with the clock, UTC."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """Its length."""
        return {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}[self.value]


class _Words(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Limit(_Words):
    """How many calls a provider allows in a window."""

    per: Window
    calls: int = Field(ge=1, le=10_000_000)


class Key(_Words):
    """Where a provider's key is read, and where it goes; the key itself is nowhere."""

    environment: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")
    """The variable that has it, such as ``ETHERSCAN_KEY_1``."""
    place: Literal["header", "query", "bearer"] = "header"
    name: str = Field("", max_length=100, pattern=r"^[A-Za-z0-9_-]*$")
    """Of the header or of the query's parameter."""


class Collection(_Words):
    """Which numbers of an answer are kept as series."""

    series: dict[str, str] = Field(min_length=1, max_length=20)
    """A JSON pointer for each name."""
    data_time: str = ""
    """A JSON pointer to the moment that the numbers are of, in seconds or RFC 3339;
    without it, the moment at which they were fetched."""
    stale_after_s: float = Field(900.0, gt=0)
    """Older numbers than this are stale."""


class Expectation(_Words):
    """When an answer is what it should be, and how fast it has to be."""

    statuses: tuple[int, ...] = Field((200,), min_length=1, max_length=20)
    pointer: str = Field("", max_length=500)
    """A JSON pointer to what has to be there; empty: anything will do."""
    timeout_ms: int = Field(10_000, ge=100, le=60_000)
    degraded_ms: int = Field(2_000, ge=1, le=60_000)
    """From here on an answer is late."""
    offline_ms: int = Field(5_000, ge=1, le=60_000)
    """From here on it is as good as none."""
    failures: int = Field(3, ge=1, le=100)
    """So many checks in a row at a worse level change the state."""
    recoveries: int = Field(1, ge=1, le=100)
    """So many at a better one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a check has seen."""

    outcome: CheckOutcome
    response_ms: float | None = None
    status: int | None = None
    error_type: ErrorType | None = None
    error: str = ""
    size: int = 0
    """Bytes of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a provider stands, as far as checks decide it."""

    state: ProviderState = ProviderState.UNKNOWN
    level: ProviderState = ProviderState.UNKNOWN
    """What the latest check has shown."""
    streak: int = 0
    """How many checks in a row have shown a level that is not the state, on the same
    side of it."""


def level_of(expected: Expectation, seen: Seen) -> ProviderState | None:
    """Return the level that a check has shown; None where no call was made."""
    if seen.outcome is CheckOutcome.BLOCKED:
        return None
    took = seen.response_ms or 0.0
    if took >= expected.offline_ms:
        return ProviderState.OFFLINE
    if seen.outcome is CheckOutcome.SUCCESS:
        is_late = took >= expected.degraded_ms
        return ProviderState.DEGRADED if is_late else ProviderState.ONLINE
    answered = (ErrorType.STATUS, ErrorType.CONTENT)
    if seen.outcome is CheckOutcome.RATE_LIMITED or seen.error_type in answered:
        return ProviderState.DEGRADED
    return ProviderState.OFFLINE


_RANK = {
    ProviderState.ONLINE: 0,
    ProviderState.DEGRADED: 1,
    ProviderState.OFFLINE: 2,
}


def next_standing(
    expected: Expectation, standing: Standing, level: ProviderState
) -> Standing:
    """Return how a provider stands after a check that has shown this level.

    The first check decides at once. Later, levels on one side of the state count
    together: two that are offline and one that is degraded are three that are worse,
    and the state becomes what the last of them has shown.
    """
    if standing.state is ProviderState.UNKNOWN:
        return Standing(state=level, level=level)
    if level is standing.state:
        return replace(standing, level=level, streak=0)
    is_worse = _RANK[level] > _RANK[standing.state]
    was_there = standing.level is not standing.state and standing.streak > 0
    was_worse = was_there and _RANK[standing.level] > _RANK[standing.state]
    streak = standing.streak + 1 if was_there and was_worse is is_worse else 1
    needed = expected.failures if is_worse else expected.recoveries
    if streak >= needed:
        return Standing(state=level, level=level)
    return replace(standing, level=level, streak=streak)


def masked(key: str) -> str:
    """Return what may be shown of a key."""
    if len(key) < 3 * MASK_KEEPS:
        return "*" * 8
    return f"{key[:MASK_KEEPS]}{'*' * 8}{key[-MASK_KEEPS:]}"


class ProviderChanged(Payload):
    """A provider's state is another one than before."""

    id: str
    provider: str
    """Its name."""
    old_status: str
    new_status: str
    reason: str
    """What the check that decided it has seen, in words."""
    since: str
    """When it became so."""
    response_time_ms: float | None = None


class LogWritten(Payload):
    """A line of a log about providers."""

    log_type: Literal["connection", "failure", "collection", "rate_limit"]
    entry: dict[str, object]
    """As ``/api/logs`` shows it."""


class BudgetWarned(Payload):
    """Most calls of a window are used up, or all of them."""

    id: str
    provider: str
    limit_type: str
    limit_value: int
    current_usage: int
    percentage: float
    severity: Literal["warning", "critical"]
    reset_time: str
