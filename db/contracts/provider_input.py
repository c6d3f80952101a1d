"""A provider as people describe it: in a request, and in the registry file."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_URL = 2048
NAME = r"^[A-Za-z0-9]([A-Za-z0-9 ._:()+-]{0,98}[A-Za-z0-9.)+])?$"
CATEGORY = r"^[a-z0-9][a-z0-9_-]{0,49}$"
SERIES = r"^[a-z][a-z0-9_]{0,49}$"

Name = Annotated[str, Field(pattern=NAME)]
Category = Annotated[str, Field(pattern=CATEGORY)]
Url = Annotated[str, Field(max_length=MAX_URL)]
Pointer = Annotated[str, Field(max_length=500)]
Milliseconds = Annotated[int, Field(ge=1, le=60_000)]


class _Words(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class ProviderLimitInput(_Words):
    """How many calls a provider allows in a window."""

    per: Literal["second", "minute", "hour", "day"]
    calls: int = Field(ge=1, le=10_000_000)


class ProviderKeyInput(_Words):
    """Where a provider's key is read, and where it goes; the key itself is nowhere."""

    environment: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")
    """The variable that has it: one of ``SOLVEQUEUE_PROVIDER_KEY_NAMES``."""
    place: Literal["header", "query", "bearer"] = "header"
    name: str = Field("", max_length=100, pattern=r"^[A-Za-z0-9_-]*$")
    """Of the header or of the query's parameter."""


class CollectionInput(_Words):
    """Which numbers of an answer are kept as series."""

    series: dict[Annotated[str, Field(pattern=SERIES)], Pointer] = Field(
        min_length=1, max_length=20
    )
    """A JSON pointer for each name."""
    data_time: Pointer = ""
    """A JSON pointer to the moment that the numbers are of."""
    stale_after_s: float = Field(900.0, gt=0, le=366 * 86_400)
    """Older numbers than this are stale."""


class ExpectationInput(_Words):
    """When an answer is what it should be, and how fast it has to be."""

    statuses: list[Annotated[int, Field(ge=100, le=599)]] = Field(
        [200], min_length=1, max_length=20
    )
    pointer: Pointer = ""
    """A JSON pointer to what has to be there; empty: anything will do."""
    timeout_ms: int = Field(10_000, ge=100, le=60_000)
    degraded_ms: Milliseconds = 2_000
    """From here on an answer is late."""
    offline_ms: Milliseconds = 5_000
    """From here on it is as good as none."""
    failures: int = Field(3, ge=1, le=100)
    """So many checks in a row at a worse level change the state."""
    recoveries: int = Field(1, ge=1, le=100)
    """So many at a better one."""


class ProviderInput(_Words):
    """An outside service that is to be watched."""

    name: Name
    category: Category
    url: Url
    """What is asked, by GET; without any key."""
    description: str = Field("", max_length=1000)
    second_url: Url = ""
    """Where it is asked while the first place does not answer."""
    key: ProviderKeyInput | None = None
    limits: list[ProviderLimitInput] = Field([], max_length=4)
    """Calls that it allows; one for each window at most."""
    expectation: ExpectationInput = ExpectationInput()
    collection: CollectionInput | None = None
    tier: int = Field(2, ge=1, le=3)
    """1 matters most, 3 least."""
    every_s: float = Field(300.0, ge=1, le=86_400)
    """How often it is checked."""
